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
    """Limits: `_ms` in ms, `_g` in grams, `_m` in metres, others counts or switches.

    Attributes:
        eps_ms: clock error that is nobody's fault.
        offer_open_ms: how long an OFFER may wait before it is raised (S05); four times that is high.
        held_ms: how long one person may hold an item without a word (S07), in working time where the log says the
            hours of the office; three times that is high.
        closed_ms: how long a container may stay closed (B07).
        mass_tolerance_g: what two scales may differ (X08); containers: ten times that (B10).
        two_couriers: 0 never; 1 for A, 2 for A and B, 3 for every secret mark, two couriers sign an ACCEPT (P04).
        offline_ms: how late an event may be uploaded (T04).
        anchor_age_ms: how old a checkpoint a device may cite (T05); longer than the log may be quiet, over Tết.
        clock_error_ms: uncertainty that a device may declare (T06).
        clock_sync_ms: how long ago its clock may have been set (T06).
        dwell_ms: working time that an item may lie at one place (T10).
        ordinary_ms, express_ms: time from registration to delivery, by urgency (T08); 0: not judged.
        batch_gap_ms: least time between two scans of one device (T11).
        speed_kmh: fastest way between two places (G01).
        geo_radius_m: how far from an office its scans may be (G05).
        returns: how often an item may be turned back (S08).
        visits: how often it may come to one office (S08).
        presence: 1: taking needs the giver's screen or a paper slip (X07).
        key_store: least KEY_STORE that is not noted (K12); 0: not judged.
        user_verified: 1: taking an item marked A needs a passkey assertion (K11).
        seal_lots: 1: a seal must come from a logged lot (X04).
        reuse_days: within which an item number may not be registered again (L09).
        gap_ms: how long a gap in a device's chain may stay open (D02, D03).
        silent_ms: how long a holder's device may be silent (D04).
        app: least version of the app (D05); 0: not judged.
        pair_least: co-signed exceptions below which no pair is named (P08).
        pair_share: percent of one person's exceptions that one partner may share (P08).
        root_threshold: how many root keys must sign what roots alone may say (K08); root keys alone may change it.
        due_window_ms: how long after the agreed time a Hẹn giờ delivery is on time (T08).
    """

    eps_ms: int = 2 * _MINUTE_MS
    offer_open_ms: int = 4 * _HOUR_MS
    held_ms: int = 24 * _HOUR_MS
    closed_ms: int = 72 * _HOUR_MS
    mass_tolerance_g: int = 10
    two_couriers: int = 0
    offline_ms: int = 24 * _HOUR_MS
    anchor_age_ms: int = 7 * 24 * _HOUR_MS
    clock_error_ms: int = 10 * _MINUTE_MS
    clock_sync_ms: int = 24 * _HOUR_MS
    dwell_ms: int = 24 * _HOUR_MS
    ordinary_ms: int = 0
    express_ms: int = 0
    batch_gap_ms: int = 200
    speed_kmh: int = 120
    geo_radius_m: int = 1_000
    returns: int = 1
    visits: int = 3
    presence: int = 0
    key_store: int = 0
    user_verified: int = 0
    seal_lots: int = 0
    reuse_days: int = 730
    gap_ms: int = 48 * _HOUR_MS
    silent_ms: int = 24 * _HOUR_MS
    app: int = 0
    pair_least: int = 8
    pair_share: int = 60
    root_threshold: int = 1
    due_window_ms: int = 30 * _MINUTE_MS

    def with_limits(self, limits: Mapping[int, int]) -> Policy:
        """Return the policy with the LIMITS of a POLICY entry; numbers it does not know are left alone."""
        names = {number: name for name, number in limit_numbers().items()}
        return replace(self, **{names[number]: value for number, value in limits.items() if number in names})


def limit_numbers() -> dict[str, int]:
    """Return the number by which LIMITS name each limit: its position, from 1."""
    return {f.name: number for number, f in enumerate(fields(Policy), start=1)}
