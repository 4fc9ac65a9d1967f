"""Rule sets by date, and limits whose clock never stops."""

from __future__ import annotations

from datetime import datetime

import pytest

from kt1.clock import HOUR_MS, ZONE
from kt1.rules import RULE_SETS, Limits, RulesError, is_overdue, rules_on
from kt1.service import Urgency


def at(text: str) -> int:
    """Unix milliseconds of a local time "yyyy-mm-dd HH:MM"."""
    return int(datetime.fromisoformat(text).replace(tzinfo=ZONE).timestamp()) * 1000


@pytest.mark.parametrize(
    "moment, decision",
    [
        ("2017-02-25 00:00", "55/2016/QĐ-TTg"),
        ("2022-02-14 23:59", "55/2016/QĐ-TTg"),
        ("2022-02-15 00:00", "37/2021/QĐ-TTg"),
        ("2025-10-31 23:59", "37/2021/QĐ-TTg"),
        ("2025-11-01 00:00", "32/2025/QĐ-TTg"),
        ("2026-11-21 12:00", "32/2025/QĐ-TTg"),
    ],
)
def test_the_decision_is_that_of_the_day_of_acceptance(moment: str, decision: str) -> None:
    """Items of 31/10 and 1/11/2025 fall under different decisions (E19); days turn over at +07:00."""
    assert rules_on(at(moment)).decision == decision


def test_secrets_law_changes_on_its_own_day() -> None:
    """The law of 2025 came into force four months after the decision."""
    assert rules_on(at("2026-02-28 23:59")).secrets_law == "29/2018/QH14"
    assert rules_on(at("2026-03-01 00:00")).secrets_law == "117/2025/QH15"


def test_before_the_first_decision_there_are_no_rules() -> None:
    """A clock that stands in 2016 is wrong, and says so."""
    with pytest.raises(RulesError, match="24/02/2017"):
        rules_on(at("2017-02-24 23:59"))


def test_rule_sets_are_in_order_and_named_once() -> None:
    """The search walks them backwards."""
    days = [rules.in_force for rules in RULE_SETS]
    assert days == sorted(set(days))
    assert len({rules.id for rules in RULE_SETS}) == len(RULE_SETS)


def test_the_clock_runs_straight_through_tet() -> None:
    """An item held from the eve of Tết is overdue 24 hours later, holiday or not (A16)."""
    since = at("2026-02-16 10:00")
    held = {"urgency": Urgency.NONE, "since_ms": since, "limits": Limits()}
    assert not is_overdue("HELD", now_ms=since + 24 * HOUR_MS, **held)  # type: ignore[arg-type]
    assert is_overdue("HELD", now_ms=since + 24 * HOUR_MS + 1, **held)  # type: ignore[arg-type]


def test_express_is_overdue_sooner_and_final_states_never() -> None:
    """Hỏa tốc has its own limits; a delivered item may rest."""
    limits = Limits()
    for state in ("HELD", "OFFERED"):
        assert limits.longest_ms(state, Urgency.EXPRESS) < limits.longest_ms(state, Urgency.NONE)  # type: ignore[operator]
    for state in ("DELIVERED", "VOID", "DESTROYED"):
        assert limits.longest_ms(state, Urgency.EXPRESS) is None
