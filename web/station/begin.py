"""What is looked at before a station begins: whether its key may sign, at which office, and by which clock."""

from __future__ import annotations

import secrets
import time
from typing import Any, Final

import click

from web.station.desk import Screen, Signer, Translate

__all__ = ["check_standing", "signer_of", "tell_skew"]

_SKEW_MIN: Final = 2


def tell_skew(now_ms: int, screen: Screen, t: Translate) -> None:
    """Say that this machine's clock is wrong: what is signed by it would be remarked on (T01-T03)."""
    minutes = round((time.time_ns() // 1_000_000 - now_ms) / 60_000)
    if abs(minutes) >= _SKEW_MIN:
        screen.tell(
            "warn", t("This machine's clock differs from the service's by %(n)s min: set it.", n=minutes)
        )


def signer_of(seed: bytes, me: dict[str, Any], place: int | None) -> Signer:
    """Return whose events are signed here, and at which office.

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
        now_ms=lambda: time.time_ns() // 1_000_000,
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
