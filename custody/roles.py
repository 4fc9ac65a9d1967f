"""Roles of a key certificate, and how far up a person may handle secret marks."""

from __future__ import annotations

from enum import IntEnum
from typing import Final

__all__ = ["CUSTODY_ROLES", "Role", "may_handle"]


class Role(IntEnum):
    """What a certified key may sign for."""

    ISSUER = 1
    COURIER = 2
    CLERK = 3
    RECIPIENT = 4
    SUPERVISOR = 5
    SECURITY = 6
    INSPECTOR = 7
    ENROL = 8
    LOG = 9
    WITNESS = 10
    ROOT = 11


CUSTODY_ROLES: Final = frozenset((Role.ISSUER, Role.COURIER, Role.CLERK, Role.SUPERVISOR, Role.SECURITY))

_RANK: Final = {0: 0, 3: 1, 2: 2, 1: 3}  # none < C < B < A, by the codes of an event's secrecy field


def may_handle(secrecy_max: int, secrecy: int) -> bool:
    """Say whether a certificate up to *secrecy_max* covers an item marked *secrecy* (0 none, 1 A, 2 B, 3 C)."""
    return _RANK.get(secrecy, 3) <= _RANK.get(secrecy_max, 0)
