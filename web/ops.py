"""For machines and those who run them: health, figures, the API's description, the browser's texts."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import Blueprint, Response, jsonify
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from db.engine import reading
from scanner import capabilities
from web.assets import packed_answer
from web.i18n import LANGUAGES, messages_json
from web.metrics import LOG_SIZE, REGISTRY
from web.openapi import document
from web.problems import ProblemError
from web.service import service

__all__ = ["ops"]

ops = Blueprint("ops", __name__)


@ops.get("/healthz")
def healthz() -> tuple[Response, int]:
    """Say whether the service works: database, log, and which decoders this machine has. No name, no number."""
    made = service()
    state: dict[str, Any] = {"status": "ok", "demo": made.site.is_demo}
    try:
        with reading(made.engine) as conn:
            conn.execute(sa.text("SELECT 1"))
        head = made.site.ledger.head()
        state["log"] = {"size": head.size if head else 0, "time_ms": head.time_ms if head else None}
        seen = made.feed.seen()
        state["witnesses"] = {
            "named": len(made.feed.policy.witnesses),
            "cosigned": seen.cosigned,
            "quorum": seen.quorum,
            "findings": made.feed.findings(made.now()),
        }
    except sa.exc.SQLAlchemyError:
        state["status"] = "failing"
        state["log"] = None
    state["scanner"] = [
        {"name": one.name, "available": one.available, "note": one.note} for one in capabilities()
    ]
    return jsonify(state), 200 if state["status"] == "ok" else 503


@ops.get("/metrics")
def metrics() -> Response:
    """Give figures in the format of Prometheus."""
    head = service().site.ledger.head()
    LOG_SIZE.set(head.size if head else 0)
    return Response(generate_latest(REGISTRY), content_type=CONTENT_TYPE_LATEST)


@ops.get("/openapi.json")
def openapi() -> Response:
    """Describe the API."""
    return jsonify(document())


@ops.get("/messages/<lang>.json")
def messages(lang: str) -> Response:
    """Give the texts of the browser's pages in one language."""
    if lang not in LANGUAGES:
        raise ProblemError("not-found")
    response = packed_answer(messages_json(lang), "application/json")
    response.headers["Cache-Control"] = "no-cache"
    return response
