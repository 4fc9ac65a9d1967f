"""Named ways to break a chain, at least one per finding, each with a near miss that must not fire.

    item, codes = BREAKS["seal_differs"](world)
    item = NEAR_MISSES["seal"](world)

One module per subject. A break says which findings it must give, no more and no fewer.
"""

from typing import Final

from kt1.drill.breaks import (
    chain,
    clock,
    container,
    container_near,
    device,
    key,
    label,
    persons,
    place,
    promise,
    seal,
    state,
    whole,
)
from kt1.drill.breaks.common import Break, NearMiss, breaks_of, near_misses_of

__all__ = ["BREAKS", "NEAR_MISSES", "Break", "NearMiss"]

_MODULES = (
    label,
    key,
    chain,
    container,
    container_near,
    state,
    persons,
    place,
    promise,
    clock,
    seal,
    device,
    whole,
)

BREAKS: Final[dict[str, Break]] = breaks_of(*_MODULES)
NEAR_MISSES: Final[dict[str, NearMiss]] = near_misses_of(*_MODULES)
