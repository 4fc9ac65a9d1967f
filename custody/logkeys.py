"""The keys by which a log's checkpoints are believed, and how they follow one another (ADR 11).

A LOGKEY entry, signed by the log key in force and approved by the roots, names the next pair. Every checkpoint
that includes the entry must carry the new pair's signatures; until the entry's NOT_BEFORE also those of the pair
before, so that a reader who has not heard of the change can still read.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from custody.cose import kid_of
from custody.errors import ProofError
from custody.event import Event, Field
from custody.note import COSIGNATURE, ED25519, Note, NoteKey

__all__ = ["LogChange", "LogKeys", "LogPair", "change_of", "clock_name"]


def clock_name(origin: str) -> str:
    """Return the name under which a log's clock key signs."""
    return f"{origin}/clock"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogChange:
    """What a LOGKEY entry says.

    Attributes:
        index: where it stands in the log.
        signer: kid of the log key that signed it.
        log: 32 bytes, the new log key.
        clock: 32 bytes, the new clock key.
        not_before_ms: until then the pair before signs too.
    """

    index: int
    signer: bytes
    log: bytes
    clock: bytes
    not_before_ms: int


@dataclass(frozen=True, slots=True)
class LogPair:
    """The two keys that sign a log's checkpoints at one time.

    Attributes:
        log: Ed25519 key named as the origin.
        clock: cosignature/v1 key that signs the time.
        index: of the LOGKEY entry that named them, -1 for those the log began with.
        not_before_ms: until then the pair before signs too.
    """

    log: NoteKey
    clock: NoteKey
    index: int = -1
    not_before_ms: int = 0


@dataclass(frozen=True, slots=True)
class LogKeys:
    """The public keys by which a log's checkpoints are believed.

    Attributes:
        log: the key the log began with, named as the origin.
        clock: the clock's.
        later: the pairs that followed, in log order.
    """

    log: NoteKey
    clock: NoteKey
    later: tuple[LogPair, ...] = field(default=())

    @classmethod
    def of(cls, origin: str, *, log: bytes, clock: bytes) -> LogKeys:
        """Return the keys of the log *origin* from two 32-byte public keys."""
        return cls(NoteKey(origin, ED25519, log), NoteKey(clock_name(origin), COSIGNATURE, clock))

    @property
    def pairs(self) -> tuple[LogPair, ...]:
        """All pairs, oldest first."""
        return (LogPair(self.log, self.clock), *self.later)

    @property
    def newest(self) -> LogPair:
        """The pair in force."""
        return self.pairs[-1]

    def then(self, change: LogChange) -> LogKeys:
        """Return the keys with one *change* more.

        Does not ask whether the roots approved: `keys.KeyRing` lets no other change into the log.

        Raises:
            ProofError: it is not signed by the log key in force before it (M02).
        """
        before = self.newest
        if change.signer != kid_of(before.log.public):
            raise ProofError(
                f"entry {change.index} changes the log's key and is not signed by it", finding="M02"
            )
        log, clock = replace(before.log, public=change.log), replace(before.clock, public=change.clock)
        return replace(self, later=(*self.later, LogPair(log, clock, change.index, change.not_before_ms)))

    def followed(self, changes: Iterable[LogChange]) -> LogKeys:
        """Return the keys with *changes* (all that the log has, in its order) in place of those known so far.

        Raises:
            ProofError: as `then`.
        """
        keys = replace(self, later=())
        for change in changes:
            keys = keys.then(change)
        return keys

    def at(self, size: int) -> tuple[LogPair, LogPair | None]:
        """Return the pair that must have signed a checkpoint of *size*, and the one before it, if any."""
        pairs = self.pairs
        position = sum(pair.index < size for pair in pairs) - 1
        return pairs[position], pairs[position - 1] if position else None

    def verify(self, note: Note, size: int) -> int:
        """Check the signatures that a checkpoint of *size* needs; return its signed time in unix seconds.

        Raises:
            ProofError: one is missing or wrong, or the two clocks of an overlap say different times (M02).
        """
        pair, before = self.at(size)
        note.verify(pair.log)
        time_s = note.verify(pair.clock)
        if before and time_s * 1000 < pair.not_before_ms:
            note.verify(before.log)
            if note.verify(before.clock) != time_s:
                raise ProofError("the two clocks of the overlap say different times", finding="M02")
        return time_s

    def signing(self, size: int, time_ms: int) -> list[LogPair]:
        """Return the pairs that sign a checkpoint of *size* at *time_ms*, the newest first."""
        pair, before = self.at(size)
        return [pair, before] if before and time_ms // 1000 * 1000 < pair.not_before_ms else [pair]


def change_of(index: int, event: Event) -> LogChange:
    """Return what a LOGKEY *event* at *index* says."""
    fields = event.fields
    return LogChange(
        index=index,
        signer=event.kid,
        log=fields[Field.PUBLIC],
        clock=fields[Field.CLOCK_PUBLIC],
        not_before_ms=fields[Field.NOT_BEFORE],
    )
