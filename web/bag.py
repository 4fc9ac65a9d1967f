"""Bags: the page on which they are closed and opened, and the record for both offices where something was wrong."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template
from flask_babel import gettext as _

from custody.event import Entry, EventType, Field
from db import containers, desk
from web import words
from web.access import CARRIERS
from web.api.items import find
from web.i18n import moment_of
from web.itemview import Folded, Names
from web.problems import ProblemError
from web.service import gate, service, viewer

__all__ = ["bag"]

bag = Blueprint("bag", __name__, url_prefix="/bag")


@bag.get("")
@gate(*CARRIERS)
def page() -> str:
    """Show the shell of the page; the browser, which holds the key, builds it."""
    return render_template("bag.html")


@bag.get("/<number>/record")
@gate(*CARRIERS, "inspector")
def record(number: str) -> str:
    """Show what was closed and what was found, one copy for each office; the look is written down."""
    made, who = service(), viewer()
    found, standing = find(number)
    opening = _entry(found, EventType.OPEN)
    if standing == "hand":
        raise ProblemError("forbidden")
    if opening is None:
        raise ProblemError("not-found", _("This bag has not been opened."))
    desk.log_access(made.engine, person=who.id, action="record", subject=number, at_ms=made.now())
    missing = opening.event.fields.get(Field.MISSING, [])
    gone, surplus = containers.differences(made.engine, found.row["uid"], missing)
    return render_template(
        "bag_record.html",
        number=number,
        steps=_steps(found, [_entry(found, EventType.CLOSE), opening]),
        missing=gone,
        surplus=surplus,
        seal=words.seal_words(condition=_condition(opening), is_same=_is_same(found, opening))[1],
        reports=[
            text
            for entry in found.chain.entries
            if entry.event.type is EventType.SIGHT and (text := entry.event.fields.get(Field.REASON_TEXT))
        ],
    )


def _entry(found: Folded, kind: EventType) -> Entry | None:
    return next((entry for entry in found.chain.entries if entry.event.type is kind), None)


def _condition(opening: Entry) -> int | None:
    return opening.event.seal[1] if opening.event.seal else None


def _is_same(found: Folded, opening: Entry) -> bool:
    return not any(one.code == "B05" and one.index == opening.index for one in found.findings)


def _steps(found: Folded, entries: list[Entry | None]) -> list[dict[str, Any]]:
    """Say of the closing and of the opening who, with whom, where, when, and how many."""
    ring = service().site.ledger.ring
    seconds = {
        entry.index: second.person
        for entry in entries
        if entry and (kid := entry.event.second_kid) and (second := ring.get(kid, entry.index))
    }
    ids = {entry.event.actor for entry in entries if entry} | set(seconds.values())
    names = Names(service(), ids | ({found.row["custodian"]} - {None}))
    return [
        {
            "word": words.event_word(entry.event.type),
            "who": names.person(entry.event.actor),
            "second": names.person(seconds.get(entry.index)),
            "place": names.place(entry.event.place),
            "when": moment_of(entry.event.claimed_ms),
            "count": entry.event.fields[Field.MANIFEST][1],
            "index": entry.index,
        }
        for entry in entries
        if entry
    ]
