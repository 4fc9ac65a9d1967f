"""Devices: enrolled at once at a demonstration, approved by a supervisor at a real site, and withdrawn."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import replace

from flask import Flask

from custody import ed25519
from custody.event import EventType
from tests.web.conftest import PASSWORD
from tests.web.hands import Hand, begin, json_of, kid_of
from web.service import Service

Hands = Callable[[str], Hand]


def _make_real(app: Flask) -> None:
    service: Service = app.extensions["tram"]
    app.extensions["tram"] = replace(service, site=replace(service.site, is_demo=False))


def test_me_names_the_next_place_of_the_device_chain(hand: Hands) -> None:
    """A browser that lost its count can go on from what the log knows."""
    clerk = hand("giaodich1")
    begin(clerk)
    device = json_of(clerk.client.get(f"/api/v1/me?kid={kid_of(clerk)}"))["device"]
    assert (device["status"], device["dseq"], device["dprev"]) == ("active", 1, clerk.dprev.hex())


def test_a_real_site_waits_for_a_supervisor(hand: Hands, app: Flask) -> None:
    """Issue 1: no key signs before somebody has seen device and person."""
    supervisor, courier = hand("kiemsoat1"), hand("buuta1")
    _make_real(app)
    courier.seed = secrets.token_bytes(32)
    assert courier.enrol() == "pending"
    kid = kid_of(courier)
    assert kid in supervisor.client.get("/devices").text
    answer = supervisor.client.post(f"/devices/{kid}", data={"decision": "approve", "secrecy_max": "A"})
    assert answer.status_code == 302
    certificate = courier.service.site.ledger.rules.ring.get(bytes.fromhex(kid))
    assert certificate is not None
    assert certificate.secrecy_max == 1
    assert certificate.not_after_ms <= courier.service.now() + 30 * 86_400_000
    assert json_of(courier.client.get(f"/api/v1/me?kid={kid}"))["device"]["status"] == "active"


def test_nobody_approves_their_own_device(hand: Hands, app: Flask) -> None:
    """Two people, always."""
    supervisor = hand("kiemsoat1")
    _make_real(app)
    supervisor.seed = secrets.token_bytes(32)
    assert supervisor.enrol() == "pending"
    assert (
        supervisor.client.post(f"/devices/{kid_of(supervisor)}", data={"decision": "approve"}).status_code
        == 403
    )


def test_a_withdrawn_device_is_believed_no_more(hand: Hands) -> None:
    """A lost phone: what it signs afterwards is a break (K04)."""
    clerk, supervisor = hand("giaodich1"), hand("kiemsoat1")
    walk = begin(clerk)
    raw = clerk.sign(EventType.SIGHT, clerk.item(walk.number))
    withdrawn = supervisor.client.post(f"/devices/{kid_of(clerk)}", data={"decision": "revoke", "lost": "1"})
    assert withdrawn.status_code == 302
    assert json_of(clerk.client.get(f"/api/v1/me?kid={kid_of(clerk)}"))["device"]["status"] == "none"
    assert "K04" in clerk.send(raw)[0]["findings"]


def test_a_key_of_somebody_else_is_refused(hand: Hands) -> None:
    """One key, one person (K09)."""
    clerk, courier = hand("giaodich1"), hand("buuta1")
    body = {"public_key": ed25519.public_of(clerk.seed).hex(), "name": "x"}
    assert courier.client.post("/api/v1/devices", json=body).status_code == 409


def test_a_weak_key_is_refused(hand: Hands) -> None:
    """K10: a point of small order signs anything."""
    answer = hand("buuta1").client.post("/api/v1/devices", json={"public_key": "00" * 32, "name": "x"})
    assert answer.status_code == 400


def test_the_witness_signs_in_beside_and_gets_a_key(hand: Hands) -> None:
    """Two supervisors before one browser: own password, own key; nobody is signed out."""
    first = hand("kiemsoat1")
    form = {"login": "kiemsoat2", "password": PASSWORD}
    named = json_of(first.client.post("/api/v1/witness", json=form))
    assert (named["status"], named["kid"]) == ("none", None)
    key = ed25519.public_of(secrets.token_bytes(32)).hex()
    assert (
        json_of(first.client.post("/api/v1/witness", json=form | {"public_key": key}))["status"] == "active"
    )
    assert json_of(first.client.get("/api/v1/me"))["person"]["login"] == "kiemsoat1"


def test_the_witness_is_another_person(hand: Hands) -> None:
    """P07 begins at the screen."""
    form = {"login": "kiemsoat1", "password": PASSWORD}
    assert hand("kiemsoat1").client.post("/api/v1/witness", json=form).status_code == 409


def test_guessing_the_witness_locks_too(hand: Hands) -> None:
    """E4 holds for every place where a password is asked."""
    client = hand("kiemsoat1").client
    form = {"login": "kiemsoat2", "password": "wrong"}
    codes = [client.post("/api/v1/witness", json=form).status_code for _ in range(7)]
    assert codes == [401] * 6 + [429]


def test_people_lists_takers_of_a_role_and_place(hand: Hands) -> None:
    """Whom to hand it to: by role, office, agency or part of a name without its marks."""
    client = hand("giaodich1").client
    couriers = json_of(client.get("/api/v1/people?role=courier&office=990100"))["people"]
    assert couriers
    assert all("courier" in one["roles"] and one["office"]["code"] == 990_100 for one in couriers)
    receivers = json_of(client.get("/api/v1/people?agency=1"))["people"]
    assert all(one["agency"]["code"] == 1 for one in receivers)


def test_the_bundle_holds_the_label_keys(hand: Hands) -> None:
    """Enough to check a label with no network."""
    bundle = json_of(hand("buuta1").client.get("/api/v1/bundle"))
    assert {"kid4", "public_key", "not_before_ms", "not_after_ms", "revoked"} <= set(bundle["label_keys"][0])
    assert bundle["anchor"]["size"] > 0
