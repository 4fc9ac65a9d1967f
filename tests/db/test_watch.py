"""The watch over the whole log on stored rows: as the entries come in, in the audit, in a rebuild, in a dossier."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from benchmarks.load import Actor, Item, Load
from custody.event import EventType
from custody.verify import verify_dossier
from db import schema
from db.audit import audit
from db.dossier import dossier_of
from db.engine import is_sqlite, reading
from db.rebuild import rebuild
from db.site import Site, open_site
from db.watch import _places_sql

_FACTS = {"KIND": 1, "SECRECY": 3, "URGENCY": 0, "SENDER": 990_001, "RECIPIENT": 990_002, "DECLARED": 0}
_VIEWS = (schema.accusation, schema.trace, schema.device, schema.device_entry, schema.finding)


def _sealed(load: Load, item: Item, actor: Actor) -> bytes:
    return load.sign(actor, EventType.REGISTER, item, LABEL_RAW=item.label, **_FACTS, SEAL_TAG=b"one seal")


def _codes(site: Site, item: Item) -> list[str]:
    query = (
        sa.select(schema.finding.c.code).where(schema.finding.c.uid == item.uid).order_by(schema.finding.c.n)
    )
    with reading(site.engine) as conn:
        return list(conn.execute(query).scalars())


def _views(site: Site) -> dict[str, Any]:
    with reading(site.engine) as conn:
        return {
            t.name: [tuple(row) for row in conn.execute(sa.select(t).order_by(*t.primary_key))]
            for t in _VIEWS
        }


def _misuse(site: Site, load: Load) -> list[Item]:
    """One seal on two items, then a device that signs on from an older state: in transactions of their own."""
    items = [load.item() for _ in range(4)]
    one, other = load.actors[:2]
    site.ledger.append([_sealed(load, items[0], one)])
    site.ledger.append(load.chain(1))
    result = site.ledger.append([_sealed(load, items[1], other)])
    assert ("X05",) == result[0].findings
    place = other.dseq, other.dprev
    items[2].holder = items[3].holder = 1
    site.ledger.append([load.register(items[2])])
    other.dseq, other.dprev = place
    result = site.ledger.append([load.register(items[3])])
    assert ("D01",) == result[0].findings
    return items


def test_an_item_is_accused_by_an_entry_that_does_not_name_it(site: Site, load: Load) -> None:
    """Both items of a pair are in question at once, whichever of them is the false one."""
    items = _misuse(site, load)

    assert [["X05"], ["X05"], ["D01"], ["D01"]] == [_codes(site, item) for item in items]
    assert ["BROKEN"] * 4 == [
        site.ledger.chain(item.uid).judge(site.ledger.newest().time_ms).verdict for item in items
    ]


def test_within_one_transaction_it_is_the_same(site: Site, load: Load) -> None:
    """What another entry of the same upload shows is not looked up in the tables."""
    items = [load.item(), load.item()]
    first, second = (_sealed(load, item, load.actors[0]) for item in items)
    results = site.ledger.append([first, second])

    assert [(), ("X05",)] == [result.findings for result in results]
    assert [["X05"], ["X05"]] == [_codes(site, item) for item in items]
    assert audit(site.engine, site.log_keys).holds


def test_audit_and_rebuild_come_to_the_same(site: Site, load: Load) -> None:
    """The tables say what the entries say, however they were made."""
    _misuse(site, load)
    before = _views(site)

    assert [] == audit(site.engine, site.log_keys).problems
    rebuild(site.engine)
    assert before == _views(site)
    assert 4 == len(before["accusation"])


def test_what_goes_on_after_it_keeps_the_accusation(site: Site, load: Load) -> None:
    """An item folded again from its entries has what the watch said between them, in its place."""
    items = _misuse(site, load)
    load.now_ms += 1
    site.ledger.append([load.offer(items[0], 2), load.accept(items[0], 2)])
    site.ledger._memory.chains.clear()
    site.ledger.append([load.offer(items[0], 3)])

    assert ["X05"] == _codes(site, items[0])
    assert audit(site.engine, site.log_keys).holds


def test_another_process_learns_of_it(
    site: Site, load: Load, tmp_path: Path, database_url: str | None, clock: Callable[[], int]
) -> None:
    """Its chain of the first item was hot, and no entry named that item since."""
    items = [load.item(), load.item()]
    second = open_site(tmp_path / "site", database_url=database_url, now=clock)
    second.ledger.append([_sealed(load, items[0], load.actors[0])])
    site.ledger.append([_sealed(load, items[1], load.actors[1])])
    second.ledger.append([load.offer(items[0], 2)])
    second.close()

    assert ["X05"] == _codes(site, items[0])
    assert audit(site.engine, site.log_keys).holds


def test_a_dossier_carries_both_entries(site: Site, load: Load) -> None:
    """A stranger sees the pair and comes to the same judgement."""
    items = _misuse(site, load)
    for item, code in zip(items, ("X05", "X05", "D01", "D01"), strict=True):
        report = verify_dossier(dossier_of(site, item.uid))

        assert "" == report.failure
        assert report.judgement is not None
        assert [code] == [found.code for found in report.judgement.findings]


def test_places_of_devices_are_counted(site: Site, load: Load) -> None:
    """A place taken twice counts once; one that is missing shows as fewer places than the highest says."""
    _misuse(site, load)
    skipping = load.actors[2]
    skipping.dseq += 3
    item = load.item()
    item.holder = 2
    site.ledger.append([load.register(item)])
    rows = {row[0]: row for row in _views(site)["device"]}
    twice, gap = rows[load.actors[1].kid], rows[skipping.kid]

    assert twice[1] == twice[2] + 1
    assert gap[1] == gap[2] + 1 - 3


@pytest.mark.parametrize("count", [1, 2, 64])
def test_looking_for_places_reads_no_whole_table(site: Site, count: int) -> None:
    """An append may not slow down as the log grows: each place is one search, whatever the planner would prefer."""
    values = (*(bytes(8), 1, bytes(16)) * count, 9, 9)
    with reading(site.engine) as conn:
        if not is_sqlite(conn):
            pytest.skip("EXPLAIN QUERY PLAN is SQLite's")
        plan = conn.exec_driver_sql("EXPLAIN QUERY PLAN " + _places_sql(count, "?"), values)
        steps = [row[3] for row in plan]

    assert [] == [step for step in steps if step.startswith("SCAN d")]
    assert 2 == sum(step.startswith("SEARCH d") for step in steps)
