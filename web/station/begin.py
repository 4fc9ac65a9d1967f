"""What is looked at before a station begins: whether its key may sign, at which office, and by which clock."""

from __future__ import annotations

import secrets
import time
from math import ceil
from typing import Any, Final

import click

from scanner.station.clock import HonestClock, Moment
from web.station.desk import Screen, Signer, Translate

__all__ = ["check_standing", "signer_of", "tell_doubt", "tell_skew"]

_SKEW_MIN: Final = 2
_DOUBT_MIN: Final = 2
_UNKNOWN_MIN: Final = 12 * 60


def tell_skew(now_ms: int, screen: Screen, t: Translate) -> None:
    """Say that this machine's clock is wrong: what is signed in its next run without the service might be, too."""
    minutes = round((time.time_ns() // 1_000_000 - now_ms) / 60_000)
    if abs(minutes) >= _SKEW_MIN:
        screen.tell(
            "warn", t("This machine's clock differs from the service's by %(n)s min: set it.", n=minutes)
        )


def tell_doubt(moment: Moment, screen: Screen, t: Translate) -> None:
    """Say that the time is not well known: what is signed says so too (T06)."""
    minutes = ceil(moment.uncertainty_ms / 60_000)
    if minutes > _UNKNOWN_MIN:
        screen.tell("warn", t("The time is not known until the service answers. What you sign says so."))
    elif minutes >= _DOUBT_MIN:
        screen.tell(
            "warn",
            t("The time is known to %(n)s min until the service answers. What you sign says so.", n=minutes),
        )


def signer_of(seed: bytes, me: dict[str, Any], place: int | None, clock: HonestClock) -> Signer:
    """Return whose events are signed here, at which office, and by which clock.

    Raises:
        UsageError: a place that is none of theirs.
    """
    person = me["person"]
    places = [one["code"] for one in [person["office"], *person.get("offices", []), person["agency"]] if one]
    if place is not None and place not in places:
        raise click.UsageError(f"--place {place} is none of yours: {', '.join(map(str, places))}")
    return Signer(
        seed=seed,
        net=bytes.fromhex(me["net"]),
        actor=bytes.fromhex(person["id"]),
        place=place if place is not None else next(iter(places), 0),
        now=clock.now,
        nonce=lambda: secrets.token_bytes(8),
    )


def check_standing(me: dict[str, Any], signed: int) -> None:
    """Refuse to sign with a key that may not, or whose outbox was lost: its next place is known to the log alone."""
    device = me.get("device") or {}
    if device.get("status") == "pending":
        raise click.ClickException("this device waits for a supervisor: page Devices; then run this again")
    if device.get("status") != "active":
        raise click.ClickException("this device may not sign (any more): enrol again in another --dir")
    if device.get("dseq", 0) > signed:
        raise click.ClickException(
            f"the log has {device['dseq']} events of this device and the outbox {signed}: enrol anew in another --dir"
        )
