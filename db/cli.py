"""What is done to a site besides serving it: audit, rebuild, export, backup, restore, migrate, simulate.

Exit status: 0 done or everything holds, 1 something does not hold (audit), 2 cannot run. Progress goes to
standard error.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any, Self

import click

__all__ = ["audit", "backup", "export", "migrate", "rebuild", "restore", "simulate"]

_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
_FILE = click.Path(dir_okay=False, path_type=Path)
_FOLDER = click.Path(file_okay=False, path_type=Path)
_TICK_S = 0.5
_BAR = 20  # characters
_NOT_COMPARED = (
    "no last-checkpoint here: a log cut off at an older checkpoint would not be noticed (--checkpoint FILE)"
)


@click.command()
@click.option("--workers", type=click.IntRange(1, 64), default=None, help="Processes; default: one a core.")
@click.option(
    "--checkpoint",
    "--receipt",
    "--paper",
    "files",
    type=_FILE,
    multiple=True,
    help="A checkpoint, a receipt, or lines scanned off sheets of the ledger: the log must contain what they prove. "
    "May be repeated.",
)
@click.option(
    "--policy",
    "policy_file",
    type=_FILE,
    help="Witnesses you trust; default: the file `witnesses` of the site.",
)
@click.option(
    "--since-last",
    is_flag=True,
    help="Verify only what came since the last audit, and compare the rest with what that one saw.",
)
@_JSON
@click.pass_context
def audit(
    ctx: click.Context,
    workers: int | None,
    files: tuple[Path, ...],
    policy_file: Path | None,
    since_last: bool,
    as_json: bool,
) -> None:
    """Check every signature, tile, root, checkpoint and view, and name each row that does not hold.

    The log is compared with the site's last-checkpoint, which lies outside the database. What an audit without
    fault saw is kept in last-audit beside it; with --since-last, where anything of it has changed, everything is
    audited.

    Devices and pairs of people to be looked at are named too; they are no fault of the log.

    Exit status: 0 everything holds, 1 something does not, 2 cannot run.
    """
    from custody.quorum import parse_policy
    from db.audit import audit as run
    from db.kept import KeptCheckpoint
    from db.last_audit import LastAudit
    from db.site import log_keys_of, open_database, roots_of
    from db.watchlist import warnings_of
    from db.witness_feed import read_policy

    engine = open_database(**ctx.obj)
    keys = log_keys_of(engine, ctx.obj["data"])
    policy = parse_policy(policy_file.read_bytes()) if policy_file else read_policy(ctx.obj["data"])
    notes = {str(file): file.read_text(encoding="utf-8") for file in files}
    kept = KeptCheckpoint(ctx.obj["data"])
    if (note := kept.read()) is not None:
        notes[kept.path.name] = note
    last = LastAudit(ctx.obj["data"])
    started = time.perf_counter()
    with _Progress("entries") as progress:
        result = run(
            engine,
            keys,
            notes=notes,
            policy=policy,
            last=last.read() if since_last else None,
            roots=roots_of(ctx.obj["data"]),
            workers=workers or os.cpu_count() or 1,
            progress=progress,
        )
    seconds = time.perf_counter() - started
    if result.seen:
        last.write(result.seen)
    problems = [{"table": p.table, "row": p.row, "code": p.code, "detail": p.detail} for p in result.problems]
    figures = {
        "holds": result.holds,
        "entries": result.size,
        "items": result.items,
        "since": result.since,
        "seconds": round(seconds, 3),
        "entries_per_s": round(result.size / seconds) if seconds else 0,
    }
    warnings = warnings_of(engine) if result.holds else []
    lines = [str(p) for p in result.problems] + ([] if notes else [_NOT_COMPARED])
    lines += [f"look at {line}" for line in warnings]
    if result.since is not None:
        lines.append(f"{result.since} entries were audited before: the same rows are there")
    elif since_last:
        lines.append("no last audit to start from, or not what it saw: everything was audited")
    verdict = "everything holds" if result.holds else f"{len(problems)} things do not hold"
    lines.append(f"{result.size} entries, {result.items} items in {seconds:.1f} s: {verdict}")
    _say({**figures, "problems": problems, "warnings": warnings}, "\n".join(lines), as_json=as_json)
    ctx.exit(0 if result.holds else 1)


@click.command()
@_JSON
@click.pass_context
def rebuild(ctx: click.Context, as_json: bool) -> None:
    """Make every view anew from the log alone. Appends wait until it is done."""
    from db.rebuild import rebuild as run
    from db.site import open_database

    with _Progress("entries") as progress:
        made = run(open_database(**ctx.obj), progress=progress)
    figures = {"entries": made.entries, "items": made.items, "findings": made.findings}
    _say(
        figures,
        f"{made.items} items and {made.findings} findings from {made.entries} entries",
        as_json=as_json,
    )


@click.group()
def export() -> None:
    """Take the log, or the evidence of one item, out of the site."""


@export.command("log")
@click.option("--out", required=True, type=_FOLDER, help="Folder to write; must be empty or missing.")
@_JSON
@click.pass_context
def export_log(ctx: click.Context, out: Path, as_json: bool) -> None:
    """Write the log as C2SP tlog-tiles, with keys.json (public keys only)."""
    from db.export import export_log as run
    from db.site import open_site

    with _Progress("entries") as progress:
        size = run(open_site(**ctx.obj, signs=False), out, progress=progress)
    _say({"entries": size, "out": str(out)}, f"{size} entries in {out}", as_json=as_json)


@export.command("dossier")
@click.argument("number")
@click.option("-o", "--out", required=True, type=_FILE, help="File to write.")
@_JSON
@click.pass_context
def export_dossier(ctx: click.Context, number: str, out: Path, as_json: bool) -> None:
    """Write the evidence file of item NUMBER; `tram verify` checks it anywhere, offline."""
    from custody.s10 import pack_number
    from db.desk import log_access
    from db.dossier import dossier_of
    from db.errors import SiteError
    from db.site import open_site
    from db.views import uid_of_number

    number = "".join(number.split()).upper()
    pack_number(number)
    site = open_site(**ctx.obj, signs=False)
    uid = uid_of_number(site.engine, number)
    if uid is None:
        raise SiteError(f"no item {number} in the log", hint="Look the number up on the items page.")
    data = dossier_of(site, uid)
    out.write_bytes(data)
    log_access(site.engine, person=None, action="export dossier", subject=number, at_ms=site.now())
    _say({"number": number, "file": str(out), "bytes": len(data)}, f"{number} in {out}", as_json=as_json)


@click.command()
@_JSON
@click.pass_context
def migrate(ctx: click.Context, as_json: bool) -> None:
    """Bring the tables of an older version to this one, and make its views anew from the log.

    Stop the service first, and copy the database file.
    """
    from db.migrate import head, revision_of, upgrade
    from db.rebuild import rebuild as run
    from db.site import open_database

    engine = open_database(**ctx.obj, any_version=True)
    before = revision_of(engine)
    upgrade(engine)
    if before != head():
        with _Progress("entries") as progress:
            run(engine, progress=progress)
    _say({"from": before, "to": head()}, f"tables of version {before}, now {head()}", as_json=as_json)


@click.command()
@click.argument("file", type=_FILE)
@_JSON
@click.pass_context
def backup(ctx: click.Context, file: Path, as_json: bool) -> None:
    """Write one consistent FILE of the database, while the service runs. Key files are not in it."""
    from db.backup import backup as run
    from db.site import open_database

    size = run(open_database(**ctx.obj), file)
    _say({"entries": size, "file": str(file)}, f"{size} entries in {file}", as_json=as_json)


@click.command()
@click.argument("file", type=_FILE)
@click.option(
    "--accept-loss", is_flag=True, help="Go on from FILE although it lacks entries that were signed."
)
@_JSON
@click.pass_context
def restore(ctx: click.Context, file: Path, accept_loss: bool, as_json: bool) -> None:
    """Put the backup FILE into an empty site; run `tram audit` afterwards.

    Where the site's last-checkpoint is, FILE is compared with it. A loss that is accepted is written down.
    """
    from db.backup import restore as run
    from db.site import clock_ms

    made = run(file, **ctx.obj, now_ms=clock_ms(), accept_loss=accept_loss)
    figures = {"entries": made.size, "lost": made.lost, "data": str(ctx.obj["data"])}
    lines = [f"{made.size} entries restored"]
    if made.aside:
        figures["aside"] = str(made.aside)
        lines.append(f"{made.lost} entries are lost; the checkpoint that says so is kept in {made.aside}")
    _say(figures, "\n".join(lines), as_json=as_json)


@click.command()
@click.option("--items", required=True, type=click.IntRange(1, 1_000_000), help="How many items.")
@click.option("--seed", required=True, type=int, help="The same seed makes the same traffic.")
@click.option("--out", required=True, type=_FOLDER, help="Folder of the new site; must hold none.")
@click.option("--clean", is_flag=True, help="Honest traffic only: nothing is broken on purpose.")
@click.option(
    "--breaks", is_flag=True, help="Honest traffic, then every named break and near miss; writes breaks.json."
)
@_JSON
@click.pass_context
def simulate(
    ctx: click.Context, items: int, seed: int, out: Path, clean: bool, breaks: bool, as_json: bool
) -> None:
    """Simulate the traffic of a province into a fresh site at OUT.

    keys.json there holds every simulated private key, so that adversarial events can be made.

    Exit status: 0 done; 1 honest traffic raised a finding of weight (--clean), or of a break not exactly what should
    be was found in the views, the log and its dossier alike (--breaks).
    """
    from db.simulate import simulate as run
    from db.simulate import simulate_breaks, text_of

    if clean and breaks:
        raise click.UsageError("--clean and --breaks exclude each other")
    with _Progress("entries") as progress:
        if breaks:
            made = simulate_breaks(out, items=items, seed=seed, progress=progress)
        else:
            made = run(out, items=items, seed=seed, clean=clean, progress=progress)
    _say(made, text_of(made), as_json=as_json)
    ctx.exit(int(bool(made.get("differ") or (clean and made["grave"]))))


def progress_line(what: str, done: int, total: int, seconds: float) -> str:
    """Return one line: a bar, how far it is, how fast, and how long it will take at that rate."""
    filled = _BAR * done // total if total else _BAR
    line = f"{what}: [{'#' * filled}{'.' * (_BAR - filled)}] {done:,} of {total:,}"
    if not done or seconds <= 0:
        return line
    left = round((total - done) * seconds / done)
    return f"{line}, {done / seconds:,.0f}/s, {left // 60}:{left % 60:02} left"


class _Progress:
    """A line on standard error that is rewritten, on a terminal only."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._began = self._last = time.monotonic()
        self._width = 0

    def __enter__(self) -> Self:
        return self

    def __call__(self, done: int, total: int) -> None:
        """Show how far it is, how fast, and how long it will take, twice a second."""
        now = time.monotonic()
        if sys.stderr.isatty() and now - self._last > _TICK_S:
            self._last = now
            text = progress_line(self._what, done, total, now - self._began)
            click.echo("\r" + text.ljust(self._width), err=True, nl=False)
            self._width = len(text)

    def __exit__(self, *_: object) -> None:
        if self._width:
            click.echo(err=True)


def _say(figures: dict[str, Any], text: str, *, as_json: bool) -> None:
    click.echo(json.dumps(figures, ensure_ascii=False) if as_json else text)
