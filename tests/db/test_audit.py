"""The audit says what it finds once, in any number of processes; views are made anew from the log alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from benchmarks.load import Load
from custody.event import EventType
from db import audit_items
from db.audit import Problem, audit
from db.audit_schema import check_kinds
from db.backup import backup
from db.engine import open_engine, reading
from db.rebuild import rebuild
from db.schema import LOG_TABLES, VIEW_TABLES
from db.site import Site, log_keys_of
from tests.db.test_tamper import fill

TABLES = (*LOG_TABLES, *VIEW_TABLES)
_SET = "UPDATE {} SET {} = ? WHERE {}"
_KIND = "SELECT typeof({1}) FROM {0} ORDER BY {1} IS ? DESC"
COLUMNS = [pytest.param(t, c, id=f"{t.name}.{c.name}") for t in TABLES for c in t.c if c.name != "detail"]
KINDS: tuple[object, ...] = ("abc", 5, b"abc", 0.5)


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


def named(engine: sa.Engine, **how: Any) -> list[Problem]:
    """Audit a copy whose triggers were dropped on purpose: every problem but that."""
    problems = audit(engine, log_keys_of(engine), **how).problems
    return [problem for problem in problems if not problem.row.startswith("trigger ")]


def test_an_untouched_site_holds(copies: sa.Engine) -> None:
    """No false alarm, and the test below starts from a clean copy."""
    assert named(copies) == []


@pytest.mark.parametrize("table, column", COLUMNS)
def test_a_value_of_another_kind_is_named(copies: sa.Engine, table: sa.Table, column: sa.Column[Any]) -> None:
    """SQLite stores a text in a column of bytes: the row is named, and nothing is raised."""
    for value in KINDS:
        with copies.connect() as conn:
            row = conn.execute(sa.select(table).limit(1)).mappings().one()
            where = " AND ".join(f"{key.name} = ?" for key in table.primary_key)
            keys = [row[key.name] for key in table.primary_key]
            try:
                conn.exec_driver_sql(_SET.format(table.name, column.name, where), (value, *keys))
                kind = conn.exec_driver_sql(_KIND.format(table.name, column.name), (value,)).scalar()
                problems = list(check_kinds(conn))
            except sa.exc.IntegrityError:
                continue  # a primary key that is the rowid takes integers only
            finally:
                conn.rollback()
        if kind != {"LargeBinary": "blob", "Text": "text"}.get(type(column.type).__name__, "integer"):
            assert [p.table for p in problems] == [table.name]
            assert f"{column.name} is stored as {kind}" in problems[0].detail


def test_the_audit_of_another_kind_ends_there(copies: sa.Engine) -> None:
    """A text among the uids used to raise where uids are sorted."""
    with copies.begin() as conn:
        kept = conn.execute(sa.text("SELECT rowid, uid FROM item LIMIT 1")).one()
        conn.execute(sa.text("UPDATE item SET uid = 'abc' WHERE rowid = :rowid"), {"rowid": kept.rowid})
    problems = named(copies)
    with copies.begin() as conn:
        conn.execute(sa.text("UPDATE item SET uid = :uid WHERE rowid = :rowid"), dict(kept._mapping))

    assert problems == [Problem("item", "uid='abc'", "M11", "uid is stored as text, not as blob")]


def test_the_words_of_a_finding_do_not_count(copies: sa.Engine) -> None:
    """A later version may say the same thing otherwise: that is no damage."""
    with copies.begin() as conn:
        kept = conn.execute(sa.text("SELECT rowid, detail FROM finding LIMIT 1")).one()
        conn.execute(
            sa.text("UPDATE finding SET detail = 'other' WHERE rowid = :rowid"), {"rowid": kept.rowid}
        )
    problems = named(copies)
    with copies.begin() as conn:
        conn.execute(sa.text("UPDATE finding SET detail = :detail WHERE rowid = :rowid"), dict(kept._mapping))

    assert problems == []


def test_an_entry_is_checked_once(site: Site, load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many items it names."""
    refs = [[bytes([1, 2, 3, 4, 5, 6, 7, n]), 0, bytes(32)] for n in range(60)]
    raw = load.sign(load.actors[0], EventType.REFUSE, load.item(), ITEMS=refs, CITES=bytes(32))
    index = site.ledger.append([raw])[0].index
    seen: list[int] = []
    real = audit_items._check_parsed

    def count(row: Any, event: Any, rules: Any) -> Any:
        seen.append(row.idx)
        return real(row, event, rules)

    monkeypatch.setattr(audit_items, "_check_parsed", count)

    assert audit(site.engine, site.log_keys).problems == []
    assert seen.count(index or -1) == 1


def test_the_right_row_and_column_are_named(copies: sa.Engine) -> None:
    """An item moved to somebody else's hands in SQL: row, column and both values."""
    with copies.begin() as conn:
        kept = conn.execute(sa.text("SELECT uid, state FROM item LIMIT 1")).one()
        conn.execute(sa.text("UPDATE item SET state = 'DELIVERED' WHERE uid = :uid"), {"uid": kept.uid})
    problems = named(copies)
    with copies.begin() as conn:
        conn.execute(sa.text("UPDATE item SET state = :state WHERE uid = :uid"), dict(kept._mapping))

    detail = f"state is 'DELIVERED', the log says '{kept.state}'"
    assert problems == [Problem("item", f"uid={kept.uid.hex()}", "M11", detail)]


def test_processes_find_what_one_finds(copies: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The pool changes the time, not the answer."""
    monkeypatch.setattr("db.audit._INLINE", 0)
    monkeypatch.setattr("db.audit_items._SHARE", 20)
    with copies.begin() as conn:
        kept = conn.execute(sa.text("SELECT idx, kid FROM entry WHERE type = 4 LIMIT 1")).one()
        conn.execute(sa.text("UPDATE entry SET kid = x'00' WHERE idx = :idx"), {"idx": kept.idx})
    problems = named(copies, workers=2)
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
