"""Devices: enrolled at once at a demonstration, approved by a supervisor at a real site, and withdrawn."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from custody import ed25519
from custody.event import ZERO, EventType, Field
from tests.web.conftest import PASSWORD, Clock
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
    form = {"decision": "approve", "secrecy_max": "A", "checked": "2026-11-19"}
    answer = supervisor.client.post(f"/devices/{kid}", data=form)
    assert answer.status_code == 302
    certificate = courier.service.site.ledger.rules.ring.get(bytes.fromhex(kid))
    assert certificate is not None
    assert certificate.secrecy_max == 1
    assert certificate.not_after_ms <= courier.service.now() + 30 * 86_400_000
    assert json_of(courier.client.get(f"/api/v1/me?kid={kid}"))["device"]["status"] == "active"


@pytest.mark.parametrize(
    "checked, says",
    [("", "409"), ("2026-11-21", "tương lai"), ("2025-11-18", "một năm"), ("hôm qua", "409")],
)
def test_a_device_without_a_security_check_is_not_enrolled(
    hand: Hands, app: Flask, checked: str, says: str
) -> None:
    """E18: checked before its first use, by a day that can be true."""
    supervisor, courier = hand("kiemsoat1"), hand("buuta1")
    _make_real(app)
    courier.seed = secrets.token_bytes(32)
    assert courier.enrol() == "pending"
    answer = supervisor.client.post(
        f"/devices/{kid_of(courier)}", data={"decision": "approve", "checked": checked}
    )
    assert answer.status_code == 409
    assert says == "409" or says in answer.text
    assert json_of(courier.client.get(f"/api/v1/me?kid={kid_of(courier)}"))["device"]["status"] == "pending"


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


def witness_of(first: Hand, login: str, seed: bytes) -> Any:
    """Let a second person sign in beside the first, with a new key in that browser."""
    body = {"login": login, "password": PASSWORD, "public_key": ed25519.public_of(seed).hex()}
    return first.client.post("/api/v1/witness", json=body)


def test_the_witness_signs_in_beside_and_nobody_is_signed_out(hand: Hands) -> None:
    """Two supervisors before one browser: own password, own key."""
    first = hand("kiemsoat1")
    answer = json_of(witness_of(first, "kiemsoat2", secrets.token_bytes(32)))
    assert (answer["status"], answer["person"]["id"]) == ("active", hand("kiemsoat2").id.hex())
    assert json_of(first.client.get("/api/v1/me"))["person"]["login"] == "kiemsoat1"


def test_a_witness_key_countersigns_and_nothing_else(hand: Hands) -> None:
    """K06: afterwards the first person's browser cannot act as the second; as second signer it counts."""
    first, second = hand("giaodich1"), hand("giaodich2")
    seed = secrets.token_bytes(32)
    assert witness_of(first, "giaodich2", seed).status_code == 200
    ghost = replace(second, client=first.client, seed=seed, dseq=0, dprev=ZERO)
    walk = begin(first)
    assert walk.offer(first, ghost)["status"] == "stored"
    assert "K06" in walk.take(ghost)["findings"]
    item = first.item(walk.number)
    assert (item["state"], item["custodian"]["id"]) == ("OFFERED", first.id.hex())

    walk = begin(first)
    answer = first.client.post(f"/api/v1/items/{walk.number}/relabel", json={"reason": "nhãn rách"})
    extra = {Field.LABEL_RAW: bytes.fromhex(json_of(answer)["register"]["27"])}
    extra |= {Field.SEAL: walk.observed()[Field.SEAL]}
    result = first.act(EventType.RELABEL, first.item(walk.number), extra, second=ghost)
    assert not {"P04", "P07", "K06"} & set(result["findings"])
    assert first.item(walk.number)["instance"] == 1


def test_a_witness_key_ends_within_minutes(hand: Hands, clock: Clock) -> None:
    """It is for one act; the next one asks for the password again."""
    first, second = hand("giaodich1"), hand("giaodich2")
    seed = secrets.token_bytes(32)
    kid = json_of(witness_of(first, "giaodich2", seed))["kid"]
    certificate = first.service.site.ledger.rules.ring.get(bytes.fromhex(kid))
    assert certificate is not None
    assert certificate.countersigns_only
    assert certificate.not_after_ms == clock.now_ms + 15 * 60_000
    assert certificate.person == second.id


def test_a_witness_key_is_no_device(hand: Hands) -> None:
    """It is no browser of theirs, and sets no bounds for the next one they enrol."""
    first, second = hand("giaodich1"), hand("giaodich2")
    kid = json_of(witness_of(first, "giaodich2", secrets.token_bytes(32)))["kid"]
    assert json_of(second.client.get(f"/api/v1/me?kid={kid}"))["device"]["status"] == "none"
    second.seed = secrets.token_bytes(32)
    assert second.enrol() == "active"
    certificate = first.service.site.ledger.rules.ring.get(bytes.fromhex(kid_of(second)))
    assert certificate is not None
    assert certificate.not_after_ms > first.service.now() + 24 * 3_600_000


def test_a_device_key_is_never_a_witness_key(hand: Hands) -> None:
    """The second person's own key, or one that is known already, is refused."""
    first, second = hand("giaodich1"), hand("giaodich2")
    assert witness_of(first, "giaodich2", second.seed).status_code == 409
    assert witness_of(first, "giaodich2", first.seed).status_code == 409


def test_a_real_site_lets_a_witness_sign_at_once(app: Flask, hand: Hands) -> None:
    """The password is enough: nobody else need approve a key that only countersigns."""
    first = hand("kiemsoat1")
    _make_real(app)
    assert witness_of(first, "kiemsoat2", secrets.token_bytes(32)).status_code == 200


def test_the_witness_is_another_person(hand: Hands) -> None:
    """P07 begins at the screen."""
    assert witness_of(hand("kiemsoat1"), "kiemsoat1", secrets.token_bytes(32)).status_code == 409


def test_guessing_the_witness_locks_too(hand: Hands) -> None:
    """E4 holds for every place where a password is asked."""
    client = hand("kiemsoat1").client
    form = {"login": "kiemsoat2", "password": "wrong", "public_key": "01" * 32}
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
    assert {"code": 990_100, "name": "Bưu điện trung tâm Lam Giang"} in bundle[
        "offices"
    ]  # where a bag may go
