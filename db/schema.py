"""The tables. Core metadata only: rows of the log are values, never objects to be changed and flushed.

Three kinds:
  LOG   entry, checkpoint, tile, log_state,    evidence; append-only (`db.triggers`)
        cosignature
  VIEWS item, item_entry, device_entry, ...    rebuilt from the log alone by `tram rebuild`
  SIDE  person, office, session, draft, ...    names and working data; erasable; decide no verdict

No table has a column for the content, abstract or title of a document (A3, E7); a test reads every name.
Clocks are unix milliseconds UTC (`*_ms`), except `entry.t_claim` and `entry.t_int`, in the same unit.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

__all__ = [
    "LOG_TABLES",
    "METADATA",
    "SIDE_TABLES",
    "VIEW_TABLES",
    "access_log",
    "agency",
    "certificate",
    "checkpoint",
    "contact",
    "cosignature",
    "device_entry",
    "device_request",
    "draft",
    "entry",
    "finding",
    "item",
    "item_entry",
    "log_state",
    "mismatch",
    "number_counter",
    "office",
    "org",
    "person",
    "print_log",
    "refused",
    "scan_attempt",
    "session",
    "setting",
    "sign_in_failure",
    "stay",
    "tile",
]

METADATA = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    },
)
_Big = sa.BigInteger().with_variant(sa.Integer, "sqlite")  # SQLite: only INTEGER is the rowid


def _big(name: str, *, null: bool = False, key: bool = False) -> sa.Column[int]:
    return sa.Column(name, _Big, primary_key=key, autoincrement=False, nullable=null and not key)


def _int(name: str, *, null: bool = False, key: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, primary_key=key, autoincrement=False, nullable=null and not key)


def _bytes(name: str, *, null: bool = False, key: bool = False) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary, primary_key=key, nullable=null and not key)


def _text(name: str, *, null: bool = False, key: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, primary_key=key, nullable=null and not key)


def _serial() -> sa.Column[int]:
    return sa.Column("id", _Big, primary_key=True, autoincrement=True)


def _table(name: str, *columns: Any, rowid: bool = True) -> sa.Table:
    return sa.Table(name, METADATA, *columns, sqlite_with_rowid=rowid)


# -- LOG ----------------------------------------------------------------------------------------------------

entry = _table(
    "entry",
    _big("idx", key=True),
    _bytes("id"),  # RFC 6962 leaf hash of body, 32 B
    _bytes("body"),  # COSE_Sign1 as received
    _int("type"),
    _bytes("kid"),
    _big("t_claim"),
    _big("t_int"),  # signed time of the first checkpoint that includes it
    sa.UniqueConstraint("id"),
    sa.Index(None, "type", "idx", sqlite_where=sa.text("type >= 64"), postgresql_where=sa.text("type >= 64")),
)

checkpoint = _table("checkpoint", _big("size", key=True), _bytes("root"), _text("note"), _big("time_ms"))

log_state = _table(
    "log_state",
    _int("id", key=True),  # always 1
    _big("size"),
    _bytes("root"),
    _big("epoch"),  # one more at every append: the compare-and-swap fence
)

tile = _table(  # full tiles only: 256 hashes of 32 B
    "tile",
    _int("level", key=True),
    _big("n", key=True),
    _bytes("hashes"),
    rowid=False,
)

cosignature = _table(
    "cosignature",
    _big("size", key=True),
    _text("witness", key=True),  # vkey: the name and the key it was verified with
    _text("line"),  # the signature line, with its newline
    _big("n"),  # 1, 2, 3... in the order they came; the newest is also in setting "cosignatures"
    sa.UniqueConstraint("n"),
    rowid=False,
)

# -- VIEWS --------------------------------------------------------------------------------------------------

item = _table(
    "item",
    _bytes("uid", key=True),  # 8 B
    _text("number"),  # S10, 13 characters
    _text("state"),
    _int("seq"),
    _bytes("head"),
    _bytes("custodian", null=True),
    _bytes("offeree", null=True),  # a person
    _int("offeree_code", null=True),  # or an office or agency
    _bytes("offer_id", null=True),
    _big("offered_ms", null=True),  # time logged of the open OFFER
    _big("offer_expires_ms", null=True),
    _int("is_returning"),  # on its way back to the sender
    _int("instance"),
    _bytes("label_digest", null=True),  # of the label that counts, 16 B
    _bytes("seal_commitment", null=True),
    _int("kind", null=True),
    _int("secrecy", null=True),
    _int("urgency", null=True),
    _big("due_ms", null=True),
    _int("sender", null=True),
    _int("recipient", null=True),
    _int("only_named", null=True),
    _bytes("issuer", null=True),
    _int("office", null=True),  # place of the last custody event
    _bytes("container", null=True),  # that it is in now
    sa.Column("is_container", sa.Integer, autoincrement=False, nullable=False, server_default="0"),
    _text("verdict"),  # at last_ms; what only time makes is added by whoever asks
    _int("held"),  # 1: the next release waits for a supervisor
    _big("registered_ms", null=True),
    _big("moved_ms", null=True),  # time logged of the last custody event
    _big("last_idx"),
    _big("last_ms"),
    sa.Index(None, "number"),
    sa.Index(None, "verdict", "last_ms"),
    sa.Index(None, "state", "moved_ms"),
    sa.Index(None, "custodian"),
    sa.Index(None, "offeree"),
    sa.Index(None, "last_ms"),
)

item_entry = _table(
    "item_entry", _bytes("uid", key=True), _big("seq", key=True), _big("idx", key=True), rowid=False
)

device_entry = _table(
    "device_entry", _bytes("kid", key=True), _big("dseq", key=True), _big("idx", key=True), rowid=False
)

stay = _table(  # a row for each LOAD and UNLOAD: whose entries the chain of an item needs
    "stay",
    _bytes("container", key=True),
    _bytes("uid", key=True),
    _big("idx", key=True),
    sa.Index(None, "uid"),
    rowid=False,
)

finding = _table(
    "finding",
    _bytes("uid", key=True),
    _int("n", key=True),  # in the order the judge opened them
    _bytes("id"),  # 8 B: what an OVERRIDE cites
    _text("code"),
    _text("severity"),
    _big("idx"),  # the entry it rests on
    _text("detail"),
    _big("resolved_idx", null=True),
    sa.Index(None, "idx"),
    sa.Index(None, "code", "idx"),
)

certificate = _table(
    "certificate",
    _big("idx", key=True),
    _bytes("kid"),
    _bytes("public"),
    _bytes("person"),
    _bytes("device"),
    _text("roles"),  # JSON array of numbers, custody.roles.Role
    _text("offices"),  # JSON array of codes
    _int("agency", null=True),
    _int("secrecy_max"),
    _big("not_before_ms"),
    _big("not_after_ms"),
    _bytes("kid4"),
    _big("revoked_idx", null=True),
    _big("compromised_ms", null=True),
    sa.Index(None, "kid"),
    sa.Index(None, "person"),
    sa.Index(None, "kid4"),
)

org = _table(  # the newest entry of each office and agency
    "org",
    _int("kind", key=True),
    _big("id", key=True),
    _big("not_before_ms", null=True),
    _big("not_after_ms", null=True),
    _big("idx"),
    rowid=False,
)

# -- SIDE ---------------------------------------------------------------------------------------------------

setting = _table("setting", _text("name", key=True), _text("value"))

office = _table(
    "office", _int("code", key=True), _text("name"), _text("address", null=True), _text("phone", null=True)
)

agency = _table(
    "agency",
    _int("code", key=True),
    _text("name"),
    _text("short_name", null=True),
    _text("address", null=True),
    _int("office", null=True),  # the office that serves it
    _text("folded"),  # name without marks, for search
)

contact = _table(
    "contact",
    _serial(),
    _int("agency"),
    _text("name"),
    _text("phone", null=True),
    _text("duty", null=True),
    _text("hours", null=True),
    sa.Index(None, "agency"),
)

person = _table(
    "person",
    _bytes("id", key=True),  # pseudonymous, 8 B: the only trace of a person in the log
    _text("login"),
    _text("name"),
    _text("password_hash", null=True),
    _int("office", null=True),
    _int("agency", null=True),
    _text("roles"),  # JSON array of names
    _text("phone", null=True),
    _text("status"),  # active | erased
    _text("folded"),  # name and login without marks, for search
    _big("created_ms"),
    sa.UniqueConstraint("login"),
    sa.Index(None, "office"),
    sa.Index(None, "agency"),
)

session = _table(
    "session",
    _bytes("token_hash", key=True),
    _bytes("person"),
    _bytes("kid", null=True),
    _text("language", null=True),
    _big("created_ms"),
    _big("seen_ms"),
    _big("expires_ms"),
    sa.Index(None, "person"),
)

sign_in_failure = (
    _table(  # bad sign-ins, by name and address, and by name alone; whether anybody has the name or not
        "sign_in_failure",
        _bytes("caller", key=True),  # SHA-256
        _int("failures"),
        _big("since_ms"),  # of the first that counts
        _big("locked_until_ms", null=True),
        sa.Index(None, "since_ms"),
    )
)

device_request = _table(
    "device_request",
    _bytes("kid", key=True),
    _bytes("public"),
    _bytes("person"),
    _text("name"),
    _text("status"),  # pending | active | refused | revoked
    _bytes("decided_by", null=True),
    _big("created_ms"),
    _big("decided_ms", null=True),
    sa.Index(None, "status"),
    sa.Index(None, "person"),
)

draft = _table(  # an acceptance or a reprint whose event has not come back signed yet
    "draft",
    _bytes("uid", key=True),
    _int("instance", key=True),
    _text("number"),
    _bytes("label"),  # 92 B
    _text("form"),  # JSON, class facts only
    _bytes("created_by"),
    _big("created_ms"),
    sa.Index(None, "number"),
)

mismatch = _table(  # a REGISTER that counts, and is not what was accepted at the counter
    "mismatch",
    _serial(),
    _bytes("uid"),
    _big("idx"),  # of the REGISTER
    _text("fields"),  # names of what differs, or "draft" where nothing was accepted
    _big("at_ms"),
    _bytes("decided_by", null=True),  # a supervisor
    _big("decided_ms", null=True),
    _text("reason", null=True),
    sa.Index(None, "uid"),
    sa.Index(None, "decided_ms"),
)

number_counter = _table(
    "number_counter", _text("service", key=True), _text("country", key=True), _big("next_serial")
)

print_log = _table(
    "print_log",
    _serial(),
    _bytes("uid"),
    _int("instance"),
    _text("format"),
    _text("reason"),
    _bytes("by"),
    _big("at_ms"),
    sa.Index(None, "uid"),
)

scan_attempt = _table(  # what was read, also when it was no label of ours
    "scan_attempt",
    _serial(),
    _text("text"),  # at most 4 kB, cut by the writer
    _text("format", null=True),
    _text("method", null=True),
    _text("outcome"),
    _bytes("uid", null=True),
    _int("place", null=True),
    _bytes("person", null=True),
    _bytes("kid", null=True),
    _big("at_ms"),
    sa.Index(None, "outcome", "at_ms"),
    sa.Index(None, "uid"),
)

refused = _table(  # entries the log did not take
    "refused",
    _serial(),
    _bytes("hash"),  # SHA-256 of the bytes
    _text("code"),
    _text("reason"),
    _bytes("kid", null=True),
    _bytes("uid", null=True),
    _text("submitted_by", null=True),
    _big("at_ms"),
    _bytes("body"),  # the first 4 kB
    sa.Index(None, "at_ms"),
    sa.Index(None, "uid"),
)

access_log = _table(
    "access_log",
    _serial(),
    _bytes("person", null=True),
    _text("action"),
    _text("subject"),
    _big("at_ms"),
    sa.Index(None, "subject"),
    sa.Index(None, "person"),
)

LOG_TABLES = (entry, checkpoint, tile, log_state, cosignature)
VIEW_TABLES = (item, item_entry, device_entry, stay, finding, certificate, org)
SIDE_TABLES = tuple(t for t in METADATA.sorted_tables if t not in {*LOG_TABLES, *VIEW_TABLES})
