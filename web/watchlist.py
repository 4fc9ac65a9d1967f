"""Devices and pairs to be looked at, as the wall shows them: kept for half a minute; each for those who may see it."""

from __future__ import annotations

from typing import Final, cast

from flask import current_app

from db.engine import reading
from db.watchlist import Watched, device_findings, pair_findings
from web.service import service, viewer

__all__ = ["watched"]

_FRESH_MS: Final = 30_000
_KEPT: Final = "tram-watchlist"
_PAIRS_FOR: Final = ("supervisor", "inspector")


def watched() -> list[Watched]:
    """Return what the viewer may see, the gravest first.

    Pairs are for supervisors and inspectors, and for nobody of the pair: who is told to look shall not be warned.
    """
    who = viewer()
    found = _found()
    if not who.has(*_PAIRS_FOR):
        return [one for one in found if one.finding.code[0] == "D"]
    return [one for one in found if one.finding.code[0] == "D" or who.id not in one.people]


def _found() -> list[Watched]:
    made = service()
    now_ms, extensions = made.now(), current_app.extensions
    until_ms, found = cast("tuple[int, list[Watched]]", extensions.get(_KEPT, (0, [])))
    if now_ms >= until_ms:
        made.site.ledger.refresh()
        rules = made.site.ledger.rules
        with reading(made.engine) as conn:
            found = [*device_findings(conn, rules, now_ms), *pair_findings(conn, rules, now_ms)]
        extensions[_KEPT] = (now_ms + _FRESH_MS, found)
    return found
