"""The pure core: what a custody event is, who may sign it, whether a chain holds, and how to prove it.

Nothing here opens a file or socket, reads a clock or draws randomness (`cli.py` excepted): they are handed in.
Read in this order: `s10`, `label`, `cose`, `event`, `keys`, `machine`, `findings`, `judge`, then the log
(`merkle`, `note`, `checkpoint`, `receipt`) and what leaves the house (`dossier`).
"""
