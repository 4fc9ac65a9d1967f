"""The wall: what waits for a decision, in groups, the gravest first; drawn from the views, polled with an ETag."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

import sqlalchemy as sa
from flask import Blueprint, Response, make_response, render_template, request
from flask_babel import gettext as _

from custody.errors import CustodyError
from custody.findings import CATALOGUE, Severity
from custody.label import parse_digits
from db import desk, registration, schema
from db.engine import reading
from db.views import lies_too_long
from web import words
from web.access import OVER
from web.i18n import moment_of, span_of
from web.itemview import Names, people_in
from web.service import gate, service
from web.watchlist import watched

__all__ = ["wall"]

wall = Blueprint("wall", __name__, url_prefix="/wall")
_item, _finding = schema.item, schema.finding
_ROWS = 40
_DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """One thing that waits."""

    number: str = ""
    marks: str = ""
    what: str
    where: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Group:
    """Things that wait for the same kind of decision."""

    name: str
    tone: str
    icon: str
    word: str
    advice: str
    count: int
    rows: list[_Line] = field(default_factory=list)

    @property
    def more(self) -> str:
        """Where the rest of the group is listed."""
        if self.name == "devices":
            return "/devices"
        return f"/items/?show={self.name}" if self.name in {"broken", "questioned"} else "/items/"


def _items(
    conn: sa.Connection, *where: sa.ColumnElement[bool], order: sa.ColumnElement[object]
) -> tuple[int, list[sa.RowMapping]]:
    count = conn.scalar(sa.select(sa.func.count()).select_from(_item).where(*where)) or 0
    rows = list(conn.execute(sa.select(_item).where(*where).order_by(order).limit(_ROWS)).mappings())
    return count, rows


def _worst(conn: sa.Connection, uids: list[bytes]) -> dict[bytes, str]:
    """Give the text of each item's gravest open finding."""
    rank = sa.case({"C": 0, "H": 1, "M": 2}, value=_finding.c.severity, else_=3)
    query = (
        sa.select(_finding.c.uid, _finding.c.code)
        .where(_finding.c.uid.in_(uids), _finding.c.resolved_idx.is_(None))
        .order_by(rank.desc(), _finding.c.idx.desc())
    )
    return {row.uid: _(CATALOGUE[row.code].text) for row in conn.execute(query)}


def _marks(row: sa.RowMapping) -> str:
    return " ".join(
        part for part in (words.secrecy_word(row["secrecy"]), words.urgency_word(row["urgency"])) if part
    )


class _Wall:
    """Everything on the wall at one moment."""

    def __init__(self) -> None:
        made = service()
        self.now_ms, network = made.now(), made.site.ledger.rules.network
        open_ = _item.c.state.not_in(OVER)
        late_offer = self.now_ms - network.policy.offer_open_ms
        with reading(made.engine) as conn:
            self.broken = _items(conn, _item.c.verdict == "BROKEN", order=_item.c.last_ms.desc())
            self.questioned = _items(conn, _item.c.verdict == "QUESTIONED", order=_item.c.last_ms.desc())
            self.waiting = _items(
                conn,
                _item.c.state == "OFFERED",
                _item.c.offered_ms < late_offer,
                order=_item.c.offered_ms.asc(),
            )
            self.stuck = _items(
                conn,
                open_,
                _item.c.state != "OFFERED",
                lies_too_long(network, self.now_ms),
                order=_item.c.moved_ms.asc(),
            )
            shown = [row["uid"] for _count, rows in (self.broken, self.questioned) for row in rows]
            self.worst = _worst(conn, shown)
            otherwise = registration.open_mismatches(made.engine, limit=200)
            self.otherwise = dict.fromkeys(one.uid for one in otherwise)
            query = sa.select(_item).where(_item.c.uid.in_(list(self.otherwise)[:_ROWS]))
            fields = {one.uid: one.fields for one in otherwise}
            self.differing = [(row, fields[row["uid"]]) for row in conn.execute(query).mappings()]
            self.under_way = conn.scalar(sa.select(sa.func.count()).select_from(_item).where(open_)) or 0
        self.log = _of_the_log()
        self.forged = desk.forged_scans(made.engine, since_ms=self.now_ms - 7 * _DAY_MS, limit=200)
        self.refused = desk.refusals(made.engine, since_ms=self.now_ms - 7 * _DAY_MS, limit=200)
        self.said = desk.explanations(made.engine, since_ms=self.now_ms - 7 * _DAY_MS)
        rows = [row for group in (self.broken, self.questioned, self.waiting, self.stuck) for row in group[1]]
        rows += [row for row, _fields in self.differing]
        ids = people_in(rows)
        self.watched = watched()
        ids |= {person for one in self.watched[:_ROWS] for person in one.people}
        ids |= {one.person for one in (*self.forged, *self.said.values()) if one.person}
        ids |= {
            bytes.fromhex(one.submitted_by)
            for one in self.refused
            if one.submitted_by and len(one.submitted_by) == 16
        }
        self.names = Names(made, ids)

    def _line(self, row: sa.RowMapping, what: str) -> _Line:
        held = _("with %(name)s", name=self.names.person(row["custodian"])) if row["custodian"] else ""
        where = " · ".join(part for part in (self.names.place(row["office"]), held) if part)
        return _Line(number=row["number"], marks=_marks(row), what=what, where=where)

    def _found(self, row: sa.RowMapping) -> _Line:
        state = words.state_word(row["state"], is_container=bool(row["is_container"]))
        return self._line(row, self.worst.get(row["uid"], state))

    def _waits(self, row: sa.RowMapping) -> _Line:
        taker = self.names.taker(row["offeree"], row["offeree_code"])
        waited = span_of(self.now_ms - (row["offered_ms"] or self.now_ms))
        return self._line(row, _("%(taker)s has not signed for %(span)s", taker=taker, span=waited))

    def _stuck(self, row: sa.RowMapping) -> _Line:
        return self._line(row, _("no word for %(span)s", span=span_of(self.now_ms - row["moved_ms"])))

    def groups(self) -> list[_Group]:
        """Put everything into groups."""
        forged_words = {
            "forged": _("Forged label scanned"),
            "unknown-key": _("Label of an unknown key scanned"),
            "not-registered": _("Label scanned that was never registered"),
        }
        forged = [
            _Line(
                number=_number_of(one.text),
                what=forged_words.get(one.outcome, one.outcome),
                where=f"{moment_of(one.at_ms)} · {self.names.person(one.person)} · {self.names.place(one.place)}",
            )
            for one in self.forged[:_ROWS]
        ]
        refused = [
            _Line(
                what=_(CATALOGUE[one.code].text) if one.code in CATALOGUE else one.reason,
                where=" · ".join(
                    filter(None, (moment_of(one.at_ms), self._sender(one), self._explained(one)))
                ),
            )
            for one in self.refused[:_ROWS]
        ]
        return [
            *self._log_group(),
            _Group(name="broken", tone="bad", icon="BROKEN", word=_("Broken chains"), count=self.broken[0],
                   advice=_("Find the envelope, keep it apart, decide with a second supervisor."),
                   rows=[self._found(row) for row in self.broken[1]]),
            _Group(name="forged", tone="bad", icon="BROKEN", word=_("Forged labels"), count=len(self.forged),
                   advice=_("Somebody holds an envelope with a false label. Secure it, call security."), rows=forged),
            _Group(name="otherwise", tone="warn", icon="warn", word=_("Otherwise than accepted"),
                   count=len(self.otherwise),
                   advice=_("A signed entry says otherwise than the counter's form. Compare, ask who signed, decide."),
                   rows=[self._line(row, words.mismatch_word(what)) for row, what in self.differing]),
            _Group(name="refused", tone="bad", icon="lock", word=_("Refused signatures"), count=len(self.refused),
                   advice=_("Strangers or altered entries tried to get into the log. Find the device."), rows=refused),
            _Group(name="questioned", tone="warn", icon="QUESTIONED", word=_("Questioned"), count=self.questioned[0],
                   advice=_("Something does not fit. Ask the people named and decide."),
                   rows=[self._found(row) for row in self.questioned[1]]),
            _Group(name="waiting", tone="warn", icon="clock", word=_("Not accepted"), count=self.waiting[0],
                   advice=_("Offered, but nobody has signed. Call giver and taker."),
                   rows=[self._waits(row) for row in self.waiting[1]]),
            _Group(name="stuck", tone="warn", icon="hand", word=_("Held too long"), count=self.stuck[0],
                   advice=_("Call the holder and have the envelope scanned."),
                   rows=[self._stuck(row) for row in self.stuck[1]]),
            *self._watched_group(),
        ]  # fmt: skip

    def _watched_group(self) -> list[_Group]:
        if not self.watched:
            return []
        rows = [
            _Line(
                what=_(one.finding.kind.text),
                where=" · ".join((*map(self.names.person, one.people), _(one.finding.kind.advice))),
            )
            for one in self.watched[:_ROWS]
        ]
        return [_Group(name="devices", tone="warn", icon="warn", word=_("Devices"), count=len(self.watched), rows=rows,
                       advice=_("Something is missing or unusual beside the items."))]  # fmt: skip

    def _log_group(self) -> list[_Group]:
        if not self.log:
            return []
        tone = (
            "bad"
            if any(CATALOGUE[code].severity is Severity.CRITICAL for code, _what in self.log)
            else "warn"
        )
        rows = [
            _Line(what=_(CATALOGUE[code].text), where=f"{_(CATALOGUE[code].advice)} {what}".strip())
            for code, what in self.log
        ]
        return [_Group(name="log", tone=tone, icon="warn", word=_("The log"), count=len(rows), rows=rows,
                       advice=_("Others do not see the log as it is here."))]  # fmt: skip

    def _sender(self, one: desk.Refusal) -> str:
        if one.submitted_by and len(one.submitted_by) == 16:
            return _("sent by %(name)s", name=self.names.person(bytes.fromhex(one.submitted_by)))
        return _("sender not known")

    def _explained(self, one: desk.Refusal) -> str:
        said = self.said.get(one.hash)
        text = said.text.partition(" ")[2] if said else ""
        return _("%(name)s says: %(text)s", name=self.names.person(said.person), text=text) if said else ""


def _of_the_log() -> list[tuple[str, str]]:
    """Return the findings about the log itself, and which witness makes them, where one does."""
    feed = service().feed
    makes = {contact.finding: contact.name for contact in feed.contacts.values()}
    return [(code, makes.get(code, "")) for code in feed.findings(service().now())]


def _number_of(text: str) -> str:
    try:
        return parse_digits(text).number
    except CustodyError:
        return ""


def _facts() -> dict[str, object]:
    seen = _Wall()
    head = service().site.ledger.head()
    return {"groups": seen.groups(), "under_way": seen.under_way, "entries": head.size if head else 0}


@wall.get("")
@gate("supervisor", "security", "inspector")
def page() -> str:
    """Show the wall."""
    return render_template("wall.html", **_facts())


@wall.get("/fragment")
@gate("supervisor", "security", "inspector")
def fragment() -> Response:
    """Give the wall's inside, or 304 where nothing has changed."""
    body = render_template("wall_fragment.html", **_facts())
    response = make_response(body)
    response.set_etag(hashlib.sha256(body.encode()).hexdigest()[:32])
    response.headers["Cache-Control"] = "no-cache"
    response.make_conditional(request)
    return response
