"""Delivery at the door: the recipient's badge or a signature on glass, on the courier's device; what is kept of it."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import pytest
from click.testing import CliRunner, Result

from custody.event import EventType, Field
from custody.merkle import leaf_hash
from custody.s10 import make_number
from db import desk, glass, named, people, registration, schema, stock
from db.engine import writing
from db.erase_cli import erase
from db.errors import SiteError
from tests.web.hands import Hand, Walk, acceptance, begin
from web.accounts import people_by

Hands = Callable[[str], Hand]
DRAWING = json.dumps({"v": 1, "name": "Trần Thị Nhận", "strokes": [[10, 20, 300, 400]]}, ensure_ascii=False)
DIGEST = hashlib.sha256(DRAWING.encode()).digest()


def _carried(hand: Hands) -> tuple[Walk, Hand]:
    """An envelope in a courier's hands, offered to the agency it is for."""
    clerk, courier = hand("giaodich1"), hand("buuta1")
    walk = begin(clerk)
    walk.offer(clerk, courier)
    walk.take(courier)
    offered = courier.act(EventType.OFFER, clerk.item(walk.number), {Field.OFFEREE: 1, Field.EXPIRY: 600})
    assert "stored" == offered["status"]
    return walk, courier


def _deliver(walk: Walk, courier: Hand, proof: dict[int, Any], second: Hand | None = None) -> dict[str, Any]:
    item = courier.item(walk.number)
    extra = walk.observed() | {Field.CITES: bytes.fromhex(item["offer"]["id"])} | proof
    return courier.act(EventType.DELIVER, item, extra, second=second)


def test_the_recipients_badge_on_the_couriers_device_delivers(hand: Hands) -> None:
    """Proof 1: the recipient's own key signs with the courier; the log takes it without question."""
    walk, courier = _carried(hand)
    done = _deliver(walk, courier, {Field.PROOF: 1}, second=hand("vanthu1"))
    item = courier.item(walk.number)
    assert ("DELIVERED", "NOTED") == (item["state"], item["verdict"])
    assert ["A08"] == done["findings"]


def test_the_badge_of_another_agency_is_no_proof(hand: Hands) -> None:
    """S06: whoever signs is of the agency that it was offered to."""
    walk, courier = _carried(hand)
    done = _deliver(walk, courier, {Field.PROOF: 1}, second=hand("vanthu3"))
    assert "S06" in done["findings"]
    assert "OFFERED" == courier.item(walk.number)["state"]


def test_a_signature_on_glass_is_kept_once_its_delivery_is_logged(hand: Hands) -> None:
    """Proof 2: the log has the digest; the drawing is shown to who oversees, and to nobody else."""
    walk, courier = _carried(hand)
    where = f"/api/v1/items/{walk.number}/glass"
    assert 409 == courier.client.post(where, json={"drawing": DRAWING}).status_code
    done = _deliver(
        walk, courier, {Field.PROOF: 2, Field.ATTACH: [DIGEST], Field.REASON_TEXT: "không có máy"}
    )
    assert ["A08"] == done["findings"]
    assert 204 == courier.client.post(where, json={"drawing": DRAWING}).status_code
    assert 204 == courier.client.post(where, json={"drawing": DRAWING}).status_code
    kept = glass.glass_of(courier.service.engine, walk.uid)
    page = f"/items/{walk.number}"

    assert [(DIGEST, DRAWING, courier.id)] == [(one.digest, one.drawing, one.kept_by) for one in kept]
    assert "10,20 300,400" in hand("kiemsoat1").client.get(page).text
    assert "10,20 300,400" not in courier.client.get(page).text
    glass.erase_glass(courier.service.engine, DIGEST)
    assert [] == glass.glass_of(courier.service.engine, walk.uid)


def test_a_courier_who_has_left_the_office_still_leaves_the_drawing(hand: Hands) -> None:
    """The digest is in the log: what it covers must come in, whoever may see the envelope by then."""
    walk, courier = _carried(hand)
    _deliver(walk, courier, {Field.PROOF: 2, Field.ATTACH: [DIGEST]})
    item, person = schema.item, schema.person
    with writing(courier.service.engine) as conn:
        conn.execute(item.update().where(item.c.uid == walk.uid).values(custodian=None))
        conn.execute(person.update().where(person.c.id == courier.id).values(office=220_002))
    assert 403 == courier.client.get(f"/api/v1/items/{walk.number}").status_code
    where = f"/api/v1/items/{walk.number}/glass"
    assert 204 == courier.client.post(where, json={"drawing": DRAWING}).status_code


def test_only_who_signed_the_delivery_leaves_a_drawing(hand: Hands) -> None:
    """Nobody else's drawing goes beside somebody's delivery, nor one that the digest does not cover."""
    walk, courier = _carried(hand)
    _deliver(walk, courier, {Field.PROOF: 2, Field.ATTACH: [DIGEST]})
    where = f"/api/v1/items/{walk.number}/glass"
    assert 409 == hand("giaodich1").client.post(where, json={"drawing": DRAWING}).status_code
    other = DRAWING.replace("300", "301")
    assert 409 == courier.client.post(where, json={"drawing": other}).status_code
    assert 403 == hand("buuta26").client.post(where, json={"drawing": DRAWING}).status_code


@pytest.mark.parametrize(
    "drawing",
    [
        "x",
        "{}",
        DRAWING.replace("400", "1001"),
        DRAWING.replace("300, 400", "300"),
        DRAWING.replace("Trần", "\\u0007"),
        DRAWING.replace('"v": 1', '"v": 2'),
    ],
)
def test_what_is_no_drawing_is_refused(hand: Hands, drawing: str) -> None:
    """It is shown to others later: only lines within the field and a name that can be shown."""
    answer = hand("buuta1").client.post("/api/v1/items/ZK473124829VN/glass", json={"drawing": drawing})
    assert (400, "bad-json") == (answer.status_code, (answer.get_json() or {})["code"])


def _name_of(one: Hand) -> str:
    with one.app.test_request_context():
        [person] = people_by(one.service.engine, schema.person.c.id == one.id)
    return person.name


def _alone(wanted: Hand) -> dict[str, Any]:
    """What the form says where one person alone may open the envelope."""
    name = f"  {_name_of(wanted).upper()} "
    return {"only_named": True, "named_person": name, "named_duty": "Chánh Văn phòng"}


def _kept(clerk: Hand, **changes: Any) -> named.Named | None:
    """Accept an envelope; give who is kept as the one who may open it."""
    answer = clerk.client.post("/api/v1/labels", json=acceptance(**changes))
    uid = bytes.fromhex(answer.get_json()["uid"])
    return named.named_of(clerk.service.engine, [uid]).get(uid)


def _named(hand: Hands, **changes: Any) -> tuple[Walk, Hand]:
    """An envelope that only the first clerk of agency 1 may open, in a courier's hands and offered to the agency."""
    clerk, courier = hand("giaodich1"), hand("buuta1")
    walk = begin(clerk, **_alone(hand("vanthu1")) | changes)
    walk.offer(clerk, courier)
    walk.take(courier)
    courier.act(EventType.OFFER, clerk.item(walk.number), {Field.OFFEREE: 1, Field.EXPIRY: 600})
    return walk, courier


def test_the_named_person_is_told_to_the_holder_and_the_addressee_alone(hand: Hands) -> None:
    """E13: who stands at the door must know whom it is for; the log and everybody else have no name."""
    walk, courier = _named(hand)
    wanted, clerk = hand("vanthu1"), hand("giaodich1")
    told = [one.item(walk.number)["named"] for one in (courier, wanted)]
    carried = next(
        one for one in courier.client.get("/api/v1/day").get_json()["items"] if one["number"] == walk.number
    )
    pages = {
        one.login: one.client.get(f"/items/{walk.number}").text for one in (courier, clerk, hand("kiemsoat1"))
    }

    assert told[0] == told[1] == carried["named"]
    assert (told[0]["id"], told[0]["duty"]) == (wanted.id.hex(), "Chánh Văn phòng")
    assert [None, None] == [one.item(walk.number)["named"] for one in (clerk, hand("kiemsoat1"))]
    assert ["buuta1"] == [login for login, page in pages.items() if told[0]["name"] in page]
    entries = clerk.service.site.ledger.chain(walk.uid).entries
    assert not any(told[0]["name"].encode() in entry.event.raw for entry in entries)


def test_who_signs_for_the_named_person_is_written_down(hand: Hands) -> None:
    """The log has no name to compare; the service has, and a supervisor must ask who opened it."""
    walk, courier = _named(hand)
    other = hand("vanthu31")
    done = _deliver(walk, courier, {Field.PROOF: 1}, second=other)
    [found] = registration.mismatches_of(courier.service.engine, walk.uid)
    wall = hand("kiemsoat1").client.get("/wall").text

    assert ("stored", ["A08"]) == (done["status"], done["findings"])
    assert ("taker",) == found.fields
    assert "ngoài người có tên" in wall


@pytest.mark.parametrize("urgency, reason, is_found", [(1, 7, False), (1, None, True), (0, 7, True)])
def test_of_express_mail_somebody_else_receives_with_the_reason(
    hand: Hands, urgency: int, reason: int | None, *, is_found: bool
) -> None:
    """NĐ 26/2020: the leader in place of who is absent, for Hỏa tốc alone, and it is said why."""
    walk, courier = _named(hand, urgency=urgency)
    why: dict[int, Any] = {Field.REASON: reason, Field.REASON_TEXT: "lãnh đạo nhận thay"} if reason else {}
    _deliver(walk, courier, {Field.PROOF: 1} | why, second=hand("vanthu31"))
    assert is_found == bool(registration.mismatches_of(courier.service.engine, walk.uid))


def test_the_named_person_receives_and_nothing_is_said(hand: Hands) -> None:
    """Also by their own key; and a drawing proves nobody, so it accuses nobody."""
    for how in ("badge", "key", "glass"):
        walk, courier = _named(hand)
        wanted = hand("vanthu1")
        if how == "key":
            walk.take(wanted, EventType.DELIVER)
        else:
            proof: dict[int, Any] = (
                {Field.PROOF: 1} if how == "badge" else {Field.PROOF: 2, Field.ATTACH: [DIGEST]}
            )
            _deliver(walk, courier, proof, second=wanted if how == "badge" else None)
        assert "DELIVERED" == hand("giaodich1").item(walk.number)["state"]
        assert [] == registration.mismatches_of(courier.service.engine, walk.uid)


@pytest.mark.parametrize("is_late", [False, True])
def test_the_wrong_taker_is_written_down_once_whichever_entry_comes_first(
    hand: Hands, *, is_late: bool
) -> None:
    """A delivery that waits for its offer counts when that comes, in an upload of somebody else's."""
    clerk, courier, other = hand("giaodich1"), hand("buuta1"), hand("vanthu31")
    walk = begin(clerk, **_alone(hand("vanthu1")))
    walk.offer(clerk, courier)
    walk.take(courier)
    item = courier.item(walk.number)
    offer = courier.sign(EventType.OFFER, item, {Field.OFFEREE: 1, Field.EXPIRY: 600})
    after = {"uid": item["uid"], "seq": item["seq"] + 1, "head": leaf_hash(offer).hex()}
    taken = other.sign(EventType.DELIVER, after, walk.observed() | {Field.CITES: leaf_hash(offer)})
    sent = [(other, taken), (courier, offer)] if is_late else [(courier, offer), (other, taken)]
    for one, raw in sent:
        assert "stored" == one.send(raw)[0]["status"]
    last = other.act(EventType.SIGHT, clerk.item(walk.number), walk.observed())
    found = registration.mismatches_of(clerk.service.engine, walk.uid)

    assert ("DELIVERED", "stored") == (clerk.item(walk.number)["state"], last["status"])
    assert [("taker",)] == [one.fields for one in found]
    [entry] = [e for e in clerk.service.site.ledger.chain(walk.uid).entries if e.event.raw == taken]
    assert entry.index == found[0].idx


def test_the_sender_who_gets_it_back_is_not_accused(hand: Hands) -> None:
    """What returns goes to the agency that sent it: the name on the cover is of nobody there."""
    clerk, sender = hand("giaodich1"), hand("vanthu3")
    walk = begin(clerk, **_alone(hand("vanthu1")))
    clerk.act(EventType.RETURN, clerk.item(walk.number), walk.observed() | {Field.REASON: 8})
    clerk.act(
        EventType.OFFER, clerk.item(walk.number), walk.observed() | {Field.OFFEREE: 3, Field.EXPIRY: 600}
    )
    walk.take(sender, EventType.DELIVER)
    assert "DELIVERED" == clerk.item(walk.number)["state"]
    assert [] == registration.mismatches_of(clerk.service.engine, walk.uid)


@pytest.mark.parametrize("is_named_again", [False, True])
def test_a_name_goes_with_the_acceptance_that_was_given_up(hand: Hands, *, is_named_again: bool) -> None:
    """A label printed in advance is taken again for another envelope: the first one's name accuses nobody."""
    clerk, courier, taker = hand("giaodich1"), hand("buuta1"), hand("vanthu31")
    engine = clerk.service.engine
    clerk.client.post("/labels/stock", data={"count": 1, "kind": "item"})
    [batch] = stock.LABELS.batches(engine, clerk.office)
    form: dict[str, Any] = {"stock": batch.last}
    assert _kept(clerk, **form | _alone(hand("vanthu1"))) is not None
    walk = begin(clerk, **form | (_alone(taker) if is_named_again else {}))
    left = named.named_of(engine, [walk.uid])
    walk.offer(clerk, courier)
    walk.take(courier)
    courier.act(EventType.OFFER, clerk.item(walk.number), {Field.OFFEREE: 1, Field.EXPIRY: 600})
    walk.take(taker, EventType.DELIVER)

    assert [taker.id] * is_named_again == [one.person for one in left.values()]
    assert "DELIVERED" == clerk.item(walk.number)["state"]
    assert [] == registration.mismatches_of(engine, walk.uid)


def test_a_name_beside_what_anybody_may_open_accuses_nobody(hand: Hands) -> None:
    """The log has whether one person alone may open it; a name kept beside it does not overrule that."""
    walk, courier = _carried(hand)
    wanted, engine = hand("vanthu1"), courier.service.engine
    kept = named.Named(uid=walk.uid, name="-", person=wanted.id, kept_by=courier.id, at_ms=0)
    with writing(engine) as conn:
        conn.execute(schema.named.insert(), [asdict(kept)])
    _deliver(walk, courier, {Field.PROOF: 1}, second=hand("vanthu31"))
    assert [] == registration.mismatches_of(engine, walk.uid)


def test_a_name_whose_accents_come_apart_is_the_same_name(hand: Hands) -> None:
    """Some keyboards send letter and accent as two characters: it looks the same, and is kept the same."""
    wanted = hand("vanthu1")
    form = _alone(wanted) | {"named_person": _name_of(wanted), "named_duty": "Phó Chánh Văn phòng"}
    apart = {name: unicodedata.normalize("NFD", str(form[name])) for name in ("named_person", "named_duty")}
    clerk = hand("giaodich1")
    whole = _kept(clerk, **form)
    found = _kept(
        clerk,
        **form | apart | {"clerk_name": unicodedata.normalize("NFD", "Nguyễn Thị Gửi"), "seal": "NP 1234"},
    )
    assert apart["named_person"] != form["named_person"]
    assert whole
    assert found
    assert (whole.name, whole.duty, wanted.id) == (found.name, found.duty, found.person)


def test_a_namesake_who_does_not_receive_is_not_the_one_named(hand: Hands) -> None:
    """Only who may receive for the agency can sign for it: a colleague's name leads nowhere."""
    clerk, wanted = hand("giaodich1"), hand("vanthu1")
    with writing(clerk.service.engine) as conn:
        is_wanted = schema.person.c.id == wanted.id
        conn.execute(schema.person.update().where(is_wanted).values(roles='["inspector"]'))
    found = _kept(clerk, **_alone(wanted))
    assert found
    assert (_name_of(wanted).upper(), None) == (found.name, found.person)


def test_the_name_is_erased_and_with_it_all_that_it_says(hand: Hands) -> None:
    """Personal data beside the log: by item, and with the person whose it is."""
    walk, courier = _named(hand)
    engine = courier.service.engine
    named.erase_named(engine, walk.uid)
    assert courier.item(walk.number)["named"] is None
    second, _ = _named(hand)
    people.erase_person(engine, hand("vanthu1").id)
    assert named.named_of(engine, [second.uid]) == {}
    assert courier.item(second.number)["only_named"]


def _erase(one: Hand, *args: str) -> Result:
    """Run the command on the site that is being served."""
    obj = {"data": one.service.config.data, "database_url": None}
    return CliRunner().invoke(erase, [*args, "--json"], obj=obj)


def test_an_operator_erases_the_names_beside_an_item(hand: Hands) -> None:
    """Also of who does not sign in, and what was drawn; the log goes on saying that one person alone was to open it."""
    walk, courier = _named(hand, named_person="Phạm Văn Không Đăng Nhập")
    engine = courier.service.engine
    early = _erase(courier, walk.number)
    assert isinstance(early.exception, SiteError)
    assert ["Phạm Văn Không Đăng Nhập"] == [one.name for one in named.named_of(engine, [walk.uid]).values()]
    _deliver(walk, courier, {Field.PROOF: 2, Field.ATTACH: [DIGEST]})
    assert (
        204
        == courier.client.post(f"/api/v1/items/{walk.number}/glass", json={"drawing": DRAWING}).status_code
    )
    done = [json.loads(_erase(courier, walk.number.lower()).output) for _ in range(2)]

    assert [(1, 1), (0, 0)] == [(one["names"], one["drawings"]) for one in done]
    assert ({}, []) == (named.named_of(engine, [walk.uid]), glass.glass_of(engine, walk.uid))
    assert courier.item(walk.number)["only_named"]
    assert "erase names" in {one["action"] for one in desk.accesses(engine, walk.number)}


def test_the_name_of_an_acceptance_that_came_to_nothing_is_erased(hand: Hands) -> None:
    """No item has it: the number on the label leads to it all the same. Under way it is erased when that is said."""
    clerk = hand("giaodich1")
    answer = clerk.client.post("/api/v1/labels", json=acceptance(**_alone(hand("vanthu1")))).get_json()
    walk, _ = _named(hand)
    done = [
        json.loads(_erase(clerk, *args).output)["names"]
        for args in ((answer["number"],), (walk.number, "--under-way"))
    ]
    assert [1, 1] == done
    assert {} == named.named_of(clerk.service.engine, [bytes.fromhex(answer["uid"]), walk.uid])
    unknown = _erase(clerk, make_number(99_999_999, "ZK", "VN"))
    assert isinstance(unknown.exception, SiteError)
