"""The sequencer: signed bytes in, durable index and receipt out (custody.md 4c).

An entry is parsed and its signature verified before any lock is taken. Then the callers that wait share one
transaction: compare-and-swap on `log_state`, duplicates, indices, entries, tiles, checkpoint, findings,
views. Nothing is answered before COMMIT. When `append` returns, the entries survive a power cut.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import replace

import sqlalchemy as sa

from custody.admission import network_of, verify_event
from custody.checkpoint import Checkpoint, LogKeys
from custody.errors import CustodyError
from custody.event import Entry, Event
from custody.fields import CHAIN_TYPES
from custody.judge import Chain
from custody.keys import KeyRing
from custody.merkle import EMPTY_ROOT, consistency_path, inclusion_path, leaf_hash
from custody.policy import Policy
from custody.receipt import format_receipt
from db import schema, store
from db.batch import Answer, Batch, Candidate, LogSigner, Placed, Result
from db.chains import Rules, fold_item
from db.clockguard import ClockGuard
from db.engine import reading, writing
from db.errors import AppendError, StoreError
from db.groupcommit import GroupCommit, Job
from db.kept import KeptCheckpoint
from db.memory import Memory, load_memory
from db.project import Projection
from db.refuse import Refused, refused_row
from db.screen import Burden, burden_of, not_judged, screen
from db.storedlog import StoredLog
from db.tree import TILE_HEIGHT, TILE_WIDTH
from db.verifiers import Verifiers

__all__ = ["Ledger", "LogSigner", "Result"]

_LOG = logging.getLogger(__name__)
_GROUP = 512
_OF_AN_ENTRY = (sa.exc.DataError, sa.exc.ProgrammingError, sa.exc.InterfaceError)  # a value that does not fit


class Ledger(StoredLog):
    """One process's hold on the log; several may share a database, each append fenced by `log_state`."""

    def __init__(
        self,
        engine: sa.Engine,
        signer: LogSigner,
        now: Callable[[], int],
        *,
        kept: KeptCheckpoint,
        monotonic: Callable[[], int] | None = None,
        is_clock_accepted: bool = False,
    ) -> None:
        """Open a migrated database.

        Args:
            engine: from `db.engine.open_engine`.
            signer: the log's keys.
            now: the clock, unix ms UTC.
            kept: the newest checkpoint, outside the database.
            monotonic: `db.clockguard.monotonic_ms`, to refuse a clock that jumps; None where time is simulated.
            is_clock_accepted: an operator has looked at the clock.

        Raises:
            ClockError: the clock is a month ahead of the newest checkpoint.
            LedgerError: tiles, entries and the last checkpoint contradict each other, or the database is behind
                the checkpoint kept outside it.
        """
        super().__init__(engine)
        self.signer = signer
        self.net = network_of(signer.origin)
        self.kept = kept
        self.watch: Callable[[sa.Connection, Sequence[tuple[bytes, Entry]]], None] | None = None
        self.verifiers: Verifiers | None = None
        self._now = now
        self._kept_size = 0
        self._group: GroupCommit[Batch | None, Answer] = GroupCommit(self._commit, limit=_GROUP)
        self._memory = self._load()
        self._guard = monotonic and ClockGuard(
            now(), self._memory.time_ms, monotonic, is_accepted=is_clock_accepted
        )
        self._keep()

    # -- writing -----------------------------------------------------------------------------------

    def append(
        self,
        entries: Sequence[bytes],
        *,
        submitted_by: str | None = None,
        allow: Callable[[Burden], None] | None = None,
    ) -> list[Result]:
        """Take entries in, durably, all within one transaction; answers one result an entry, in order.

        Args:
            entries: signed bytes, as received.
            submitted_by: who sent them, kept with what is refused.
            allow: told what they cost before anything is written; may raise.

        Raises:
            AppendError: nothing is stored as far as this process can tell; send the same again.
            ClockError: the server's clock jumped ahead.
        """
        if not entries:
            return []
        ring = self._memory.rules.ring
        raws = [bytes(raw) for raw in entries]
        candidates = screen(raws, ring=ring, net=self.net, verifiers=self.verifiers)
        if allow:
            allow(burden_of(candidates))
        answer = self._group.submit(Batch(candidates, submitted_by), len(entries))
        edges: dict[int, bytes] = {}
        return [self._result(placed, answer, edges) for placed in answer.placed]

    def _commit(self, jobs: Sequence[Job[Batch | None, Answer]]) -> None:
        works = [job.work for job in jobs]
        if self._guard and any(works):
            self._guard.check(self._now())
        try:
            answers = self._transact(works)
        except StoreError:
            raise
        except Exception:  # noqa: BLE001 -- one entry's fault
            _LOG.exception("a group of %d requests failed; each of its entries goes alone", len(works))
            answers = [self._one_by_one(work) for work in works]
        for job, answer in zip(jobs, answers, strict=True):
            job.answer = answer

    def _one_by_one(self, batch: Batch | None) -> Answer:
        """Give each entry a transaction of its own, and refuse the one that makes it fail."""
        placed: list[Placed] = []
        for candidate in batch.candidates if batch else ():
            alone = Batch((candidate,), batch.submitted_by if batch else None)
            try:
                answer = self._transact([alone])[0]
            except StoreError:
                raise
            except Exception as error:  # noqa: BLE001 -- this entry's fault: the others go in
                refused = replace(candidate, refused=not_judged(candidate.raw, error))
                answer = self._transact([replace(alone, candidates=(refused,))])[0]
            placed += answer.placed
        return Answer(tuple(placed), *self._memory.published)

    def _transact(self, works: Sequence[Batch | None]) -> list[Answer]:
        """Run one transaction and keep its checkpoint; memory is loaded anew where it fails.

        Raises:
            AppendError: the database did not commit, or the checkpoint could not be kept.
        """
        try:
            with writing(self.engine) as conn:
                answers = self._sequence(conn, works)
        except BaseException as error:
            self._memory.stale = True  # what is in memory may be ahead of what is stored
            if isinstance(error, sa.exc.SQLAlchemyError) and not isinstance(error, _OF_AN_ENTRY):
                raise AppendError(f"append did not commit: {getattr(error, 'orig', error)}") from error
            raise
        self._memory.published = (self._memory.tree.size, self._memory.note)
        self._keep()
        return answers

    def _keep(self) -> None:
        """Bring the checkpoint outside the database up to what is committed."""
        size, note = self._memory.published
        if size <= self._kept_size:
            return
        try:
            self.kept.write(note, size)
        except OSError as error:
            raise AppendError(f"checkpoint of {size} is not kept outside the database: {error}") from error
        self._kept_size = size

    def _sequence(self, conn: sa.Connection, batches: Sequence[Batch | None]) -> list[Answer]:
        """Everything of one transaction but BEGIN and COMMIT."""
        was = self._catch_up(conn)
        memory = self._memory
        ids = [c.event.id for b in batches if b for c in b.candidates if c.event and not c.refused]
        known = store.find(conn, ids)
        time_ms = max(self._now() // 1000 * 1000, memory.time_ms)
        projection = Projection(conn, memory.rules, memory.chains)
        memory.chains.prefetch(_uids_of(batches), memory.tree.size)
        projection.look_back(_events_of(batches, known), memory.tree.size)
        entries: list[Entry] = []
        refused: list[dict[str, object]] = []
        placed: list[tuple[Placed, ...]] = []
        for batch in batches:
            row = []
            for candidate in batch.candidates if batch else ():
                one = self._place(candidate, known, projection, entries, time_ms)
                row.append(one)
                if batch and one.error is not None:
                    why = Refused(one.findings[0], one.error)
                    by, at_ms = batch.submitted_by, self._now()
                    refused.append(
                        refused_row(candidate.raw, candidate.event, why, submitted_by=by, at_ms=at_ms)
                    )
            placed.append(tuple(row))
        if entries:
            self._write(conn, was, entries, time_ms)
            projection.write()
            if self.watch:
                self.watch(conn, projection.marked())
        if refused:
            conn.execute(schema.refused.insert(), refused)
        return [Answer(row, memory.tree.size, memory.note) for row in placed]

    def _place(
        self,
        candidate: Candidate,
        known: dict[bytes, int],
        projection: Projection,
        entries: list[Entry],
        time_ms: int,
    ) -> Placed:
        """Give one entry its index, or say why not."""
        event, refused = candidate.event, candidate.refused
        if event is None or refused is not None:
            return _refusal(candidate.raw, refused or Refused("E01", "entry was not read"))
        if event.id in known:
            index = known[event.id]
            codes = projection.codes_of(event, index, self._memory.tree.size)
            return Placed(event.id, "duplicate", index, ("E08", *codes), None)
        ring = self._memory.rules.ring
        entry = Entry(self._memory.tree.size, event, time_ms)
        codes = []
        try:
            public = ring.public_of(event)
            if not candidate.verified:
                verify_event(event, public)
            if event.type not in CHAIN_TYPES:
                projection.add_system(entry)
        except CustodyError as error:
            return _refusal(candidate.raw, Refused.of(error))
        if event.type in CHAIN_TYPES:
            try:
                codes = projection.add(entry)
            except sa.exc.SQLAlchemyError:
                raise
            except Exception as error:  # noqa: BLE001 -- the second fence; the first is in custody/
                projection.undo(entry, entries)
                return _refusal(candidate.raw, not_judged(candidate.raw, error))
        known[event.id] = entry.index
        self._memory.tiles += self._memory.tree.append(event.id)
        entries.append(entry)
        return Placed(event.id, "stored", entry.index, tuple(codes), None)

    def _write(self, conn: sa.Connection, was: store.LogState, entries: list[Entry], time_ms: int) -> None:
        memory = self._memory
        checkpoint = Checkpoint(self.signer.origin, memory.tree.size, memory.tree.root() or EMPTY_ROOT)
        note = self.signer.sign(checkpoint, memory.rules.ring.log_changes, time_ms)
        store.write_entries(conn, entries)
        store.write_tiles(conn, memory.tiles)
        store.write_checkpoint(conn, store.CheckpointRow(checkpoint.size, checkpoint.root, note, time_ms))
        memory.state = store.swap_state(conn, was, size=checkpoint.size, root=checkpoint.root)
        memory.tiles, memory.note, memory.time_ms = [], note, time_ms
        memory.anchors.remember(checkpoint.size, checkpoint.root, time_ms)

    # -- keeping up with other processes -----------------------------------------------------------

    def _load(self) -> Memory:
        note = self.kept.read()  # before the snapshot: it is never ahead of the database
        with reading(self.engine) as conn:
            memory = self._compared(load_memory(conn, self.engine, self.signer.keys), note)
        if note is None and memory.tree.size:
            _LOG.warning("%s is missing: whether the log has lost its tail cannot be told", self.kept.path)
        return memory

    def _compared(self, memory: Memory, note: str | None) -> Memory:
        keys = self.signer.keys.followed(memory.rules.ring.log_changes)
        self.kept.check(note, memory.tree.size, memory.tree.root_at, keys)
        return memory

    def _catch_up(self, conn: sa.Connection) -> store.LogState:
        """Hold the log's state, and bring memory to it where another process has appended."""
        state = store.lock_state(conn)
        if self._memory.stale:
            memory = load_memory(conn, self.engine, self.signer.keys)
            self._memory = self._compared(memory, self.kept.read())
        elif state != self._memory.state:
            self._memory.follow(conn, state)
        self._memory.anchors.conn = conn
        return state

    def refresh(self) -> None:
        """Bring the keys and the tree up to what other processes appended; cheap where nothing did."""
        with reading(self.engine) as conn:
            state = store.read_state(conn)
        if self._memory.stale or state != self._memory.state:
            self._group.submit(None, 1)

    # -- reading -----------------------------------------------------------------------------------

    @property
    def ring(self) -> KeyRing:
        """The certificates, as this process last saw them; `refresh` first where that matters."""
        return self._memory.rules.ring

    @property
    def log_keys(self) -> LogKeys:
        """The public keys of the log, those that it began with and those that followed."""
        return self.signer.keys.followed(self.ring.log_changes)

    @property
    def rules(self) -> Rules:
        """Keys and policy together."""
        return self._memory.rules

    @property
    def policy(self) -> Policy:
        """The limits by which findings are judged."""
        return self._memory.rules.policy

    def receipt(self, index: int) -> str:
        """Return the receipt of an entry under the newest checkpoint this process has.

        Raises:
            ProofError: the log is not that long.
        """
        self.refresh()
        memory = self._memory
        size, note = memory.published
        return format_receipt(index, inclusion_path(index, size, memory.tree.node), note)

    def newest(self) -> store.CheckpointRow:
        """Return the newest checkpoint that this process has caught up with.

        Raises:
            IndexError: the log is empty.
        """
        self.refresh()
        found = self.checkpoint_at(self._memory.published[0])
        if found is None:
            raise IndexError("the log has no checkpoint yet")
        return found

    def node(self, level: int, n: int) -> bytes:
        """Return the root of a perfect subtree (`custody.merkle.HashOf`)."""
        return self._memory.tree.node(level, n)

    def consistency(self, size1: int, size2: int) -> list[bytes]:
        """Return the proof that the log of *size1* is a prefix of that of *size2*."""
        self.refresh()
        return consistency_path(size1, size2, self._memory.tree.node)

    def chain(self, uid: bytes) -> Chain:
        """Return an item's chain, folded from the log itself; it has no entries where the item is unknown."""
        self.refresh()
        with reading(self.engine) as conn:
            return fold_item(conn, self._memory.rules, uid)

    def tile(self, level: int, n: int, width: int) -> bytes:
        """Return *width* hashes of a tile.

        Raises:
            IndexError: the log does not reach that far.
        """
        self.refresh()
        memory = self._memory
        if (n * TILE_WIDTH + width) << (level * TILE_HEIGHT) > memory.published[0]:
            raise IndexError(f"tile {level}/{n} has no {width} hashes yet")
        return memory.tree.tile(level, n, width)

    def _result(self, placed: Placed, answer: Answer, edges: dict[int, bytes]) -> Result:
        receipt = None
        if placed.index is not None:
            path = self._memory.tree.path(placed.index, answer.size, edges)
            receipt = format_receipt(placed.index, path, answer.note)
        return Result(
            id=placed.id,
            status=placed.status,
            index=placed.index,
            findings=placed.findings,
            receipt=receipt,
            error=placed.error,
        )


def _uids_of(batches: Sequence[Batch | None]) -> Iterator[bytes]:
    candidates = (c for batch in batches if batch for c in batch.candidates)
    return (ref.uid for c in candidates if c.event and not c.refused for ref in c.event.items)


def _events_of(batches: Sequence[Batch | None], known: Container[bytes]) -> Iterator[Event]:
    candidates = (c for batch in batches if batch for c in batch.candidates)
    return (c.event for c in candidates if c.event and not c.refused and c.event.id not in known)


def _refusal(raw: bytes, refused: Refused) -> Placed:
    return Placed(leaf_hash(raw), "refused", None, (refused.code,), refused.reason)
