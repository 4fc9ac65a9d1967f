"""The API, one blueprint, a file for each thing it is about. Bodies and answers: `web.schemas`."""

from __future__ import annotations

from importlib import import_module
from typing import Final

from flask import Blueprint

__all__ = ["PARTS", "make_api"]

PARTS: Final = (
    *("day", "decode", "devices", "enrolments", "events", "glass"),
    *("items", "labels", "people", "printing", "scans", "slips"),
)
"""Modules of this folder that have views."""


def make_api() -> Blueprint:
    """Gather the API's views."""
    api = Blueprint("api", __name__, url_prefix="/api/v1")
    for name in PARTS:
        import_module(f"{__name__}.{name}").register(api)
    return api
