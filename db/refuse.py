"""What the log does not take is written down all the same: why, from whom, and the first of its bytes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any, Final

from custody.errors import CustodyError
from custody.event import Event

__all__ = ["KEPT_BYTES", "Refused", "refused_row"]

KEPT_BYTES: Final = 4_096  # of a refused entry; its hash is over all of it
_MAX_REASON: Final = 500


@dataclass(frozen=True, slots=True)
class Refused:
    """Why an entry was not taken: a finding code, and the values that make it so."""

    code: str
    reason: str

    @classmethod
    def of(cls, error: CustodyError) -> Refused:
        """Return what an error of the core amounts to."""
        return cls(error.finding or "E01", str(error))


def refused_row(
    raw: bytes, event: Event | None, refused: Refused, *, submitted_by: str | None, at_ms: int
) -> dict[str, Any]:
    """Return the row of `refused`; the item is named only where the entry could be read so far."""
    return {
        "hash": hashlib.sha256(raw).digest(),
        "code": refused.code,
        "reason": _storable(refused.reason)[:_MAX_REASON],
        "kid": event.kid if event else None,
        "uid": event.items[0].uid if event and event.items else None,
        "submitted_by": submitted_by,
        "at_ms": at_ms,
        "body": raw[:KEPT_BYTES],
    }


def _storable(text: str) -> str:
    """What both databases take as text."""
    return text.encode("utf-8", "replace").decode().replace("\0", "")
