"""The commands, as somebody at a terminal meets them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from custody.cli import verify
from db import cli
from db.engine import open_engine
from db.errors import SiteError
from db.migrate import downgrade, head


def run(command: Any, data: Path, *args: str) -> Result:
    """Run one command on a site."""
    return CliRunner().invoke(command, args, obj={"data": data, "database_url": None}, catch_exceptions=False)


@pytest.fixture(scope="module")
def province_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A simulated province with every break."""
    out = tmp_path_factory.mktemp("simulated") / "site"
    result = run(cli.simulate, out, "--items", "60", "--seed", "5", "--out", str(out), "--json")
    assert result.exit_code == 0, result.output
    return out


def test_simulate_writes_every_private_key(province_site: Path) -> None:
    """So that adversarial events can be made from outside."""
    keys = json.loads((province_site / "keys.json").read_text())

    assert {"root", "enrolment", "label", "log", "clock"} == keys["site"].keys()
    assert all(len(bytes.fromhex(p["seed"])) == 32 for p in keys["people"].values())


def test_clean_traffic_has_no_findings(tmp_path: Path) -> None:
    """Honest people, honest clocks: nothing is even of medium severity."""
    run(cli.simulate, tmp_path, "--items", "40", "--seed", "2", "--out", str(tmp_path / "s"), "--clean")

    engine = open_engine(f"sqlite:///{tmp_path / 's' / 'tram.db'}")
    with engine.connect() as conn:
        grave = conn.execute(sa.text("SELECT code FROM finding WHERE severity IN ('C', 'H', 'M')")).all()
    engine.dispose()
    assert grave == []


def test_audit_rebuild_and_audit_again(province_site: Path) -> None:
    """0 where everything holds."""
    first = run(cli.audit, province_site, "--json", "--workers", "1")
    assert run(cli.rebuild, province_site).exit_code == 0
    second = run(cli.audit, province_site, "--workers", "1")

    assert first.exit_code == second.exit_code == 0
    assert json.loads(first.output)["problems"] == []
    assert "everything holds" in second.output


def test_audit_answers_1_where_something_does_not_hold(province_site: Path, tmp_path: Path) -> None:
    """And names it."""
    run(cli.backup, province_site, str(tmp_path / "b.db"))
    site = tmp_path / "copy"
    assert run(cli.restore, site, str(tmp_path / "b.db")).exit_code == 0
    engine = open_engine(f"sqlite:///{site / 'tram.db'}")
    with engine.begin() as conn:
        conn.execute(sa.text("UPDATE item SET verdict = 'INTACT' WHERE verdict = 'BROKEN'"))
    engine.dispose()

    result = run(cli.audit, site, "--workers", "1")

    assert result.exit_code == 1
    assert "M11 item uid=" in result.output


def test_export_log_and_dossier(province_site: Path, tmp_path: Path) -> None:
    """The dossier goes straight into `tram verify`."""
    result = run(cli.export, province_site, "log", "--out", str(tmp_path / "log"), "--json")
    assert json.loads(result.output)["entries"] > 100
    engine = open_engine(f"sqlite:///{province_site / 'tram.db'}")
    with engine.connect() as conn:
        rows = conn.execute(sa.text("SELECT number, verdict FROM item ORDER BY number")).all()
    engine.dispose()
    for number, verdict in rows:
        file = tmp_path / f"{number}.zip"
        assert run(cli.export, province_site, "dossier", number, "-o", str(file)).exit_code == 0

        checked = run(verify, province_site, str(file), "--json")

        assert json.loads(checked.output)["steps_passed"] == 8, (number, checked.output)
        if verdict == "BROKEN":
            assert checked.exit_code == 1


def test_no_site_is_said_in_one_line(tmp_path: Path) -> None:
    """The error is ours, with a hint; `tram` turns it into exit status 2."""
    with pytest.raises(SiteError, match="no site in"):
        run(cli.audit, tmp_path)
    run(cli.simulate, tmp_path, "--items", "5", "--seed", "1", "--out", str(tmp_path / "s"))
    with pytest.raises(SiteError, match="no item"):
        run(cli.export, tmp_path / "s", "dossier", "ZK000000005VN", "-o", str(tmp_path / "x.zip"))


def test_the_audit_compares_with_what_somebody_kept(province_site: Path, tmp_path: Path) -> None:
    """A checkpoint beyond the end of the log: its tail was cut; the note of the site itself holds."""
    kept = (province_site / "last-checkpoint").read_text()
    (tmp_path / "kept").write_text(kept)
    held = run(cli.audit, province_site, "--workers", "1", "--checkpoint", str(tmp_path / "kept"))
    size = kept.split("\n")[1]
    (tmp_path / "kept").write_text(kept.replace(size, str(int(size) + 1), 1))
    named = run(cli.audit, province_site, "--workers", "1", "--checkpoint", str(tmp_path / "kept"))

    assert (held.exit_code, named.exit_code) == (0, 1)
    assert f"M02 note {tmp_path / 'kept'}" in named.output


def test_the_audit_says_when_nothing_tells_of_a_cut_tail(province_site: Path, tmp_path: Path) -> None:
    """No false comfort: a log without a note from outside may have been longer."""
    copy = tmp_path / "site"
    shutil.copytree(province_site, copy)
    (copy / "last-checkpoint").unlink()

    assert "would not be noticed" in run(cli.audit, copy, "--workers", "1").output


def test_an_older_database_is_brought_to_this_version(province_site: Path, tmp_path: Path) -> None:
    """The service refuses older tables and says what to do; `migrate` does it, and everything holds again."""
    copy = tmp_path / "site"
    shutil.copytree(province_site, copy)
    engine = open_engine(f"sqlite:///{copy / 'tram.db'}")
    downgrade(engine, "0001")
    engine.dispose()
    with pytest.raises(SiteError, match="schema is 0001") as caught:
        run(cli.audit, copy)
    assert "tram migrate" in caught.value.hint

    assert f"0001, now {head()}" in run(cli.migrate, copy).output
    assert run(cli.audit, copy, "--workers", "1").exit_code == 0
