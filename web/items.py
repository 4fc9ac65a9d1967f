"""Items: the list a person may see, and one item's page with its chain as a timeline."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from custody.event import Entry, EventType, Field
from db import containers, desk, glass, people, registration, schema, slips
from db.named import Named, named_of
from kt1.slips import group_slip
from web import words
from web.access import OVER, OVERSEERS, check_standing, is_addressee, visible_to
from web.accounts import Viewer
from web.api.glass import parse_drawing
from web.api.slips import parse_record
from web.i18n import moment_of, span_of
from web.itemview import FindingWords, Folded, Names, finding_words, fold, item_by_number, people_in, rows_of
from web.printing import printers_here
from web.problems import ProblemError
from web.service import gate, reason_given, service, viewer, viewer_or_none

__all__ = ["items"]

items = Blueprint("items", __name__, url_prefix="/items")
_item = schema.item
_PAGE = 40
_LAG_MS = 10 * 60_000


def _filters() -> dict[str, tuple[str, tuple[sa.ColumnElement[bool], ...]]]:
    return {
        "all": (_("All"), ()),
        "open": (_("Under way"), (_item.c.state.not_in(OVER),)),
        "broken": (_("Broken"), (_item.c.verdict == "BROKEN",)),
        "questioned": (_("Questioned"), (_item.c.verdict == "QUESTIONED",)),
        "held": (_("Held"), (sa.or_(_item.c.held == 1, _item.c.uid.in_(registration.held_uids())),)),
        "delivered": (_("Delivered"), (_item.c.state == "DELIVERED",)),
    }


@items.get("/")
@gate()
def index() -> str:
    """List the items that the viewer may see, newest first."""
    who, filters = viewer(), _filters()
    show = request.args.get("show", "open")
    show = show if show in filters else "open"
    page_number = max(request.args.get("page", 0, type=int), 0)
    query = "".join(request.args.get("q", "")[:40].upper().split())
    where = [visible_to(who), *filters["all" if query and "show" not in request.args else show][1]]
    if query:
        where.append(_item.c.number.contains(query, autoescape=True))
    found = rows_of(service(), *where, limit=_PAGE + 1, offset=page_number * _PAGE)
    oversees = who.has(*OVERSEERS)
    return render_template(
        "items.html",
        items=found[:_PAGE],
        more=len(found) > _PAGE,
        page_number=page_number,
        q=query,
        show=show,
        filters=[{"name": name, "word": word} for name, (word, _where) in filters.items()],
        scope=_("All items of the site.")
        if oversees
        else _("Items that you or your office have to do with."),
    )


@dataclass(frozen=True, slots=True)
class _Toned:
    tone: str
    word: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hop:
    """One entry of the timeline, in words."""

    index: int
    icon: str
    word: str
    sentence: str
    place: str
    seal: _Toned
    signature: _Toned
    method: str
    claimed: str
    logged: str
    lag: str
    reason: str
    tone: str
    cut: bool
    findings: list[FindingWords]


def _sentence(entry: Entry, names: Names, givers: dict[bytes, str]) -> str:
    """Say who gave and who took; both names wherever two people take part."""
    event, fields = entry.event, entry.event.fields
    actor, cited = names.person(event.actor), givers.get(fields.get(Field.CITES, b""), "")
    offeree = fields.get(Field.OFFEREE)
    second = names.person(witness) if (witness := _second_of(entry)) else ""
    taker = names.person(offeree) if isinstance(offeree, bytes) else names.place(offeree) if offeree else ""
    match event.type.name:
        case "OFFER":
            return _("%(giver)s hands it to %(taker)s.", giver=actor, taker=taker)
        case "ACCEPT" | "DELIVER" if cited:
            return _("%(taker)s took it from %(giver)s.", taker=actor, giver=cited)
        case "ACCEPT" | "DELIVER":
            return _("%(taker)s took it; nobody signed for giving it.", taker=actor)
        case "REFUSE" if cited:
            return _("%(taker)s did not take it from %(giver)s.", taker=actor, giver=cited)
        case "OVERRIDE":
            return _(
                "%(name)s and %(second)s decided; %(taker)s holds it now.",
                name=actor,
                second=second,
                taker=taker,
            )
    if second:
        return _("By %(name)s, before %(second)s as witness.", name=actor, second=second)
    return _("By %(name)s.", name=actor)


def _is_decided(item: Folded) -> bool:
    return any(one.code == "A01" for one in item.judgement.findings)


def _second_of(entry: Entry) -> bytes | None:
    """Give the person whose key countersigned, if any."""
    kid = entry.event.second_kid
    certificate = service().site.ledger.ring.get(kid, entry.index) if kid else None
    return certificate.person if certificate else None


def _signature(codes: set[str]) -> _Toned:
    if codes & {"K01", "P01", "E04"}:
        return _Toned("bad", _("signature of a stranger"))
    if codes & {"K04", "K05"}:
        return _Toned("bad", _("key withdrawn"))
    if codes & {"K02", "K03", "K06", "K07"}:
        return _Toned("warn", _("signed without qualification"))
    return _Toned("good", _("signature verified"))


def _hop(entry: Entry, item: Folded, names: Names, givers: dict[bytes, str]) -> _Hop:
    event = entry.event
    found = [finding_words(one) for one in item.judgement.findings if one.index == entry.index]
    codes = {one.code for one in found}
    seal = event.seal
    same = None if seal is None else not codes & {"X01", "B05"}
    tones = {one.tone for one in found if not one.resolved}
    lag_ms = entry.logged_ms - event.claimed_ms
    return _Hop(
        index=entry.index,
        icon=words.EVENT_ICONS.get(event.type, "info"),
        word=words.event_word(event.type),
        sentence=_sentence(entry, names, givers),
        place=names.place(event.place),
        seal=_Toned("good", _("seal recorded"))
        if event.type in (EventType.REGISTER, EventType.CLOSE)
        else _Toned(*words.seal_words(condition=seal[1] if seal else None, is_same=same)),
        signature=_signature(codes),
        method=words.method_word(event.fields.get(Field.METHOD)),
        claimed=moment_of(event.claimed_ms),
        logged=moment_of(entry.logged_ms),
        lag=span_of(lag_ms) if lag_ms > _LAG_MS else "",
        reason=event.fields.get(Field.REASON_TEXT, "") or words.reason_word(event.fields.get(Field.REASON)),
        tone="bad" if "bad" in tones else "warn" if "warn" in tones else "",
        cut=bool(codes & {"C02", "C04", "P02", "P03"}),
        findings=found,
    )


def _timeline(item: Folded, names: Names) -> list[_Hop]:
    givers = {entry.event.id: names.person(entry.event.actor) for entry in item.chain.entries}
    return [_hop(entry, item, names, givers) for entry in item.chain.entries]


def _people_in(item: Folded) -> set[bytes]:
    ids = people_in([item.row])
    for entry in item.chain.entries:
        ids.add(entry.event.actor)
        offeree = entry.event.fields.get(Field.OFFEREE)
        ids |= {offeree} if isinstance(offeree, bytes) else set()
        second = _second_of(entry)
        ids |= {second} if second else set()
    return ids


def _facts(item: Folded, names: Names) -> dict[str, Any]:
    row, now_ms = item.row, service().now()
    prints = [one for one in desk.prints_of(service().engine, row["uid"]) if one["format"] != "svg"]
    return {
        "number": row["number"],
        "kind_word": words.kind_word(row["kind"], is_container=bool(row["is_container"])),
        "is_container": bool(row["is_container"]),
        "container": containers.number_of(service().engine, row["container"]),
        "state_word": words.state_word(row["state"], is_container=bool(row["is_container"])),
        "secrecy_word": words.secrecy_word(row["secrecy"]),
        "urgency_word": words.urgency_word(row["urgency"]),
        "verdict": words.verdict_words(item.judgement.verdict.value, is_decided=_is_decided(item)),
        "held": item.held and row["state"] not in OVER,
        "custodian": names.person(row["custodian"]),
        "since": _("for %(span)s", span=span_of(now_ms - row["moved_ms"])) if row["moved_ms"] else "",
        "offeree": names.taker(row["offeree"], row["offeree_code"]),
        "offer_until": moment_of(row["offer_expires_ms"]),
        "sender": names.place(row["sender"]),
        "recipient": names.place(row["recipient"]),
        "due": moment_of(row["due_ms"]),
        "registered": moment_of(row["registered_ms"]),
        "instance": row["instance"],
        "only_named": bool(row["only_named"]),
        "prints": len(prints),
        "printed": moment_of(prints[-1]["at_ms"]) if prints else "",
    }


@items.get("/<number>")
def show(number: str) -> str:
    """Show an item to those it concerns; to anyone else only that it is KT1 (E6)."""
    who = viewer_or_none()
    if who is None:
        return render_template("found.html")
    return _show(number)


@gate()
def _show(number: str) -> str:
    who = viewer()
    row = item_by_number(service(), number)
    standing = check_standing(who, row)
    if row is None or standing == "hand":
        return render_template("found.html")
    item = fold(service(), row)
    if standing == "oversight":
        desk.log_access(service().engine, person=who.id, action="look", subject=number, at_ms=service().now())
    looks = desk.accesses(service().engine, number) if who.has(*OVERSEERS) else []
    names = Names(service(), _people_in(item) | {look["person"] for look in looks[-8:] if look["person"]})
    return render_template(
        "item.html",
        item=_facts(item, names),
        findings=item.findings,
        hops=_timeline(item, names),
        offices=people.offices(service().engine) if row["is_container"] else [],
        printers=[one for one in printers_here() if (one.layout == "bag") == bool(row["is_container"])],
        contents=containers.contents(service().engine, row["uid"]) if row["is_container"] else [],
        named=_named(row, who),
        contacts=people.contacts(service().engine, row["recipient"]) if row["custodian"] == who.id else [],
        glass=_drawn(item) if standing == "oversight" else [],
        slips=_written(item) if standing in {"part", "oversight"} else [],
        may={
            "dossier": who.has(*OVERSEERS),
            "label": who.has("issuer", "supervisor"),
            "decide": item.is_otherwise and _may_decide(who, row),
        },
        looks=[
            {"who": names.person(look["person"]), "when": moment_of(look["at_ms"])}
            for look in reversed(looks[-8:])
        ],
    )


def _named(row: sa.RowMapping, who: Viewer) -> Named | None:
    """Give whom alone it may be opened by, to its holder and the agency that it is for."""
    may_know = row["custodian"] == who.id or is_addressee(who, row)
    return (
        named_of(service().engine, [row["uid"]]).get(row["uid"]) if row["only_named"] and may_know else None
    )


def _drawn(item: Folded) -> list[dict[str, Any]]:
    """Give the signatures on a courier's screen, for who oversees: the name that was given, when, and the lines."""
    drawn = []
    for one in glass.glass_of(service().engine, item.row["uid"]):
        drawing = parse_drawing(one.drawing)
        lines = [
            " ".join(f"{x},{y}" for x, y in zip(stroke[::2], stroke[1::2], strict=True))
            for stroke in drawing.strokes
        ]
        drawn.append({"name": drawing.name, "when": moment_of(one.at_ms), "lines": lines})
    return drawn


def _written(item: Folded) -> list[dict[str, Any]]:
    """Give what was recorded from paper slips: the number, who gave to whom and when by the pen, and the recording."""
    found = []
    for one in slips.slips_on(service().engine, item.row["uid"]):
        record = parse_record(one.record or "")
        written = datetime.fromisoformat(record.at).strftime("%H:%M %d/%m/%Y")
        found.append(
            {
                "number": group_slip(one.number),
                "giver": record.giver,
                "taker": record.taker,
                "written": written,
                "recorded": moment_of(one.bound_ms or 0),
            }
        )
    return found


def _may_decide(who: Viewer, row: sa.RowMapping) -> bool:
    """Whether somebody may let a registration stand: a supervisor who had no part in it (D8)."""
    return who.has("supervisor") and who.id != row["issuer"]


@items.post("/<number>/registration")
@gate("supervisor")
def decide(number: str) -> Response:
    """Let a registration that differs from its acceptance stand; who and why is kept."""
    made, who = service(), viewer()
    row = item_by_number(made, number)
    check_standing(who, row)
    if row is None or not _may_decide(who, row):
        raise ProblemError("forbidden")
    reason = reason_given(_("A decision needs its reason."))
    if not registration.decide_mismatch(made.engine, row["uid"], by=who.id, reason=reason, now_ms=made.now()):
        raise ProblemError("conflict")
    desk.log_access(
        made.engine, person=who.id, action="registration-stands", subject=number, at_ms=made.now()
    )
    return redirect(f"/items/{number}")
