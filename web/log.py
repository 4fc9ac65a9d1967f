"""The log itself, as C2SP tlog-tiles, for auditors and witnesses who are signed in."""

from __future__ import annotations

import re

from flask import Blueprint, Response

from custody.tiles import WIDTH
from web.problems import ProblemError
from web.service import gate, service

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


@log.get("/tile/<path:path>")
@gate("inspector", "admin")
def tile(path: str) -> Response:
    """Give a tile of hashes, or a bundle of entries."""
    hashes, bundle = _TILE.fullmatch(path), _BUNDLE.fullmatch(path)
    found = hashes or bundle
    if found is None:
        raise ProblemError("not-found")
    n = int(found["n"].replace("x", "").replace("/", ""))
    width = int(found["width"] or WIDTH)
    ledger = service().site.ledger
    try:
        body = ledger.tile(int(hashes["level"]), n, width) if hashes else ledger.entry_bundle(n, width)
    except IndexError:
        raise ProblemError("not-found") from None
    response = Response(body, mimetype="application/octet-stream")
    if width == WIDTH:
        response.headers["Cache-Control"] = f"private, max-age={_YEAR_S}, immutable"
    return response
