"""What one process keeps of the log between appends: keys, tree edge, hot chains. All of it can be thrown away.

Loading it is also the start-up check: tiles, entry ids, the newest checkpoint and `log_state` must agree.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import sqlalchemy as sa

from custody.checkpoint import LogKeys, open_checkpoint
from custody.errors import CustodyError
from custody.event import Entry, parse_event
from custody.fields import CHAIN_TYPES
from custody.merkle import EMPTY_ROOT
from db import schema, store
from db.chains import Anchors, ChainCache, Rules, entry_of
from db.engine import reading
from db.errors import LedgerError
from db.tree import HASH_BYTES, TILE_WIDTH, Tree, tile_root
from db.watch import accused_since

__all__ = ["Memory", "load_memory", "system_entries"]

_entry, _tile = schema.entry, schema.tile
_FIRST_SYSTEM_TYPE = 64
_TILES_FOLDED = 8_192  # at start-up: the newest 2 million leaves are folded anew
_TILES_COMPARED = 64  # and the newest 16 thousand compared with the ids of their entries
_SYSTEM = (
    sa.select(_entry.c.idx, _entry.c.id, _entry.c.body, _entry.c.t_int)
    .where(_entry.c.type >= _FIRST_SYSTEM_TYPE)
    .order_by(_entry.c.idx)
)
_IDS = (
    sa.select(_entry.c.id)
    .where(_entry.c.idx >= sa.bindparam("start"), _entry.c.idx < sa.bindparam("stop"))
    .order_by(_entry.c.idx)
)


@dataclass(slots=True)
class Memory:
    """The log as this process last saw it.

    Attributes:
        rules: keys and policy.
        tree: right edge and some tiles.
        anchors, chains: for judging.
        state: what `log_state` should say.
        note: newest checkpoint, maybe not committed yet.
        time_ms: its signed time.
        tiles: filled, to be written with the entries that filled them.
        published: (size, checkpoint) that is durable and may be shown.
        stale: an append failed; load anew before the next.
    """

    rules: Rules
    tree: Tree
    anchors: Anchors
    chains: ChainCache
    state: store.LogState
    note: str
    time_ms: int
    published: tuple[int, str]
    tiles: list[tuple[int, int, bytes]] = field(default_factory=list)
    stale: bool = False

    def follow(self, conn: sa.Connection, state: store.LogState) -> None:
        """Take in what another process appended.

        Raises:
            LedgerError: the entries do not lead to the root that was left.
        """
        for row in store.entry_rows(conn, self.tree.size, state.size):
            event = parse_event(row.body)
            if event.type not in CHAIN_TYPES:
                self.rules.apply(Entry(row.idx, event, row.t_int))
                self.chains.clear()
            self.chains.drop(ref.uid for ref in event.items)
            self.tree.append(row.id)
        if (self.tree.root() or EMPTY_ROOT) != state.root:
            raise LedgerError(f"entries up to {state.size} do not fold into the root in log_state")
        self.chains.drop(accused_since(conn, self.state.size))
        newest = store.last_checkpoint(conn)
        if newest is not None:
            self.note, self.time_ms = newest.note, newest.time_ms
        self.state = state
        self.published = (state.size, self.note)


def load_memory(conn: sa.Connection, engine: sa.Engine, keys: LogKeys) -> Memory:
    """Read the log's edge and check it.

    Raises:
        LedgerError: entries, tiles, checkpoint and log_state do not agree.
    """
    state = store.read_state(conn)
    newest = store.last_checkpoint(conn)
    _check_length(conn, state, newest)
    tree = Tree(lambda level, n: _fetch(engine, level, n))
    edge = state.size - state.size % TILE_WIDTH
    ids = list(conn.execute(_IDS, {"start": edge, "stop": state.size}).scalars())
    if len(ids) != state.size - edge:
        raise LedgerError(f"entries are missing between {edge} and {state.size}")
    tree.resume(state.size, ids)
    _check_tiles(conn, state.size)
    root = tree.root() or EMPTY_ROOT
    if root != state.root:
        raise LedgerError(f"entries and tiles fold into {root.hex()}, log_state has {state.root.hex()}")
    rules = system_entries(conn)
    if newest is not None:
        _check_note(newest, root, keys, rules)
    anchors = Anchors(conn)
    note = newest.note if newest else ""
    return Memory(
        rules=rules,
        tree=tree,
        anchors=anchors,
        chains=ChainCache(rules, anchors),
        state=state,
        note=note,
        time_ms=newest.time_ms if newest else 0,
        published=(state.size, note),
    )


def system_entries(conn: sa.Connection) -> Rules:
    """Return keys and policy as the whole log has them.

    Raises:
        LedgerError: a system entry stands there that may not.
    """
    rules = Rules()
    for row in conn.execute(_SYSTEM):
        try:
            rules.apply(entry_of(store.EntryRow._make(row)))
        except CustodyError as error:
            raise LedgerError(f"system entry {row.idx} does not hold: {error}") from error
    return rules


def _fetch(engine: sa.Engine, level: int, n: int) -> bytes:
    with reading(engine) as conn:
        return store.tile_of(conn, level, n)


def _check_length(conn: sa.Connection, state: store.LogState, newest: store.CheckpointRow | None) -> None:
    last = conn.execute(sa.select(sa.func.max(_entry.c.idx))).scalar()
    length = 0 if last is None else last + 1
    signed = newest.size if newest else 0
    if not length == signed == state.size:
        raise LedgerError(
            f"log has {length} entries, a checkpoint of {signed}, and log_state says {state.size}"
        )


def _check_note(newest: store.CheckpointRow, root: bytes, keys: LogKeys, rules: Rules) -> None:
    try:
        checkpoint, time_ms = open_checkpoint(newest.note, keys.followed(rules.ring.log_changes))
    except CustodyError as error:
        raise LedgerError(f"newest checkpoint does not hold: {error}") from error
    if (checkpoint.size, checkpoint.root) != (newest.size, root) or newest.root != root:
        raise LedgerError(
            f"entries and tiles fold into {root.hex()}, the checkpoint of {newest.size} differs"
        )
    if time_ms != newest.time_ms:
        raise LedgerError(
            f"checkpoint of {newest.size} is signed at {time_ms}, its row says {newest.time_ms}"
        )


def _check_tiles(conn: sa.Connection, size: int) -> None:
    """Fold full tiles into the level above, and compare the newest with the ids of their entries."""
    level, count = 0, size // TILE_WIDTH
    while count:
        above = count // TILE_WIDTH
        first = max(0, count - _TILES_FOLDED) // TILE_WIDTH
        for n in range(first, above):
            stored = store.tile_of(conn, level + 1, n)
            rows = conn.execute(_tiles_of(level, n * TILE_WIDTH, (n + 1) * TILE_WIDTH)).scalars()
            if b"".join(map(tile_root, rows)) != stored:
                raise LedgerError(f"tile {level + 1}/{n} is not the fold of the tiles below it")
        if level == 0:
            _compare_ids(conn, max(0, count - _TILES_COMPARED), count)
        level, count = level + 1, above


def _compare_ids(conn: sa.Connection, first: int, stop: int) -> None:
    for n, hashes in enumerate(conn.execute(_tiles_of(0, first, stop)).scalars(), first):
        ids = conn.execute(_IDS, {"start": n * TILE_WIDTH, "stop": (n + 1) * TILE_WIDTH}).scalars()
        if b"".join(ids) != hashes or len(hashes) != TILE_WIDTH * HASH_BYTES:
            raise LedgerError(f"tile 0/{n} differs from the ids of its entries")


def _tiles_of(level: int, first: int, stop: int) -> sa.Select[bytes]:
    return (
        sa.select(_tile.c.hashes)
        .where(_tile.c.level == level, _tile.c.n >= first, _tile.c.n < stop)
        .order_by(_tile.c.n)
    )
