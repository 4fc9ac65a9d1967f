"""The counter's working tables: numbers, drafts, prints; and what was scanned, refused or looked at."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from typing import Any, Final

import sqlalchemy as sa

from custody.fields import Field
from custody.label import UNSEALED, parse_label
from db import schema
from db.engine import reading, writing

__all__ = [
    "ACCEPTED_LOSS",
    "EXPLAINED",
    "Draft",
    "Refusal",
    "ScanAttempt",
    "accesses",
    "draft_of",
    "drop_draft",
    "explanations",
    "forged_scans",
    "get_setting",
    "is_refused",
    "log_access",
    "log_print",
    "log_scan",
    "next_serial",
    "prints_of",
    "put_setting",
    "refusals",
    "save_draft",
]

_draft, _counter, _print = schema.draft, schema.number_counter, schema.print_log
_scan, _refused, _access, _setting = schema.scan_attempt, schema.refused, schema.access_log, schema.setting
ACCEPTED_LOSS = "accepted_loss"
"""Setting: a loss of entries up to this size was looked at and accepted."""
EXPLAINED = "refusal-explained"
"""Outcome of an attempt: not a scan, but what somebody says of an entry of theirs that was refused."""
_MAX_SCAN_CHARS = 4_096
_SEAL: Final = str(int(Field.SEAL))
_NEXT_SERIAL = sa.text(
    "INSERT INTO number_counter (service, country, next_serial) VALUES (:service, :country, :first + :count) "
    "ON CONFLICT (service, country) DO UPDATE SET next_serial = number_counter.next_serial + :count "
    "RETURNING next_serial - :count"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A label issued whose REGISTER or RELABEL has not come back signed yet.

    Attributes:
        uid: 8 bytes.
        instance: label instance, 0 for the first.
        number: S10.
        label: 92 bytes.
        form: JSON of the class facts; for a label printed in advance also the seal's commitment, in hex.
        created_by: person id.
    """

    uid: bytes
    instance: int
    number: str
    label: bytes
    form: str
    created_by: bytes
    created_ms: int

    @property
    def seal_commitment(self) -> bytes:
        """8 bytes: the seal that the label binds, or that is bound to a label printed in advance."""
        sealed = parse_label(self.label).seal_commitment
        return bytes.fromhex(json.loads(self.form)[_SEAL]) if sealed == UNSEALED else sealed


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanAttempt:
    """What a device read, whatever it was; `outcome` is ok, not-kt1, misread, forged, unknown-key..."""

    text: str
    outcome: str
    format: str | None = None
    method: str | None = None
    uid: bytes | None = None
    place: int | None = None
    person: bytes | None = None
    kid: bytes | None = None
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """An entry that the log did not take: why, when, and from whom; `hash` is SHA-256 of its bytes."""

    id: int
    hash: bytes
    code: str
    reason: str
    kid: bytes | None
    uid: bytes | None
    submitted_by: str | None
    at_ms: int


def next_serial(engine: sa.Engine, *, service: str, country: str, first: int = 0, count: int = 1) -> int:
    """Take the next *count* serials of a service indicator, give the first; never the same twice, gaps allowed."""
    with writing(engine) as conn:
        values = {"service": service, "country": country, "first": first, "count": count}
        return int(conn.execute(_NEXT_SERIAL, values).scalar_one())


def save_draft(engine: sa.Engine, draft: Draft) -> None:
    """Store a draft."""
    with writing(engine) as conn:
        conn.execute(_draft.insert(), [asdict(draft)])


def draft_of(engine: sa.Engine, number: str) -> Draft | None:
    """Return the newest draft of a number, or None."""
    query = sa.select(_draft).where(_draft.c.number == number).order_by(_draft.c.created_ms.desc())
    with reading(engine) as conn:
        row = conn.execute(query.limit(1)).mappings().first()
    return Draft(**row) if row else None


def drop_draft(engine: sa.Engine, uid: bytes, instance: int) -> None:
    """Forget a draft, once its event is in the log."""
    with writing(engine) as conn:
        conn.execute(_draft.delete().where(_draft.c.uid == uid, _draft.c.instance == instance))


def log_print(
    engine: sa.Engine, *, uid: bytes, instance: int, file_format: str, reason: str, by: bytes, at_ms: int
) -> None:
    """Note that a label was made into ink."""
    row = {
        "uid": uid,
        "instance": instance,
        "format": file_format,
        "reason": reason,
        "by": by,
        "at_ms": at_ms,
    }
    _insert(engine, _print, row)


def prints_of(engine: sa.Engine, uid: bytes) -> list[dict[str, Any]]:
    """List the prints of an item's labels: instance, format, reason, by, at_ms; oldest first."""
    columns = (_print.c.instance, _print.c.format, _print.c.reason, _print.c.by, _print.c.at_ms)
    with reading(engine) as conn:
        rows = conn.execute(sa.select(*columns).where(_print.c.uid == uid).order_by(_print.c.id)).mappings()
        return [dict(row) for row in rows]


def log_scan(engine: sa.Engine, attempt: ScanAttempt) -> None:
    """Note a raw scan; the text is cut at 4,096 characters."""
    _insert(engine, _scan, asdict(attempt) | {"text": attempt.text.replace("\0", "")[:_MAX_SCAN_CHARS]})


def forged_scans(engine: sa.Engine, *, since_ms: int, limit: int = 100) -> list[ScanAttempt]:
    """List scans of forged labels and of labels by unknown keys, newest first."""
    columns = [column for column in _scan.c if column.name != "id"]
    query = (
        sa.select(*columns)
        .where(_scan.c.outcome.in_(("forged", "unknown-key", "not-registered")), _scan.c.at_ms >= since_ms)
        .order_by(_scan.c.at_ms.desc(), _scan.c.id.desc())
        .limit(limit)
    )
    with reading(engine) as conn:
        return [ScanAttempt(**row) for row in conn.execute(query).mappings()]


def explanations(engine: sa.Engine, *, since_ms: int = 0, limit: int = 200) -> dict[bytes, ScanAttempt]:
    """Return what people said of entries that were refused, by SHA-256 of the entry; the newest word counts."""
    columns = [column for column in _scan.c if column.name != "id"]
    query = sa.select(*columns).where(_scan.c.outcome == EXPLAINED, _scan.c.at_ms >= since_ms)
    with reading(engine) as conn:
        rows = [
            ScanAttempt(**row)
            for row in conn.execute(query.order_by(_scan.c.id.desc()).limit(limit)).mappings()
        ]
    found = ((re.match("([0-9a-f]{64}) ", one.text), one) for one in reversed(rows))
    return {bytes.fromhex(match[1]): one for match, one in found if match}


def is_refused(engine: sa.Engine, entry_hash: bytes) -> bool:
    """Say whether an entry was refused; its hash is SHA-256 of its bytes."""
    with reading(engine) as conn:
        return bool(conn.scalar(sa.select(sa.exists().where(_refused.c.hash == entry_hash))))


def refusals(
    engine: sa.Engine, *, since_ms: int = 0, uid: bytes | None = None, limit: int = 100
) -> list[Refusal]:
    """List refused entries, newest first."""
    columns = [column for column in _refused.c if column.name != "body"]
    query = sa.select(*columns).where(_refused.c.at_ms >= since_ms)
    if uid is not None:
        query = query.where(_refused.c.uid == uid)
    query = query.order_by(_refused.c.at_ms.desc(), _refused.c.id.desc()).limit(limit)
    with reading(engine) as conn:
        return [Refusal(**row) for row in conn.execute(query).mappings()]


def log_access(engine: sa.Engine, *, person: bytes | None, action: str, subject: str, at_ms: int) -> None:
    """Note who looked at or exported what."""
    _insert(engine, _access, {"person": person, "action": action, "subject": subject, "at_ms": at_ms})


def accesses(engine: sa.Engine, subject: str) -> list[dict[str, Any]]:
    """List who looked at *subject*: person, action, at_ms; oldest first."""
    columns = (_access.c.person, _access.c.action, _access.c.at_ms)
    query = sa.select(*columns).where(_access.c.subject == subject).order_by(_access.c.id)
    with reading(engine) as conn:
        return [dict(row) for row in conn.execute(query).mappings()]


def get_setting(engine: sa.Engine, name: str) -> str | None:
    """Return a setting of the site, or None."""
    with reading(engine) as conn:
        value: str | None = conn.execute(sa.select(_setting.c.value).where(_setting.c.name == name)).scalar()
    return value


def put_setting(engine: sa.Engine, name: str, value: str) -> None:
    """Store a setting of the site."""
    with writing(engine) as conn:
        conn.execute(_setting.delete().where(_setting.c.name == name))
        conn.execute(_setting.insert(), [{"name": name, "value": value}])


def _insert(engine: sa.Engine, table: sa.Table, row: dict[str, Any]) -> None:
    with writing(engine) as conn:
        conn.execute(table.insert(), [row])
