"""What the log lets in: everything well-formed, well-signed and certified; nothing else.

Refuse almost nothing: an event that breaks custody is evidence and comes in with its findings (`judge`).
"""

from __future__ import annotations

import hashlib

from custody.cose import verify_sign1
from custody.errors import FormatError
from custody.event import Event, parse_event
from custody.keys import KeyRing

__all__ = ["admit", "network_of", "verify_event"]


def network_of(origin: str) -> bytes:
    """Return the 8-byte network name of a log's *origin* line."""
    return hashlib.sha256(origin.encode()).digest()[:8]


def verify_event(event: Event, public: bytes) -> None:
    """Check an event's signature under a 32-byte key.

    Raises:
        SignatureError: E04.
    """
    verify_sign1(event.message, public)


def admit(raw: bytes, *, ring: KeyRing, net: bytes) -> Event:
    """Return the event of *raw* if it may enter the log.

    Raises:
        FormatError: E01, E02, E03, E05, E06, or E07 for another network.
        SignatureError: K01 no certificate, E04 signature, K08-K10 for system entries.
    """
    event = parse_event(raw)
    if event.net != net:
        raise FormatError(f"event is for network {event.net.hex()}, not {net.hex()}", finding="E07")
    verify_event(event, ring.public_of(event))
    ring.check(event)
    return event
