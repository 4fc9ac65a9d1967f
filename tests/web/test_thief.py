"""A stolen phone in other hands: what it signs, sends again or alters has no effect, and the wall names it."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

import pytest
from flask_babel import gettext

from custody import cbor, ed25519
from custody.event import EventType, Field, parse_event
from custody.findings import CATALOGUE
from db.engine import reading
from db.schema import entry
from tests.web.conftest import Clock
from tests.web.hands import Hand, Walk, begin, kid_of

Hands = Callable[[str], Hand]
_HOUR_MS = 3_600_000


def _carried(hand: Hands) -> Walk:
    """Bring an envelope into the hands of the courier whose phone is stolen."""
    clerk, courier = hand("giaodich1"), hand("buuta1")
    walk = begin(clerk)
    walk.offer(clerk, courier)
    walk.take(courier)
    return walk


def _offer(hand: Hands, walk: Walk, **changes: Any) -> bytes:
    """Sign a handover on the stolen phone, to a colleague who would carry the envelope away."""
    extra = walk.observed() | {Field.OFFEREE: hand("buuta2").id, Field.EXPIRY: 3600}
    return hand("buuta1").sign(EventType.OFFER, hand("giaodich1").item(walk.number), extra, **changes)


def _withdraw(hand: Hands) -> None:
    """The phone is reported as lost."""
    thief, form = hand("buuta1"), {"decision": "revoke", "lost": "1"}
    assert hand("kiemsoat1").client.post(f"/devices/{kid_of(thief)}", data=form).status_code == 302


def _wall(hand: Hands) -> str:
    return hand("kiemsoat1").client.get("/wall/fragment").text


def _standing(hand: Hands, walk: Walk) -> tuple[str, str, str | None]:
    """Who answers for the envelope, and to whom it is offered."""
    item = hand("giaodich1").item(walk.number)
    return item["state"], item["custodian"]["id"], item["offer"] and item["offer"]["taker"]["id"]


def _entries(one: Hand) -> int:
    with reading(one.service.engine) as conn:
        return len(conn.execute(entry.select()).all())


def _held(hand: Hands) -> tuple[str, str, None]:
    return "HELD", hand("buuta1").id.hex(), None


@pytest.mark.parametrize("carrier", ["buuta1", "buuta2"])
def test_what_a_withdrawn_key_signed_offline_has_no_effect(hand: Hands, clock: Clock, carrier: str) -> None:
    """Signed after the theft was reported and sent later, by the thief or by somebody else: K04, and nothing moves."""
    walk = _carried(hand)
    _withdraw(hand)
    clock.now_ms += _HOUR_MS
    raw = _offer(hand, walk)
    clock.now_ms += _HOUR_MS
    [result] = hand(carrier).send(raw)

    assert "K04" in result["findings"]
    assert _standing(hand, walk) == _held(hand)
    assert f"/items/{walk.number}" in _wall(hand)
    assert _text(hand, "K04") in _wall(hand)


def test_a_time_before_the_theft_does_not_help(hand: Hands, clock: Clock) -> None:
    """The thief sets the clock back: what came in after the withdrawal is not believed for the time it claims."""
    walk = _carried(hand)
    before_ms = clock.now_ms
    clock.now_ms += _HOUR_MS
    _withdraw(hand)
    after_ms, clock.now_ms = clock.now_ms + _HOUR_MS, before_ms + 60_000
    raw = _offer(hand, walk)
    clock.now_ms = after_ms
    [result] = hand("buuta1").send(raw)

    assert result["findings"] == ["K04", "T02"], "believed neither for the key nor for the time"
    assert _standing(hand, walk) == _held(hand)


def test_what_was_overheard_and_sent_again_is_known_and_moves_nothing(hand: Hands) -> None:
    """Bytes that another session captured: a duplicate, whoever sends them, as often as they like."""
    walk, other = _carried(hand), hand("buuta2")
    raw = _offer(hand, walk)
    first = hand("buuta1").send(raw)[0]
    back = hand("buuta1").act(
        EventType.CANCEL, hand("buuta1").item(walk.number), {Field.CITES: parse_event(raw).id}
    )
    many = _entries(other)
    again = [other.send(raw)[0] for _ in range(3)]

    assert (first["status"], back["status"]) == ("stored", "stored")
    assert {(one["status"], one["index"]) for one in again} == {("duplicate", first["index"])}
    assert _entries(other) == many
    assert _standing(hand, walk) == _held(hand), "the offer that was taken back is not open again"


def test_a_captured_event_put_into_a_new_place_is_not_the_signers(hand: Hands) -> None:
    """The same signature over the next place of the chain: E04, and the attempt is on the wall."""
    walk = _carried(hand)
    raw = _offer(hand, walk)
    parts = cbor.decode(raw[1:])
    assert isinstance(parts, list)
    payload = cbor.decode(parts[2])
    assert isinstance(payload, dict)
    payload[int(Field.OFFEREE)] = hand("vanthu1").id
    moved = raw[:1] + cbor.encode([parts[0], {}, cbor.encode(payload), parts[3]])
    [result] = hand("buuta2").send(moved)

    assert (result["status"], result["error"]["code"]) == ("refused", "E04")
    assert _standing(hand, walk) == _held(hand)
    assert _text(hand, "E04") in _wall(hand)


def test_no_bit_of_what_waits_can_be_changed(hand: Hands) -> None:
    """The outbox altered by hand: whichever byte it is, the entry is refused, kept as an attempt, and on the wall."""
    walk = _carried(hand)
    raw, many = _offer(hand, walk), _entries(hand("buuta1"))
    altered = [raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :] for at in range(0, len(raw), 7)]
    results = hand("buuta1").send(*altered)

    assert {one["status"] for one in results} == {"refused"}
    codes = {one["error"]["code"] for one in results}
    assert "E04" in codes
    assert codes <= {"E01", "E02", "E03", "E04", "E05", "E06", "E07", "K01"}, (
        "each said to be altered or strange"
    )
    assert _entries(hand("buuta1")) == many
    assert _standing(hand, walk) == _held(hand)
    assert hand("buuta1").send(raw)[0]["status"] == "stored", "what was not altered still counts"


def test_another_key_in_the_place_of_the_stored_one_signs_for_nobody(hand: Hands) -> None:
    """Swapped for one of the thief's: under its own name it is a stranger's; under the old name it does not verify."""
    walk = _carried(hand)
    stranger = secrets.token_bytes(32)
    own = _offer(hand, walk, seed=stranger)
    parts = cbor.decode(_offer(hand, walk)[1:])
    assert isinstance(parts, list)
    signed = cbor.encode(["Signature1", parts[0], b"", parts[2]])
    under_the_old_name = b"\xd2" + cbor.encode([parts[0], {}, parts[2], ed25519.sign(stranger, signed)])
    codes = [one["error"]["code"] for one in hand("buuta1").send(own, under_the_old_name)]

    assert codes == ["K01", "E04"]
    assert _standing(hand, walk) == _held(hand)
    assert all(_text(hand, code) in _wall(hand) for code in codes)


def _text(hand: Hands, code: str) -> str:
    """Give the words of a finding as the wall says them."""
    with hand("kiemsoat1").app.test_request_context(headers={"Accept-Language": "vi"}):
        return str(gettext(CATALOGUE[code].text))
