"""Backups: taken under load, restored elsewhere, from one kind of database to the other."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from benchmarks.load import Load
from custody.checkpoint import Checkpoint, sign_checkpoint
from db.audit import audit
from db.backup import backup, restore
from db.desk import ScanAttempt, log_scan
from db.engine import DATABASE_NAME, reading
from db.errors import KeyFileError, SiteError
from db.kept import KeptCheckpoint
from db.schema import access_log
from db.site import Site, log_keys_of, open_database


def test_a_backup_under_load_passes_the_audit_elsewhere(site: Site, load: Load, tmp_path: Path) -> None:
    """One snapshot, whatever is appended meanwhile; into SQLite from either kind."""
    chains = load.chains(12, hops=3)
    writer = threading.Thread(target=lambda: [site.ledger.append([raw]) for c in chains for raw in c])
    writer.start()
    size = backup(site.engine, tmp_path / "b.db")
    writer.join()

    assert restore(tmp_path / "b.db", tmp_path / "elsewhere", now_ms=1).size == size
    engine = open_database(tmp_path / "elsewhere")
    found = audit(engine, log_keys_of(engine))
    engine.dispose()
    assert (found.size, found.problems) == (size, [])


@pytest.mark.postgres
def test_a_site_moves_to_postgresql(
    site: Site, load: Load, tmp_path: Path, cluster: Callable[[], str]
) -> None:
    """Side tables go along, and their counters go on where they were."""
    site.ledger.append(load.chain(2))
    log_scan(site.engine, ScanAttempt(text="1", outcome="forged", at_ms=1))
    backup(site.engine, tmp_path / "b.db")
    url = cluster()

    restore(tmp_path / "b.db", tmp_path / "elsewhere", url, now_ms=1)

    engine = open_database(tmp_path / "elsewhere", url)
    assert audit(engine, log_keys_of(engine)).problems == []
    log_scan(engine, ScanAttempt(text="2", outcome="forged", at_ms=2))
    engine.dispose()


def test_a_backup_is_not_overwritten(site: Site, tmp_path: Path) -> None:
    """The last good backup must not be lost to a bad one."""
    backup(site.engine, tmp_path / "b.db")

    with pytest.raises(SiteError, match="exists already"):
        backup(site.engine, tmp_path / "b.db")


def test_a_site_is_not_overwritten(site: Site, tmp_path: Path) -> None:
    """Restoring goes into an empty place only."""
    backup(site.engine, tmp_path / "b.db")
    restore(tmp_path / "b.db", tmp_path / "once", now_ms=1)

    with pytest.raises(SiteError, match="exists already"):
        restore(tmp_path / "b.db", tmp_path / "once", now_ms=1)


def test_what_is_no_backup_is_refused(tmp_path: Path) -> None:
    """A text, a missing file: said in one line."""
    (tmp_path / "text").write_text("not a database, but long enough to look at" * 20)

    with pytest.raises(SiteError, match="not a backup"):
        restore(tmp_path / "text", tmp_path / "a", now_ms=1)
    with pytest.raises(SiteError, match="not there") as caught:
        restore(tmp_path / "missing", tmp_path / "a", now_ms=1)
    assert "tram backup" in caught.value.hint


def test_an_older_backup_says_what_is_lost(site: Site, load: Load, tmp_path: Path) -> None:
    """M06: the site has signed more than the backup holds; nothing is put back until an operator says so."""
    site.ledger.append(load.chain(1))
    size = backup(site.engine, tmp_path / "b.db")
    site.ledger.append(load.chain(2))
    kept = KeptCheckpoint(tmp_path / "new")
    (tmp_path / "new").mkdir()
    kept.path.write_text(site.ledger.checkpoint())

    with pytest.raises(SiteError, match="5 that this site signed are not in it"):
        restore(tmp_path / "b.db", tmp_path / "new", now_ms=1)
    assert not (tmp_path / "new" / DATABASE_NAME).exists()
    made = restore(tmp_path / "b.db", tmp_path / "new", now_ms=7, accept_loss=True)

    assert (made.size, made.lost) == (size, 5)
    assert made.aside is not None
    assert made.aside.read_text() == site.ledger.checkpoint()
    claim = kept.claim()
    assert claim is not None
    assert claim.size == size
    engine = open_database(tmp_path / "new")
    with reading(engine) as conn:
        written = conn.execute(sa.select(access_log.c.action, access_log.c.subject, access_log.c.at_ms)).all()
    engine.dispose()
    assert written == [
        ("restore-loss", f"the backup ends at {size} entries: 5 that this site signed are not in it", 7)
    ]


def test_a_backup_of_another_history_is_not_put_back_unseen(site: Site, load: Load, tmp_path: Path) -> None:
    """M04: as long as the one that was signed, but not the same."""
    backup(site.engine, tmp_path / "b.db")
    head = site.ledger.newest()
    other = sign_checkpoint(
        Checkpoint(site.origin, head.size, bytes(32)), log_seed=bytes(32), clock_seed=bytes(32), time_ms=1
    )
    (tmp_path / "new").mkdir()
    KeptCheckpoint(tmp_path / "new").path.write_text(other)

    with pytest.raises(SiteError, match="not of the log that this site signed"):
        restore(tmp_path / "b.db", tmp_path / "new", now_ms=1)


@pytest.mark.skipif(os.name != "posix", reason="modes")
def test_database_and_backups_are_closed_to_others(site: Site, tmp_path: Path) -> None:
    """Names and password hashes lie in them; the umask of whoever runs the command must not decide."""
    before = os.umask(0)
    try:
        backup(site.engine, tmp_path / "b.db")
        restore(tmp_path / "b.db", tmp_path / "new", now_ms=1)
        engine = open_database(tmp_path / "new")
        log_scan(engine, ScanAttempt(text="1", outcome="forged", at_ms=1))
        files = [tmp_path / "b.db", *(p for p in (tmp_path / "new").iterdir() if p.is_file())]
        modes = {path.name: oct(path.stat().st_mode & 0o777) for path in files}
        engine.dispose()
    finally:
        os.umask(before)

    assert {"b.db", DATABASE_NAME, f"{DATABASE_NAME}-wal", "last-checkpoint"} <= modes.keys()
    assert set(modes.values()) == {"0o600"}
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700


@pytest.mark.skipif(os.name != "posix", reason="modes")
def test_a_database_that_others_may_read_is_refused(site: Site, tmp_path: Path) -> None:
    """As a key file is."""
    backup(site.engine, tmp_path / "b.db")
    restore(tmp_path / "b.db", tmp_path / "new", now_ms=1)
    (tmp_path / "new" / DATABASE_NAME).chmod(0o640)

    with pytest.raises(KeyFileError, match="0640"):
        open_database(tmp_path / "new")
