"""Whatever is changed in the database by hand, the audit names: driven by the tables as they are in `db.schema`.

Every table of the log and of the views; every column, in several ways; every row gone, doubled or exchanged. A table
that is added tomorrow is tried too, and fails here until `fill` gives it a row and the audit looks at it.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from benchmarks.load import Item, Load, interleave
from custody import merkle
from custody.containers import manifest_leaf
from custody.event import EventType, ItemRef
from custody.note import open_note, sign_note
from custody.roles import Role
from custody.s10 import CONTAINER_SERVICE
from custody.witness import Signer
from db.audit import Problem, audit
from db.audit_rows import show
from db.backup import backup
from db.cosignatures import add_cosignature
from db.engine import open_engine
from db.rebuild import rebuild
from db.schema import LOG_TABLES, VIEW_TABLES
from db.site import Site, create_site, log_keys_of

TABLES = (*LOG_TABLES, *VIEW_TABLES)
WORDS = {"finding.detail"}  # a later version may say the same thing otherwise
ORDER = {"cosignature.n"}  # in which order two witnesses answered is nothing that anybody signed
ALONE = {"log_state"}  # one row by nature: there is no other to exchange it with
COLUMNS = [
    pytest.param(table, column, id=f"{table.name}.{column.name}")
    for table in TABLES
    for column in table.c
    if f"{table.name}.{column.name}" not in WORDS
]
Row = dict[str, Any]
_MOST_WAYS = 6


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    """A database without its triggers, in which every column of every table has a value somewhere."""
    folder = tmp_path_factory.mktemp("tamper")
    ticks = iter(range(1_772_500_000_000, 1_772_600_000_000, 1_000))
    site = create_site(
        folder / "site",
        origin="tamper.example",
        register=request.getfixturevalue("province"),
        now=lambda: next(ticks),
    )
    fill(site)
    backup(site.engine, folder / "whole.db")
    site.close()
    engine = open_engine(f"sqlite:///{folder / 'whole.db'}")
    with engine.begin() as conn:
        names = conn.execute(sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all()
        for name in names:
            conn.exec_driver_sql(f"DROP TRIGGER {name}")
        conn.exec_driver_sql("PRAGMA journal_mode=DELETE")
    engine.dispose()
    return folder / "whole.db"


@pytest.fixture
def copy(whole: Path, tmp_path: Path) -> Iterator[sa.Engine]:
    """A copy of it, to be changed."""
    shutil.copy(whole, tmp_path / "copy.db")
    engine = open_engine(f"sqlite:///{tmp_path / 'copy.db'}")
    yield engine
    engine.dispose()


def fill(site: Site) -> None:
    """Items in several states, findings, a bag, a revoked key, cosignatures, more than one full tile."""
    load = Load.of(site, actors=4)
    site.ledger.append(interleave(load.chains(35, hops=3)))
    load.enrol(frozenset({Role.RECIPIENT}), agency=990_002, offices=())
    broken, offered, back, late = (load.item() for _ in range(4))
    facts = {"KIND": 1, "SECRECY": 3, "URGENCY": 1, "SENDER": 990_001, "RECIPIENT": 990_002, "DECLARED": 0}
    more = {"DUE": site.now() + 10**8, "ONLY_NAMED": 1, "LABEL_RAW": back.label}
    clerk = load.actors[0]
    entries = [load.register(broken), load.register(offered), load.offer(offered, 1)]
    entries += [load.sign(clerk, EventType.REGISTER, back, **facts, **more)]
    entries += [load.sign(clerk, EventType.RETURN, back, REASON=1)]
    entries += [load.sign(clerk, EventType.OFFER, back, OFFEREE=990_200, EXPIRY=86_400)]
    broken.holder = 2
    site.ledger.append([*entries, load.offer(broken, 1)])
    site.ledger.append([load.register(late), *reversed([load.offer(late, 1), load.accept(late, 1)])])
    site.ledger.append(bag(load))
    site.ledger.append(misused(load))
    site.revoke(load.actors[3].kid, compromised_ms=site.now() + 10**9)
    cosign(site)


def misused(load: Load) -> list[bytes]:
    """One seal registered on two items, and a device that was set back by one event (X05, D01)."""
    facts = {"KIND": 1, "SECRECY": 3, "URGENCY": 1, "SENDER": 990_001, "RECIPIENT": 990_002, "DECLARED": 0}
    clerk, items = load.actors[0], [load.item(), load.item(), load.item()]
    tags: list[dict[str, Any]] = [{"SEAL_TAG": b"one seal"}, {"SEAL_TAG": b"one seal"}, {}]
    entries = []
    for item, tag in zip(items, tags, strict=True):
        place = clerk.dseq, clerk.dprev
        entries.append(load.sign(clerk, EventType.REGISTER, item, LABEL_RAW=item.label, **facts, **tag))
    clerk.dseq, clerk.dprev = place
    return [*entries, load.offer(items[1], 1)]


def bag(load: Load, box: Item | None = None) -> list[bytes]:
    """Two items registered and put into a closed bag."""
    holder, box, items = load.actors[0], box or load.item(CONTAINER_SERVICE), [load.item(), load.item()]
    entries = [load.register(item) for item in items]
    salts = [bytes(16), b"\1" * 16]
    leaves = [
        manifest_leaf(ItemRef(item.uid, item.seq, item.head), salt)
        for item, salt in zip(items, salts, strict=True)
    ]
    root = merkle.root_of(leaves)
    entries.append(load.sign(holder, EventType.CLOSE, box, LABEL_RAW=box.label, MANIFEST=[root, len(items)]))
    for n, item in enumerate(items):
        leaf = [n, salts[n], [leaves[1 - n]]]
        entries.append(load.sign(holder, EventType.LOAD, item, CITES=box.head, CONTAINER=box.uid, LEAF=leaf))
    return entries


def cosign(site: Site) -> None:
    """Have two witnesses cosign the newest checkpoint."""
    head = site.ledger.newest()
    text = open_note(head.note).text
    for name in ("a.example", "b.example"):
        signer = Signer(name, hashlib.sha256(name.encode()).digest())
        line = sign_note(text, name=name, seed=signer.seed, time_s=site.now() // 1000)
        add_cosignature(site.engine, head.size, signer.key, line)


def named(engine: sa.Engine, **how: Any) -> list[Problem]:
    """Audit; triggers were dropped on purpose."""
    problems = audit(engine, log_keys_of(engine), **how).problems
    return [problem for problem in problems if not problem.row.startswith("trigger ")]


def test_an_untouched_copy_holds(copy: sa.Engine) -> None:
    """No false alarm, and every table has something to change."""
    assert named(copy) == []
    with copy.connect() as conn:
        empty = [
            f"{table.name}.{column.name}"
            for table in TABLES
            for column in table.c
            if not conn.execute(sa.select(column).where(column.is_not(None)).limit(1)).all()
        ]
    assert empty == []


def _ways(value: object, column: sa.Column[Any]) -> list[object]:
    """Other values that the column can take."""
    if isinstance(value, bytes):
        flipped = [bytes([value[0] ^ 0x80]) + value[1:], value[:-1] + bytes([value[-1] ^ 1])] if value else []
        others: list[object] = [*flipped, value + b"\0", value[:-1] or b"\1"]
    elif isinstance(value, int):
        others = [value + 1, value - 1, -value - 5]
    elif isinstance(value, str):
        others = [value + "x", value[:-1] or "y", value.swapcase(), value + "\n"]
    else:
        others = ["x" if isinstance(column.type, sa.Text) else 7]
        if isinstance(column.type, sa.LargeBinary):
            others = [b"x"]
    if column.nullable and value is not None:
        others.append(None)
    return [other for other in others if other != value]


def _key(table: sa.Table, row: Row) -> list[sa.ColumnElement[bool]]:
    return [column == row[column.name] for column in table.primary_key]


def _rows(conn: sa.Connection, table: sa.Table, order: sa.Column[Any] | None = None) -> list[Row]:
    query = sa.select(table) if order is None else sa.select(table).order_by(order.desc().nulls_last())
    return [dict(row) for row in conn.execute(query.limit(50)).mappings()]


def _names(problems: list[Problem], table: sa.Table, *rows: Row) -> bool:
    """Whether one of the rows is named, by any part of its key that tells it apart."""
    parts = {f"{c.name}={_shown(row[c.name])}" for row in rows for c in table.primary_key}
    return any(
        problem.table == table.name and (problem.row == "count" or any(part in problem.row for part in parts))
        for problem in problems
    )


def _shown(value: object) -> str:
    return value.partition("+")[0] if isinstance(value, str) and "+" in value else str(show(value)).strip("'")


@pytest.mark.parametrize("table, column", COLUMNS)
def test_a_changed_value_is_named(
    whole: Path, tmp_path: Path, table: sa.Table, column: sa.Column[Any]
) -> None:
    """In every way that its kind and the table's keys allow: a row for each way, as far as there are rows."""
    done, number = 0, 0
    while True:
        shutil.copy(whole, tmp_path / "copy.db")
        engine = open_engine(f"sqlite:///{tmp_path / 'copy.db'}")
        with engine.begin() as conn:
            changes = list(_changed(conn, table, column, number))
        problems = named(engine) if changes else []
        engine.dispose()
        for row, changed in changes:
            assert _names(problems, table, row, changed), (
                row[column.name],
                changed[column.name],
                problems[:5],
            )
        done, number = done + len(changes), number + max(len(changes), 1)
        if number >= _MOST_WAYS:
            break
    assert done


def _changed(
    conn: sa.Connection, table: sa.Table, column: sa.Column[Any], number: int
) -> Iterator[tuple[Row, Row]]:
    """Change the column in different rows, from way *number* on, as far as the keys allow; yield before and after."""
    rows = _rows(conn, table, column)
    for row, way in zip(rows[:1] + rows[-1:0:-1], range(number, _MOST_WAYS), strict=False):
        ways = _ways(row[column.name], column)
        if way >= len(ways):
            continue
        try:
            with conn.begin_nested():
                values = {column.name: ways[way]}
                conn.execute(table.update().where(*_key(table, row)).values(values))
        except sa.exc.IntegrityError:
            continue
        yield row, row | {column.name: ways[way]}


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
@pytest.mark.parametrize("which", [0, -1])
def test_a_missing_row_is_named(copy: sa.Engine, table: sa.Table, which: int) -> None:
    """The first row, and the last."""
    with copy.begin() as conn:
        row = _rows(conn, table, next(iter(table.primary_key)))[which]
        conn.execute(table.delete().where(*_key(table, row)))

    assert _names(named(copy), table, row)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_doubled_row_is_named(whole: Path, tmp_path: Path, table: sa.Table) -> None:
    """The same row again, under a key that differs in one column."""
    done = 0
    for key in table.primary_key:
        file = tmp_path / f"{key.name}.db"
        shutil.copy(whole, file)
        engine = open_engine(f"sqlite:///{file}")
        with engine.begin() as conn:
            row = _rows(conn, table)[0]
            fresh = row | {key.name: _ways(row[key.name], key)[0]}
            if isinstance(row[key.name], int):
                fresh[key.name] = (conn.execute(sa.select(sa.func.max(key))).scalar() or 0) + 1
            for other in _unique(table):
                most = conn.execute(sa.select(sa.func.max(other))).scalar()
                fresh[other.name] = most + 1 if isinstance(most, int) else _ways(row[other.name], other)[0]
            conn.execute(table.insert(), [fresh])
        problems = named(engine)
        engine.dispose()
        done += 1
        assert _names(problems, table, fresh), f"{key.name}: {problems[:5]}"
    assert done


def _unique(table: sa.Table) -> list[sa.Column[Any]]:
    return [
        column
        for constraint in table.constraints
        if isinstance(constraint, sa.UniqueConstraint)
        for column in constraint.columns
    ]


@pytest.mark.parametrize("table", [t for t in TABLES if t.name not in ALONE], ids=lambda table: table.name)
def test_exchanged_rows_are_named(whole: Path, tmp_path: Path, table: sa.Table) -> None:
    """Two rows exchange all values but their keys, then each value alone; where keys are all, half a key."""
    values = [c for c in table.c if not c.primary_key and f"{table.name}.{c.name}" not in WORDS | ORDER]
    groups = [values, *([c] for c in values)] if values else [[next(iter(table.primary_key))]]
    for number, group in enumerate(groups):
        file = tmp_path / f"{number}.db"
        shutil.copy(whole, file)
        engine = open_engine(f"sqlite:///{file}")
        with engine.begin() as conn:
            pair = _pair(_rows(conn, table, group[0]), group)
            if pair is None:
                engine.dispose()
                continue
            _exchange(conn, table, *pair, [column.name for column in group])
        problems = named(engine)
        engine.dispose()
        assert _names(problems, table, *pair), f"{[c.name for c in group]}: {problems[:5]}"


def _pair(rows: list[Row], group: list[sa.Column[Any]]) -> tuple[Row, Row] | None:
    """Two rows that differ in every column of the group, or in the first of it."""
    for pick in (all, any):
        for row in rows[1:]:
            if pick(rows[0][c.name] != row[c.name] for c in group):
                return rows[0], row
    return None


def _exchange(conn: sa.Connection, table: sa.Table, one: Row, two: Row, names: list[str]) -> None:
    """Take both rows out and put them back with each other's values."""
    for row in (one, two):
        conn.execute(table.delete().where(*_key(table, row)))
    for row, other in ((one, two), (two, one)):
        conn.execute(table.insert(), [row | {name: other[name] for name in names}])


def _cut(conn: sa.Connection, size: int) -> None:
    """Bring the log back to a smaller checkpoint, in every table of it."""
    found = conn.execute(sa.text("SELECT root FROM checkpoint WHERE size = :n"), {"n": size}).one()
    for statement in (
        "DELETE FROM entry WHERE idx >= :n",
        "DELETE FROM cosignature WHERE size > :n",
        "DELETE FROM checkpoint WHERE size > :n",
        "DELETE FROM tile WHERE (n + 1) * 256 > :n",
    ):
        conn.execute(sa.text(statement), {"n": size})
    appends = conn.execute(sa.text("SELECT count(*) FROM checkpoint")).scalar()
    signed = conn.execute(sa.text("SELECT count(*) FROM cosignature")).scalar()
    conn.execute(
        sa.text("UPDATE log_state SET size = :n, root = :r, epoch = :e"),
        {"n": size, "r": found.root, "e": appends},
    )
    conn.execute(sa.text("UPDATE setting SET value = :v WHERE name = 'cosignatures'"), {"v": str(signed)})


def test_a_tail_cut_off_consistently_is_named(copy: sa.Engine) -> None:
    """Whole in itself, views and all: the checkpoint kept outside the database tells."""
    with copy.begin() as conn:
        sizes = (
            conn.execute(sa.text("SELECT size FROM checkpoint ORDER BY size DESC LIMIT 2")).scalars().all()
        )
        note = conn.execute(
            sa.text("SELECT note FROM checkpoint WHERE size = :n"), {"n": sizes[0]}
        ).scalar_one()
        _cut(conn, sizes[1])
    rebuild(copy)

    assert named(copy) == []
    found = named(copy, notes={"last-checkpoint": note})
    assert [(p.table, p.row, p.code) for p in found] == [("note", "last-checkpoint", "M06")]


def test_an_old_backup_is_named(tmp_path: Path, site: Site, load: Load) -> None:
    """A backup is whole; only what is kept outside tells that it is old."""
    if site.engine.dialect.name != "sqlite":
        pytest.skip("a backup of a PostgreSQL is made with its own tools")
    backup(site.engine, tmp_path / "old.db")
    site.ledger.append(load.chain(1))
    old = open_engine(f"sqlite:///{tmp_path / 'old.db'}")
    found = audit(old, site.log_keys, notes={"last-checkpoint": site.ledger.kept.read() or ""})
    old.dispose()

    assert [(p.table, p.row, p.code) for p in found.problems] == [("note", "last-checkpoint", "M06")]
