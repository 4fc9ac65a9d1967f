"""`tram headmap`: the daily map of open items, and whether the newest one is true."""

from __future__ import annotations

from pathlib import Path

import click

from db.authority import open_for_keys
from db.engine import reading
from db.headmaps import check_headmap, log_headmap
from db.root_cli import JSON, say
from db.site import open_database
from db.unlock import PASSPHRASE_FILE

__all__ = ["headmap"]


@click.group()
def headmap() -> None:
    """Log which items are open and where each chain ends, once a day, and check it against the log."""


@headmap.command("log")
@PASSPHRASE_FILE
@JSON
@click.pass_context
def log_it(ctx: click.Context, passphrase_file: Path | None, *, as_json: bool) -> None:
    """Log the map of what is open now, signed by the log's key."""
    site = open_for_keys(ctx.obj, passphrase_file)
    result = log_headmap(site)
    site.close()
    say({"index": result.index, "entry": result.id.hex()}, as_json=as_json)


@headmap.command()
@JSON
@click.pass_context
def check(ctx: click.Context, *, as_json: bool) -> None:
    """Make the newest map again from the log alone. Takes about as long as an audit.

    Exit status: 0 it is true or none was logged, 1 it is not (M09).
    """
    engine = open_database(**ctx.obj)
    with reading(engine) as conn:
        found = check_headmap(conn)
    engine.dispose()
    entry, problem = found or (None, None)
    figures = {
        "index": entry.index if entry else None,
        "holds": problem is None,
        "finding": problem.code if problem else None,
        "detail": problem.detail if problem else None,
    }
    say(figures, as_json=as_json)
    ctx.exit(1 if problem else 0)
