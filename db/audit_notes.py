"""What lies outside the database, or came from outside: checkpoints, receipts, sheets of paper, cosignatures.

The log must contain what they prove.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from custody.checkpoint import Checkpoint, LogKeys, open_checkpoint
from custody.errors import CustodyError
from custody.event import Entry, EventType, parse_event
from custody.keys import KeyRing
from custody.merkle import Frontier, verify_inclusion
from custody.note import open_note, parse_vkey
from custody.paper import PREFIX, anchor_faults, read_paper
from custody.quorum import TrustPolicy
from custody.receipt import Receipt, parse_receipt
from db import schema
from db.audit_rows import Problem
from db.cosignatures import written
from db.engine import reading
from db.witness_feed import seen_by

__all__ = ["KeptNotes", "check_anchors", "check_cosignatures", "paper_problem", "sheets_of"]

_cosignature, _checkpoint, _entry = schema.cosignature, schema.checkpoint, schema.entry
_ROWS = 5_000
_OTHER_ROOT = {True: "M12", False: "M04"}


@dataclass(slots=True)
class _Note:
    name: str
    checkpoint: Checkpoint
    receipt: Receipt | None
    paper: bool = False  # printed, not signed by the log's key
    root: bytes | None = None  # what the log has at that size
    leaf: bytes | None = None  # the entry that the receipt is about


class KeptNotes:
    """Notes that are compared while the log is folded.

    Attributes:
        sizes: of the log, at which its root is asked for.
        indices: at which its leaf is.
    """

    def __init__(
        self, notes: Mapping[str, str], keys: LogKeys, sheets: Iterable[tuple[str, Checkpoint]] = ()
    ) -> None:
        """Open them; one that does not hold is a problem of its own.

        Args:
            notes: checkpoints, receipts, and lines off sheets of paper, by the name to report them under.
            keys: the log's.
            sheets: what the log's own PAPER_ANCHOR entries say.
        """
        self._problems: list[Problem] = []
        self._notes = [_Note(name, head, None, paper=True) for name, head in sheets]
        for name, text in notes.items():
            if text.startswith(PREFIX):
                self._take_sheets(name, text, keys.log.name)
                continue
            try:
                receipt = parse_receipt(text) if text.startswith("c2sp.org/tlog-proof") else None
                checkpoint, _time_ms = open_checkpoint(receipt.note if receipt else text, keys)
            except CustodyError as error:
                self._problems.append(Problem("note", name, error.finding or "M02", str(error)))
            else:
                self._notes.append(_Note(name, checkpoint, receipt))
        self.sizes = frozenset(note.checkpoint.size for note in self._notes)
        self.indices = frozenset(note.receipt.index for note in self._notes if note.receipt)

    def _take_sheets(self, name: str, text: str, origin: str) -> None:
        for number, line in enumerate(text.splitlines(), start=1):
            where = f"{name}:{number}"
            try:
                head = read_paper(line)
            except CustodyError as error:
                self._problems.append(Problem("paper", where, "E01", f"cannot be read: {error}"))
                continue
            if head.origin != origin:
                self._problems.append(Problem("paper", where, "E07", f"is of the log {head.origin}"))
            else:
                self._notes.append(_Note(where, head, None, paper=True))

    def learn(self, roots: Mapping[int, bytes], leaves: Mapping[int, bytes]) -> None:
        """Take in what the log has: its root by size, its leaf by index."""
        for note in self._notes:
            note.root = roots.get(note.checkpoint.size, note.root)
            if note.receipt:
                note.leaf = leaves.get(note.receipt.index, note.leaf)

    def problems(self, size: int) -> Iterator[Problem]:
        """Say what a log of *size* entries lacks of what the notes prove."""
        yield from self._problems
        for note in self._notes:
            table, signed = "paper" if note.paper else "note", note.checkpoint
            code = ""
            if signed.size > size:
                code, detail = "M06", _missing(signed.size, size)
            elif signed.size and note.root != signed.root:
                code, detail = _OTHER_ROOT[note.paper], f"the log has another root at {signed.size} entries"
            elif note.receipt:
                yield from _included(note, note.receipt)
            if code:
                yield Problem(table, note.name, code, detail)
                if note.receipt:
                    yield Problem(
                        table, note.name, "C09", f"the log lacks the entry {note.receipt.index} of it"
                    )


def _missing(signed: int, size: int) -> str:
    return f"{signed} entries are signed, the log has {size}: {signed - size} are missing"


def sheets_of(conn: sa.Connection, origin: str) -> Iterator[tuple[str, Checkpoint]]:
    """Yield what the PAPER_ANCHOR entries of a log say was printed."""
    query = sa.select(_entry.c.idx, _entry.c.body).where(_entry.c.type == int(EventType.PAPER_ANCHOR))
    for row in conn.execute(query.order_by(_entry.c.idx)):
        try:
            anchor = parse_event(row.body).anchor
        except CustodyError:
            continue  # the audit names the entry itself
        if anchor:
            yield f"entry {row.idx}", Checkpoint(origin, *anchor)


def check_anchors(conn: sa.Connection, ring: KeyRing) -> Iterator[Problem]:
    """Name each PAPER_ANCHOR entry that two supervisors did not sign."""
    query = sa.select(_entry).where(_entry.c.type == int(EventType.PAPER_ANCHOR)).order_by(_entry.c.idx)
    for row in conn.execute(query):
        try:
            entry = Entry(row.idx, parse_event(row.body), row.t_int)
        except CustodyError:
            continue
        for code, detail in anchor_faults(entry, ring.get):
            yield Problem("entry", f"idx={row.idx}", code, f"PAPER_ANCHOR: {detail}")


def paper_problem(engine: sa.Engine, printed: Checkpoint) -> Problem | None:
    """Return what is wrong between a sheet of paper and the log, or None."""
    with reading(engine) as conn:
        ids = sa.select(_entry.c.id).where(_entry.c.idx < printed.size).order_by(_entry.c.idx)
        frontier = Frontier(conn.execute(ids.execution_options(yield_per=_ROWS)).scalars())
    where = f"size={printed.size}"
    if frontier.size < printed.size:
        return Problem("paper", where, "M06", _missing(printed.size, frontier.size))
    if frontier.root() != printed.root:
        return Problem("paper", where, "M12", f"the log has another root at {printed.size} entries")
    return None


def check_cosignatures(conn: sa.Connection, policy: TrustPolicy | None = None) -> Iterator[Problem]:
    """Name each stored cosignature that is not its witness's over the checkpoint of its size.

    With a *policy*, also a log whose entries wait for its quorum longer than a few rounds of the witnesses take.
    """
    if policy:
        seen = seen_by(conn, policy)
        newest_ms = conn.execute(sa.select(sa.func.max(_checkpoint.c.time_ms))).scalar() or 0
        if "M03" in seen.findings(newest_ms):
            detail = f"quorum {policy.quorum} has cosigned {seen.quorum} of {seen.size} entries"
            yield Problem("cosignature", "quorum", "M03", detail)
    query = sa.select(_cosignature, _checkpoint.c.note).outerjoin(
        _checkpoint, _checkpoint.c.size == _cosignature.c.size
    )
    rows = conn.execute(query.order_by(_cosignature.c.n)).all()
    count = written(conn)
    if [row.n for row in rows] != list(range(1, count + 1)):
        yield Problem("cosignature", "count", "M11", f"{len(rows)} rows, {count} were written")
    for row in rows:
        where = f"size={row.size}, witness={row.witness.partition('+')[0]}"
        if row.note is None:
            yield Problem("cosignature", where, "M02", "the log has no checkpoint of that size")
            continue
        try:
            key = parse_vkey(row.witness)
            if key.vkey != row.witness:
                yield Problem("cosignature", where, "M02", "the witness is not written as its key is")
            open_note(open_note(row.note).text + "\n" + row.line).verify(key)
        except CustodyError as error:
            yield Problem("cosignature", where, error.finding or "M02", str(error))


def _included(note: _Note, receipt: Receipt) -> Iterator[Problem]:
    signed = note.checkpoint
    try:
        verify_inclusion(receipt.index, signed.size, note.leaf or b"", receipt.path, signed.root)
    except CustodyError as error:
        yield Problem("note", note.name, "M01", f"entry {receipt.index} of the log is another one: {error}")
