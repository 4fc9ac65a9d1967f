"""The log itself, as C2SP tlog-tiles, for auditors and witnesses who are signed in."""

from __future__ import annotations

import re

from flask import Blueprint, Response

from custody.tiles import WIDTH
from db import desk
from web.problems import ProblemError
from web.service import gate, service, viewer

__all__ = ["log"]

log = Blueprint("log", __name__, url_prefix="/log")
_INDEX = r"(?P<n>(?:x\d{3}/)*\d{3})(?:\.p/(?P<width>[1-9]\d{0,2}))?"
_TILE = re.compile(rf"(?P<level>[0-9]|[1-5][0-9])/{_INDEX}")
_BUNDLE = re.compile(rf"entries/{_INDEX}")
_YEAR_S = 365 * 86_400


@log.get("/checkpoint")
@gate("inspector", "admin")
def checkpoint() -> Response:
    """Give the newest signed checkpoint."""
    return Response(service().site.ledger.checkpoint(), mimetype="text/plain")


def _look(path: str) -> None:
    """Let an inspector alone read entries, who is written down each time: they say who held what, when and where.

    Raises:
        ProblemError: forbidden.
    """
    made, who = service(), viewer()
    if not who.has("inspector"):
        raise ProblemError("forbidden")
    desk.log_access(made.engine, person=who.id, action="read-entries", subject=path, at_ms=made.now())


@log.get("/tile/<path:path>")
@gate("inspector", "admin")
def tile(path: str) -> Response:
    """Give a tile of hashes; to inspectors a bundle of entries."""
    hashes, bundle = _TILE.fullmatch(path), _BUNDLE.fullmatch(path)
    found = hashes or bundle
    if found is None:
        raise ProblemError("not-found")
    n = int(found["n"].replace("x", "").replace("/", ""))
    width = int(found["width"] or WIDTH)
    if bundle:
        _look(path)
    ledger = service().site.ledger
    try:
        body = ledger.tile(int(hashes["level"]), n, width) if hashes else ledger.entry_bundle(n, width)
    except IndexError:
        raise ProblemError("not-found") from None
    response = Response(body, mimetype="application/octet-stream")
    if hashes and width == WIDTH:
        response.headers["Cache-Control"] = f"private, max-age={_YEAR_S}, immutable"
    return response
