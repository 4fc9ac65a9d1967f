"""The postal rules of KT1 as dated data: service, acceptance, register, limits; `traffic` simulates a province.

Pure: no file, socket, clock or randomness of its own; `now_ms` and `rng` are handed in.
"""
