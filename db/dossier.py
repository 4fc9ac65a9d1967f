"""An item's dossier, made from the log: what `custody.verify` needs to judge it without us."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from custody.dossier import Dossier, exhibits_for, pack, proof_text, system_entries_for
from custody.errors import NumberError
from custody.event import Entry
from custody.merkle import inclusion_path
from custody.part import journey, judge_part
from custody.quorum import NO_QUORUM
from custody.receipt import format_receipt
from custody.s10 import number_of_uid
from db import schema
from db.chains import Anchors, containers_of, entries_of, entry_of
from db.cosignatures import newest_cosigned
from db.engine import reading
from db.site import Site
from db.store import CheckpointRow, EntryRow
from db.watch import pairs_of, seals_beside
from db.witness_feed import read_policy

__all__ = ["dossier_of"]

_checkpoint, _entry = schema.checkpoint, schema.entry


def dossier_of(site: Site, uid: bytes) -> bytes:
    """Return the evidence file of an item, as of the newest checkpoint.

    Raises:
        NumberError: no such item in the log.
    """
    newest = site.ledger.newest()
    with reading(site.engine) as conn:
        return _pack(conn, site, newest, uid)


def _pack(conn: sa.Connection, site: Site, newest: CheckpointRow, uid: bytes) -> bytes:
    ledger = site.ledger
    query = sa.select(_entry).where(_entry.c.type >= 64, _entry.c.idx < newest.size)
    rows = conn.execute(query.order_by(_entry.c.idx))
    system = [entry_of(EntryRow(row.idx, row.id, row.body, row.t_int)) for row in rows]
    named = containers_of(conn, [uid], newest.size)[uid]
    around, events = journey(entries_of(conn, {uid, *named}, newest.size), uid)
    if not any(entry.event.item(uid) for entry in events):
        raise NumberError(f"no item {uid.hex()} in the log")
    shown = [*events, *exhibits_for(events, Anchors(conn).find_entry)]
    shown += pairs_of(conn, {uid, *around}, newest.size)
    shown += seals_beside(conn, shown, newest.size)
    parts = {e.index: e for e in (*shown, *system_entries_for(shown, system))}
    entries = [parts[index] for index in sorted(parts) if index < newest.size]
    firsts = {entry.index: _first_including(conn, entry.index) for entry in entries}
    heads = {row.size: row for row in (*firsts.values(), *_anchors(conn, events, newest.size), newest)}
    if cosigned := _cosigned(conn, site, newest.size):
        heads[cosigned.size] = cosigned
    anchors = {size: (row.root, row.time_ms) for size, row in heads.items()}
    judged = judge_part(entries, uid, network=ledger.rules.network, anchors=anchors.get)
    node = ledger.node
    return pack(
        Dossier(
            number=number_of_uid(uid),
            uid=uid,
            origin=site.origin,
            log_key=site.log_keys.log.vkey,
            clock_key=site.log_keys.clock.vkey,
            roots=site.founders,
            checkpoint=heads[newest.size].note,
            entries={entry.index: entry.event.raw for entry in entries},
            proofs={
                index: format_receipt(index, inclusion_path(index, row.size, node), row.note)
                for index, row in firsts.items()
            },
            checkpoints={size: row.note for size, row in heads.items() if size < newest.size},
            consistency={
                size: proof_text(ledger.consistency(size, newest.size))
                for size in heads
                if size < newest.size
            },
            claimed=Dossier.claim(judged.judge(newest.time_ms)),
        )
    )


def _cosigned(conn: sa.Connection, site: Site, stop: int) -> CheckpointRow | None:
    """Return the newest checkpoint that the site's witnesses have cosigned, with their lines."""
    policy = read_policy(site.data)
    found = newest_cosigned(conn, None if policy.quorum == NO_QUORUM else policy)
    return found if found and found.size <= stop else None


def _first_including(conn: sa.Connection, index: int) -> CheckpointRow:
    query = sa.select(_checkpoint).where(_checkpoint.c.size > index).order_by(_checkpoint.c.size).limit(1)
    return CheckpointRow(*conn.execute(query).one())


def _anchors(conn: sa.Connection, events: Iterable[Entry], stop: int) -> list[CheckpointRow]:
    sizes = {entry.event.anchor[0] for entry in events if entry.event.anchor}
    query = sa.select(_checkpoint).where(_checkpoint.c.size.in_(sorted(n for n in sizes if n <= stop)))
    return [CheckpointRow(*row) for row in conn.execute(query)]
