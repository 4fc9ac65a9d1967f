"""The rules in force, as dated data: legal bases by date of acceptance, and limits that the operator sets.

An item keeps the rule set of its acceptance for its whole life (E19).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import TYPE_CHECKING

from custody.errors import CustodyError
from custody.policy import limit_numbers
from kt1.clock import DAY_MS, HOUR_MS, MINUTE_MS, local_date, show_date
from kt1.service import Kind, Urgency

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["RULE_SETS", "Limits", "RuleSet", "RulesError", "is_overdue", "rules_on"]


class RulesError(CustodyError):
    """No rule set covers the date."""

    code = "no-rules"
    hint = "check the clock of the machine"


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSet:
    """The law that an item accepted on a day falls under.

    Attributes:
        id: stable name, kept with the item.
        decision: the Prime Minister's decision on the KT1 network.
        circular: the ministry's circular beneath it.
        circular_is_confirmed: False where it is not known whether the circular still applies.
        secrets_law: the law on state secrets, by its number.
        in_force: first day, at +07:00.
    """

    id: str
    decision: str
    circular: str
    circular_is_confirmed: bool = True
    secrets_law: str
    in_force: date


# Domain 0.2, with the dates its sources give. A change of the law on secrets alone makes a new set as well.
RULE_SETS = (
    RuleSet(
        id="2017",
        decision="55/2016/QĐ-TTg",
        circular="16/2017/TT-BTTTT",
        secrets_law="30/2000/PL-UBTVQH10",
        in_force=date(2017, 2, 25),
    ),
    RuleSet(
        id="2020",
        decision="55/2016/QĐ-TTg",
        circular="16/2017/TT-BTTTT",
        secrets_law="29/2018/QH14",
        in_force=date(2020, 7, 1),
    ),
    RuleSet(
        id="2022",
        decision="37/2021/QĐ-TTg",
        circular="16/2017/TT-BTTTT",
        circular_is_confirmed=False,
        secrets_law="29/2018/QH14",
        in_force=date(2022, 2, 15),
    ),
    RuleSet(
        id="2023",
        decision="37/2021/QĐ-TTg",
        circular="15/2022/TT-BTTTT",
        secrets_law="29/2018/QH14",
        in_force=date(2023, 1, 1),
    ),
    RuleSet(
        id="2025",
        decision="32/2025/QĐ-TTg",
        circular="15/2022/TT-BTTTT",
        circular_is_confirmed=False,
        secrets_law="29/2018/QH14",
        in_force=date(2025, 11, 1),
    ),
    RuleSet(
        id="2026",
        decision="32/2025/QĐ-TTg",
        circular="15/2022/TT-BTTTT",
        circular_is_confirmed=False,
        secrets_law="117/2025/QH15",
        in_force=date(2026, 3, 1),
    ),
)


def rules_on(accepted_ms: int) -> RuleSet:
    """The rule set in force when an item was accepted; days turn over at 00:00 +07:00 (E19).

    Raises:
        RulesError: the date is before the first decision that this register knows.
    """
    day = local_date(accepted_ms)
    for rules in reversed(RULE_SETS):
        if rules.in_force <= day:
            return rules
    raise RulesError(f"no rule set is known for {show_date(day)}")


_HELD_MS = MappingProxyType(
    {Urgency.NONE: 24 * HOUR_MS, Urgency.EXPRESS: 6 * HOUR_MS, Urgency.TIMED: 24 * HOUR_MS}
)
_OFFER_MS = MappingProxyType(
    {Urgency.NONE: 4 * HOUR_MS, Urgency.EXPRESS: 2 * HOUR_MS, Urgency.TIMED: 4 * HOUR_MS}
)
_MASS_G = MappingProxyType({Kind.LETTER: 2_000, Kind.PACKET: 10_000, Kind.PARCEL: 31_500})


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the operator sets. Every default is an assumption of this software, none is law.

    The hour targets of the circulars' appendices were not at hand, so they are not here; an operator who has
    them enters them.

    Attributes:
        offer_open_ms: how long an offer may wait for its answer, by urgency. Assumed: 4 h, 2 h for Hỏa tốc.
        held_ms: how long one person may hold an item without a new event. Assumed: 24 h, 6 h for Hỏa tốc.
        loaded_ms: how long an item may stay in a closed bag. Assumed: a day.
        quarantine_ms: how long a seized item may wait for a decision. Assumed: three days.
        lost_ms: how long a loss may stay without its first report; domain E9 names 24 h as the default.
        skew_ms: tolerated difference of clocks. Assumed: 120 s (custody design 4b).
        offline_ms: how late an event may reach the log. Assumed: a day.
        anchor_age_ms: how old a device's newest checkpoint may be. Assumed: a week, for the log may rest over Tết.
        due_window_ms: how far from the agreed time a Hẹn giờ delivery still counts. Assumed: 30 min.
        mass_g: heaviest sensible item in grams, by kind. Assumed: 2, 10 and 31.5 kg.
    """

    offer_open_ms: Mapping[Urgency, int] = field(default_factory=lambda: _OFFER_MS)
    held_ms: Mapping[Urgency, int] = field(default_factory=lambda: _HELD_MS)
    loaded_ms: int = DAY_MS
    quarantine_ms: int = 3 * DAY_MS
    lost_ms: int = DAY_MS
    skew_ms: int = 2 * MINUTE_MS
    offline_ms: int = DAY_MS
    anchor_age_ms: int = 7 * DAY_MS
    due_window_ms: int = 30 * MINUTE_MS
    mass_g: Mapping[Kind, int] = field(default_factory=lambda: _MASS_G)

    def longest_ms(self, state: str, urgency: Urgency) -> int | None:
        """The longest time an item may stay in a state, by the state's name; None where it may rest."""
        by_state = {
            "HELD": self.held_ms[urgency],
            "OFFERED": self.offer_open_ms[urgency],
            "LOADED": self.loaded_ms,
            "QUAR": self.quarantine_ms,
            "LOST": self.lost_ms,
        }
        return by_state.get(state)

    @property
    def policy(self) -> dict[int, int]:
        """The LIMITS of a POLICY entry: those that decide a verdict, so that a third party can repeat it.

        The core knows one limit of each kind; those for urgent items are for the wall page.
        """
        values = {
            "eps_ms": self.skew_ms,
            "offer_open_ms": self.offer_open_ms[Urgency.NONE],
            "held_ms": self.held_ms[Urgency.NONE],
            "offline_ms": self.offline_ms,
            "anchor_age_ms": self.anchor_age_ms,
            "due_window_ms": self.due_window_ms,
        }
        return {number: values[name] for name, number in limit_numbers().items() if name in values}


def is_overdue(state: str, urgency: Urgency, *, since_ms: int, now_ms: int, limits: Limits) -> bool:
    """Whether an item has stayed in its state beyond the limit.

    The clock runs straight through nights, Sundays and Tết: KT1 is a service of 24 hours and 7 days (A16).
    """
    longest = limits.longest_ms(state, urgency)
    return longest is not None and now_ms - since_ms > longest
