"""The server of a witness (C2SP tlog-witness): one address to write to, one to read from, no session, no names."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable

from flask import Flask, Response, request

from custody.witness import MAX_REQUEST_BYTES, Answer
from db.errors import WitnessError
from db.witness_store import WitnessStore

__all__ = ["create_witness_app"]

_LOG = logging.getLogger(__name__)
_HASH = re.compile(r"[0-9a-f]{64}")


def create_witness_app(store: WitnessStore, now_s: Callable[[], int]) -> Flask:
    """Make the server of an opened witness.

    Args:
        store: from `db.witness_store.open_witness`.
        now_s: its clock, unix seconds.
    """
    app = Flask("witness", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MAX_REQUEST_BYTES

    @app.post("/add-checkpoint")
    def add() -> Response:
        """Cosign a checkpoint that is proven to go on from the newest one cosigned."""
        try:
            return _response(store.answer(request.get_data(), now_s=now_s()))
        except WitnessError:
            _LOG.exception("a checkpoint could not be kept")
            return _response(Answer(status=503, body="what was seen cannot be kept\n"))

    @app.get("/checkpoint/<digest>")
    def newest(digest: str) -> Response:
        """Give the newest note cosigned of the log whose origin has this SHA-256: for who compares views."""
        for origin in store.origins() if _HASH.fullmatch(digest) else ():
            if store.hash_of(origin) == digest and (note := store.newest(origin)):
                return _response(Answer(status=200, body=note))
        return _response(Answer(status=404, body="nothing of that log was cosigned here\n"))

    return app


def _response(answer: Answer) -> Response:
    response = Response(answer.body, answer.status)
    response.headers["Content-Type"] = answer.media
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
