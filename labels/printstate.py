"""What a printer says of itself: the answer of a Zebra to ~HS, and that of CUPS to `lpstat -l -p`.

Which troubles there are is a closed list; the words for people are chosen elsewhere. Nothing here opens a connection.
"""

from __future__ import annotations

from typing import Final

__all__ = ["TROUBLES", "StateError", "read_host_status", "read_lpstat"]

TROUBLES: Final = (
    "paper", "ribbon", "cover", "jam", "paused", "hot", "cold", "full", "memory", "offline",
)  # fmt: skip
"""In the order in which they are to be said: what hands can put right comes first."""

_STX, _ETX = b"\x02", b"\x03"
# string of the answer, field of it, what "1" means (ZPL II Programming Guide, ~HS, Host Status Return)
_FLAGS: Final = (
    (0, 1, "paper"), (0, 2, "paused"), (0, 5, "full"), (0, 9, "memory"), (0, 10, "cold"), (0, 11, "hot"),
    (1, 2, "cover"), (1, 3, "ribbon"),
)  # fmt: skip
_FIELDS: Final = (12, 11)
# beginning of a printer-state-reason (RFC 8011, 5.4.12; IANA's IPP registrations) -> what it means here
_REASONS: Final = (
    ("media-empty", "paper"), ("media-needed", "paper"), ("input-tray-missing", "paper"), ("media-jam", "jam"),
    ("marker-supply-empty", "ribbon"), ("toner-empty", "ribbon"), ("cover-open", "cover"), ("door-open", "cover"),
    ("interlock-open", "cover"), ("paused", "paused"), ("moving-to-paused", "paused"), ("offline", "offline"),
    ("shutdown", "offline"), ("connecting-to-device", "offline"), ("timed-out", "offline"), ("fuser-over-temp", "hot"),
    ("fuser-under-temp", "cold"), ("output-area-full", "full"), ("spool-area-full", "full"),
)  # fmt: skip


class StateError(ValueError):
    """What came is no such answer."""


def read_host_status(answer: bytes) -> tuple[str, ...]:
    """Read what a Zebra answers to ~HS: three strings, each from STX to ETX.

    Returns:
        The troubles of TROUBLES that it names, in that order; none where it is ready.

    Raises:
        StateError: another answer, or none.
    """
    strings = [part.partition(_ETX)[0] for part in answer.split(_STX)[1:]]
    rows = [string.decode("ascii", "replace").split(",") for string in strings]
    if len(rows) < len(_FIELDS) or any(len(row) < fields for row, fields in zip(rows, _FIELDS, strict=False)):
        raise StateError(f"host status of {len(answer)} bytes is not that of ~HS")
    return _ordered({word for row, field, word in _FLAGS if rows[row][field].strip() == "1"})


def read_lpstat(text: str) -> tuple[str, ...]:
    """Read what `LC_ALL=C lpstat -l -p QUEUE` prints of one queue.

    Returns:
        The troubles that it names; a queue that is stopped without a reason is paused.

    Raises:
        StateError: no printer is described there.
    """
    lines = text.splitlines()
    if not lines or not lines[0].startswith("printer "):
        raise StateError(f"lpstat describes no printer: {text[:80]!r}")
    alerts = next(
        (line.partition(":")[2].split() for line in lines if line.strip().startswith("Alerts:")), []
    )
    found = {word for alert in alerts for begin, word in _REASONS if alert.startswith(begin)}
    if " disabled since " in lines[0] or " is holding new jobs" in lines[0]:
        found = found or {"paused"}
    return _ordered(found)


def _ordered(found: set[str]) -> tuple[str, ...]:
    return tuple(word for word in TROUBLES if word in found)
