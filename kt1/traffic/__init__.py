"""The simulated traffic of a province: honest journeys, and breaks planted by name.

`stream` is the way in; `world` the devices and people, `journeys` what honest ones do, `plots` and `decisions` what
goes wrong and what becomes of it, `breaks` the table of planted ones with the codes they must show.
"""

from kt1.traffic.stream import Plan, Traffic, demonstration, keys_of_seed, spread_breaks
from kt1.traffic.world import Step

__all__ = ["Plan", "Step", "Traffic", "demonstration", "keys_of_seed", "spread_breaks"]
