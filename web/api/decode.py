"""POST /api/v1/decode: a picture in, the codes in it out. The picture stays in memory and is dropped (E7)."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from flask import Blueprint, request
from flask_babel import gettext as _

from scanner import PictureError, Reading, open_picture, read_image
from web.itemview import item_by_number
from web.problems import ProblemError
from web.service import gate, limit, service

__all__ = ["register"]

_BUDGET_MS = 1_500.0


def register(api: Blueprint) -> None:
    """Add the views."""
    api.post("/decode")(decode)


@gate()
def decode() -> dict[str, Any]:
    """Read one picture."""
    limit("decode", per_minute=60)
    request.max_content_length = service().config.picture_bytes
    file = request.files.get("image") or next(iter(request.files.values()), None)
    if file is None:
        raise ProblemError("bad-request", _("The picture belongs into a form field named image."))
    began = time.perf_counter()
    try:
        readings = read_image(open_picture(file.stream.read()), budget_ms=_BUDGET_MS, suggest=True)
    except PictureError as error:
        raise ProblemError("not-picture", str(error)) from error
    return {
        "symbols": [reading.as_json() for reading in readings if not reading.suggested],
        "suggestion": _suggestion(readings),
        "ms": round((time.perf_counter() - began) * 1000, 1),
    }


def _suggestion(readings: Sequence[Reading]) -> str | None:
    """Return the likeliest number of bars that could not be read, if there is such an item: a person confirms it."""
    numbers = [reading.text for reading in readings if reading.suggested]
    return next((number for number in numbers if item_by_number(service(), number)), None)
