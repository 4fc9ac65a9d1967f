"""The service: 12 combinations, marks that a cover may show, the queue."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kt1.clock import HOUR_MS
from kt1.service import COMBINATIONS, Secrecy, Urgency, outer_marks, queue_key

NOON_MS = 1_763_701_200_000  # 21/11/2025 12:00 +07:00


def test_there_are_twelve_services() -> None:
    """Four secrecy marks and three urgencies combine freely (A1)."""
    assert len(set(COMBINATIONS)) == 12


@pytest.mark.parametrize("secrecy, urgency", COMBINATIONS)
def test_marks_never_say_the_level_in_words(secrecy: Secrecy, urgency: Urgency) -> None:
    """An outer cover bears A, B or C, never the words of the level (A2)."""
    shown = outer_marks(secrecy, urgency, NOON_MS).shown
    assert shown[0] == "KT1"
    assert not any("mật" in mark.casefold() for mark in shown)
    assert (secrecy.name in shown) == (secrecy is not Secrecy.NONE)


def test_timed_delivery_shows_its_time_in_local_form() -> None:
    """The courier reads the agreed time on the cover, at +07:00."""
    assert outer_marks(Secrecy.C, Urgency.TIMED, NOON_MS).shown == ("KT1", "C", "HẸN GIỜ", "21/11/2025 12:00")


def test_only_timed_delivery_shows_a_time() -> None:
    """A time beside Hỏa tốc would be read as a promise."""
    assert outer_marks(Secrecy.NONE, Urgency.EXPRESS, NOON_MS).shown == ("KT1", "HỎA TỐC")


def test_queue_puts_urgent_first_then_secret_then_old() -> None:
    """The order of B3, with the earlier of two agreed times first."""
    rows = [
        ("plain old", Secrecy.NONE, Urgency.NONE, 1, None),
        ("plain new", Secrecy.NONE, Urgency.NONE, 2, None),
        ("C", Secrecy.C, Urgency.NONE, 3, None),
        ("A", Secrecy.A, Urgency.NONE, 4, None),
        ("timed late", Secrecy.A, Urgency.TIMED, 5, NOON_MS + HOUR_MS),
        ("timed early", Secrecy.NONE, Urgency.TIMED, 6, NOON_MS),
        ("express", Secrecy.NONE, Urgency.EXPRESS, 7, None),
        ("express B", Secrecy.B, Urgency.EXPRESS, 8, None),
    ]
    rows.sort(key=lambda row: queue_key(row[1], row[2], accepted_ms=row[3], due_ms=row[4]))
    assert [row[0] for row in rows] == [
        "express B",
        "express",
        "timed early",
        "timed late",
        "A",
        "C",
        "plain old",
        "plain new",
    ]


@given(
    st.sampled_from(COMBINATIONS), st.sampled_from(COMBINATIONS), st.integers(0, 2**45), st.integers(0, 2**45)
)
def test_urgent_always_goes_before_not_urgent(
    one: tuple[Secrecy, Urgency], two: tuple[Secrecy, Urgency], one_ms: int, two_ms: int
) -> None:
    """No age and no secrecy lets an ordinary item pass an urgent one (B3)."""
    if one[1] is not Urgency.NONE and two[1] is Urgency.NONE:
        first = queue_key(*one, accepted_ms=one_ms, due_ms=one_ms)
        assert first < queue_key(*two, accepted_ms=two_ms)
