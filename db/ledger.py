"""The sequencer: signed bytes in, durable index and receipt out (custody.md 4c).

An entry is parsed and its signature verified before any lock is taken. Then the callers that wait share one
transaction: compare-and-swap on `log_state`, duplicates, indices, entries, tiles, checkpoint, findings,
views. Nothing is answered before COMMIT. When `append` returns, the entries survive a power cut.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import sqlalchemy as sa

from custody.admission import network_of, verify_event
from custody.checkpoint import Checkpoint, sign_checkpoint
from custody.errors import CustodyError, SignatureError
from custody.event import Entry, Event, parse_event
from custody.fields import ITEM_TYPES
from custody.judge import Chain
from custody.keys import KeyRing
from custody.merkle import EMPTY_ROOT, consistency_path, inclusion_path, leaf_hash
from custody.policy import Policy
from custody.receipt import format_receipt
from custody.tiles import bundle_of
from db import schema, store
from db.batch import Answer, Batch, Candidate, LogSigner, Placed, Result
from db.chains import Rules, fold_item
from db.engine import reading, writing
from db.errors import AppendError
from db.groupcommit import GroupCommit, Job
from db.memory import Memory, load_memory
from db.project import Projection
from db.refuse import Refused, refused_row
from db.tree import TILE_HEIGHT, TILE_WIDTH

__all__ = ["Ledger", "LogSigner", "Result"]

_GROUP = 512


class Ledger:
    """One process's hold on the log; several may share a database, each append fenced by `log_state`."""

    def __init__(self, engine: sa.Engine, signer: LogSigner, now: Callable[[], int]) -> None:
        """Open a migrated database.

        Args:
            engine: from `db.engine.open_engine`.
            signer: the log's keys.
            now: the clock, unix ms UTC.

        Raises:
            LedgerError: tiles, entries and the last checkpoint contradict each other.
        """
        self.engine = engine
        self.signer = signer
        self.net = network_of(signer.origin)
        self._now = now
        self._group: GroupCommit[Batch | None, Answer] = GroupCommit(self._commit, limit=_GROUP)
        self._memory = self._load()

    # -- writing -----------------------------------------------------------------------------------

    def append(self, entries: Sequence[bytes], *, submitted_by: str | None = None) -> list[Result]:
        """Take entries in, durably, all within one transaction; answers one result an entry, in order.

        Args:
            entries: signed bytes, as received.
            submitted_by: who sent them, kept with what is refused.

        Raises:
            AppendError: nothing is stored as far as this process can tell; send the same again.
        """
        if not entries:
            return []
        batch = Batch(tuple(self._screen(bytes(raw)) for raw in entries), submitted_by)
        answer = self._group.submit(batch, len(entries))
        edges: dict[int, bytes] = {}
        return [self._result(placed, answer, edges) for placed in answer.placed]

    def _screen(self, raw: bytes) -> Candidate:
        """Parse and verify outside the lock; a key not seen yet is asked for again inside."""
        event = None
        try:
            event = parse_event(raw)
            self._check_network(event)
            public = self._memory.rules.ring.public_of(event)
            verify_event(event, public)
        except SignatureError as error:
            if event is not None and error.finding == "K01":
                return Candidate(raw, event, verified=False, refused=None)
            return Candidate(raw, event, verified=False, refused=Refused.of(error))
        except CustodyError as error:
            return Candidate(raw, event, verified=False, refused=Refused.of(error))
        return Candidate(raw, event, verified=True, refused=None)

    def _check_network(self, event: Event) -> None:
        if event.net != self.net:
            raise SignatureError(
                f"event is for network {event.net.hex()}, not {self.net.hex()}", finding="E07"
            )

    def _commit(self, jobs: Sequence[Job[Batch | None, Answer]]) -> None:
        try:
            with writing(self.engine) as conn:
                answers = self._sequence(conn, [job.work for job in jobs])
        except BaseException as error:
            self._memory.stale = True  # what is in memory may be ahead of what is stored
            if isinstance(error, sa.exc.DBAPIError):
                raise AppendError(f"append did not commit: {error.orig}") from error
            raise
        self._memory.published = (self._memory.tree.size, self._memory.note)
        for job, answer in zip(jobs, answers, strict=True):
            job.answer = answer

    def _sequence(self, conn: sa.Connection, batches: Sequence[Batch | None]) -> list[Answer]:
        """Everything of one transaction but BEGIN and COMMIT."""
        was = self._catch_up(conn)
        memory = self._memory
        ids = [c.event.id for b in batches if b for c in b.candidates if c.event and not c.refused]
        known = store.find(conn, ids)
        time_ms = max(self._now() // 1000 * 1000, memory.time_ms)
        projection = Projection(conn, memory.rules, memory.chains)
        memory.chains.prefetch(_uids_of(batches), memory.tree.size)
        entries: list[Entry] = []
        refused: list[dict[str, object]] = []
        placed: list[tuple[Placed, ...]] = []
        for batch in batches:
            row = []
            for candidate in batch.candidates if batch else ():
                one = self._place(conn, candidate, known, projection, entries, time_ms)
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
        if refused:
            conn.execute(schema.refused.insert(), refused)
        return [Answer(row, memory.tree.size, memory.note) for row in placed]

    def _place(
        self,
        conn: sa.Connection,
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
            return Placed(event.id, "duplicate", index, ("E08", *_stored_codes(conn, index)), None)
        ring = self._memory.rules.ring
        entry = Entry(self._memory.tree.size, event, time_ms)
        codes: list[str] = []
        try:
            public = ring.public_of(event)
            if not candidate.verified:
                verify_event(event, public)
            if event.type not in ITEM_TYPES:
                projection.add_system(entry)
        except CustodyError as error:
            return _refusal(candidate.raw, Refused.of(error))
        if event.type in ITEM_TYPES:
            codes = projection.add(entry)
        known[event.id] = entry.index
        self._memory.tiles += self._memory.tree.append(event.id)
        entries.append(entry)
        return Placed(event.id, "stored", entry.index, tuple(codes), None)

    def _write(self, conn: sa.Connection, was: store.LogState, entries: list[Entry], time_ms: int) -> None:
        memory = self._memory
        checkpoint = Checkpoint(self.signer.origin, memory.tree.size, memory.tree.root() or EMPTY_ROOT)
        note = sign_checkpoint(
            checkpoint, log_seed=self.signer.log_seed, clock_seed=self.signer.clock_seed, time_ms=time_ms
        )
        store.write_entries(conn, entries)
        store.write_tiles(conn, memory.tiles)
        store.write_checkpoint(conn, store.CheckpointRow(checkpoint.size, checkpoint.root, note, time_ms))
        memory.state = store.swap_state(conn, was, size=checkpoint.size, root=checkpoint.root)
        memory.tiles, memory.note, memory.time_ms = [], note, time_ms
        memory.anchors.remember(checkpoint.size, checkpoint.root, time_ms)

    # -- keeping up with other processes -----------------------------------------------------------

    def _load(self) -> Memory:
        with reading(self.engine) as conn:
            return load_memory(conn, self.engine, self.signer.keys)

    def _catch_up(self, conn: sa.Connection) -> store.LogState:
        """Hold the log's state, and bring memory to it where another process has appended."""
        state = store.lock_state(conn)
        if self._memory.stale:
            self._memory = load_memory(conn, self.engine, self.signer.keys)
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
    def rules(self) -> Rules:
        """Keys and policy together."""
        return self._memory.rules

    @property
    def policy(self) -> Policy:
        """The limits by which findings are judged."""
        return self._memory.rules.policy

    def checkpoint(self) -> str:
        """Return the newest signed checkpoint."""
        with reading(self.engine) as conn:
            row = store.last_checkpoint(conn)
        if row is None:
            raise IndexError("the log has no checkpoint yet")
        return row.note

    def checkpoint_at(self, size: int) -> store.CheckpointRow | None:
        """Return the checkpoint of exactly *size* entries, or None where there was none."""
        with reading(self.engine) as conn:
            row = conn.execute(sa.select(schema.checkpoint).where(schema.checkpoint.c.size == size)).first()
        return store.CheckpointRow(*row) if row else None

    def head(self) -> store.CheckpointRow | None:
        """Return the newest checkpoint with its size, root and time."""
        with reading(self.engine) as conn:
            return store.last_checkpoint(conn)

    def anchor(self) -> tuple[int, bytes] | None:
        """Return (size, root) of the newest checkpoint, what events cite; None for an empty log."""
        head = self.head()
        return (head.size, head.root) if head else None

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

    def entries(self, start: int, stop: int) -> list[Entry]:
        """Return a range of entries, parsed; what is beyond the end is left out."""
        with reading(self.engine) as conn:
            return [Entry(r.idx, parse_event(r.body), r.t_int) for r in store.entry_rows(conn, start, stop)]

    def bodies(self, start: int, stop: int) -> list[bytes]:
        """Return the signed bytes of a range of entries."""
        with reading(self.engine) as conn:
            return store.bodies(conn, start, stop)

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

    def entry_bundle(self, n: int, width: int) -> bytes:
        """Return *width* entries of bundle *n*.

        Raises:
            IndexError: the log does not reach that far.
        """
        found = self.bodies(n * 256, n * 256 + width)
        if not 0 < width <= 256 or len(found) != width:
            raise IndexError(f"bundle {n} has no {width} entries")
        return bundle_of(found)

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


def _refusal(raw: bytes, refused: Refused) -> Placed:
    return Placed(leaf_hash(raw), "refused", None, (refused.code,), refused.reason)


def _stored_codes(conn: sa.Connection, index: int) -> list[str]:
    query = sa.select(schema.finding.c.code).where(schema.finding.c.idx == index).distinct()
    return sorted(conn.execute(query).scalars())
