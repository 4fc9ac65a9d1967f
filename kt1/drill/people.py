"""The people of the drill, each with one device."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from custody import ed25519
from custody.cose import kid_of
from custody.event import ZERO
from custody.roles import Role

__all__ = ["Person", "seed_of"]


def seed_of(name: str) -> bytes:
    """Return a 32-byte seed that depends on *name* only."""
    return hashlib.sha256(b"test seed " + name.encode()).digest()


@dataclass(slots=True)
class Person:
    """Somebody with one device.

    Whoever is certified in a world of a `scope` is another person, with another key, than in any other.
    """

    name: str
    roles: tuple[Role, ...]
    office: int
    agency: int | None = None
    secrecy_max: int = 1
    dseq: int = 0
    dprev: bytes = ZERO
    scope: str = ""

    @property
    def id(self) -> bytes:
        """8-byte person id."""
        return hashlib.sha256((self.scope + self.name).encode()).digest()[:8]

    @property
    def seed(self) -> bytes:
        """32-byte seed of the device's key."""
        return seed_of(self.scope + self.name)

    @property
    def kid(self) -> bytes:
        """8 bytes naming the key."""
        return kid_of(ed25519.public_of(self.seed))
