"""The limits by which findings are judged: data in the log (POLICY entries), with stated assumptions as default.

None of these numbers is law; KT1's own hour targets were not found and are the operator's to set.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Final

__all__ = ["Policy", "limit_numbers"]

_MINUTE_MS: Final = 60_000
_HOUR_MS: Final = 3_600_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Limits, all in ms.

    Attributes:
        eps_ms: clock error that is nobody's fault.
        offer_open_ms: how long an OFFER may wait before it is raised (S05); four times that is high.
        held_ms: how long one person may hold an item without a word (S07); three times that is high.
    """

    eps_ms: int = 2 * _MINUTE_MS
    offer_open_ms: int = 4 * _HOUR_MS
    held_ms: int = 24 * _HOUR_MS

    def with_limits(self, limits: Mapping[int, int]) -> Policy:
        """Return the policy with the LIMITS of a POLICY entry; numbers it does not know are left alone."""
        names = {number: name for name, number in limit_numbers().items()}
        return replace(self, **{names[number]: value for number, value in limits.items() if number in names})


def limit_numbers() -> dict[str, int]:
    """Return the number by which LIMITS name each limit: its position, from 1."""
    return {f.name: number for number, f in enumerate(fields(Policy), start=1)}
