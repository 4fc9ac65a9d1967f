"""What leaves the house: the log as C2SP tlog-tiles, and an item's dossier."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path

import sqlalchemy as sa

from custody.dossier import Dossier, pack, proof_text, system_entries_for
from custody.errors import NumberError
from custody.event import Entry
from custody.judge import Chain
from custody.merkle import inclusion_path
from custody.receipt import format_receipt
from custody.tiles import HEIGHT, WIDTH, bundle_path, tile_path
from db import schema
from db.chains import entry_of
from db.engine import reading
from db.site import Site
from db.store import CheckpointRow, EntryRow
from db.views import uid_of_number

__all__ = ["export_dossier", "export_log", "public_keys"]

_checkpoint, _entry = schema.checkpoint, schema.entry


def export_log(site: Site, out: Path, *, progress: Callable[[int, int], None] | None = None) -> int:
    """Write `checkpoint`, `tile/...`, `tile/entries/...` and `keys.json` under *out*; returns the log's size.

    Raises:
        SiteError: *out* holds something already.
    """
    head = site.ledger.head()
    size = head.size if head else 0
    out.mkdir(parents=True, exist_ok=True)
    level, count = 0, size
    while count:
        for n in range(-(-count // WIDTH)):
            width = min(WIDTH, count - n * WIDTH)
            _write(out / tile_path(level, n, width), site.ledger.tile(level, n, width))
        level, count = level + 1, count >> HEIGHT
    for n in range(-(-size // WIDTH)):
        width = min(WIDTH, size - n * WIDTH)
        _write(out / bundle_path(n, width), site.ledger.entry_bundle(n, width))
        if progress:
            progress(n * WIDTH + width, size)
    _write(out / "keys.json", json.dumps(public_keys(site), indent=1).encode() + b"\n")
    if head:
        _write(out / "checkpoint", head.note.encode())  # last: what it signs is there
    return size


def public_keys(site: Site) -> dict[str, object]:
    """Return what a reader needs to believe the log: its keys, and every certificate in it."""
    return {
        "origin": site.origin,
        "log_key": site.log_keys.log.vkey,
        "clock_key": site.log_keys.clock.vkey,
        "roots": [kid.hex() for kid in site.roots],
        "keys": [
            {
                "kid": c.kid.hex(),
                "public_key": c.public.hex(),
                "person": c.person.hex(),
                "roles": sorted(role.name for role in c.roles),
                "offices": list(c.offices),
                "agency": c.agency,
                "kid4": c.kid4.hex(),
                "not_before_ms": c.not_before_ms,
                "not_after_ms": c.not_after_ms,
                "revoked": c.revoked_index is not None,
            }
            for c in site.ledger.rules.certificates()
        ],
    }


def export_dossier(site: Site, number: str) -> bytes:
    """Return the evidence file of an item.

    Raises:
        NumberError: no such item in the log.
    """
    uid = uid_of_number(site.engine, number)
    chain = site.ledger.chain(uid) if uid else None
    if uid is None or chain is None or not chain.entries:
        raise NumberError(f"no item {number} in the log")
    with reading(site.engine) as conn:
        return _dossier(conn, site, number, uid, chain)


def _dossier(conn: sa.Connection, site: Site, number: str, uid: bytes, chain: Chain) -> bytes:
    ledger = site.ledger
    newest = ledger.newest()
    rows = conn.execute(
        sa.select(_entry).where(_entry.c.type >= 64, _entry.c.idx < newest.size).order_by(_entry.c.idx)
    )
    system = [entry_of(EntryRow(row.idx, row.id, row.body, row.t_int)) for row in rows]
    events = [entry for entry in chain.entries if entry.index < newest.size]
    entries = sorted((*events, *system_entries_for(events, system)), key=lambda entry: entry.index)
    firsts = {entry.index: _first_including(conn, entry.index) for entry in entries}
    heads = {row.size: row for row in (*firsts.values(), *_anchors(conn, events), newest)}
    anchors = {size: (row.root, row.time_ms) for size, row in heads.items()}
    judged = ledger.rules.chain(uid, anchors.get)
    for entry in events:
        judged.add(entry)
    node = ledger.node
    return pack(
        Dossier(
            number=number,
            uid=uid,
            origin=site.origin,
            log_key=site.log_keys.log.vkey,
            clock_key=site.log_keys.clock.vkey,
            roots=site.roots,
            checkpoint=newest.note,
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


def _first_including(conn: sa.Connection, index: int) -> CheckpointRow:
    query = sa.select(_checkpoint).where(_checkpoint.c.size > index).order_by(_checkpoint.c.size).limit(1)
    return CheckpointRow(*conn.execute(query).one())


def _anchors(conn: sa.Connection, events: Iterable[Entry]) -> list[CheckpointRow]:
    sizes = sorted({entry.event.anchor[0] for entry in events if entry.event.anchor})
    query = sa.select(_checkpoint).where(_checkpoint.c.size.in_(sizes))
    return [CheckpointRow(*row) for row in conn.execute(query)]


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
