"""What is checked of an entry before any lock is taken: form, network, signature."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace

from custody.errors import CustodyError, SignatureError
from custody.event import Event, parse_event
from custody.keys import KeyRing
from db.batch import Candidate
from db.refuse import KEPT_BYTES, Refused
from db.verifiers import Claim, Verifiers, verify_all

__all__ = ["Burden", "burden_of", "not_judged", "screen"]

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Burden:
    """What a batch costs beyond one item an entry: the caller may refuse it before anything is written.

    Attributes:
        references: items named beyond the first of each entry.
        refused_bytes: what would be kept of entries that are refused already, or by an unknown key.
    """

    references: int
    refused_bytes: int


def screen(
    entries: Sequence[bytes], *, ring: KeyRing, net: bytes, verifiers: Verifiers | None = None
) -> tuple[Candidate, ...]:
    """Parse and verify; a key not seen yet is asked for again inside the lock.

    Whatever goes wrong concerns one entry alone: an error of ours must not fail the entries beside it.
    """
    read = [_read(raw, ring=ring, net=net) for raw in entries]
    claims = [_claim(one.event, key) for one, key in read if one.event and key]
    held = iter((verifiers.verify if verifiers else verify_all)(claims))
    return tuple(_verified(one, next(held)) if one.event and key else one for one, key in read)


def _read(raw: bytes, *, ring: KeyRing, net: bytes) -> tuple[Candidate, bytes | None]:
    """Parse an entry; returns it with the key that it must verify under, or refused or unknown without one."""
    event = None
    try:
        event = parse_event(raw)
        _check_network(event, net)
        return Candidate(raw, event, verified=False, refused=None), ring.public_of(event)
    except SignatureError as error:
        if event is not None and error.finding == "K01":
            return Candidate(raw, event, verified=False, refused=None), None
        return Candidate(raw, event, verified=False, refused=Refused.of(error)), None
    except CustodyError as error:
        return Candidate(raw, event, verified=False, refused=Refused.of(error)), None
    except Exception as error:  # noqa: BLE001 -- the second fence; the first is in custody/
        return Candidate(raw, event, verified=False, refused=not_judged(raw, error)), None


def _claim(event: Event, public: bytes) -> Claim:
    return public, event.message.signed, event.message.signature


def _verified(candidate: Candidate, holds: bool) -> Candidate:  # noqa: FBT001 -- what was found, not a flag
    if holds:
        return replace(candidate, verified=True)
    kid = candidate.event.kid.hex() if candidate.event else ""
    return replace(candidate, refused=Refused("E04", f"signature does not verify under key {kid}"))


def not_judged(raw: bytes, error: Exception) -> Refused:
    """Refuse one entry that the service failed to judge, and write down where it failed."""
    _LOG.error("entry of %d bytes beginning %s failed", len(raw), raw[:24].hex(), exc_info=error)
    return Refused("E01", f"the service could not judge this entry ({type(error).__name__})")


def burden_of(candidates: tuple[Candidate, ...]) -> Burden:
    """Say what a batch costs."""
    return Burden(
        sum(max(len(c.event.items) - 1, 0) for c in candidates if c.event is not None),
        sum(min(len(c.raw), KEPT_BYTES) for c in candidates if not c.verified),
    )


def _check_network(event: Event, net: bytes) -> None:
    if event.net != net:
        raise SignatureError(f"event is for network {event.net.hex()}, not {net.hex()}", finding="E07")
