"""`tram erase`: take the names away that lie beside the log for one item."""

from __future__ import annotations

import click
import sqlalchemy as sa

from custody.machine import TERMINAL
from custody.s10 import pack_number
from db import schema
from db.desk import log_access
from db.engine import reading
from db.errors import SiteError
from db.glass import erase_glass, glass_of
from db.named import erase_named, named_of
from db.root_cli import JSON, say
from db.site import clock_ms, open_database

__all__ = ["erase"]


@click.command()
@click.argument("number")
@click.option("--under-way", is_flag=True, help="Also where the item is not yet at its end.")
@JSON
@click.pass_context
def erase(ctx: click.Context, number: str, *, under_way: bool, as_json: bool) -> None:
    """Erase whom alone item NUMBER was for, and what was signed for it on a screen; also of a label never used.

    The log keeps its digests and pseudonyms. An item under way is left alone: who carries it must know whom it is for.
    """
    number = "".join(number.split()).upper()
    pack_number(number)
    engine = open_database(**ctx.obj)
    states = _states(engine, number)
    if not states:
        raise SiteError(f"no item or label {number} here", hint="Look the number up on the items page.")
    if not under_way and (state := next((one for one in states.values() if _is_open(one)), None)):
        raise SiteError(
            f"item {number} is still under way: {state}",
            hint="Erase when it is delivered or has come to another end; --under-way does it now.",
        )
    names = named_of(engine, list(states))
    drawings = [one for uid in states for one in glass_of(engine, uid)]
    for uid in names:
        erase_named(engine, uid)
    for one in drawings:
        erase_glass(engine, one.digest)
    log_access(engine, person=None, action="erase names", subject=number, at_ms=clock_ms())
    engine.dispose()
    say({"number": number, "names": len(names), "drawings": len(drawings)}, as_json=as_json)


def _states(engine: sa.Engine, number: str) -> dict[bytes, str | None]:
    """Return the state of each item that has or had this number, by uid; None where it was only accepted."""
    item, draft = schema.item, schema.draft
    with reading(engine) as conn:
        drafts = conn.execute(sa.select(draft.c.uid).where(draft.c.number == number)).scalars()
        found: dict[bytes, str | None] = dict.fromkeys(drafts)
        rows = conn.execute(sa.select(item.c.uid, item.c.state).where(item.c.number == number))
        return found | {row.uid: row.state for row in rows}


def _is_open(state: str | None) -> bool:
    return state is not None and state not in {one.name for one in TERMINAL}
