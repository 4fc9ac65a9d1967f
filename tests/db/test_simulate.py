"""A simulated province: honest traffic raises nothing, and every break of the drill is found in a real log."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from custody.findings import CATALOGUE
from db import cli
from db.audit import audit
from db.drill import APART, run_drill
from db.engine import open_engine
from db.errors import SiteError
from db.simulate import Clock, found_province
from db.site import create_site, log_keys_of, roots_of
from kt1.drill.breaks import BREAKS, NEAR_MISSES
from kt1.register import Register
from kt1.traffic import Step
from kt1.traffic.breaks import BREAKS as PLANTED

A_HANDFUL = {
    "break missing_hop",
    "break fork",
    "break item_missing",
    "break seal_differs",
    "break witness_of_stolen_phone",
    "break bag_taken_with_a_stolen_phone",
    "break key_in_two_devices",
    "near miss gap_that_closes",
    "near miss container",
}


def run(out: Path, *args: str) -> Result:
    """Run `tram simulate`."""
    ctx = {"data": out, "database_url": None}
    return CliRunner().invoke(cli.simulate, ["--out", str(out), *args], obj=ctx, catch_exceptions=False)


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    """A province with some honest traffic and the whole drill."""
    out = tmp_path_factory.mktemp("breaks") / "site"
    return out, run(out, "--items", "30", "--seed", "4", "--breaks", "--json")


@pytest.fixture(scope="module")
def outcomes(broken: tuple[Path, Result]) -> dict[tuple[str, str, bool], dict[str, Any]]:
    """The rows of breaks.json; the last part of the key is whether it was planted in the traffic."""
    rows = json.loads((broken[0] / "breaks.json").read_text(encoding="utf-8"))
    return {(row["kind"], row["name"], row["number"] in _traffic_numbers(rows)): row for row in rows}


def _traffic_numbers(rows: list[dict[str, Any]]) -> set[str]:
    return {row["number"] for row in rows[: len(PLANTED)]}


def test_views_log_and_dossier_say_of_every_break_what_it_is(broken: tuple[Path, Result]) -> None:
    """Exit status 0: not one of them says less, or more, or something else than the others."""
    figures = json.loads(broken[1].output)
    rows = json.loads((broken[0] / "breaks.json").read_text(encoding="utf-8"))
    assert [row for row in rows if not row["agrees"]] == []
    assert (figures["differ"], broken[1].exit_code) == ([], 0)
    assert figures["planted"] == len(BREAKS) + len(PLANTED)
    assert figures["near_misses"] == len(NEAR_MISSES)
    assert figures["watched"]["D02 H"] > 0  # what was signed and never sent


def test_no_break_is_intact(outcomes: dict[tuple[str, str, bool], dict[str, Any]]) -> None:
    """Whoever looks at the verdict alone sees it, unless it is of small weight by itself."""
    small = {code for code, kind in CATALOGUE.items() if kind.severity.value in "LI"}
    intact = [
        row["name"]
        for row in outcomes.values()
        if row["kind"] == "break" and row["verdict"] == "INTACT" and set(row["found"]) - small
    ]
    assert intact == []


def test_every_row_of_the_drill_says_what_must_be_found(
    outcomes: dict[tuple[str, str, bool], dict[str, Any]],
) -> None:
    """The drill's own lists are the authority; breaks.json repeats them."""
    for name, planted in BREAKS.items():
        row = outcomes["break", name, False]
        assert (tuple(row["expected"]), tuple(row["found"])) == (planted.codes, planted.codes)
    assert {name for kind, name, _ in outcomes if kind == "near miss"} == set(NEAR_MISSES)


def test_the_audit_finds_nothing_wrong_with_logs_full_of_breaks(broken: tuple[Path, Result]) -> None:
    """Every break is well recorded: views, signatures and tree hold, in the province's log and in those apart."""
    apart = sorted((broken[0] / APART).iterdir())
    assert apart
    for folder in (broken[0], *apart):
        engine = open_engine(f"sqlite:///{folder / 'tram.db'}")
        result = audit(engine, log_keys_of(engine, folder), roots=roots_of(folder), workers=1)
        engine.dispose()
        assert (folder.name, result.problems) == (folder.name, [])


def test_honest_traffic_raises_nothing_in_a_database(tmp_path: Path) -> None:
    """Bags, rounds, late uploads, new keys: nothing of weight, and nothing that is late at the end."""
    result = run(tmp_path / "site", "--items", "120", "--seed", "9", "--clean", "--json")
    figures = json.loads(result.output)
    assert (figures["grave"], figures["overdue"], figures["under_way"], result.exit_code) == (0, {}, 0, 0)
    assert figures["watched"] == {}
    assert figures["bags"] > 15
    assert figures["repeated"] > 0
    assert figures["resolved"]["C02 I"] > 0
    assert sum(figures["events"].values()) == figures["entries"]
    assert figures["bytes"] > 1_000_000
    assert figures["items"] == figures["events"]["REGISTER"] == 120


def test_figures_are_written_for_people_too(tmp_path: Path) -> None:
    """One line a figure."""
    result = run(tmp_path / "site", "--items", "8", "--seed", "9", "--clean")
    assert "8 items, " in result.output
    assert "REGISTER 8" in result.output
    assert "findings of weight that nothing resolved: 0" in result.output


def test_clean_and_breaks_exclude_each_other(tmp_path: Path) -> None:
    """There is no honest traffic with breaks."""
    assert run(tmp_path / "site", "--items", "8", "--seed", "9", "--clean", "--breaks").exit_code == 2


def test_a_log_that_takes_what_it_must_refuse_stops_the_simulation(tmp_path: Path) -> None:
    """A step says what the log must answer: else a broken fence would go unseen."""
    site, feed = found_province(tmp_path / "site", seed=1)
    raw = site.ledger.bodies(0, 1)[0]
    with pytest.raises(SiteError, match="is duplicate"):
        feed.take([Step(at_ms=feed.clock.now_ms, raw=raw, is_refused=True)])
    site.close()


def test_steps_of_one_minute_share_a_checkpoint(tmp_path: Path) -> None:
    """Ten thousand checkpoints a day would be signed for nobody."""
    site, feed = found_province(tmp_path / "site", seed=1)
    raws = [site.ledger.bodies(n, n + 1)[0] for n in range(3)]
    times = [feed.clock.now_ms + ms for ms in (0, 59_000, 61_000)]
    appended: list[int] = []
    feed.take(
        (Step(at_ms=at_ms, raw=raw, is_repeat=True) for at_ms, raw in zip(times, raws, strict=True)),
        lambda: appended.append(feed.repeated),
    )
    assert (appended, feed.repeated) == ([2], 3)
    site.close()


@pytest.mark.postgres
def test_a_handful_of_breaks_in_postgresql(tmp_path: Path, cluster: Any) -> None:
    """The same findings from the other database."""
    clock = Clock(1_780_000_000_000)
    nobody = Register(offices=(), agencies=(), people=(), routes=())
    site = create_site(
        tmp_path / "site", origin="drill.example/log", register=nobody, database_url=cluster(), now=clock
    )
    rows = list(run_drill(site, clock, names=A_HANDFUL))
    result = audit(site.engine, site.log_keys, roots=roots_of(site.data), workers=1)
    site.close()
    assert Counter(row.agrees for row in rows) == {True: len(A_HANDFUL)}
    assert result.problems == []
