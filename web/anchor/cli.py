"""`tram anchor`: the log's newest state on paper, and paper held against the log."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

__all__ = ["anchor"]

_JSON = click.option("--json", "as_json", is_flag=True, help="Report as one line of JSON.")
_VIETNAM = dt.timezone(dt.timedelta(hours=7))


@click.group()
def anchor() -> None:
    """Print the state of the log for the paper ledger, and hold a sheet of it against the log."""


def _place(ctx: click.Context) -> tuple[Path, str | None]:
    obj: Mapping[str, Any] = ctx.obj or {}
    return Path(obj.get("data", "data")), obj.get("database_url")


@anchor.command("print")
@click.option(
    "-o",
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="PDF file of the sheet, A5 landscape.",
)
@_JSON
@click.pass_context
def print_sheet(ctx: click.Context, out: Path | None, *, as_json: bool) -> None:
    """Show the newest checkpoint as it goes on paper; with -o FILE draw the sheet with its QR code."""
    from custody.checkpoint import Checkpoint
    from custody.paper import paper_groups, paper_text
    from db.desk import get_setting
    from db.errors import SiteError
    from db.site import open_database
    from db.storedlog import StoredLog
    from web.anchor.page import draw

    engine = open_database(*_place(ctx))
    head, origin = StoredLog(engine).head(), get_setting(engine, "origin") or ""
    engine.dispose()
    if head is None:
        raise SiteError("the log is empty")
    signed = Checkpoint(origin, head.size, head.root)
    time = dt.datetime.fromtimestamp(head.time_ms / 1000, _VIETNAM).strftime("%d/%m/%Y %H:%M:%S")
    groups = " ".join(paper_groups(signed))
    lines = [f"log   {origin}", f"size  {head.size}", f"time  {time}", f"root  {groups}"]
    if out:
        out.write_bytes(draw(origin, head, "pdf", time))
        lines.append(f"sheet {out}: print it, stamp it, two people sign it, file it")
    figures = {"origin": origin, "size": head.size, "root": groups, "line": paper_text(signed)}
    click.echo(json.dumps(figures, ensure_ascii=False) if as_json else "\n".join(lines))


@anchor.command()
@click.option("--size", required=True, type=click.IntRange(1), help="Number of entries on the sheet.")
@click.option(
    "--root", required=True, help="Root on the sheet: 52 characters, and the last group that checks them."
)
@_JSON
@click.pass_context
def check(ctx: click.Context, size: int, root: str, *, as_json: bool) -> None:
    """Hold a sheet of the ledger against the log.

    Exit status: 0 the log still has that root, 1 it has another (M12) or is shorter (M06), 2 misread.
    """
    from custody.paper import read_root
    from db.audit_notes import paper_problem
    from db.desk import get_setting
    from db.site import open_database

    engine = open_database(*_place(ctx))
    signed = read_root(get_setting(engine, "origin") or "", size, root)
    problem = paper_problem(engine, signed)
    engine.dispose()
    figures = {"size": size, "holds": problem is None, "finding": problem.code if problem else None}
    said = str(problem) if problem else f"the log has that root at {size} entries"
    click.echo(json.dumps(figures) if as_json else said)
    ctx.exit(1 if problem else 0)
