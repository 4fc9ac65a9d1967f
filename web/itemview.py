"""Items as pages show them: rows of a list from the views, one item from its own chain, folded now."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from custody.findings import Finding, Severity
from custody.hours import working_ms
from custody.judge import Chain, Judgement
from custody.network import Network
from custody.overdue import RAISE_HELD
from db import people, registration, schema
from db.engine import reading
from db.registration import Mismatch
from web import words
from web.i18n import span_of
from web.service import Service

__all__ = [
    "FindingWords",
    "Folded",
    "ItemRow",
    "Names",
    "finding_words",
    "fold",
    "item_by_number",
    "people_in",
    "rows_of",
    "worded",
]

_item, _finding = schema.item, schema.finding
_GRAVE = (Severity.CRITICAL, Severity.HIGH)
_RANK = ("INTACT", "NOTED", "QUESTIONED", "BROKEN")


class Names:
    """Names of people, offices and agencies for one request, looked up together."""

    def __init__(self, service: Service, person_ids: set[bytes] | None = None) -> None:
        """Look up the people of these ids, and every office and agency."""
        engine = service.engine
        self._people = people.names_of(engine, person_ids or set())
        self.offices = {office.code: office.name for office in people.offices(engine)}
        agencies = people.agencies(engine)
        self.agencies = {agency.code: agency.name for agency in agencies}
        self.served_by = {agency.code: agency.office for agency in agencies}

    def person(self, person: bytes | None) -> str:
        """Name a person; one whose name was erased is shown by the pseudonym."""
        if not person:
            return ""
        return self._people.get(person) or _("person %(id)s", id=person.hex()[:8])

    def place(self, code: int | None) -> str:
        """Name an office or agency by its code."""
        if not code:
            return _("no place given")
        return self.offices.get(code) or self.agencies.get(code) or str(code)

    def taker(self, person: bytes | None, code: int | None) -> str:
        """Name whom an item is offered to."""
        return self.person(person) or (self.place(code) if code else "")


def people_in(rows: Iterable[sa.RowMapping]) -> set[bytes]:
    """Give the ids of those whom items are with, or are offered to."""
    return {row[key] for row in rows for key in ("custodian", "offeree") if row[key]}


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRow:
    """One item in a list, in words."""

    number: str
    verdict: words.VerdictWords
    state_word: str
    custodian: str
    offeree: str
    route: str
    since: str
    secrecy_word: str
    urgency_word: str
    held: bool


def _lateness(row: sa.RowMapping, network: Network, now_ms: int) -> str:
    """Give the severity that waiting alone has reached by now: "", "M" or "H" (S05, S07, B07)."""
    policy = network.policy
    if row["state"] == "OFFERED":
        waited, limit, factor = now_ms - (row["offered_ms"] or now_ms), policy.offer_open_ms, 4
    elif row["is_container"] and row["state"] in {"HELD", "LOADED", "QUAR", "LOST"}:
        waited, limit, factor = now_ms - (row["registered_ms"] or now_ms), policy.closed_ms, 3
    elif row["state"] in {"HELD", "QUAR", "LOST"} or (row["state"] == "LOADED" and row["container"] is None):
        calendar = network.directory.calendar(row["office"] or 0)
        since_ms = row["moved_ms"] or now_ms
        waited = working_ms(calendar, since_ms, now_ms) if calendar else now_ms - since_ms
        limit, factor = policy.held_ms, RAISE_HELD
    else:
        return ""
    return "" if waited <= limit else "H" if waited > factor * limit else "M"


def verdict_now(row: sa.RowMapping, network: Network, now_ms: int) -> str:
    """Raise the stored verdict by what time has done since; the item's own page counts exactly."""
    late = _lateness(row, network, now_ms)
    least = {"": "INTACT", "M": "NOTED", "H": "QUESTIONED"}[late]
    return max(str(row["verdict"]), least, key=_RANK.index)


def rows_of(
    service: Service, *where: sa.ColumnElement[bool], order: Any = None, limit: int = 50, offset: int = 0
) -> list[ItemRow]:
    """List items in words."""
    query = (
        sa.select(_item)
        .where(*where)
        .order_by(*(order or (_item.c.last_ms.desc(),)))
        .limit(limit)
        .offset(offset)
    )
    with reading(service.engine) as conn:
        found = list(conn.execute(query).mappings())
    return worded(service, found)


def worded(service: Service, found: list[sa.RowMapping]) -> list[ItemRow]:
    """Put rows of the item view into words."""
    names = Names(service, people_in(found))
    network, now_ms = service.site.ledger.rules.network, service.now()
    with reading(service.engine) as conn:
        waiting = set(conn.execute(registration.held_uids()).scalars())
    return [_worded(row, names, network, now_ms, held=row["uid"] in waiting) for row in found]


def _worded(row: sa.RowMapping, names: Names, network: Network, now_ms: int, *, held: bool) -> ItemRow:
    since = row["moved_ms"]
    return ItemRow(
        number=row["number"],
        verdict=words.verdict_words(verdict_now(row, network, now_ms)),
        state_word=words.state_word(row["state"], is_container=bool(row["is_container"])),
        custodian=names.person(row["custodian"]),
        offeree=names.taker(row["offeree"], row["offeree_code"]),
        route=_("Bag")
        if row["is_container"]
        else _(
            "%(sender)s → %(recipient)s",
            sender=names.place(row["sender"]),
            recipient=names.place(row["recipient"]),
        ),
        since=_("for %(span)s", span=span_of(now_ms - since)) if since else "",
        secrecy_word=words.secrecy_word(row["secrecy"]),
        urgency_word=words.urgency_word(row["urgency"]),
        held=bool(row["held"]) or held,
    )


@dataclass(frozen=True, slots=True)
class FindingWords:
    """A finding as shown."""

    id: str
    code: str
    name: str
    severity: str
    tone: str
    icon: str
    text: str
    advice: str
    detail: str
    resolved: bool
    index: int


def finding_words(finding: Finding) -> FindingWords:
    """Put a finding into words."""
    tone = words.severity_tone(finding.severity.value)
    return FindingWords(
        id=finding.id.hex(),
        code=finding.code,
        name=finding.kind.name,
        severity=finding.severity.value,
        tone="info" if finding.resolved_by is not None and tone == "warn" else tone,
        icon={"bad": "BROKEN", "warn": "warn", "info": "info"}[tone],
        text=_(finding.kind.text),
        advice=_(finding.kind.advice),
        detail=finding.detail,
        resolved=finding.resolved_by is not None,
        index=finding.index,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Folded:
    """One item: its row, its chain, and the judgement as of now."""

    row: sa.RowMapping
    chain: Chain
    judgement: Judgement
    findings: list[FindingWords] = field(default_factory=list)
    is_otherwise: bool = False  # registered otherwise than accepted, and nobody has decided

    @property
    def held(self) -> bool:
        """Whether the next release waits for a decision: an unresolved C or H that is not mere waiting."""
        return self.chain.held or self.is_otherwise

    @property
    def graver(self) -> bool:
        """Whether there is something for supervisors to decide on."""
        return any(f.severity in _GRAVE and f.resolved_by is None for f in self.judgement.findings)


def item_by_number(service: Service, number: str) -> sa.RowMapping | None:
    """Find the newest item of a number (S10 numbers come back after years)."""
    query = sa.select(_item).where(_item.c.number == number).order_by(_item.c.last_idx.desc()).limit(1)
    with reading(service.engine) as conn:
        return conn.execute(query).mappings().first()


def fold(service: Service, row: sa.RowMapping) -> Folded:
    """Judge one item now, from its entries."""
    chain = service.site.ledger.chain(row["uid"])
    judgement = chain.judge(service.now())
    order = {"C": 0, "H": 1, "M": 2, "L": 3, "I": 4}
    shown = sorted(
        judgement.findings, key=lambda f: (f.resolved_by is not None, order[f.severity.value], f.index)
    )
    others = registration.mismatches_of(service.engine, row["uid"])
    return Folded(
        row=row,
        chain=chain,
        judgement=judgement,
        findings=[*map(_mismatch_words, others), *map(finding_words, shown)],
        is_otherwise=any(one.decided_ms is None for one in others),
    )


def _mismatch_words(found: Mismatch) -> FindingWords:
    """Put a registration that differs from its acceptance into the words of a finding."""
    is_open = found.decided_ms is None
    return FindingWords(
        id=found.token.hex(),
        code="",
        name="",
        severity="H",
        tone="warn" if is_open else "info",
        icon="warn",
        text=words.mismatch_word(found.fields),
        advice=_("Ask the agency who has it now and whether it was opened; report it, then decide here.")
        if found.fields == ("taker",)
        else _("Compare the envelope with the counter's form, ask the clerk, then decide here."),
        detail=", ".join(found.fields),
        resolved=not is_open,
        index=found.idx,
    )
