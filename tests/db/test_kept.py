"""The checkpoint outside the database: what shows that the database has lost its tail."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa

from benchmarks.load import Load
from db.audit import audit
from db.audit_schema import check_triggers
from db.backup import backup
from db.engine import is_sqlite, open_engine
from db.errors import LedgerError
from db.kept import KeptCheckpoint
from db.ledger import Ledger
from db.rebuild import rebuild
from db.schema import access_log, checkpoint, entry, log_state, tile
from db.site import Site, open_site
from db.triggers import APPEND_ONLY, triggers_of


def cut(engine: sa.Engine, entries: int) -> bytes:
    """Take the newest entries off, as whoever can write to the database can, and make the rest agree; the last one."""
    with engine.begin() as conn:
        drop_triggers(conn)
        size = conn.execute(sa.select(log_state.c.size)).scalar_one()
        body: bytes = conn.execute(sa.select(entry.c.body).where(entry.c.idx == size - 1)).scalar_one()
        rows = conn.execute(
            sa.select(checkpoint.c.size, checkpoint.c.root)
            .where(checkpoint.c.size <= size - entries)
            .order_by(checkpoint.c.size)
        ).all()
        new, root = rows[-1]
        conn.execute(entry.delete().where(entry.c.idx >= new))
        conn.execute(checkpoint.delete().where(checkpoint.c.size > new))
        conn.execute(tile.delete().where((tile.c.n + 1) * 256 > new))
        conn.execute(log_state.update().values(size=new, root=root, epoch=len(rows)))
    rebuild(engine)
    return body


def drop_triggers(conn: sa.Connection) -> None:
    """Take the append-only triggers away."""
    for name, (table, _) in triggers_of(conn.dialect.name).items():
        conn.exec_driver_sql(f"DROP TRIGGER {name}" + ("" if is_sqlite(conn) else f" ON {table}"))


def url_of(site: Site) -> str:
    """Where the site's database is."""
    return site.engine.url.render_as_string(hide_password=False)


def test_a_cut_tail_is_refused_at_the_start(site: Site, load: Load) -> None:
    """M06: a log cut off at an older checkpoint is whole in itself; only the note outside tells."""
    site.ledger.append(load.chain(1))
    site.ledger.append(load.chain(2))
    cut(site.engine, 5)

    with pytest.raises(LedgerError, match="5 are missing") as caught:
        open_site(site.data, url_of(site))
    assert caught.value.finding == "M06"


def test_a_cut_tail_is_refused_while_running(site: Site, load: Load) -> None:
    """An entry sent again must not be given an index that others hold a receipt for."""
    site.ledger.append(load.chain(1))
    site.ledger.append(load.chain(2))
    last = cut(site.engine, 5)

    for _ in range(2):  # the second time from memory loaded anew
        with pytest.raises(LedgerError):
            site.ledger.append([last])


def test_another_history_of_the_same_length_is_refused(site: Site, load: Load) -> None:
    """M04: cut off and continued with other entries, signed by whoever has the keys but not the note."""
    site.ledger.append(load.chain(1))
    kept = site.ledger.checkpoint()
    site.ledger.append(load.chain(1))
    note = site.ledger.checkpoint()
    cut(site.engine, 3)
    site.ledger.kept.replace(kept)
    other = Ledger(site.engine, site.ledger.signer, site.now, kept=KeptCheckpoint(site.data))
    other.append(load.chain(1))
    site.ledger.kept.replace(note)

    with pytest.raises(LedgerError, match="history was rewritten") as caught:
        open_site(site.data, url_of(site))
    assert caught.value.finding == "M04"
    problems = audit(site.engine, site.log_keys, notes={"last-checkpoint": note}).problems
    assert ("note", "last-checkpoint", "M04") in [(p.table, p.row, p.code) for p in problems]


def test_the_audit_names_a_cut_tail(site: Site, load: Load) -> None:
    """M06, C09: by the site's own note, by a checkpoint or a receipt that somebody kept; by nothing else."""
    site.ledger.append(load.chain(1))
    result = site.ledger.append(load.chain(2))[-1]
    assert result.receipt is not None
    note = site.ledger.checkpoint()
    assert audit(site.engine, site.log_keys, notes={"n": note, "r": result.receipt}).problems == []
    cut(site.engine, 5)

    found = audit(site.engine, site.log_keys, notes={"n": note, "r": result.receipt}).problems

    assert [(p.row, p.code) for p in found if p.table == "note"] == [
        ("n", "M06"),
        ("r", "C09"),
        ("r", "M06"),
    ]
    assert not [p for p in audit(site.engine, site.log_keys).problems if "trigger" not in p.row]


def test_a_receipt_of_another_entry_is_named(site: Site, load: Load) -> None:
    """M01: the log has something else where the receipt says."""
    site.ledger.append(load.chain(1))
    result = site.ledger.append(load.chain(2))[-1]
    assert result.receipt is not None
    moved = result.receipt.replace(f"index {result.index}\n", f"index {(result.index or 0) - 1}\n")

    found = audit(site.engine, site.log_keys, notes={"moved": moved, "text": "what?\n"}).problems

    assert [(p.row, p.code) for p in found] == [("moved", "M01"), ("text", "M02")]


def test_the_note_follows_every_commit(site: Site, load: Load) -> None:
    """Whatever was answered is covered by it."""
    for _ in range(3):
        site.ledger.append(load.chain(1))
        assert site.ledger.kept.read() == site.ledger.checkpoint()


def test_a_slower_process_does_not_set_it_back(site: Site, load: Load) -> None:
    """Two processes on one log: the note only grows."""
    old = site.ledger.newest()
    site.ledger.append(load.chain(1))

    KeptCheckpoint(site.data).write(old.note, old.size)

    assert site.ledger.kept.read() == site.ledger.checkpoint()


def test_a_note_that_is_none_is_refused(site: Site) -> None:
    """An emptied file must not count as no file."""
    site.ledger.kept.path.write_text("")

    with pytest.raises(LedgerError) as caught:
        open_site(site.data, url_of(site))
    assert caught.value.finding == "M02"


def test_missing_triggers_are_named(site: Site) -> None:
    """Each by its name; one that was replaced by a trigger that does nothing, too."""
    with site.engine.begin() as conn:
        assert list(check_triggers(conn)) == []
        drop_triggers(conn)
        names = {problem.row for problem in check_triggers(conn)}
    assert names == {f"trigger {name}" for name in triggers_of(site.engine.dialect.name)}
    assert {problem.table for problem in audit(site.engine, site.log_keys).problems} == set(APPEND_ONLY)


def test_a_trigger_that_does_nothing_is_named(site: Site, tmp_path: Path) -> None:
    """The name alone proves nothing."""
    backup(site.engine, tmp_path / "b.db")
    engine = open_engine(f"sqlite:///{tmp_path / 'b.db'}")
    with engine.begin() as conn:
        conn.exec_driver_sql("DROP TRIGGER entry_no_delete")
        conn.exec_driver_sql(
            "CREATE TRIGGER entry_no_delete BEFORE DELETE ON entry WHEN 0 "
            "BEGIN SELECT RAISE(ABORT, 'entry is append-only'); END"
        )
        found = [(p.table, p.row) for p in check_triggers(conn)]
    engine.dispose()
    assert found == [("entry", "trigger entry_no_delete")]
    assert access_log.name in APPEND_ONLY


def test_two_writers_in_one_process_do_not_take_each_others_file(tmp_path: Path) -> None:
    """Found by CI: both wrote through one temporary name, and the slower one found it gone."""
    kept = [KeptCheckpoint(tmp_path) for _ in range(4)]

    def write(which: int) -> None:
        for size in range(200):
            kept[which].write(f"origin\n{size}\nroot\n\n", size)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))
    assert (tmp_path / "last-checkpoint").read_text() == "origin\n199\nroot\n\n"
    assert [path.name for path in tmp_path.iterdir()] == ["last-checkpoint"]
