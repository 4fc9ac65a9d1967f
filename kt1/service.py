"""The KT1 service: what kind of item, how secret, how urgent, and what its outer cover may show.

The numbers are the values of the event fields KIND, SECRECY and URGENCY, so they never change.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from itertools import product

from kt1.clock import show_time

__all__ = [
    "COMBINATIONS",
    "Kind",
    "OuterMarks",
    "Reason",
    "Secrecy",
    "Urgency",
    "outer_marks",
    "queue_key",
]


class Kind(IntEnum):
    """What is posted: thư, gói or kiện tài liệu (A5)."""

    LETTER = 1
    PACKET = 2
    PARCEL = 3


class Secrecy(IntEnum):
    """The mark on the outer cover: none, or A (top secret), B (secret), C (confidential) (A1)."""

    NONE = 0
    A = 1
    B = 2
    C = 3

    @property
    def rank(self) -> int:
        """How secret: 0 for none, 1 for C, 2 for B, 3 for A. The codes themselves do not order."""
        return (4 - self) % 4


class Urgency(IntEnum):
    """How fast: no mark, Hỏa tốc (handled fast), Hẹn giờ (delivered at an agreed time) (A1)."""

    NONE = 0
    EXPRESS = 1
    TIMED = 2


class Reason(IntEnum):
    """Why an item was refused, not delivered or sent back: the event field REASON as a code. Never renumbered.

    Those that end an attempt to deliver are `custody.promise.ATTEMPTS`.
    """

    OTHER = 1
    SEAL = 2
    COVER = 3
    NOT_FOR_ME = 4
    NOBODY_THERE = 5
    FORGED_LABEL = 6
    NAMED_ABSENT = 7
    NOT_ENTITLED = 8
    DECLINED = 9
    ADDRESS = 10
    NO_WAY = 11
    DIFFERENCE = 12
    EMPTIED = 13


# The 12 services a sender may ask for; secrecy and urgency combine freely (domain 1.2).
COMBINATIONS = tuple(product(Secrecy, Urgency))


@dataclass(frozen=True, slots=True, kw_only=True)
class OuterMarks:
    """All that a label may print of an item's class: the stamps of the outer cover, in Vietnamese.

    Never the words of the secrecy level, never a document number or an abstract (A2, domain 2.2).

    Attributes:
        network: always "KT1".
        secrecy: "A", "B", "C", or "" for none.
        urgency: "HỎA TỐC", "HẸN GIỜ", or "" for none.
        due: "dd/mm/yyyy HH:MM" at +07:00 for Hẹn giờ, otherwise "".
    """

    network: str = "KT1"
    secrecy: str = ""
    urgency: str = ""
    due: str = ""

    @property
    def shown(self) -> tuple[str, ...]:
        """The marks that are there, in the order of printing."""
        return tuple(mark for mark in (self.network, self.secrecy, self.urgency, self.due) if mark)


_URGENCY_STAMPS = {Urgency.NONE: "", Urgency.EXPRESS: "HỎA TỐC", Urgency.TIMED: "HẸN GIỜ"}


def outer_marks(secrecy: Secrecy, urgency: Urgency, due_ms: int | None = None) -> OuterMarks:
    """The marks that the outer cover and the label of such an item show.

    Args:
        secrecy: the secrecy mark.
        urgency: the urgency mark.
        due_ms: the agreed time of delivery, unix milliseconds; used for Hẹn giờ alone.
    """
    return OuterMarks(
        secrecy="" if secrecy is Secrecy.NONE else secrecy.name,
        urgency=_URGENCY_STAMPS[urgency],
        due=show_time(due_ms) if urgency is Urgency.TIMED and due_ms is not None else "",
    )


_LAST = 1 << 62  # after every time that occurs


def queue_key(
    secrecy: Secrecy, urgency: Urgency, *, accepted_ms: int, due_ms: int | None = None
) -> tuple[int, int, int, int]:
    """Sort key of the work queue: Hỏa tốc, Hẹn giờ by its time, then A, B, C, then the oldest (B3)."""
    urgency_rank = {Urgency.EXPRESS: 0, Urgency.TIMED: 1, Urgency.NONE: 2}[urgency]
    secrecy_rank = secrecy.value if secrecy is not Secrecy.NONE else len(Secrecy)
    due = due_ms if urgency is Urgency.TIMED and due_ms is not None else _LAST
    return (urgency_rank, due, secrecy_rank, accepted_ms)
