"""The vocabulary of event payloads: types, field numbers, the form of each field, and which type carries what.

Tables only. docs/spec/event.md says the same in words; its golden vectors hold both to it.
"""

from __future__ import annotations

import re
from enum import IntEnum
from typing import Final

from custody.forms import Form, are_items, between, blob, is_text, list_of, map_of, octets, tuple_of, uint
from custody.roles import Role

__all__ = [
    "ADMITTED",
    "CHAIN_TYPES",
    "CONTAINER_TYPES",
    "FORMS",
    "ITEM_TYPES",
    "REQUIRED",
    "EventType",
    "Field",
]


class EventType(IntEnum):
    """What an entry records: 1-21 about items, 32-34 about containers, 64- about the system."""

    REGISTER = 1
    RELABEL = 2
    RESEAL = 3
    OFFER = 4
    ACCEPT = 5
    REFUSE = 6
    CANCEL = 7
    DELIVER = 8
    LOAD = 9
    UNLOAD = 10
    SIGHT = 11
    INSPECT = 12
    RETURN = 13
    SEIZE = 14
    RELEASE = 15
    LOSS = 16
    FOUND = 17
    DESTROY = 18
    VOID = 19
    CORRECT = 20
    OVERRIDE = 21
    CLOSE = 32
    OPEN = 33
    RETIRE = 34
    KEY_CERT = 64
    KEY_REVOKE = 65
    ORG = 66
    ROUTE = 67
    CALENDAR = 68
    SEAL_LOT = 69
    POLICY = 70
    HEADMAP = 71
    DEVICE_HEAD = 72
    LOGKEY = 73
    PAPER_ANCHOR = 74


class Field(IntEnum):
    """Payload keys. Below 30 they mean the same in every type; from 30 on they belong to few."""

    V = 1
    TYPE = 2
    ITEMS = 3  # [[uid8, seq, prev32]...]
    NET = 5
    T_CLAIM = 6  # ms
    CLOCK = 7  # [last_sync_s, uncertainty_ms, boot_counter]
    ANCHOR = 8  # [size, root32]
    PLACE = 10  # office code
    ACTOR = 11  # person id
    OFFEREE = 12  # person id, or office or agency code
    SEAL = 13  # [commitment8, condition]
    MANIFEST = 14  # [root32, count]
    LABEL = 15  # label digest16, as scanned
    METHOD = 16  # 1 phone 2 desktop camera 3 wedge 4 manual
    DEVICE = 17  # [dseq, dprev32]
    CITES = 18  # event id32
    EXPIRY = 19  # s after T_CLAIM
    ATTACH = 20  # [sha256...]
    NONCE = 21
    SECOND = 22  # COSE_Sign1 with detached payload, over the core
    WEBAUTHN = 23
    REASON = 24  # code
    FINDINGS = 25  # [finding id8...]
    REASON_TEXT = 26
    LABEL_RAW = 27  # 92 bytes
    PRESENCE = 28  # [1 server 2 giver's screen 3 paper slip, nonce8 of the OFFER]
    GEO = 29  # [latitude, longitude, accuracy m], see POSITION
    PUBLIC = 30
    PERSON = 31
    DEVICE_ID = 32
    ROLES = 33
    OFFICES = 34
    SECRECY_MAX = 35
    NOT_BEFORE = 36  # ms
    NOT_AFTER = 37  # ms
    KID4 = 38
    AGENCY = 39
    KID = 40
    COMPROMISED = 41  # ms
    ORG_ID = 42  # office or agency code
    ORG_KIND = 43  # 1 office 2 agency
    USE = 44  # 1: countersigning only
    KEY_STORE = 45  # where the private key lies: 1 software 2 browser, not extractable 3 hardware
    LOT_SALT = 46
    SEAL_TAG = 47  # 8 bytes: the seal's number under its lot's salt
    LIMITS = 48  # {limit number: value}
    APPROVALS = 49  # [COSE_Sign1 with detached payload, over the core...]
    KIND = 50  # 1 thư 2 gói 3 kiện
    SECRECY = 51  # 0 none 1 A 2 B 3 C
    URGENCY = 52  # 0 none 1 Hỏa tốc 2 Hẹn giờ
    DUE = 53  # ms
    SENDER = 54  # agency code
    RECIPIENT = 55  # agency code
    DECLARED = 56  # bits, kt1.acceptance
    MASS = 57  # g
    CHECK = 58  # contents check method
    ONLY_NAMED = 59  # 1: only the named person may open
    CONTAINER = 60  # uid of the bag
    LEAF = 61  # [position, salt16, [hash32...]]: proof that a manifest has the item
    MISSING = 62  # [leaf32...] of the closed manifest, not found at opening
    STOPS = 64  # [office code...] in order
    MANDATORY = 65  # [office code...]
    ROUTE_ID = 66
    HOURS = 67  # [[weekday 0 = Monday, from, to in minutes after midnight +07:00]...]
    HOLIDAYS = 68  # [days since 2024-01-01...]
    WORKDAYS = 69  # [days since 2024-01-01...] worked in place of others
    POSITION = 70  # [latitude + 90, longitude + 180] in 1e-5 degrees
    SERVED_BY = 71  # office code
    LOT_PREFIX = 72  # letters and digits before the number
    LOT_RANGE = 73  # [first, last, digits]
    SEAL_TYPE = 74
    HEADS = 75  # [root32, count] of the map of heads
    CLOCK_PUBLIC = 76  # 32 bytes: the log's clock key
    UV_PUBLIC = 77  # uncompressed P-256 point of a passkey
    PROOF = 78  # of delivery: 1 recipient's badge (SECOND) 2 signature on glass 3 paper slip
    APP = 79  # version of the app, major * 10^6 + minor * 10^3 + patch


ITEM_TYPES: Final = frozenset(kind for kind in EventType if kind <= EventType.OVERRIDE)
CONTAINER_TYPES: Final = frozenset((EventType.CLOSE, EventType.OPEN, EventType.RETIRE))
"""What happens to containers alone; they are offered, taken, loaded, seized and lost as items are."""
CHAIN_TYPES: Final = ITEM_TYPES | CONTAINER_TYPES
"""Links of a chain; all other types are system entries."""


_MS = uint(4_102_444_800_000)  # no clock of ours is beyond the year 2100
_CODE = uint(999_999_999)
_PERSON = octets(8)
_POSITION = (uint(180 * 100_000), uint(360 * 100_000))

FORMS: Final[dict[int, Form]] = {
    Field.V: uint(1),
    Field.TYPE: uint(255),
    Field.ITEMS: are_items,
    Field.NET: octets(8),
    Field.T_CLAIM: _MS,
    Field.CLOCK: tuple_of(uint(1 << 40), uint(1 << 40), uint(1 << 32)),
    Field.ANCHOR: tuple_of(uint(1 << 48), octets(32)),
    Field.PLACE: _CODE,
    Field.ACTOR: _PERSON,
    Field.OFFEREE: lambda value: _PERSON(value) or _CODE(value),
    Field.SEAL: tuple_of(octets(8), uint(3)),
    Field.MANIFEST: tuple_of(octets(32), uint(10_000)),
    Field.LABEL: octets(16),
    Field.METHOD: lambda value: type(value) is int and 1 <= value <= 4,
    Field.DEVICE: tuple_of(uint(1 << 48), octets(32)),
    Field.CITES: octets(32),
    Field.EXPIRY: uint(30 * 86_400),
    Field.ATTACH: list_of(octets(32), 16),
    Field.NONCE: octets(8),
    Field.SECOND: blob(200),
    Field.WEBAUTHN: list_of(blob(4_000), 3, 3),
    Field.REASON: uint(255),
    Field.FINDINGS: list_of(octets(8), 200),
    Field.REASON_TEXT: is_text,
    Field.LABEL_RAW: octets(92),
    Field.PUBLIC: octets(32),
    Field.PERSON: _PERSON,
    Field.DEVICE_ID: octets(8),
    Field.ROLES: list_of(lambda value: type(value) is int and value in set(Role), 16),
    Field.OFFICES: list_of(_CODE, 100, 0),
    Field.SECRECY_MAX: uint(3),
    Field.NOT_BEFORE: _MS,
    Field.NOT_AFTER: _MS,
    Field.KID4: octets(4),
    Field.AGENCY: _CODE,
    Field.KID: octets(8),
    Field.COMPROMISED: _MS,
    Field.ORG_ID: _CODE,
    Field.ORG_KIND: uint(9),
    Field.USE: uint(1),
    Field.LIMITS: map_of(uint(1 << 48), 64),
    Field.KIND: lambda value: type(value) is int and 1 <= value <= 3,
    Field.SECRECY: uint(3),
    Field.URGENCY: uint(2),
    Field.DUE: _MS,
    Field.SENDER: _CODE,
    Field.RECIPIENT: _CODE,
    Field.DECLARED: uint(0xFFFF),
    Field.MASS: uint(100_000),
    Field.CHECK: uint(9),
    Field.ONLY_NAMED: uint(1),
    Field.PRESENCE: tuple_of(between(1, 3), octets(8)),
    Field.GEO: tuple_of(*_POSITION, uint(1_000_000)),
    Field.KEY_STORE: between(1, 3),
    Field.LOT_SALT: octets(16),
    Field.SEAL_TAG: octets(8),
    Field.APPROVALS: list_of(blob(200), 8),
    Field.CONTAINER: octets(8),
    Field.LEAF: tuple_of(uint(9_999), octets(16), list_of(octets(32), 14, 0)),
    Field.MISSING: list_of(octets(32), 1_000),
    Field.STOPS: list_of(_CODE, 100),
    Field.MANDATORY: list_of(_CODE, 100),
    Field.ROUTE_ID: _CODE,
    Field.HOURS: list_of(tuple_of(uint(6), uint(1_440), uint(1_440)), 50, 0),
    Field.HOLIDAYS: list_of(uint(0xFFFF), 400, 0),
    Field.WORKDAYS: list_of(uint(0xFFFF), 400, 0),
    Field.POSITION: tuple_of(*_POSITION),
    Field.SERVED_BY: _CODE,
    Field.LOT_PREFIX: lambda value: (
        type(value) is str and re.fullmatch("[0-9A-Za-z]{0,20}", value) is not None
    ),
    Field.LOT_RANGE: tuple_of(uint(10**9), uint(10**9), between(1, 10)),
    Field.SEAL_TYPE: uint(255),
    Field.HEADS: tuple_of(octets(32), uint(1 << 48)),
    Field.CLOCK_PUBLIC: octets(32),
    Field.UV_PUBLIC: octets(65),
    Field.PROOF: between(1, 3),
    Field.APP: uint(999_999_999),
}

_COMMON = frozenset((Field.V, Field.TYPE, Field.NET, Field.T_CLAIM, Field.NONCE))
_HOP = _COMMON | {Field.ITEMS, Field.PLACE, Field.ACTOR, Field.DEVICE}
_HOP_OPTIONAL = frozenset(
    (
        Field.CLOCK,
        Field.ANCHOR,
        Field.SEAL,
        Field.LABEL,
        Field.METHOD,
        Field.ATTACH,
        Field.SECOND,
        Field.WEBAUTHN,
        Field.REASON,
        Field.REASON_TEXT,
        Field.GEO,
        Field.APP,
        Field.MASS,
    )
)
_MORE_REQUIRED: Final[dict[EventType, tuple[Field, ...]]] = {
    EventType.REGISTER: (
        Field.SEAL,
        Field.LABEL_RAW,
        Field.KIND,
        Field.SECRECY,
        Field.URGENCY,
        Field.SENDER,
        Field.RECIPIENT,
        Field.DECLARED,
    ),
    EventType.RELABEL: (Field.LABEL_RAW,),
    EventType.RESEAL: (Field.SEAL,),
    EventType.OFFER: (Field.OFFEREE, Field.EXPIRY),
    EventType.REFUSE: (Field.CITES,),
    EventType.CANCEL: (Field.CITES,),
    EventType.SEIZE: (Field.REASON_TEXT,),
    EventType.CORRECT: (Field.CITES, Field.REASON_TEXT),
    EventType.OVERRIDE: (Field.OFFEREE, Field.FINDINGS, Field.REASON_TEXT),
    EventType.KEY_CERT: (
        Field.PUBLIC,
        Field.PERSON,
        Field.ROLES,
        Field.OFFICES,
        Field.SECRECY_MAX,
        Field.NOT_BEFORE,
        Field.NOT_AFTER,
    ),
    EventType.KEY_REVOKE: (Field.KID, Field.REASON),
    EventType.ORG: (Field.ORG_ID, Field.ORG_KIND),
    EventType.POLICY: (Field.LIMITS,),
    EventType.LOAD: (Field.CITES, Field.CONTAINER, Field.LEAF),
    EventType.UNLOAD: (Field.CITES, Field.CONTAINER, Field.LEAF),
    EventType.CLOSE: (Field.SEAL, Field.LABEL_RAW, Field.MANIFEST),
    EventType.OPEN: (Field.SEAL, Field.MANIFEST),
    EventType.RETIRE: (Field.REASON,),
    EventType.ROUTE: (Field.ROUTE_ID, Field.STOPS),
    EventType.CALENDAR: (Field.ORG_ID, Field.HOURS),
    EventType.SEAL_LOT: (Field.SEAL_TYPE, Field.LOT_PREFIX, Field.LOT_RANGE, Field.LOT_SALT),
    EventType.HEADMAP: (Field.HEADS, Field.ANCHOR),
    EventType.DEVICE_HEAD: (Field.ACTOR, Field.DEVICE),
    EventType.LOGKEY: (Field.PUBLIC, Field.CLOCK_PUBLIC, Field.NOT_BEFORE, Field.APPROVALS),
    EventType.PAPER_ANCHOR: (Field.ANCHOR, Field.ACTOR, Field.PLACE),
}
_MORE_OPTIONAL: Final[dict[EventType, tuple[Field, ...]]] = {
    EventType.REGISTER: (Field.DUE, Field.CHECK, Field.ONLY_NAMED, Field.SEAL_TAG),
    EventType.RESEAL: (Field.SEAL_TAG,),
    EventType.ACCEPT: (Field.CITES, Field.PRESENCE),
    EventType.DELIVER: (Field.CITES, Field.PRESENCE, Field.PROOF),
    EventType.SIGHT: (Field.LABEL_RAW,),
    EventType.CLOSE: (Field.SEAL_TAG,),
    EventType.OPEN: (Field.MISSING,),
    EventType.KEY_CERT: (
        Field.DEVICE_ID,
        Field.KID4,
        Field.AGENCY,
        Field.USE,
        Field.KEY_STORE,
        Field.UV_PUBLIC,
        Field.APPROVALS,
    ),
    EventType.KEY_REVOKE: (Field.COMPROMISED, Field.APPROVALS),
    EventType.ORG: (Field.NOT_BEFORE, Field.NOT_AFTER, Field.POSITION, Field.SERVED_BY),
    EventType.ROUTE: (Field.MANDATORY, Field.NOT_BEFORE, Field.NOT_AFTER),
    EventType.CALENDAR: (Field.HOLIDAYS, Field.WORKDAYS),
    EventType.DEVICE_HEAD: (Field.APP, Field.CLOCK, Field.ANCHOR, Field.PLACE),
    EventType.POLICY: (Field.APPROVALS,),
    EventType.PAPER_ANCHOR: (Field.SECOND, Field.ATTACH),
}

REQUIRED: Final = {
    kind: (_HOP if kind in CHAIN_TYPES else _COMMON) | set(_MORE_REQUIRED.get(kind, ())) for kind in EventType
}
ADMITTED: Final = {
    kind: REQUIRED[kind]
    | (_HOP_OPTIONAL if kind in CHAIN_TYPES else frozenset())
    | set(_MORE_OPTIONAL.get(kind, ()))
    for kind in EventType
}
