"""The values of one append: what a caller brings, where each entry ends up, and what the caller is told."""

from __future__ import annotations

from dataclasses import dataclass

from custody.checkpoint import LogKeys
from custody.ed25519 import public_of
from custody.event import Event
from db.refuse import Refused

__all__ = ["Answer", "Batch", "Candidate", "LogSigner", "Placed", "Result"]


@dataclass(frozen=True, slots=True)
class LogSigner:
    """What signs checkpoints: the log's name and its two seeds."""

    origin: str
    log_seed: bytes
    clock_seed: bytes

    @property
    def keys(self) -> LogKeys:
        """The public side."""
        return LogKeys.of(self.origin, log=public_of(self.log_seed), clock=public_of(self.clock_seed))


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of one entry.

    Attributes:
        id: 32 bytes; the leaf hash of what was sent, also where it was refused.
        status: stored, duplicate or refused.
        index: position in the log; None where refused.
        findings: codes it opened, sorted; for a duplicate E08 before those of the stored entry.
        receipt: tlog-proof text; None where refused.
        error: why it was refused.
    """

    id: bytes
    status: str
    index: int | None = None
    findings: tuple[str, ...] = ()
    receipt: str | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entry read and, where its key was known, verified."""

    raw: bytes
    event: Event | None
    verified: bool
    refused: Refused | None


@dataclass(frozen=True, slots=True)
class Batch:
    """What one caller brings."""

    candidates: tuple[Candidate, ...]
    submitted_by: str | None


@dataclass(frozen=True, slots=True)
class Placed:
    """Where an entry ended up, before its receipt is made."""

    id: bytes
    status: str
    index: int | None
    findings: tuple[str, ...]
    error: str | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a caller is told: where its entries are, under which checkpoint."""

    placed: tuple[Placed, ...]
    size: int
    note: str
