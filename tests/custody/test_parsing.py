"""The short way to read an event says what the long way says: of every input, the same value or the same code.

The long way is the definition: CBOR is canonical if decoding and encoding again gives the same bytes.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from custody import cbor, cose, event
from custody.errors import FormatError
from custody.event import EventType, Field, parse_event
from custody.fields import ADMITTED, FORMS, REQUIRED
from kt1.drill.world import World

_WORLD = World()
_ITEM = _WORLD.register()
_RAW = _ITEM.sign(EventType.OFFER, by=_WORLD.clerk, offeree=_WORLD.courier.id, expiry=60)
_EDGES = st.sampled_from([0, 23, 24, 255, 256, 65_535, 65_536, 2**32 - 1, 2**32, 2**63, 2**64 - 1])
_SCALARS = (
    _EDGES
    | _EDGES.map(lambda value: max(-1 - value, -(2**63)))
    | st.sampled_from([0, 1, 23, 24, 25, 255, 256]).map(bytes)
    | st.text(max_size=3)
    | st.none()
)
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.integers(0, 30) | _EDGES, inner, max_size=4)
    ),
    max_leaves=12,
)
_INSERTED = bytes.fromhex("0018191a1b1c1f383b40585f787f80989fa1b8bfc2c3d8f4f6f7f9ff")
_CHANGES = st.lists(
    st.tuples(st.sampled_from(["put", "insert", "drop"]), st.integers(0, 10**6), st.sampled_from(_INSERTED)),
    max_size=3,
)


def _outcome(read: Callable[[bytes], Any], data: bytes) -> Any:
    """Return what is read, types and order included, or the finding of the refusal."""
    try:
        return repr(read(data))
    except FormatError as error:
        return error.finding


def _changed(data: bytes, changes: list[tuple[str, int, int]]) -> bytes:
    made = bytearray(data)
    for kind, where, byte in changes:
        at = where % (len(made) + 1)
        if kind == "insert":
            made.insert(at, byte)
        elif at < len(made):
            made[at : at + 1] = b"" if kind == "drop" else bytes((byte,))
    return bytes(made)


@given(_VALUES, _CHANGES)
@settings(max_examples=1_500, deadline=None)
@example([], [("put", 0, 0x9F), ("insert", 1, 0xFF)])
def test_the_strict_reader_is_the_re_encoding(value: Any, changes: list[tuple[str, int, int]]) -> None:
    """Honest bytes, and the same with a byte or two put, inserted or dropped."""
    data = _changed(cbor.encode(value), changes)

    assert _outcome(cbor.decode, data) == _outcome(cbor._decode_slowly, data)


@given(st.binary(max_size=60))
@settings(max_examples=1_000, deadline=None)
def test_any_bytes_are_read_as_by_re_encoding(data: bytes) -> None:
    """Whatever arrives."""
    assert _outcome(cbor.decode, data) == _outcome(cbor._decode_slowly, data)


@pytest.mark.parametrize(
    "form",
    [
        "c243010000",  # a big integer of the length that 65536 has: lengths alone would not tell
        "d81c80",  # a shared list
        "82d81c80d81d00",
        "1801",
        "a202010100",
        "a201000100",
        "580100",
        "f4",
        "f97e00",
        "81" * 9 + "80",
        "3bffffffffffffffff",
        "9b7fffffffffffffff",
        "5b7fffffffffffffff",
        "62c328",
        "",
    ],
)
def test_forms_that_only_look_right(form: str) -> None:
    """What a reader that counts lengths, or that trusts the decoder, would let in."""
    data = bytes.fromhex(form)

    assert _outcome(cbor.decode, data) == _outcome(cbor._decode_slowly, data)
    assert _outcome(cbor.decode, data) in {"E01", "E02"}


def test_honest_events_never_go_the_long_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise the short way would be of no use, and nobody would notice."""
    monkeypatch.setattr(cbor, "_decode_slowly", lambda _data: pytest.fail("went the long way"))

    assert parse_event(_RAW).type is EventType.OFFER


def _parse_long(raw: bytes) -> Any:
    """Parse as if the usual shape were not known."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cose, "_START", b"no entry begins so")
        return cose.parse_sign1(raw)


@given(_CHANGES, st.sampled_from([0, 1, 23, 24, 255, 256, 300]))
@settings(max_examples=600, deadline=None)
def test_the_usual_shape_is_the_long_way(changes: list[tuple[str, int, int]], size: int) -> None:
    """A COSE_Sign1 of any length of payload, changed or not."""
    for honest in (_RAW, cose.sign1(bytes(size), seed=bytes(32))):
        raw = _changed(honest, changes)

        assert _outcome(cose.parse_sign1, raw) == _outcome(_parse_long, raw)


def test_every_byte_of_the_usual_shape_counts() -> None:
    """Each byte outside payload and signature, with every value it can have."""
    payload = cose.parse_sign1(_RAW).payload
    start = _RAW.index(payload)
    for at in (*range(start), *range(start + len(payload), start + len(payload) + 2)):
        for value in range(256):
            raw = _RAW[:at] + bytes((value,)) + _RAW[at + 1 :]
            assert _outcome(cose.parse_sign1, raw) == _outcome(_parse_long, raw)


def _check_plainly(fields: dict[int, Any]) -> EventType:
    """The rules of the fields, said without tables."""
    if fields.get(Field.V) != 1 or type(fields.get(Field.TYPE)) is not int:
        raise FormatError("version", finding="E06")
    if fields[Field.TYPE] not in set(EventType):
        raise FormatError("type", finding="E05")
    kind = EventType(fields[Field.TYPE])
    is_whole = REQUIRED[kind] <= fields.keys() <= ADMITTED[kind]
    if not is_whole or not all(FORMS[key](value) for key, value in fields.items()):
        raise FormatError("fields", finding="E06")
    return kind


@given(st.randoms(use_true_random=False), st.sampled_from(sorted(EventType)), _VALUES)
@settings(max_examples=1_000, deadline=None)
def test_fields_are_checked_as_the_tables_say(chance: random.Random, kind: EventType, value: Any) -> None:
    """An honest payload with a field taken away, added or changed."""
    fields = dict(parse_event(_RAW).fields)
    fields[Field.TYPE] = int(kind) if chance.random() < 0.5 else fields[Field.TYPE]
    for _ in range(chance.randrange(3)):
        fields[chance.choice(list(Field))] = value
    if chance.random() < 0.5:
        fields.pop(chance.choice(list(fields)))
    fields = {int(key): fields[key] for key in sorted(fields)}

    assert _outcome(event._check_fields, fields) == _outcome(_check_plainly, fields)  # type: ignore[arg-type]


def test_a_reference_to_an_item_has_one_form() -> None:
    """The short form check of ITEMS is that of its three parts."""
    good = [bytes(8), 5, bytes(32)]
    bad = [
        [bytes(7), 5, bytes(32)],
        [bytes(8), -1, bytes(32)],
        [bytes(8), 0x10000, bytes(32)],
        [bytes(8), True, bytes(32)],
        [bytes(8), 5, bytes(31)],
        [bytes(8), 5],
        [bytes(8), 5, bytes(32), 0],
        ["12345678", 5, bytes(32)],
        (bytes(8), 5, bytes(32)),
    ]
    assert FORMS[Field.ITEMS]([good])
    assert not any(FORMS[Field.ITEMS]([ref]) for ref in bad)
    assert not FORMS[Field.ITEMS]([good, good])
    assert not FORMS[Field.ITEMS]([])
    assert not FORMS[Field.ITEMS]([[n.to_bytes(8), 0, bytes(32)] for n in range(1_001)])
    assert FORMS[Field.ITEMS]([[n.to_bytes(8), 0, bytes(32)] for n in range(1_000)])
