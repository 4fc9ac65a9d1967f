"""The values of one append: what a caller brings, where each entry ends up, and what the caller is told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from custody.checkpoint import Checkpoint, LogKeys, sign_checkpoint
from custody.ed25519 import public_of
from custody.event import Event
from custody.logkeys import LogChange
from db.refuse import Refused

__all__ = ["Answer", "Batch", "Candidate", "LogSigner", "Placed", "Result"]


@dataclass(frozen=True, slots=True)
class LogSigner:
    """What signs checkpoints.

    Attributes:
        keys: the public keys that the log began with.
        seed_of: gives the seed of a public key, for the pairs in force; raises KeyFileError for one it has not.
    """

    keys: LogKeys
    seed_of: Callable[[bytes], bytes] = field(repr=False)

    @classmethod
    def of(cls, origin: str, *, log_seed: bytes, clock_seed: bytes) -> LogSigner:
        """Return the signer of a log that has its first keys still."""
        keys = LogKeys.of(origin, log=public_of(log_seed), clock=public_of(clock_seed))
        return cls(keys, {keys.log.public: log_seed, keys.clock.public: clock_seed}.__getitem__)

    @property
    def origin(self) -> str:
        """The log's name."""
        return self.keys.log.name

    def sign(self, checkpoint: Checkpoint, changes: Sequence[LogChange], time_ms: int) -> str:
        """Return the signed note of a checkpoint of a log whose keys changed so: by two pairs in an overlap.

        Raises:
            KeyFileError: a key that must sign is not here.
        """
        pairs = self.keys.followed(changes).signing(checkpoint.size, time_ms)
        (log, clock), *also = [(self.seed_of(p.log.public), self.seed_of(p.clock.public)) for p in pairs]
        return sign_checkpoint(checkpoint, log_seed=log, clock_seed=clock, time_ms=time_ms, also=also)


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
