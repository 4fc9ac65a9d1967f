"""Backups: taken under load, restored elsewhere, from one kind of database to the other."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.load import Load
from db.audit import audit
from db.backup import backup, restore
from db.desk import ScanAttempt, log_scan
from db.errors import SiteError
from db.site import Site, log_keys_of, open_database


def test_a_backup_under_load_passes_the_audit_elsewhere(site: Site, load: Load, tmp_path: Path) -> None:
    """One snapshot, whatever is appended meanwhile; into SQLite from either kind."""
    chains = load.chains(12, hops=3)
    writer = threading.Thread(target=lambda: [site.ledger.append([raw]) for c in chains for raw in c])
    writer.start()
    size = backup(site.engine, tmp_path / "b.db")
    writer.join()

    assert restore(tmp_path / "b.db", tmp_path / "elsewhere") == size
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

    restore(tmp_path / "b.db", tmp_path / "elsewhere", url)

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
    restore(tmp_path / "b.db", tmp_path / "once")

    with pytest.raises(SiteError, match="exists already"):
        restore(tmp_path / "b.db", tmp_path / "once")


def test_what_is_no_backup_is_refused(tmp_path: Path) -> None:
    """A text, a missing file: said in one line."""
    (tmp_path / "text").write_text("not a database, but long enough to look at" * 20)

    with pytest.raises(SiteError, match="not a backup"):
        restore(tmp_path / "text", tmp_path / "a")
    with pytest.raises(SiteError, match="not there"):
        restore(tmp_path / "missing", tmp_path / "a")
