"""The audit names what was changed: every column of every table of the log and of the views."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from benchmarks.load import Load, interleave
from db.audit import Problem, audit
from db.backup import backup
from db.engine import open_engine, reading
from db.rebuild import rebuild
from db.schema import LOG_TABLES, VIEW_TABLES
from db.site import Site, log_keys_of

TABLES = (*LOG_TABLES, *VIEW_TABLES)
_KEEP, _PUT_BACK = "CREATE TABLE kept AS SELECT * FROM {}", "INSERT INTO {} SELECT * FROM kept"
COLUMNS = [pytest.param(t, c, id=f"{t.name}.{c.name}") for t in TABLES for c in t.c]


@pytest.fixture(scope="module")
def copies(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[sa.Engine]:
    """A site's database without its triggers, in which every column has a value."""
    from db.site import create_site  # noqa: PLC0415 -- a module's fixture cannot ask for the function's

    folder = tmp_path_factory.mktemp("tamper")
    ticks = iter(range(1_772_500_000_000, 1_772_600_000_000, 1_000))
    site = create_site(
        folder, origin="tamper.example", register=request.getfixturevalue("province"), now=lambda: next(ticks)
    )
    fill(site)
    backup(site.engine, folder / "copy.db")
    site.close()
    engine = open_engine(f"sqlite:///{folder / 'copy.db'}")
    with engine.begin() as conn:
        names = conn.execute(sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all()
        for name in names:
            conn.exec_driver_sql(f"DROP TRIGGER {name}")
    yield engine
    engine.dispose()


def fill(site: Site) -> None:
    """Items in several states, findings, a revoked key, more than one full tile."""
    load = Load.of(site, actors=4)
    site.ledger.append(interleave(load.chains(35, hops=3)))
    broken, offered = load.item(), load.item()
    entries = [load.register(broken), load.register(offered), load.offer(offered, 1)]
    broken.holder = 2
    site.ledger.append([*entries, load.offer(broken, 1)])
    site.revoke(load.actors[3].kid, compromised_ms=site.now() + 10**9)


def test_an_untouched_site_holds(copies: sa.Engine) -> None:
    """No false alarm, and the test below starts from a clean copy."""
    assert audit(copies, log_keys_of(copies)).problems == []


@pytest.mark.parametrize("table, column", COLUMNS)
def test_a_changed_column_is_named(copies: sa.Engine, table: sa.Table, column: sa.Column[Any]) -> None:
    """One value changed in one row: the audit says which table, or what it makes untrue."""
    conn = copies.connect()
    try:
        change(conn, table, column)
        conn.commit()
        problems = audit(copies, log_keys_of(copies)).problems
    finally:
        undo(conn, table)
        conn.close()

    assert table.name in {problem.table for problem in problems}


def change(conn: sa.Connection, table: sa.Table, column: sa.Column[Any]) -> None:
    """Keep the table's rows aside and change the column in the row where it can be done."""
    conn.exec_driver_sql(_KEEP.format(table.name))
    rows = conn.execute(sa.select(table).order_by(column.desc().nulls_last()).limit(1)).mappings().one()
    value = rows[column.name]
    where = [c == rows[c.name] for c in table.primary_key]
    conn.execute(table.update().where(*where).values({column.name: other(value, column)}))


def undo(conn: sa.Connection, table: sa.Table) -> None:
    """Put the rows back."""
    conn.rollback()
    conn.execute(table.delete())
    conn.exec_driver_sql(_PUT_BACK.format(table.name))
    conn.exec_driver_sql("DROP TABLE kept")
    conn.commit()


def other(value: object, column: sa.Column[Any]) -> object:
    """A value of the same kind that is not *value*."""
    if isinstance(value, bytes) and value:
        return value[:-1] + bytes([value[-1] ^ 1])
    if isinstance(value, int):
        return value + 1
    if isinstance(value, str):
        return value + "x"
    return b"x" if isinstance(column.type, sa.LargeBinary) else 7


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_missing_row_is_named(copies: sa.Engine, table: sa.Table) -> None:
    """One row gone from any table."""
    conn = copies.connect()
    try:
        conn.exec_driver_sql(_KEEP.format(table.name))
        row = conn.execute(sa.select(table).limit(1)).mappings().one()
        conn.execute(table.delete().where(*(c == row[c.name] for c in table.primary_key)))
        conn.commit()
        problems = audit(copies, log_keys_of(copies)).problems
    finally:
        undo(conn, table)
        conn.close()

    assert table.name in {problem.table for problem in problems}


def test_the_right_row_and_column_are_named(copies: sa.Engine) -> None:
    """An item moved to somebody else's hands in SQL: row, column and both values."""
    with copies.begin() as conn:
        kept = conn.execute(sa.text("SELECT uid, state FROM item LIMIT 1")).one()
        conn.execute(sa.text("UPDATE item SET state = 'DELIVERED' WHERE uid = :uid"), {"uid": kept.uid})
    problems = audit(copies, log_keys_of(copies)).problems
    with copies.begin() as conn:
        conn.execute(sa.text("UPDATE item SET state = :state WHERE uid = :uid"), dict(kept._mapping))

    detail = f"state is 'DELIVERED', the log says '{kept.state}'"
    assert problems == [Problem("item", f"uid={kept.uid.hex()}", "M11", detail)]


def test_processes_find_what_one_finds(copies: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The pool changes the time, not the answer."""
    monkeypatch.setattr("db.audit._INLINE", 0)
    monkeypatch.setattr("db.audit._SHARE", 20)
    with copies.begin() as conn:
        kept = conn.execute(sa.text("SELECT idx, kid FROM entry WHERE type = 4 LIMIT 1")).one()
        conn.execute(sa.text("UPDATE entry SET kid = x'00' WHERE idx = :idx"), {"idx": kept.idx})
    problems = audit(copies, log_keys_of(copies), workers=2).problems
    with copies.begin() as conn:
        conn.execute(sa.text("UPDATE entry SET kid = :kid WHERE idx = :idx"), dict(kept._mapping))

    assert problems == [Problem("entry", f"idx={kept.idx}", "M07", "kid differs from the signed bytes")]


def test_a_root_key_from_elsewhere_is_compared(site: Site) -> None:
    """K08: a whole log rewritten under another root does not pass at a site that has the real one."""
    found = audit(site.engine, site.log_keys, roots=frozenset((b"12345678",)))

    assert [p.code for p in found.problems] == ["K08"]


def test_rebuilt_views_are_what_was_there(site: Site, load: Load) -> None:
    """Views come from the log alone: thrown away and made anew, they are equal."""
    fill(site)
    before = views(site.engine)

    rebuild(site.engine)

    assert views(site.engine) == before


def test_rebuild_heals_what_the_audit_names(site: Site, load: Load) -> None:
    """A damaged view is no loss."""
    site.ledger.append(load.chain(2))
    with site.engine.begin() as conn:
        conn.execute(sa.text("UPDATE item SET verdict = 'INTACT', custodian = NULL"))
    assert audit(site.engine, site.log_keys).problems

    rebuild(site.engine)

    assert audit(site.engine, site.log_keys).problems == []


def views(engine: sa.Engine) -> dict[str, list[Any]]:
    """Every row of every view."""
    with reading(engine) as conn:
        return {
            table.name: [tuple(row) for row in conn.execute(sa.select(table).order_by(*table.primary_key))]
            for table in VIEW_TABLES
        }
