"""The day of a person, kept on their device: all that a shift needs, and nothing that they might not see without it."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from custody import cose, ed25519
from custody.event import Entry, EventType, Field, parse_event
from custody.keys import KeyRing
from db import schema
from tests.web.conftest import Clock
from tests.web.hands import Hand, begin, json_of, kid_of
from web.accounts import viewer_by
from web.api import day as day_api
from web.devices import certify_witness

Hands = Callable[[str], Hand]


def _day(hand: Hand, since: int = 0) -> dict[str, Any]:
    answer = hand.client.get(f"/api/v1/day?since={since}")
    assert answer.status_code == 200, json_of(answer)
    found: dict[str, Any] = json_of(answer)
    return found


def _numbers(day: dict[str, Any], why: str | None = None) -> set[str]:
    return {one["number"] for one in day["items"] if why in {None, one["why"]}}


def test_a_day_has_what_is_held_offered_here_and_on_its_way(hand: Hands) -> None:
    """The same envelope through the day of everybody it concerns, and gone once it is delivered."""
    clerk, courier, recipient = hand("giaodich1"), hand("buuta1"), hand("vanthu1")
    walk = begin(clerk)
    assert walk.number in _numbers(_day(clerk), "held")
    assert walk.number in _numbers(_day(recipient), "agency")
    assert walk.number not in _numbers(_day(courier))
    assert [_day(one)["person"] for one in (clerk, courier)] == [clerk.id.hex(), courier.id.hex()]
    walk.offer(clerk, courier)
    assert walk.number in _numbers(_day(courier), "offered")
    walk.take(courier)
    assert walk.number in _numbers(_day(courier), "held")
    assert walk.number in _numbers(_day(clerk), "office")
    walk.offer(courier, recipient)
    assert walk.number in _numbers(_day(recipient), "offered")
    walk.take(recipient, EventType.DELIVER)
    for one in (clerk, courier, recipient):
        assert walk.number not in _numbers(_day(one))


def test_an_item_of_the_day_is_what_the_service_shows_of_it_alone(hand: Hands) -> None:
    """A device without a network decides on the same facts; what is there beyond them only a device needs."""
    clerk, courier = hand("giaodich1"), hand("buuta1")
    walk = begin(clerk, secrecy=1, declared_two_covers=True, declared_stamped=True)
    walk.offer(clerk, courier)
    for one in (clerk, courier, hand("vanthu1")):
        carried = next(item for item in _day(one)["items"] if item["number"] == walk.number)
        alone = one.item(walk.number)
        beyond = {"contacts"} if one is courier else set()
        assert set(carried) - set(alone) == {"why", "before"}
        assert {key for key in alone if carried[key] != alone[key]} == beyond


def test_what_was_offered_out_of_quarantine_goes_back_there(hand: Hands) -> None:
    """A refusal leads back to where it was; a device has to know where that is."""
    clerk, courier, guard = hand("giaodich1"), hand("buuta1"), hand("baove1")
    walk = begin(clerk)
    why = {Field.REASON_TEXT: "sai niêm phong"}
    guard.act(EventType.SEIZE, clerk.item(walk.number), why | walk.observed())
    walk.offer(guard, courier)
    carried = next(item for item in _day(courier)["items"] if item["number"] == walk.number)
    assert (carried["state"], carried["before"]) == ("OFFERED", "QUAR")


@pytest.mark.parametrize(
    "login", ["buuta2", "buuta26", "giaodich21", "vanthu2", "kiemsoat1", "thanhtra1", "quantri1"]
)
def test_outsiders_carry_nothing_of_it(hand: Hands, login: str) -> None:
    """A courier of the same office, other offices, another body, overseers who may look but do not act, the admin."""
    clerk, courier = hand("giaodich1"), hand("buuta1")
    walk = begin(clerk)
    walk.offer(clerk, courier)
    answer = hand(login).client.get("/api/v1/day")
    assert answer.status_code == 200
    assert walk.number not in answer.text
    assert walk.uid.hex() not in answer.text


@pytest.mark.parametrize("login", ["giaodich1", "buuta1", "vanthu1", "kiemsoat1"])
def test_whatever_is_carried_may_be_listed_and_opened(hand: Hands, login: str) -> None:
    """The day is no side door: each item in it is one that the person sees whole without it."""
    clerk, courier = hand("giaodich1"), hand("buuta1")
    for recipient in (1, 2):
        begin(clerk, recipient=recipient).offer(clerk, courier)
    one = hand(login)
    for item in _day(one)["items"]:
        assert one.client.get(f"/items/{item['number']}").status_code == 200
        assert one.item(item["number"])["label"] == item["label"]


def test_contacts_come_with_what_is_held_or_about_to_be_and_with_nothing_else(hand: Hands) -> None:
    """A8: for the courier with the envelope in hand, offline too; so they come with the offer to that courier."""
    clerk, courier = hand("giaodich1"), hand("buuta1")
    walk = begin(clerk)
    assert walk.number not in _numbers(_day(courier))
    for step in (walk.offer, lambda _clerk, taker: walk.take(taker)):
        step(clerk, courier)
        carried = next(item for item in _day(courier)["items"] if item["number"] == walk.number)
        assert carried["contacts"]
        assert all(one["name"] and one["duty"] and one["phone"] for one in carried["contacts"])
        phone = carried["contacts"][0]["phone"]
        for login in ("vanthu1", "buuta2", "kiemsoat1", "giaodich2"):
            assert phone not in hand(login).client.get("/api/v1/day").text
    assert phone not in clerk.client.get("/api/v1/day").text


def test_contacts_come_with_no_offer_to_who_goes_to_no_door_and_with_none_that_is_over(
    hand: Hands, clock: Clock
) -> None:
    """A clerk holds what they hold; a courier who did not come for it in time is no longer about to hold it."""
    clerk, other, courier = hand("giaodich1"), hand("giaodich2"), hand("buuta1")
    late, inside = begin(clerk), begin(clerk)
    inside.offer(clerk, other)
    late.offer(clerk, courier)
    carried = next(item for item in _day(other)["items"] if item["number"] == inside.number)
    assert (carried["why"], carried["contacts"]) == ("offered", [])
    assert next(item for item in _day(courier)["items"] if item["number"] == late.number)["contacts"]
    clock.now_ms += 3_600_000 + 1
    assert next(item for item in _day(courier)["items"] if item["number"] == late.number)["contacts"] == []


def test_people_of_the_day_are_those_a_courier_may_hand_to_with_their_keys(hand: Hands) -> None:
    """The office, and the bodies that the items go to; each with the keys that sign for them, a revoked one not."""
    clerk, courier, recipient = hand("giaodich1"), hand("buuta1"), hand("vanthu1")
    walk = begin(clerk)
    walk.offer(clerk, courier)
    people = {one["id"]: one for one in _day(courier)["people"]}
    assert kid_of(clerk) in people[clerk.id.hex()]["kids"]
    assert kid_of(recipient) in people[recipient.id.hex()]["kids"]
    assert courier.id.hex() not in people
    assert hand("buuta26").id.hex() not in people
    assert hand("quantri1").id.hex() not in people


def test_a_recipient_knows_the_couriers_of_the_office_that_serves_the_body_and_no_clerk(hand: Hands) -> None:
    """Who comes to the door must be known by name; the rest of the post need not be."""
    recipient = hand("vanthu1")
    roles = {one["id"]: one["roles"] for one in _day(recipient)["people"]}
    assert hand("buuta1").id.hex() in roles
    assert hand("giaodich2").id.hex() not in roles
    assert {role for found in roles.values() for role in found} == {"courier"}


def test_the_keys_of_the_log_make_a_ring_that_knows_everybody(hand: Hands, app: Flask) -> None:
    """A device checks a signature by the certificates in the log, not by what the service says of a person."""
    clerk = hand("giaodich1")
    answer = _day(clerk)
    ring = KeyRing(roots=frozenset(bytes.fromhex(kid) for kid in answer["roots"]))
    for one in answer["system"]["entries"]:
        raw = base64.urlsafe_b64decode(one["entry"] + "==")
        ring.apply(Entry(index=one["index"], event=parse_event(raw), logged_ms=one["logged_ms"]))
    found = ring.get(bytes.fromhex(kid_of(clerk)))
    assert found is not None
    assert found.person == clerk.id
    newest = answer["system"]["entries"][-1]["index"]
    hand("buuta3")
    later = _day(clerk, since=newest + 1)["system"]["entries"]
    assert len(later) == 1
    assert later[0]["index"] > newest


def test_many_witnesses_do_not_hide_the_keys_that_come_after_them(
    hand: Hands, app: Flask, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their keys end within minutes and are left out: a page of nothing else is not the end of what there is."""
    clerk = hand("giaodich1")
    since = _day(clerk)["system"]["entries"][-1]["index"] + 1
    made = app.extensions["tram"]
    who = viewer_by(made.engine, schema.person.c.id == clerk.id)
    assert who is not None
    with app.test_request_context():
        for _ in range(4):
            certify_witness(made, who, ed25519.public_of(secrets.token_bytes(32)))
    clock.now_ms += 3_600_000
    monkeypatch.setattr(day_api, "KEYS", 2)
    newest = kid_of(hand("buuta3"))
    entries = _day(clerk, since=since)["system"]["entries"]
    events = [parse_event(base64.urlsafe_b64decode(one["entry"] + "==")) for one in entries]
    assert [cose.kid_of(event.fields[Field.PUBLIC]).hex() for event in events] == [newest]


def test_a_day_that_has_not_changed_is_not_sent_again(hand: Hands, app: Flask) -> None:
    """A courier's data plan: 304 while only the clock went on; another answer to another person."""
    clerk = hand("giaodich1")
    first = clerk.client.get("/api/v1/day")
    tag = {"If-None-Match": first.headers["ETag"]}
    again = clerk.client.get("/api/v1/day", headers=tag)
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["Tram-Now"]
    assert hand("buuta1").client.get("/api/v1/day", headers=tag).status_code == 200
    begin(clerk)
    assert clerk.client.get("/api/v1/day", headers=tag).status_code == 200


def test_a_day_is_bounded_and_says_so(hand: Hands, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is on the person's own hands comes first; what was cut off is not passed over in silence."""
    clerk, courier = hand("giaodich1"), hand("buuta1")
    held = begin(clerk)
    held.offer(clerk, courier)
    held.take(courier)
    held.offer(courier, clerk)
    held.take(clerk)
    for _ in range(3):
        begin(clerk).offer(clerk, courier)
    monkeypatch.setattr(day_api, "ITEMS", 2)
    answer = _day(clerk)
    assert len(answer["items"]) == 2
    assert answer["more"] is True


@pytest.mark.parametrize("since", ["-1", "x", "1.5", "٣", str(1 << 60)])
def test_an_index_that_is_none_is_refused(hand: Hands, since: str) -> None:
    """A clear 400, never a scan of the whole log by accident."""
    assert hand("buuta1").client.get("/api/v1/day", query_string={"since": since}).status_code == 400


def test_what_was_said_of_a_refusal_stands_on_the_wall_beside_it(hand: Hands) -> None:
    """A refused entry blocks the end of a shift until its person explains it; the supervisor reads both together."""
    clerk, courier = hand("giaodich1"), hand("buuta1")
    walk = begin(clerk)
    raw = courier.sign(EventType.SIGHT, clerk.item(walk.number), walk.observed(), seed=b"\7" * 32)
    assert courier.send(raw)[0]["status"] == "refused"
    said = {"entry": hashlib.sha256(raw).hexdigest(), "text": f"{walk.number} Nhận: đổi máy <b>lúc</b> trưa"}
    assert courier.client.post("/api/v1/refusals", json=said).status_code == 204
    wall = hand("kiemsoat1").client.get("/wall").text
    assert f"{walk.number} Nhận: đổi máy &lt;b&gt;lúc" in wall
    assert said["entry"] not in wall
    assert courier.client.post("/api/v1/refusals", json=said | {"entry": "00" * 32}).status_code == 404
    assert courier.client.post("/api/v1/refusals", json=said | {"text": ""}).status_code == 400
