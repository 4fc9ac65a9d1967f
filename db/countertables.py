"""The side tables of the counter and of delivery: what is not yet signed, numbers, labels, prints, drawings, slips.

They are part of `db.schema`, which all others import.
"""

from __future__ import annotations

import sqlalchemy as sa

from db.columns import big, binary, integer, serial, table, text

__all__ = ["draft", "glass", "label_stock", "mismatch", "named", "number_counter", "print_log", "slip"]

draft = table(  # an acceptance or a reprint whose event has not come back signed yet
    "draft",
    binary("uid", key=True),
    integer("instance", key=True),
    text("number"),
    binary("label"),  # 92 B
    text("form"),  # JSON, class facts only
    binary("created_by"),
    big("created_ms"),
    sa.Index(None, "number"),
)

mismatch = (
    table(  # a REGISTER that counts and is not what was accepted; a DELIVER to another than the named person
        "mismatch",
        serial(),
        binary("uid"),
        big("idx"),  # of the REGISTER or DELIVER
        text(
            "fields"
        ),  # names of what differs, "draft" where nothing was accepted, "taker" where another received
        big("at_ms"),
        binary("decided_by", null=True),  # a supervisor
        big("decided_ms", null=True),
        text("reason", null=True),
        sa.Index(None, "uid"),
        sa.Index(None, "decided_ms"),
    )
)

named = table(  # whom alone an item may be opened by; the log has only that there is such a person
    "named",
    binary("uid", key=True),
    text("name"),
    text("duty"),  # position, or ""
    binary("person", null=True),  # where it is somebody who signs in here
    binary("kept_by"),
    big("at_ms"),
    sa.Index(None, "person"),
)

number_counter = table(
    "number_counter", text("service", key=True), text("country", key=True), big("next_serial")
)

label_stock = table(  # labels printed in advance, not bound to an item until one of them is registered
    "label_stock",
    binary("uid", key=True),
    text("number"),
    binary("label"),  # 92 B, seal commitment zero
    integer("office"),  # which may bind it
    text("batch"),  # number of the first label made in one go
    binary("created_by"),
    big("created_ms"),
    binary("void_by", null=True),  # who struck it off as lost or spoilt
    big("void_ms", null=True),
    text("reason", null=True),
    sa.UniqueConstraint("number"),
    sa.Index(None, "office", "created_ms"),
    sa.Index(None, "batch"),
)

print_log = table(
    "print_log",
    serial(),
    binary("uid"),
    integer("instance"),
    text("format"),
    text("reason"),
    binary("by"),
    big("at_ms"),
    sa.Index(None, "uid"),
)

glass = table(  # a signature on a courier's screen; the log has its digest
    "glass",
    binary("digest", key=True),  # SHA-256 of the drawing
    binary("uid"),
    text("drawing"),  # JSON, as the digest covers it
    binary("kept_by"),
    big("at_ms"),
    sa.Index(None, "uid"),
)

slip = (
    table(  # a paper slip numbered in advance, and what was recorded from it; the log has the record's digest
        "slip",
        text("number", key=True),
        integer("office"),  # which printed it
        text("batch"),  # number of the first slip taken in one go
        binary("created_by"),
        big("created_ms"),
        binary("void_by", null=True),  # who struck it off as lost or spoilt
        big("void_ms", null=True),
        text("reason", null=True),
        binary("uid", null=True),  # of the item that it was used for
        binary("digest", null=True),  # SHA-256 of the record
        text("record", null=True),  # JSON, as the digest covers it
        binary("bound_by", null=True),
        big("bound_ms", null=True),
        sa.Index(None, "office", "batch"),
        sa.Index(None, "uid"),
    )
)
