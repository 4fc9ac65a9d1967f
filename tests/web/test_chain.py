"""The main job through the API, with events signed as a device signs them, and the four classic breaks."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from custody import label
from custody.event import EventType, Field
from custody.label import issue_label
from custody.merkle import leaf_hash
from custody.receipt import verify_receipt
from custody.verify import verify_dossier
from tests.web.conftest import Clock
from tests.web.hands import Hand, begin, json_of, seal_of

Hands = Callable[[str], Hand]


def test_an_envelope_goes_from_counter_to_recipient_and_ends_intact(hand: Hands) -> None:
    """The job of the whole service: accept, offer, accept, offer, deliver; nothing to find."""
    clerk, courier, recipient = hand("giaodich1"), hand("buuta1"), hand("vanthu1")
    walk = begin(clerk)
    for result in (
        walk.offer(clerk, courier),
        walk.take(courier),
        walk.offer(courier, recipient),
        walk.take(recipient, EventType.DELIVER),
    ):
        assert result["status"] == "stored"
        assert result["findings"] == []
        assert result["receipt"].startswith("c2sp.org/tlog-proof@v1\n")
    item = recipient.item(walk.number)
    assert (item["state"], item["verdict"], item["held"]) == ("DELIVERED", "INTACT", False)
    assert item["custodian"]["id"] == recipient.id.hex()


def test_the_item_page_tells_the_whole_chain_in_vietnamese(hand: Hands) -> None:
    """Both names, place, seal, both times, signature's standing, verdict in words (issue 8)."""
    clerk, courier = hand("giaodich1"), hand("buuta1")
    walk = begin(clerk)
    walk.offer(clerk, courier)
    page = clerk.client.get(f"/items/{walk.number}").text
    for words in (
        "Nguyên vẹn",
        "Chấp nhận tại quầy",
        "giao cho",
        "niêm phong",
        "chữ ký đúng",
        "20/11/2026 09:00",
    ):
        assert words in page


def test_actions_follow_who_holds_it(hand: Hands) -> None:
    """The page shows the one or two actions that make sense now for this person."""
    clerk, courier, recipient = hand("giaodich1"), hand("buuta1"), hand("vanthu1")
    walk = begin(clerk)
    assert {"hand_over", "void"} <= set(clerk.item(walk.number)["actions"])
    walk.offer(clerk, courier)
    assert courier.item(walk.number)["actions"][:2] == ["receive", "refuse"]
    assert "cancel" in clerk.item(walk.number)["actions"]
    walk.take(courier)
    walk.offer(courier, recipient)
    assert recipient.item(walk.number)["actions"][0] == "deliver"


def test_the_same_entry_twice_is_a_duplicate(hand: Hands) -> None:
    """A lost answer makes no second event (E08)."""
    clerk, courier = hand("giaodich1"), hand("buuta1")
    walk = begin(clerk)
    item = clerk.item(walk.number)
    raw = clerk.sign(EventType.OFFER, item, walk.observed() | {Field.OFFEREE: courier.id, Field.EXPIRY: 60})
    first, second = clerk.send(raw), clerk.send(raw)
    assert first[0]["status"] == "stored"
    assert second[0]["status"] == "duplicate"
    assert second[0]["index"] == first[0]["index"]


def _wall(hand: Hands) -> str:
    return hand("kiemsoat1").client.get("/wall/fragment").text


def test_wall_shows_a_hop_that_was_not_scanned(hand: Hands) -> None:
    """Break 1: a courier has what nobody gave to them."""
    clerk, first, second = hand("giaodich1"), hand("buuta1"), hand("buuta2")
    walk = begin(clerk)
    walk.offer(clerk, first)
    walk.take(first)
    item = clerk.item(walk.number)
    taken = second.act(EventType.OFFER, item, walk.observed() | {Field.OFFEREE: clerk.id, Field.EXPIRY: 60})
    assert "P02" in taken["findings"]
    wall = _wall(hand)
    assert f"/items/{walk.number}" in wall
    assert "Người ký không phải là người đang giữ bưu gửi." in wall


def test_wall_shows_a_forged_label(hand: Hands) -> None:
    """Break 2: the service judges the reading itself, not the browser."""
    clerk, courier = hand("giaodich1"), hand("buuta1")
    walk = begin(clerk)
    real = label.parse_digits(walk.digits)
    forged = issue_label(
        number=real.number,
        instance=0,
        day=real.day,
        nonce=real.nonce,
        kid4=real.kid4,
        seal_commitment=real.seal_commitment,
        seed=secrets.token_bytes(32),
    )
    body = {"text": forged.digits, "format": "QRCode", "method": 1, "outcome": "genuine", "place": 990_100}
    assert courier.client.post("/api/v1/scans", json=body).status_code == 204
    wall = _wall(hand)
    assert "Quét phải nhãn giả" in wall
    assert f"/items/{walk.number}" in wall


def test_wall_shows_a_seal_that_differs(hand: Hands) -> None:
    """Break 3: the taker types another seal number; the commitment tells."""
    clerk, courier = hand("giaodich1"), hand("buuta1")
    walk = begin(clerk)
    walk.offer(clerk, courier)
    assert walk.take(courier, serial="NP 999999")["findings"] == ["X01"]
    wall = _wall(hand)
    assert f"/items/{walk.number}" in wall
    assert "Niêm phong không phải là niêm phong lúc chấp nhận." in wall
    assert seal_of(walk.digits, "NP 999999") != seal_of(walk.digits, walk.seal)


def test_wall_shows_a_stranger_who_signs(hand: Hands) -> None:
    """Break 4: an uncertified key; nothing enters the log, and the attempt stays visible."""
    clerk, courier = hand("giaodich1"), hand("buuta1")
    walk = begin(clerk)
    extra = walk.observed() | {Field.OFFEREE: courier.id, Field.EXPIRY: 60}
    result = courier.act(EventType.OFFER, clerk.item(walk.number), extra, seed=secrets.token_bytes(32))
    assert (result["status"], result["index"], result["error"]["code"]) == ("refused", None, "K01")
    assert result["error"]["hint"]
    assert "Người lạ ký: khóa không có chứng thư." in _wall(hand)
    assert clerk.item(walk.number)["state"] == "HELD"


def test_a_held_item_is_released_by_two_supervisors_only(hand: Hands) -> None:
    """A19, D8: after a break the next release waits for a reasoned decision that two people sign."""
    clerk, courier, first, second = hand("giaodich1"), hand("buuta1"), hand("kiemsoat1"), hand("kiemsoat2")
    walk = begin(clerk)
    walk.offer(clerk, courier)
    walk.take(courier, serial="NP 999999")
    held = courier.item(walk.number)
    assert held["held"]
    assert "hand_over" not in held["actions"]
    seen = first.item(walk.number)
    assert "override" in seen["actions"]
    findings = [bytes.fromhex(one["id"]) for one in seen["findings"] if not one["resolved"]]
    decision = {Field.OFFEREE: courier.id, Field.FINDINGS: findings, Field.REASON_TEXT: "Đã lập biên bản"}
    assert first.act(EventType.OVERRIDE, seen, decision, second=second)["findings"] == ["A01"]
    freed = courier.item(walk.number)
    assert not freed["held"]
    assert "hand_over" in freed["actions"]
    assert any(one["code"] == "X01" and one["resolved"] for one in freed["findings"])


def test_a_late_offer_reaches_the_wall_as_time_goes_by(hand: Hands, clock: Clock) -> None:
    """Offers not accepted show without anybody doing anything (S05)."""
    clerk, courier = hand("giaodich1"), hand("buuta1")
    walk = begin(clerk)
    walk.offer(clerk, courier)
    assert walk.number not in _wall(hand)
    clock.now_ms += 5 * 3_600_000
    assert walk.number in _wall(hand)


def test_the_wall_answers_304_while_nothing_changes(hand: Hands) -> None:
    """Every screen asks each five seconds."""
    client = hand("kiemsoat1").client
    tag = client.get("/wall/fragment").headers["ETag"]
    assert client.get("/wall/fragment", headers={"If-None-Match": tag}).status_code == 304
    begin(hand("giaodich1"))
    assert client.get("/wall/fragment", headers={"If-None-Match": tag}).status_code == 200


def test_entries_that_are_not_base64url_are_named(hand: Hands) -> None:
    """One bad entry refuses the request before anything is appended, and says which."""
    answer = hand("buuta1").client.post("/api/v1/events", json={"entries": ["AAAA", "not base64!"]})
    assert answer.status_code == 400
    assert json_of(answer)["errors"][0]["field"] == "entries.1"


def test_rubbish_is_refused_entry_by_entry(hand: Hands) -> None:
    """Well-encoded nonsense is answered in its place, beside what is good."""
    clerk = hand("giaodich1")
    walk = begin(clerk)
    good = clerk.sign(EventType.SIGHT, clerk.item(walk.number))
    results = clerk.send(b"\xd2rubbish", good)
    assert [one["status"] for one in results] == ["refused", "stored"]
    assert results[0]["error"]["code"] == "E01"


def test_relabelling_keeps_number_and_seal_and_retires_the_old_label(hand: Hands) -> None:
    """A replaced label raises the instance; the old one scans as superseded (L06)."""
    clerk, witness = hand("giaodich1"), hand("giaodich2")
    walk = begin(clerk)
    answer = clerk.client.post(f"/api/v1/items/{walk.number}/relabel", json={"reason": "nhãn rách"})
    fresh = label.parse_digits(json_of(answer)["digits"])
    old = label.parse_digits(walk.digits)
    assert (fresh.number, fresh.uid, fresh.seal_commitment) == (old.number, old.uid, old.seal_commitment)
    assert fresh.instance == old.instance + 1
    extra = {Field.LABEL_RAW: bytes.fromhex(json_of(answer)["register"]["27"])}
    clerk.act(EventType.RELABEL, clerk.item(walk.number), extra, second=witness)
    item = clerk.item(walk.number)
    assert item["instance"] == 1
    assert item["label"]["digits"] == fresh.digits
    result = clerk.act(
        EventType.OFFER, item, walk.observed() | {Field.OFFEREE: hand("buuta1").id, Field.EXPIRY: 60}
    )
    assert "L06" in result["findings"]


def test_the_receipt_proves_the_entry(hand: Hands) -> None:
    """What the scanner keeps can be checked without the service."""
    clerk = hand("giaodich1")
    walk = begin(clerk)
    raw = clerk.sign(EventType.SIGHT, clerk.item(walk.number))
    result = clerk.send(raw)[0]
    verify_receipt(result["receipt"], leaf_hash(raw), clerk.service.site.log_keys)


def test_dossier_verifies_away_from_the_service(hand: Hands) -> None:
    """The export is the evidence; taking it is written down (A13, E6)."""
    clerk, inspector = hand("giaodich1"), hand("thanhtra1")
    walk = begin(clerk)
    answer = inspector.client.get(f"/api/v1/items/{walk.number}/dossier")
    assert answer.status_code == 200
    judgement = verify_dossier(answer.data).judgement
    assert judgement is not None
    assert judgement.verdict.value == "INTACT"
    looks = inspector.client.get(f"/items/{walk.number}").text
    assert "Ai đã xem" in looks
