"""Events at the door: every byte counts, and nothing but the documented errors ever comes out."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from custody import cbor, cose, ed25519
from custody.admission import admit, network_of
from custody.errors import CustodyError, FormatError, SignatureError
from custody.event import EventType, Field, parse_event, sign_event
from custody.fields import ADMITTED, REQUIRED
from custody.keys import KeyRing
from custody.roles import Role
from kt1.drill.world import ORIGIN, Person, World, seed_of

_WORLD = World()
_ITEM = _WORLD.register()
_RAW = _ITEM.sign(EventType.OFFER, by=_WORLD.clerk, offeree=_WORLD.courier.id, expiry=60)


def _admit(raw: bytes) -> str:
    """Return the finding with which *raw* is refused, "" where it is admitted."""
    try:
        admit(raw, ring=_WORLD.ring, net=network_of(ORIGIN))
    except CustodyError as error:
        return error.finding
    return ""


def test_every_bit_of_an_event_counts() -> None:
    """Flip any of them: refused with a code, never admitted as something else."""
    for bit in range(len(_RAW) * 8):
        changed = bytearray(_RAW)
        changed[bit // 8] ^= 1 << bit % 8
        assert _admit(bytes(changed)) in {"E01", "E02", "E03", "E04", "E05", "E06", "E07", "K01"}


def test_cut_or_lengthened_bytes_are_refused() -> None:
    """Every prefix, and trailing bytes."""
    for end in range(len(_RAW)):
        assert _admit(_RAW[:end]) in {"E01", "E02"}
    assert "E02" == _admit(_RAW + b"\0")


@given(st.binary(max_size=400))
@settings(max_examples=400)
def test_any_bytes_are_refused_with_a_code(raw: bytes) -> None:
    """Whatever arrives."""
    assert _admit(raw)
    assert _admit(b"\xd2" + raw)


_VALUES = st.recursive(
    st.integers(-(2**64), 2**64)
    | st.binary(max_size=80)
    | st.text(max_size=20)
    | st.none()
    | st.booleans()
    | st.floats(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.integers(-2, 80), inner, max_size=4),
    max_leaves=8,
)


@given(
    st.dictionaries(st.sampled_from([int(f) for f in Field]), _VALUES, max_size=3),
    st.sampled_from(list(EventType)),
)
@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow])
def test_any_payload_is_read_or_refused(changes: dict[int, Any], kind: EventType) -> None:
    """Fields of any type and value under a good signature."""
    fields = dict(parse_event(_RAW).fields) | {Field.TYPE: int(kind)} | changes
    raw = cose.sign1(cbor.encode(fields), seed=_WORLD.clerk.seed)
    try:
        event = parse_event(raw)
    except FormatError as error:
        finding = error.finding
        assert finding in {"E01", "E02", "E05", "E06"}  # either outcome is right, if it is named
    else:
        assert set(event.fields) >= {int(f) for f in REQUIRED[event.type]}
        assert set(event.fields) <= {int(f) for f in ADMITTED[event.type]}


@pytest.mark.parametrize(
    "bend, finding",
    [
        (lambda f: f | {Field.TYPE: 200}, "E05"),
        (lambda f: f | {Field.TYPE: 9_999}, "E05"),
        (lambda f: f | {Field.NET: bytes(8)}, "E07"),
        (lambda f: f | {Field.KIND: 1}, "E06"),
        (lambda f: f | {Field.PLACE: -1}, "E06"),
        (lambda f: f | {Field.ITEMS: []}, "E06"),
        (lambda f: f | {Field.ITEMS: f[Field.ITEMS] * 2}, "E06"),
        (lambda f: f | {Field.EXPIRY: "60"}, "E06"),
        (lambda f: f | {Field.REASON_TEXT: "line\nbreak"}, "E06"),
        (lambda f: {k: v for k, v in f.items() if k != Field.ACTOR}, "E06"),
        (lambda f: f | {Field.V: 2}, "E06"),
        (lambda f: f | {500: 1}, "E06"),
    ],
)
def test_a_wrong_field_is_named(bend: Any, finding: str) -> None:
    """Refused early, with the code that says what is wrong."""
    fields = bend(dict(parse_event(_RAW).fields))
    assert finding == _admit(cose.sign1(cbor.encode(fields), seed=_WORLD.clerk.seed))


def test_a_stranger_is_refused() -> None:
    """K01: a well-formed event under a key that nobody certified."""
    assert "K01" == _admit(_ITEM.sign(EventType.SIGHT, by=Person("stranger", (Role.COURIER,), 0)))


def test_a_courier_cannot_make_keys() -> None:
    """K08: system entries are for root and enrolment keys."""
    fields = dict(_WORLD.entries[1].event.fields)
    assert "K08" == _admit(sign_event(fields, seed=_WORLD.courier.seed))


@pytest.mark.parametrize("role", [Role.ENROL, Role.ROOT])
def test_an_enrolment_key_makes_no_key_like_itself(role: Role) -> None:
    """K08: who holds an office's enrolment key cannot become the authority."""
    fields = dict(_WORLD.entries[4].event.fields) | {
        Field.PUBLIC: ed25519.public_of(bytes(32)),
        Field.ROLES: [int(role)],
        Field.OFFICES: [],
    }
    assert "K08" == _admit(sign_event(fields, seed=_WORLD.enrolment.seed))


def test_an_enrolment_key_cannot_revoke_the_root() -> None:
    """K08: nor end it."""
    fields = _WORLD.common(EventType.KEY_REVOKE) | {Field.KID: _WORLD.root.kid, Field.REASON: 1}
    assert "K08" == _admit(sign_event(fields, seed=_WORLD.enrolment.seed))


def test_a_second_root_cannot_certify_itself() -> None:
    """K08: only the first entry of a log may."""
    fields = dict(_WORLD.entries[0].event.fields)
    stranger = Person("second root", (Role.ROOT,), 0)
    fields[Field.PUBLIC] = ed25519.public_of(stranger.seed)
    assert "K08" == _admit(sign_event(fields, seed=stranger.seed))


def test_a_weak_key_is_never_certified() -> None:
    """K10: the identity point verifies too much."""
    fields = dict(_WORLD.entries[4].event.fields) | {Field.PUBLIC: bytes([1]) + bytes(31)}
    assert "K10" == _admit(sign_event(fields, seed=_WORLD.enrolment.seed))


def test_one_key_is_one_persons() -> None:
    """K09: a key certified for somebody else."""
    fields = dict(_WORLD.entries[4].event.fields) | {Field.PERSON: bytes(8)}
    assert "K09" == _admit(sign_event(fields, seed=_WORLD.enrolment.seed))


def test_trusted_roots_are_the_only_roots() -> None:
    """A ring with roots from paper believes no other self-certified key."""
    ring = KeyRing(frozenset((bytes(8),)))
    with pytest.raises(SignatureError) as caught:
        admit(_WORLD.entries[0].event.raw, ring=ring, net=network_of(ORIGIN))
    assert "K08" == caught.value.finding


def test_an_event_is_small() -> None:
    """About 300 bytes: one QR from phone to phone."""
    assert len(_RAW) < 400
    assert seed_of("clerk") == _WORLD.clerk.seed


@pytest.mark.parametrize("hexed", ["d81c81d81d00", "c24101", "d9d9f701", "d9010001", "c101", "d84000"])
def test_no_tag_is_read(hexed: str) -> None:
    """Not even one that stands for a plain value; a shared reference to itself would never be walked to its end."""
    with pytest.raises(FormatError) as caught:
        cbor.decode(bytes.fromhex(hexed))

    assert "E01" == caught.value.finding
