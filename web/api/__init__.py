"""The API, one blueprint, a file for each thing it is about. Bodies and answers: `web.schemas`."""

from __future__ import annotations

from flask import Blueprint

from web.api import (
    day,
    decode,
    devices,
    enrolments,
    events,
    glass,
    items,
    labels,
    people,
    printing,
    scans,
    slips,
)

__all__ = ["make_api"]


def make_api() -> Blueprint:
    """Gather the API's views."""
    api = Blueprint("api", __name__, url_prefix="/api/v1")
    for part in (
        day,
        decode,
        devices,
        enrolments,
        events,
        glass,
        items,
        labels,
        people,
        printing,
        scans,
        slips,
    ):
        part.register(api)
    return api
