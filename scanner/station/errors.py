"""What may be wrong at a desk: its file of events, another station beside it, or the reader."""

from __future__ import annotations

from custody.errors import CustodyError

__all__ = ["BusyError", "OutboxError", "SourceError"]


class OutboxError(CustodyError):
    """A file that is not an outbox, or was changed in the middle."""

    code = "bad-outbox"
    hint = "Put the file aside for the supervisor: it holds signed events. Do not edit it."


class BusyError(CustodyError):
    """Another station works with the same folder."""

    code = "station-busy"
    hint = "End the other one first: two of them would use the same place in the device's chain."


class SourceError(CustodyError):
    """A camera, file or line that cannot be opened, or that went away."""

    code = "no-source"
    hint = "Look at the cable, close other programs that use it, or name another source: tram station run --help."
