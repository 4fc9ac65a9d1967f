"""The log itself, as C2SP tlog-tiles, with its proofs, for auditors who are signed in.

Witnesses need none of this: the log comes to them (`db.witness_feed`).
"""

from __future__ import annotations

import re

from flask import Blueprint, Response, request

from custody.cose_receipt import MEDIA_TYPE
from custody.dossier import proof_text
from custody.errors import ProofError
from custody.quorum import NO_QUORUM
from custody.tiles import WIDTH
from db import desk
from db.cosignatures import cosigned_note, newest_cosigned
from db.engine import reading
from db.receipts import cose_receipt
from web.problems import ProblemError
from web.service import gate, service, viewer

__all__ = ["log"]

log = Blueprint("log", __name__, url_prefix="/log")
_INDEX = r"(?P<n>(?:x\d{3}/)*\d{3})(?:\.p/(?P<width>[1-9]\d{0,2}))?"
_TILE = re.compile(rf"(?P<level>[0-9]|[1-5][0-9])/{_INDEX}")
_BUNDLE = re.compile(rf"entries/{_INDEX}")
_DECIMAL = re.compile(r"0|[1-9][0-9]{0,15}")
_YEAR_S = 365 * 86_400


@log.get("/checkpoint")
@gate("inspector", "admin")
def checkpoint() -> Response:
    """Give the newest signed checkpoint, with what witnesses have cosigned of it."""
    head = service().site.ledger.newest()
    with reading(service().engine) as conn:
        return Response(cosigned_note(conn, head.size, head.note), mimetype="text/plain")


@log.get("/cosigned")
@gate("inspector", "admin")
def cosigned() -> Response:
    """Give the newest checkpoint that a quorum of witnesses has cosigned; where no quorum is asked for, any of them."""
    policy = service().feed.policy
    with reading(service().engine) as conn:
        found = newest_cosigned(conn, None if policy.quorum == NO_QUORUM else policy)
    if found is None:
        raise ProblemError("not-found")
    return Response(found.note, mimetype="text/plain")


def _size(name: str, default: int) -> int:
    text = request.args.get(name, str(default))
    if not _DECIMAL.fullmatch(text):
        raise ProblemError("bad-request")
    return int(text)


@log.get("/consistency")
@gate("inspector", "admin")
def consistency() -> Response:
    """Give the proof that the log of `from` entries is a prefix of that of `to`, one base64 hash a line."""
    ledger = service().site.ledger
    size = ledger.newest().size
    start, stop = _size("from", 0), _size("to", size)
    if start > stop:
        raise ProblemError("bad-request")
    if stop > size:
        raise ProblemError("not-found")
    return Response(proof_text(ledger.consistency(start, stop)), mimetype="text/plain")


@log.get("/receipt/<int:index>")
@gate()
def receipt(index: int) -> Response:
    """Give the receipt of an entry: tlog-proof, or RFC 9942 where that is asked for. It says nothing of the entry."""
    site = service().site
    wants_cose = request.args.get("form") == "cose" or request.accept_mimetypes.best == MEDIA_TYPE
    try:
        if wants_cose:
            return Response(cose_receipt(site, index), mimetype=MEDIA_TYPE)
        return Response(site.ledger.receipt(index), mimetype="text/plain")
    except ProofError:
        raise ProblemError("not-found") from None


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
