"""Planted breaks: a name, what happened, and what the judge must find.

The journeys are in `plots` and `decisions`. A demonstration shows them; a test demands exactly these
codes of each.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kt1.clock import DAY_MS, HOUR_MS
from kt1.traffic import decisions, plots
from kt1.traffic.world import Envelope, Journey, World

__all__ = ["BREAKS", "Break"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """One way in which a chain goes wrong, or needs a decision.

    Attributes:
        name: stable name.
        text: English msgid, what happened.
        codes: the findings that the item's chain must show, and no others.
        plot: the journey.
        wait_ms: how long after the last event the codes show, for those that time alone makes.
        refused: the finding under which the log refuses an entry of it, or "".
    """

    name: str
    text: str
    codes: frozenset[str]
    plot: Callable[[World, Envelope, int], Journey]
    wait_ms: int = 0
    refused: str = ""


def _row(
    plot: Callable[[World, Envelope, int], Journey],
    codes: str,
    text: str,
    *,
    wait_ms: int = 0,
    refused: str = "",
) -> Break:
    return Break(
        name=plot.__name__,
        text=text,
        codes=frozenset(codes.split()),
        plot=plot,
        wait_ms=wait_ms,
        refused=refused,
    )


_ROWS = (
    _row(plots.unscanned_hop, "P02 P04 S01", "a courier passed the envelope on without a scan"),
    _row(plots.forged_label, "L02", "a second envelope bears a forged label"),
    _row(plots.seal_differs, "X01", "the seal is not the one put on at acceptance"),
    _row(plots.wrong_taker, "P03", "somebody took what was offered to another"),
    _row(
        plots.stranger_signs, "", "somebody without a certificate signed; the log refused it", refused="K01"
    ),
    _row(plots.missing_event, "C02", "a device keeps back a handover that it signed"),
    _row(plots.self_handover, "P05", "a courier offered the envelope to themself"),
    _row(plots.one_signature, "C09 P04", "taken without the giver's offer"),
    _row(plots.two_stories, "C04", "one envelope was offered twice from the same point"),
    _row(plots.borrowed_name, "P01", "signed in the name of another"),
    _row(plots.unqualified_taker, "K06", "taken by somebody not qualified to hold it"),
    _row(plots.wrong_body, "G03", "delivered to the wrong body"),
    _row(plots.expired_key, "K03", "signed after the qualification had expired"),
    _row(plots.revoked_key, "K04", "signed with a revoked key"),
    _row(plots.unregistered_label, "L05", "a label was signed but never registered"),
    _row(plots.superseded_label, "A04 L06", "a replaced label was scanned"),
    _row(plots.no_witness, "P04", "resealed without a witness"),
    _row(plots.own_witness, "P07", "resealed with oneself as witness"),
    _row(plots.manual_entry, "L10", "the number was typed, not scanned"),
    _row(plots.seal_damaged, "X02", "the recipient reported a damaged seal"),
    _row(plots.seal_unchecked, "X03", "the recipient did not look at the seal"),
    _row(plots.late_scan, "S02", "seen again after delivery"),
    _row(plots.moved_after_delivery, "S03", "offered again after delivery"),
    _row(plots.back_dated, "T02 T11", "the time of signing was put back"),
    _row(plots.future_dated, "T03", "the time of signing lies ahead"),
    _row(plots.split_view, "M05", "the device was shown another log"),
    _row(plots.forgotten_offer, "S05", "an offer that nobody answered", wait_ms=5 * HOUR_MS),
    _row(plots.forgotten_item, "S07", "an envelope that stays in a bag", wait_ms=5 * DAY_MS),
    _row(decisions.seized, "A03", "taken out of the journey by security"),
    _row(decisions.seized_and_released, "A03", "examined by security and released"),
    _row(decisions.destroyed, "A03", "destroyed by two officers of security"),
    _row(decisions.lost, "A06", "declared lost by two supervisors"),
    _row(decisions.found_again, "A06 A07", "found after it had been declared lost"),
    _row(decisions.overridden, "A01 P03", "a break on which two supervisors decided"),
)

BREAKS = {row.name: row for row in _ROWS}
