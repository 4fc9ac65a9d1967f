"""Custody events: what each one must say, read from and written to signed bytes (docs/spec/event.md).

An event *is* its bytes. They are kept as received and never serialised again; everything else is a view.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from custody import cbor, cose, merkle
from custody.errors import FormatError
from custody.fields import ADMITTED, FORMS, REQUIRED, EventType, Field

__all__ = [
    "APPROVE_CONTEXT",
    "SECOND_CONTEXT",
    "ZERO",
    "Entry",
    "Event",
    "EventType",
    "Field",
    "ItemRef",
    "core_of",
    "parse_event",
    "sign_event",
]

ZERO: Final = bytes(32)  # prev of the first event of a chain
VERSION: Final = 1
_V, _TYPE, _ITEMS, _T_CLAIM = (int(key) for key in (Field.V, Field.TYPE, Field.ITEMS, Field.T_CLAIM))
_BESIDE_CORE: Final = frozenset((Field.SECOND, Field.WEBAUTHN, Field.APPROVALS))
SECOND_CONTEXT: Final = b"KT1-SECOND-v1"
"""external_aad of the second person's signature, so that it is no entry of their own."""
APPROVE_CONTEXT: Final = b"KT1-APPROVE-v1"
"""external_aad of APPROVALS (`threshold`)."""


@dataclass(frozen=True, slots=True)
class ItemRef:
    """One item that an event is about.

    Attributes:
        uid: 8 bytes.
        seq: position in the item's chain, 0 for REGISTER.
        prev: id of the custody event it builds on, `ZERO` for the first.
    """

    uid: bytes
    seq: int
    prev: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A well-formed event, its signature not yet verified.

    Attributes:
        id: 32 bytes, the RFC 6962 leaf hash of `raw`; also what `prev` and `dprev` of later events name.
        raw: the COSE_Sign1 as received.
        message: its parts, for verification.
        type: what happened.
        items: the items concerned, empty for system entries.
        claimed_ms: the device's clock, unix ms UTC.
        fields: the payload by field number.
    """

    id: bytes
    raw: bytes
    message: cose.Sign1
    type: EventType
    items: tuple[ItemRef, ...]
    claimed_ms: int
    fields: Mapping[int, Any]

    @property
    def kid(self) -> bytes:
        """8 bytes naming the key that signed."""
        return self.message.kid

    @property
    def actor(self) -> bytes:
        """8-byte person id that the event claims; the certificate has the last word (P01)."""
        value: bytes = self.fields.get(Field.ACTOR, b"")
        return value

    @property
    def net(self) -> bytes:
        """8 bytes naming the network: SHA-256 of the log's origin, cut."""
        value: bytes = self.fields[Field.NET]
        return value

    @property
    def place(self) -> int:
        """6-digit office code, or 0 where none is given."""
        value: int = self.fields.get(Field.PLACE, 0)
        return value

    @property
    def anchor(self) -> tuple[int, bytes] | None:
        """(size, root) of the newest checkpoint the device had seen."""
        value = self.fields.get(Field.ANCHOR)
        return (value[0], value[1]) if value else None

    @property
    def seal(self) -> tuple[bytes, int] | None:
        """(commitment of the seal as read, condition 0 intact 1 damaged 2 broken 3 replaced)."""
        value = self.fields.get(Field.SEAL)
        return (value[0], value[1]) if value else None

    @property
    def device_link(self) -> tuple[int, bytes] | None:
        """(dseq, dprev): position in the chain of all events of this key."""
        value = self.fields.get(Field.DEVICE)
        return (value[0], value[1]) if value else None

    @property
    def second_kid(self) -> bytes | None:
        """8 bytes naming the second signer's key, or None; whether that signature holds is the judge's to say."""
        raw = self.fields.get(Field.SECOND)
        try:
            return cose.parse_sign1(raw, detached=b"").kid if raw else None
        except FormatError:
            return None

    def item(self, uid: bytes) -> ItemRef | None:
        """Return what the event says about *uid*, or None."""
        for ref in self.items:
            if ref.uid == uid:
                return ref
        return None


@dataclass(frozen=True, slots=True)
class Entry:
    """An event where the log has it.

    Attributes:
        index: 0-based position in the log.
        event: the event.
        logged_ms: signed time of the first checkpoint that includes it, unix ms UTC.
    """

    index: int
    event: Event
    logged_ms: int


def parse_event(raw: bytes) -> Event:
    """Return the event of signed bytes. Does not verify the signature, nor who may sign.

    Raises:
        FormatError: E01 shape, E02 not canonical, E03 algorithm, E05 unknown type, E06 field missing, extra
            or out of range for the type.
    """
    message = cose.parse_sign1(raw)
    fields = cbor.decode(message.payload)
    if not isinstance(fields, dict):
        raise FormatError("payload is not a map", finding="E01")
    kind = _check_fields(fields)
    return Event(
        id=merkle.leaf_hash(raw),
        raw=raw,
        message=message,
        type=kind,
        items=tuple([ItemRef(*ref) for ref in fields.get(_ITEMS, ())]),
        claimed_ms=fields[_T_CLAIM],
        fields=fields,
    )


def sign_event(
    fields: Mapping[int, Any],
    *,
    seed: bytes,
    second_seed: bytes | None = None,
    approvals: Sequence[bytes] = (),
) -> bytes:
    """Return signed bytes of *fields* (by field number; V is added), checked as a reader would.

    Args:
        fields: payload without V, SECOND and WEBAUTHN; without APPROVALS where *approvals* are given.
        seed: 32 bytes of the signing key.
        second_seed: the second person's key, for events that need two.
        approvals: keys that approve a system entry (`threshold.approve` makes one approval elsewhere).

    Raises:
        FormatError: the fields do not make a valid event (E05, E06).
    """
    payload = cbor.decode(cbor.encode(dict(fields) | {Field.V: VERSION}))  # enums and tuples become plain
    if second_seed is not None:
        payload[Field.SECOND] = cose.sign1(
            core_of(payload), seed=second_seed, detached=True, context=SECOND_CONTEXT
        )
    if approvals:
        core = core_of(payload)
        payload[Field.APPROVALS] = [
            cose.sign1(core, seed=one, detached=True, context=APPROVE_CONTEXT) for one in approvals
        ]
    _check_fields(payload)
    return cose.sign1(cbor.encode(payload), seed=seed)


def core_of(fields: Mapping[int, Any]) -> bytes:
    """Return the bytes that further signers sign: the payload without SECOND, WEBAUTHN and APPROVALS."""
    return cbor.encode({k: v for k, v in fields.items() if k not in _BESIDE_CORE})


def _check_fields(fields: Mapping[int, Any]) -> EventType:
    number = fields.get(_TYPE)
    if fields.get(_V) != VERSION or type(number) is not int:
        raise FormatError("payload has no version 1 or no type", finding="E06")
    kind, forms = _forms(number, tuple(fields))
    for form, value in zip(forms, fields.values(), strict=True):
        if not form(value):
            wrong = next(key for key, inner in fields.items() if not FORMS[key](inner))
            raise FormatError(f"{Field(wrong).name} of {kind.name} is out of form", finding="E06")
    return kind


@lru_cache(maxsize=1024)
def _forms(number: int, keys: tuple[int, ...]) -> tuple[EventType, tuple[Callable[[Any], bool], ...]]:
    """Return the type, and the form of each field; the same few sets of fields come again and again.

    Raises:
        FormatError: an unknown type (E05), or fields that it lacks or does not carry (E06).
    """
    try:
        kind = EventType(number)
    except ValueError:
        raise FormatError(f"event type {number} is unknown", finding="E05") from None
    present = frozenset(keys)
    if not REQUIRED[kind] <= present:
        raise FormatError(f"{kind.name} lacks {min(REQUIRED[kind] - present).name}", finding="E06")
    if not present <= ADMITTED[kind]:
        raise FormatError(f"{kind.name} does not carry field {min(present - ADMITTED[kind])}", finding="E06")
    return kind, tuple(FORMS[key] for key in keys)
