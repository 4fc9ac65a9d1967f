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

import sqlalchemy as sa

from db.columns import METADATA, big, binary, integer, serial, table, text
from db.countertables import draft, glass, label_stock, mismatch, named, number_counter, print_log, slip

__all__ = [
    "LOG_TABLES",
    "METADATA",
    "SIDE_TABLES",
    "VIEW_TABLES",
    "access_log",
    "accusation",
    "agency",
    "certificate",
    "checkpoint",
    "contact",
    "cosignature",
    "device",
    "device_entry",
    "device_request",
    "draft",
    "entry",
    "finding",
    "glass",
    "invitation",
    "item",
    "item_entry",
    "label_stock",
    "log_state",
    "mismatch",
    "named",
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
    "slip",
    "stay",
    "tile",
    "trace",
]

# -- LOG ----------------------------------------------------------------------------------------------------

entry = table(
    "entry",
    big("idx", key=True),
    binary("id"),  # RFC 6962 leaf hash of body, 32 B
    binary("body"),  # COSE_Sign1 as received
    integer("type"),
    binary("kid"),
    big("t_claim"),
    big("t_int"),  # signed time of the first checkpoint that includes it
    sa.UniqueConstraint("id"),
    sa.Index(None, "type", "idx", sqlite_where=sa.text("type >= 64"), postgresql_where=sa.text("type >= 64")),
)

checkpoint = table("checkpoint", big("size", key=True), binary("root"), text("note"), big("time_ms"))

log_state = table(
    "log_state",
    integer("id", key=True),  # always 1
    big("size"),
    binary("root"),
    big("epoch"),  # one more at every append: the compare-and-swap fence
)

tile = table(  # full tiles only: 256 hashes of 32 B
    "tile",
    integer("level", key=True),
    big("n", key=True),
    binary("hashes"),
    rowid=False,
)

cosignature = table(
    "cosignature",
    big("size", key=True),
    text("witness", key=True),  # vkey: the name and the key it was verified with
    text("line"),  # the signature line, with its newline
    big("n"),  # 1, 2, 3... in the order they came; the newest is also in setting "cosignatures"
    sa.UniqueConstraint("n"),
    rowid=False,
)

# -- VIEWS --------------------------------------------------------------------------------------------------

item = table(
    "item",
    binary("uid", key=True),  # 8 B
    text("number"),  # S10, 13 characters
    text("state"),
    integer("seq"),
    binary("head"),
    binary("custodian", null=True),
    binary("offeree", null=True),  # a person
    integer("offeree_code", null=True),  # or an office or agency
    binary("offer_id", null=True),
    big("offered_ms", null=True),  # time logged of the open OFFER
    big("offer_expires_ms", null=True),
    integer("is_returning"),  # on its way back to the sender
    integer("instance"),
    binary("label_digest", null=True),  # of the label that counts, 16 B
    binary("seal_commitment", null=True),
    integer("kind", null=True),
    integer("secrecy", null=True),
    integer("urgency", null=True),
    big("due_ms", null=True),
    integer("sender", null=True),
    integer("recipient", null=True),
    integer("only_named", null=True),
    binary("issuer", null=True),
    integer("office", null=True),  # place of the last custody event
    binary("container", null=True),  # that it is in now
    sa.Column("is_container", sa.Integer, autoincrement=False, nullable=False, server_default="0"),
    text("verdict"),  # at last_ms; what only time makes is added by whoever asks
    integer("held"),  # 1: the next release waits for a supervisor
    big("registered_ms", null=True),
    big("moved_ms", null=True),  # time logged of the last custody event
    big("last_idx"),
    big("last_ms"),
    sa.Index(None, "number"),
    sa.Index(None, "verdict", "last_ms"),
    sa.Index(None, "state", "moved_ms"),
    sa.Index(None, "custodian"),
    sa.Index(None, "offeree"),
    sa.Index(None, "last_ms"),
)

item_entry = table(
    "item_entry", binary("uid", key=True), big("seq", key=True), big("idx", key=True), rowid=False
)

device_entry = table(
    "device_entry",
    *(binary("kid", key=True), big("dseq", key=True), big("idx", key=True)),
    binary("prev"),  # the first 16 B of the id of the event before it on its device
    sa.Index(None, "kid", "prev"),
    rowid=False,
)

# how far each key's chain has come: places of it that are taken, the highest, its newest entry and when that was logged
device = table(
    "device", binary("kid", key=True), big("places"), big("dseq"), big("idx"), big("ms"), rowid=False
)

# by what an entry is found again: kind 1 a number that was registered, 2 a seal that was put on
trace = table(
    "trace",
    binary("key", key=True),
    integer("kind", key=True),
    big("idx", key=True),
    binary("uid"),
    rowid=False,
)

# findings of items that rest on a later and a first entry, and of which one of the two names the item
accusation = table(
    "accusation",
    *(big("idx", key=True), binary("uid", key=True), text("code", key=True), big("other")),
    sa.Index(None, "uid"),
    rowid=False,
)

stay = table(  # a row for each LOAD and UNLOAD: whose entries the chain of an item needs
    "stay",
    *(binary("container", key=True), binary("uid", key=True), big("idx", key=True)),
    sa.Index(None, "uid"),
    rowid=False,
)

finding = table(
    "finding",
    binary("uid", key=True),
    integer("n", key=True),  # in the order the judge opened them
    binary("id"),  # 8 B: what an OVERRIDE cites
    text("code"),
    text("severity"),
    big("idx"),  # the entry it rests on
    text("detail"),
    big("resolved_idx", null=True),
    sa.Index(None, "idx"),
    sa.Index(None, "code", "idx"),
)

certificate = table(
    "certificate",
    big("idx", key=True),
    binary("kid"),
    binary("public"),
    binary("person"),
    binary("device"),
    text("roles"),  # JSON array of numbers, custody.roles.Role
    text("offices"),  # JSON array of codes
    integer("agency", null=True),
    integer("secrecy_max"),
    big("not_before_ms"),
    big("not_after_ms"),
    binary("kid4"),
    big("revoked_idx", null=True),
    big("compromised_ms", null=True),
    sa.Index(None, "kid"),
    sa.Index(None, "person"),
    sa.Index(None, "kid4"),
)

org = table(  # the newest entry of each office and agency
    "org",
    integer("kind", key=True),
    big("id", key=True),
    big("not_before_ms", null=True),
    big("not_after_ms", null=True),
    big("idx"),
    rowid=False,
)

# -- SIDE ---------------------------------------------------------------------------------------------------

setting = table("setting", text("name", key=True), text("value"))

office = table(
    "office", integer("code", key=True), text("name"), text("address", null=True), text("phone", null=True)
)

agency = table(
    "agency",
    integer("code", key=True),
    text("name"),
    text("short_name", null=True),
    text("address", null=True),
    integer("office", null=True),  # the office that serves it
    text("folded"),  # name without marks, for search
)

contact = table(
    "contact",
    serial(),
    integer("agency"),
    text("name"),
    text("phone", null=True),
    text("duty", null=True),
    text("hours", null=True),
    sa.Index(None, "agency"),
)

person = table(
    "person",
    binary("id", key=True),  # pseudonymous, 8 B: the only trace of a person in the log
    text("login"),
    text("name"),
    text("password_hash", null=True),
    integer("office", null=True),
    integer("agency", null=True),
    text("roles"),  # JSON array of names
    text("phone", null=True),
    text("status"),  # active | erased
    text("folded"),  # name and login without marks, for search
    big("created_ms"),
    # of a recipient: the highest mark they receive by their sign-in on a courier's device (0 none, 1 A, 2 B, 3 C)
    sa.Column("secrecy_max", sa.Integer, autoincrement=False, nullable=False, server_default="0"),
    sa.UniqueConstraint("login"),
    sa.Index(None, "office"),
    sa.Index(None, "agency"),
)

session = table(
    "session",
    binary("token_hash", key=True),
    binary("person"),
    binary("kid", null=True),
    text("language", null=True),
    big("created_ms"),
    big("seen_ms"),
    big("expires_ms"),
    sa.Index(None, "person"),
)

sign_in_failure = (
    table(  # bad sign-ins, by name and address, and by name alone; whether anybody has the name or not
        "sign_in_failure",
        binary("caller", key=True),  # SHA-256
        integer("failures"),
        big("since_ms"),  # of the first that counts
        big("locked_until_ms", null=True),
        sa.Index(None, "since_ms"),
    )
)

device_request = table(
    "device_request",
    binary("kid", key=True),
    binary("public"),
    binary("person"),
    text("name"),
    text("status"),  # pending | active | refused | revoked
    binary("decided_by", null=True),
    big("created_ms"),
    big("decided_ms", null=True),
    text("checked_on", null=True),  # day of the device's security check, 2026-11-20 (E18)
    binary("checked_by", null=True),
    sa.Index(None, "status"),
    sa.Index(None, "person"),
)

invitation = (
    table(  # a device is being set up from a supervisor's screen; nothing here opens anything by being read
        "invitation",
        binary("code_hash", key=True),  # SHA-256 of the code in the square code
        binary("person"),
        binary("created_by"),
        big("created_ms"),
        big("expires_ms"),
        text("status"),  # open | claimed | approving | approved | refused | done
        big("until_ms"),  # what the certificate will say
        integer("secrecy_max"),
        text("checked_on"),
        binary("kid", null=True),  # of the device that came first
        binary("public", null=True),
        text("device", null=True),
        text("digits", null=True),  # shown on both screens
        binary("ticket_hash", null=True),  # SHA-256 of what that device alone knows
        sa.UniqueConstraint("ticket_hash"),
        sa.Index(None, "created_by"),
    )
)

scan_attempt = table(  # what was read, also when it was no label of ours
    "scan_attempt",
    serial(),
    text("text"),  # at most 4 kB, cut by the writer
    text("format", null=True),
    text("method", null=True),
    text("outcome"),
    binary("uid", null=True),
    integer("place", null=True),
    binary("person", null=True),
    binary("kid", null=True),
    big("at_ms"),
    sa.Index(None, "outcome", "at_ms"),
    sa.Index(None, "uid"),
)

refused = table(  # entries the log did not take
    "refused",
    serial(),
    binary("hash"),  # SHA-256 of the bytes
    text("code"),
    text("reason"),
    binary("kid", null=True),
    binary("uid", null=True),
    text("submitted_by", null=True),
    big("at_ms"),
    binary("body"),  # the first 4 kB
    sa.Index(None, "at_ms"),
    sa.Index(None, "uid"),
)

access_log = table(
    "access_log",
    serial(),
    binary("person", null=True),
    text("action"),
    text("subject"),
    big("at_ms"),
    sa.Index(None, "subject"),
    sa.Index(None, "person"),
)

LOG_TABLES = (entry, checkpoint, tile, log_state, cosignature)
VIEW_TABLES = (item, item_entry, device_entry, device, stay, trace, accusation, finding, certificate, org)
SIDE_TABLES = tuple(t for t in METADATA.sorted_tables if t not in {*LOG_TABLES, *VIEW_TABLES})
