"""Checkpoints and receipts that lie outside the database: the log must contain what they prove."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from custody.checkpoint import Checkpoint, LogKeys, open_checkpoint
from custody.errors import CustodyError
from custody.merkle import verify_inclusion
from custody.note import open_note, parse_vkey
from custody.quorum import TrustPolicy
from custody.receipt import Receipt, parse_receipt
from db import schema
from db.audit_rows import Problem
from db.cosignatures import written
from db.witness_feed import seen_by

__all__ = ["KeptNotes", "check_cosignatures"]

_cosignature, _checkpoint = schema.cosignature, schema.checkpoint


@dataclass(slots=True)
class _Note:
    name: str
    checkpoint: Checkpoint
    receipt: Receipt | None
    root: bytes | None = None  # what the log has at that size
    leaf: bytes | None = None  # the entry that the receipt is about


class KeptNotes:
    """Notes that are compared while the log is folded.

    Attributes:
        sizes: of the log, at which its root is asked for.
        indices: at which its leaf is.
    """

    def __init__(self, notes: Mapping[str, str], keys: LogKeys) -> None:
        """Open them; one that does not hold is a problem of its own."""
        self._problems: list[Problem] = []
        self._notes: list[_Note] = []
        for name, text in notes.items():
            try:
                receipt = parse_receipt(text) if text.startswith("c2sp.org/tlog-proof") else None
                checkpoint, _time_ms = open_checkpoint(receipt.note if receipt else text, keys)
            except CustodyError as error:
                self._problems.append(Problem("note", name, error.finding or "M02", str(error)))
            else:
                self._notes.append(_Note(name, checkpoint, receipt))
        self.sizes = frozenset(note.checkpoint.size for note in self._notes)
        self.indices = frozenset(note.receipt.index for note in self._notes if note.receipt)

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
            signed = note.checkpoint
            if signed.size > size:
                detail = (
                    f"{signed.size} entries are signed, the log has {size}: {signed.size - size} are missing"
                )
                yield Problem("note", note.name, "M06", detail)
            elif signed.size and note.root != signed.root:
                yield Problem("note", note.name, "M04", f"the log had another root at {signed.size} entries")
            elif note.receipt:
                yield from _included(note, note.receipt)


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
