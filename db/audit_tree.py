"""The audit of the tree: ids fold into tiles, tiles into tiles, and into the root of every checkpoint.

Ranges of leaves are folded apart from each other. The root of a tree that ends inside a range is the fold of that
range's own part (`RangeFold.roots`) with the peaks of all ranges before it, which only the caller knows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import sqlalchemy as sa

from custody.checkpoint import Checkpoint, LogKeys, open_checkpoint
from custody.errors import CustodyError
from custody.merkle import EMPTY_ROOT, Frontier, leaf_hash
from db import schema
from db.audit_crew import Crew, Desk
from db.audit_items import counting_entry
from db.audit_notes import KeptNotes
from db.audit_rows import Problem, Sum
from db.last_audit import Seen
from db.tree import HASH_BYTES, TILE_WIDTH, tile_root

__all__ = ["RANGE", "RangeFold", "check_tree", "fold_range", "sum_entries"]

_entry, _checkpoint, _tile, _state = schema.entry, schema.checkpoint, schema.tile, schema.log_state
RANGE: Final = 1 << 14
"""Leaves a task: a power of two, so that ranges are subtrees."""
_LEAVES = (
    sa.select(_entry.c.idx, _entry.c.id, _entry.c.t_int)
    .where(_entry.c.idx >= sa.bindparam("start"), _entry.c.idx < sa.bindparam("stop"))
    .order_by(_entry.c.idx)
)
_ROWS = sa.select(_entry).where(_entry.c.idx >= sa.bindparam("start"), _entry.c.idx < sa.bindparam("stop"))
_SIGNED = (
    sa.select(_checkpoint)
    .where(_checkpoint.c.size > sa.bindparam("start"), _checkpoint.c.size <= sa.bindparam("stop"))
    .order_by(_checkpoint.c.size)
)
_NEXT = (
    sa.select(_checkpoint)
    .where(_checkpoint.c.size > sa.bindparam("stop"))
    .order_by(_checkpoint.c.size)
    .limit(1)
)
_BEYOND = sa.select(_checkpoint.c.size).where(
    (_checkpoint.c.size > sa.bindparam("size")) | (_checkpoint.c.size <= 0)
)
_TILES = (
    sa.select(_tile.c.n, _tile.c.hashes)
    .where(_tile.c.level == 0, _tile.c.n >= sa.bindparam("start"), _tile.c.n < sa.bindparam("stop"))
    .order_by(_tile.c.n)
)


@dataclass(frozen=True, slots=True)
class Signed:
    """A checkpoint's row, and what its note turned out to say."""

    size: int
    root: bytes
    time_ms: int
    note: tuple[Checkpoint, int] | None


@dataclass(slots=True)
class RangeFold:
    """What a range of leaves amounts to.

    Attributes:
        tiles: roots of its full tiles.
        root: root of the whole range, of its own leaves alone.
        roots: at each size asked for, the root of the range's leaves before it.
        leaves: at each index asked for, the leaf.
        signed: its checkpoints.
        before, sum: over the rows of its checkpoints before those that are opened, and over all.
    """

    tiles: list[bytes] = field(default_factory=list)
    root: bytes = EMPTY_ROOT
    roots: dict[int, bytes] = field(default_factory=dict)
    leaves: dict[int, bytes] = field(default_factory=dict)
    signed: list[Signed] = field(default_factory=list)
    before: Sum = field(default_factory=Sum)
    sum: Sum = field(default_factory=Sum)
    problems: list[Problem] = field(default_factory=list)


def fold_range(
    desk: Desk,
    start: int,
    stop: int,
    sizes: frozenset[int],
    indices: frozenset[int],
    keys: LogKeys,
    since: int = 0,
) -> RangeFold:
    """Fold the leaves *start* to *stop*; names the tiles, notes and times in it that do not hold.

    Notes up to size *since* are not opened: an audit before did, and their rows are added up instead.
    """
    made = RangeFold()
    signed = desk.conn.execute(_SIGNED, {"start": start, "stop": stop}).all()
    rows = desk.conn.execute(_LEAVES, {"start": start, "stop": stop}).all()
    stored = dict(desk.conn.execute(_TILES, {"start": start // TILE_WIDTH, "stop": stop // TILE_WIDTH}).all())
    leaves = [_whole(leaf) for leaf in _complete(rows, start, stop, stored, made.problems)]
    made.leaves = {row.idx: row.id for row in rows if row.idx in indices} if indices else {}
    _check_tiles(leaves, start, stored, made)
    frontier, done = Frontier(), 0
    for size in sorted({row.size for row in signed} | {size for size in sizes if start < size <= stop}):
        frontier.extend(leaves[done : size - start])
        made.roots[size], done = frontier.root(), size - start
    frontier.extend(leaves[done:])
    made.root = frontier.root()
    _check_times(rows, [*signed, *desk.conn.execute(_NEXT, {"stop": stop}).all()], made.problems)
    for row in signed:
        made.sum.add(row)
        note = _opened(row, keys, made.problems) if row.size > since else None
        made.signed.append(Signed(row.size, row.root, row.time_ms, note))
        if row.size <= since:
            made.before.add(row)
    return made


def _complete(
    rows: Sequence[Any], start: int, stop: int, stored: Mapping[int, bytes], problems: list[Problem]
) -> list[bytes]:
    """Return the ids of a range, each at its place; what a missing entry had is taken from its tile."""
    if len(rows) == stop - start:
        return [row.id for row in rows]
    found = {row.idx: row.id for row in rows}
    leaves = []
    for index in range(start, stop):
        leaf = found.get(index)
        if leaf is None:
            problems.append(Problem("entry", f"idx={index}", "M06", "is missing"))
            n, at = divmod(index, TILE_WIDTH)
            leaf = stored.get(n, b"")[at * HASH_BYTES : (at + 1) * HASH_BYTES]
        leaves.append(leaf)
    return leaves


def _whole(leaf: bytes) -> bytes:
    """Return a hash of the right length, so that one that is cut or lengthened moves no other."""
    return leaf if len(leaf) == HASH_BYTES else leaf[:HASH_BYTES].ljust(HASH_BYTES, b"\0")


def _check_tiles(leaves: list[bytes], start: int, stored: Mapping[int, bytes], made: RangeFold) -> None:
    """Compare the full tiles of a range with its leaves."""
    for n in range(start // TILE_WIDTH, (start + len(leaves)) // TILE_WIDTH):
        at = n * TILE_WIDTH - start
        wanted = b"".join(leaves[at : at + TILE_WIDTH])
        found = stored.get(n)
        if found != wanted:
            detail = "is missing" if found is None else "differs from what is below it"
            made.problems.append(Problem("tile", f"level=0, n={n}", "M08", detail))
        made.tiles.append(tile_root(wanted))


def _check_times(leaves: Sequence[Any], signed: Sequence[Any], problems: list[Problem]) -> None:
    """Compare the time that each entry bears with that of the first checkpoint that includes it."""
    rows = iter(signed)
    row = next(rows, None)
    for leaf in leaves:
        while row is not None and row.size <= leaf.idx:
            row = next(rows, None)
        if row is None:
            return
        if leaf.t_int != row.time_ms:
            detail = f"t_int is {leaf.t_int}, its checkpoint was signed at {row.time_ms}"
            problems.append(Problem("entry", f"idx={leaf.idx}", "M07", detail))


def _opened(row: Any, keys: LogKeys, problems: list[Problem]) -> tuple[Checkpoint, int] | None:
    try:
        return open_checkpoint(row.note, keys)
    except CustodyError as error:
        problems.append(Problem("checkpoint", f"size={row.size}", error.finding or "M02", f"note: {error}"))
        return None


def check_tree(
    conn: sa.Connection, crew: Crew, size: int, keys: LogKeys, kept: KeptNotes, last: Seen | None = None
) -> tuple[list[Problem], str]:
    """Check ids, tiles, and the root and signed time of every checkpoint of a log of *size* entries.

    Returns:
        What does not hold, and the sum over the checkpoints' rows, in hexadecimal.
    """
    frontier, problems, tiles = Frontier(), [], []
    since, before, total = last.size if last else 0, Sum(), Sum()
    last_ms, root = 0, EMPTY_ROOT
    ranges = [(start, min(start + RANGE, size)) for start in range(0, size, RANGE)]
    asked = ((*one, kept.sizes | {size}, kept.indices, keys, since) for one in ranges)
    for fold in crew.run(fold_range, asked):
        problems += fold.problems
        before.merge(fold.before)
        total.merge(fold.sum)
        tiles += fold.tiles
        roots = {at: frontier.root(beyond) for at, beyond in fold.roots.items()}
        root = roots.get(size, root)
        for row in fold.signed:
            problems += _compare(row, roots[row.size], last_ms)
            last_ms = row.time_ms
        kept.learn(roots, fold.leaves)
        frontier.append(fold.root)
    problems += kept.problems(size)
    beyond = conn.execute(_BEYOND, {"size": size}).scalars()
    problems += [Problem("checkpoint", f"size={at}", "M06", f"log has {size} entries") for at in beyond]
    if conn.execute(sa.select(_state.c.root)).scalar() != root:
        problems.append(Problem("log_state", "id=1", "M08", "root is not that of the entries"))
    if last and f"{before.value:x}" != last.checkpoints:
        problems.append(Problem("checkpoint", f"size<={since}", "M02", "rows are not those audited before"))
    return problems + _check_upper(conn, size, tiles), f"{total.value:x}"


def sum_entries(desk: Desk, start: int, stop: int) -> tuple[Sum, list[Problem]]:
    """Add up the rows of entries that an audit before verified; names those whose body is another."""
    total, problems = Sum(), []
    for row in desk.conn.execute(_ROWS, {"start": start, "stop": stop}):
        total.add(counting_entry(row))
        if leaf_hash(row.body) != row.id:
            problems.append(Problem("entry", f"idx={row.idx}", "M07", "id differs from the signed bytes"))
    return total, problems


def _compare(row: Signed, root: bytes, last_ms: int) -> Iterator[Problem]:
    where = f"size={row.size}"
    if row.root != root:
        yield Problem("checkpoint", where, "M08", "root is not that of the entries")
    if row.note is not None:
        signed, time_ms = row.note
        if (signed.size, signed.root) != (row.size, root):
            detail = f"note is signed over size {signed.size} and another root"
            yield Problem("checkpoint", where, "M08", detail)
        if time_ms != row.time_ms:
            yield Problem("checkpoint", where, "M02", f"time_ms is {row.time_ms}, signed is {time_ms}")
    if row.time_ms < last_ms:
        yield Problem("checkpoint", where, "M02", f"signed {last_ms - row.time_ms} ms before an older one")


def _check_upper(conn: sa.Connection, size: int, roots: list[bytes]) -> list[Problem]:
    """Every full tile above the lowest level is the fold of what is below it, and no tile is there that should not."""
    problems = []
    limits, level = {0: size // TILE_WIDTH}, 1
    while len(roots) >= TILE_WIDTH:
        stored = dict(conn.execute(sa.select(_tile.c.n, _tile.c.hashes).where(_tile.c.level == level)).all())
        limits[level], above = len(roots) // TILE_WIDTH, []
        for n in range(limits[level]):
            wanted = b"".join(roots[n * TILE_WIDTH : (n + 1) * TILE_WIDTH])
            if stored.get(n) != wanted:
                detail = "differs from what is below it" if n in stored else "is missing"
                problems.append(Problem("tile", f"level={level}, n={n}", "M08", detail))
            above.append(tile_root(wanted))
        roots, level = above, level + 1
    due = [(_tile.c.level == at) & (_tile.c.n >= 0) & (_tile.c.n < limit) for at, limit in limits.items()]
    surplus = conn.execute(sa.select(_tile.c.level, _tile.c.n).where(~sa.or_(*due)))
    return problems + [Problem("tile", f"level={r.level}, n={r.n}", "M08", "is surplus") for r in surplus]
