"""A bag on its way: closed over two envelopes, handed on as one, seen by those it concerns."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

from custody import label, s10
from custody.containers import manifest_leaf
from custody.event import ZERO, EventType, Field, ItemRef
from custody.label import parse_label
from custody.merkle import inclusion_path, root_of
from custody.policy import Policy
from custody.s10 import group_number
from db import desk, schema
from tests.web.hands import Hand, Walk, begin
from web.access import pairs_for
from web.accounts import people_by
from web.labelling import make_stock

Hands = Callable[[str], Hand]


def _close(clerk: Hand, walks: list[Walk]) -> tuple[str, bytes]:
    """Close a bag over what the clerk holds; give its number and the id of the CLOSE."""
    site = clerk.service.site
    key, number, nonce = site.label_key(), s10.make_number(77, service="ZB"), secrets.token_bytes(6)
    issued = label.issue_label(
        number=number,
        instance=0,
        day=s10.day_of(clerk.service.now()),
        nonce=nonce,
        kid4=key.kid4,
        seal_commitment=label.commit_seal(
            nonce=nonce, item=s10.pack_number(number), seal_type=1, serial="T1"
        ),
        seed=key.seed,
    )
    items = [clerk.item(walk.number) for walk in walks]
    refs = [ItemRef(bytes.fromhex(i["uid"]), i["seq"] + 1, bytes.fromhex(i["head"])) for i in items]
    leaves = [manifest_leaf(ref, bytes(16)) for ref in refs]
    fresh = {"uid": issued.uid.hex(), "seq": -1, "head": ZERO.hex()}
    facts: dict[int, Any] = {
        Field.LABEL_RAW: issued.raw,
        Field.SEAL: [issued.seal_commitment, 0],
        Field.MANIFEST: [root_of(leaves), len(leaves)],
    }
    closed = clerk.act(EventType.CLOSE, fresh, facts)
    assert "stored" == closed["status"], closed
    for at, item in enumerate(items):
        path = inclusion_path(
            at, len(leaves), lambda level, n: root_of(leaves[n << level : (n + 1) << level])
        )
        proof = {Field.CITES: bytes.fromhex(closed["id"]), Field.CONTAINER: issued.uid}
        result = clerk.act(EventType.LOAD, item, {**proof, Field.LEAF: [at, bytes(16), list(path)]})
        assert ("stored", []) == (result["status"], result["findings"])
    return number, bytes.fromhex(closed["id"])


def test_a_bag_is_shown_and_handed_on_as_one(hand: Hands) -> None:
    """One double signature for two envelopes: both are then the courier's, and say in which bag they are."""
    clerk, courier = hand("giaodich1"), hand("buuta1")
    walks = [begin(clerk), begin(clerk)]
    number, _ = _close(clerk, walks)
    clerk.act(EventType.OFFER, clerk.item(number), {Field.OFFEREE: courier.id, Field.EXPIRY: 3600})
    bag = clerk.item(number)
    seal = label.parse_label(_label_of(clerk, bag)).seal_commitment
    taken = courier.act(
        EventType.ACCEPT,
        bag,
        {Field.CITES: bytes.fromhex(bag["offer"]["id"]), Field.SEAL: [seal, 0], Field.METHOD: 1},
    )
    inside = courier.item(walks[0].number)
    page = courier.client.get(f"/items/{number}").get_data(as_text=True)

    assert ("stored", []) == (taken["status"], taken["findings"])
    assert bag["is_container"]
    assert ("LOADED", courier.id.hex(), number) == (
        inside["state"],
        inside["custodian"]["id"],
        inside["container"],
    )
    assert "INTACT" == inside["verdict"]
    assert all(walk.number in page for walk in walks)
    assert {"hand_over"} <= set(courier.item(number)["actions"])
    assert not {"deliver", "relabel", "void", "return"} & set(courier.item(number)["actions"])


def test_a_bag_is_nobody_elses(hand: Hands) -> None:
    """An outsider sees neither the bag nor what is in it."""
    clerk = hand("giaodich1")
    number, _ = _close(clerk, [begin(clerk)])
    stranger = hand("vanthu3")

    assert 403 == stranger.client.get(f"/api/v1/items/{number}").status_code
    assert number not in stranger.client.get("/items/?show=all").get_data(as_text=True)


def test_who_holds_a_bag_is_told_what_is_in_it_and_nobody_else(hand: Hands) -> None:
    """The opener's device needs each leaf; a list of what is under way is nobody else's."""
    clerk, courier = hand("giaodich1"), hand("buuta1")
    walks = [begin(clerk), begin(clerk)]
    number, _ = _close(clerk, walks)
    bag = clerk.item(number)
    inside = bag["contents"]
    refs = [
        ItemRef(bytes.fromhex(one["uid"]), one["went_in"][0], bytes.fromhex(one["went_in"][1]))
        for one in inside
    ]
    leaves = [
        manifest_leaf(ref, bytes.fromhex(one["leaf"][1])) for ref, one in zip(refs, inside, strict=True)
    ]
    closing = clerk.service.site.ledger.chain(bytes.fromhex(bag["uid"])).entries[0].event

    assert [walk.number for walk in walks] == [one["number"] for one in inside]
    assert closing.fields[Field.MANIFEST] == [root_of(leaves), 2]
    assert "open" in bag["actions"]
    assert [] == courier.item(number)["contents"]
    assert "open" not in courier.item(number)["actions"]
    assert [] == clerk.item(walks[0].number)["contents"]


def test_contacts_are_told_to_the_holders_device_alone(hand: Hands) -> None:
    """A8: name, position and phone, wherever the envelope goes; a look at the item gives them to nobody else."""
    clerk, courier = hand("giaodich1"), hand("buuta1")
    walk = begin(clerk)
    told = clerk.item(walk.number)["contacts"]
    assert [{"name", "duty", "phone", "hours"}] == [set(one) for one in told[:1]]
    walk.offer(clerk, courier)
    assert [] == courier.item(walk.number)["contacts"]
    walk.take(courier)
    assert told == courier.item(walk.number)["contacts"]
    assert [] == clerk.item(walk.number)["contacts"]
    assert {"deliver_here", "attempt"} <= set(courier.item(walk.number)["actions"])


def test_two_couriers_are_asked_for_where_the_policy_does(hand: Hands) -> None:
    """P04: the page asks for the second signature, so the log does not miss it; a bag is as secret as its contents."""
    clerk = hand("giaodich1")
    marked, plain = begin(clerk, secrecy=1, declared_two_covers=True, declared_stamped=True), begin(clerk)
    bag, _ = _close(clerk, [begin(clerk, secrecy=1, declared_two_covers=True, declared_stamped=True)])
    assert not clerk.item(marked.number)["two_couriers"]
    assert pairs_for(Policy(two_couriers=1), {0, 1})
    assert not pairs_for(Policy(two_couriers=1), {0, 2, 3})
    assert pairs_for(Policy(two_couriers=3), {3})
    rules = clerk.service.site.ledger.rules
    rules.network.policy = Policy(two_couriers=1)
    assert [True, False, True] == [clerk.item(n)["two_couriers"] for n in (marked.number, plain.number, bag)]


def test_the_record_names_what_was_missing_and_what_was_too_many(hand: Hands) -> None:
    """Both offices get the same paper out of the log; nobody else does, and each look is written down."""
    clerk, witness = hand("giaodich1"), hand("giaodich2")
    walks, stray = [begin(clerk), begin(clerk)], begin(clerk)
    number, _ = _close(clerk, walks)
    where = f"/bag/{number}/record"
    assert 404 == clerk.client.get(where).status_code
    bag = clerk.item(number)
    stays, lost = bag["contents"]
    extra = clerk.item(stray.number)
    refs = [
        ItemRef(bytes.fromhex(stays["uid"]), stays["went_in"][0], bytes.fromhex(stays["went_in"][1])),
        ItemRef(bytes.fromhex(extra["uid"]), extra["seq"] + 1, bytes.fromhex(extra["head"])),
    ]
    gone = ItemRef(bytes.fromhex(lost["uid"]), lost["went_in"][0], bytes.fromhex(lost["went_in"][1]))
    leaves = [manifest_leaf(ref, bytes(16)) for ref in refs]
    opened = clerk.act(
        EventType.OPEN,
        bag,
        {
            Field.SEAL: [bytes.fromhex(bag["seal_commitment"]), 0],
            Field.MANIFEST: [root_of(leaves), 2],
            Field.MISSING: [manifest_leaf(gone, bytes(16))],
        },
        second=witness,
    )
    for at, item in enumerate((stays, extra)):
        path = inclusion_path(at, 2, lambda level, n: root_of(leaves[n << level : (n + 1) << level]))
        proof = {Field.CITES: bytes.fromhex(opened["id"]), Field.CONTAINER: bytes.fromhex(bag["uid"])}
        clerk.act(EventType.UNLOAD, item, {**proof, Field.LEAF: [at, bytes(16), list(path)]})
    page = clerk.client.get(where).text

    assert {"B01", "B02", "B03"} <= set(opened["findings"])
    missing, surplus = page.split("(1)")[1:3]
    assert group_number(walks[1].number) in missing
    assert group_number(stray.number) in surplus
    assert group_number(walks[0].number) not in page
    assert 200 == hand("kiemsoat1").client.get(where).status_code
    assert 403 == hand("giaodich21").client.get(where).status_code
    looks = desk.accesses(clerk.service.engine, number)
    assert [clerk.id, hand("kiemsoat1").id] == [one["person"] for one in looks if one["action"] == "record"]


def test_a_bag_that_was_put_away_is_said_to_be_so(hand: Hands) -> None:
    """Its empty shell may go into a drawer; "cancelled" is the word of an envelope that was never sent."""
    clerk, second = hand("giaodich1"), hand("giaodich2")
    walk = begin(clerk)
    number, _ = _close(clerk, [walk])
    bag, item = clerk.item(number), clerk.item(walk.number)
    ref = ItemRef(bytes.fromhex(item["uid"]), item["seq"] + 1, bytes.fromhex(item["head"]))
    found: dict[int, Any] = {
        Field.MANIFEST: [manifest_leaf(ref, bytes(16)), 1],
        Field.SEAL: [bytes.fromhex(bag["seal_commitment"]), 0],
    }
    opened = clerk.act(EventType.OPEN, bag, found, second=second)
    proof = {Field.CITES: bytes.fromhex(opened["id"]), Field.CONTAINER: bytes.fromhex(bag["uid"])}
    clerk.act(EventType.UNLOAD, item, {**proof, Field.LEAF: [0, bytes(16), []]})
    states = [clerk.item(number)["state"]]
    clerk.act(EventType.RETIRE, clerk.item(number), {Field.REASON: 13})
    states.append(clerk.item(number)["state"])
    shown = {lang: clerk.client.get(f"/items/{number}?lang={lang}").text for lang in ("vi", "en")}

    assert ["EMPTY", "VOID"] == states
    assert "Đã cất" in shown["vi"]
    assert "Đã hủy" not in shown["vi"]
    assert "Put away" in shown["en"]
    assert "Cancelled" not in shown["en"]


def test_a_bag_gets_a_number_and_a_label_that_names_its_seal(hand: Hands) -> None:
    """The label is signed over the seal's commitment, as an envelope's is; the number begins with ZB."""
    clerk = hand("giaodich1")
    answer = clerk.client.post("/api/v1/bags", json={"seal": "NP 000777"}).get_json()
    made = label.parse_digits(answer["digits"])
    wanted = label.commit_seal(nonce=made.nonce, item=made.item, seal_type=1, serial="NP 000777")
    assert made.number.startswith("ZB")
    assert [wanted.hex(), 0] == answer["register"][str(int(Field.SEAL))]
    assert wanted == made.seal_commitment
    assert 422 == clerk.client.post("/api/v1/bags", json={"seal": "!!"}).status_code


def test_a_bag_label_printed_in_advance_is_taken_and_no_envelopes(hand: Hands) -> None:
    """With no network a bag is closed under a label of the stock; one of an envelope, or of another office, is none."""
    clerk = hand("giaodich1")
    with clerk.app.test_request_context():
        who = people_by(clerk.service.engine, schema.person.c.id == clerk.id)[0]
        bag = parse_label(make_stock(clerk.service, who, 1, is_bag=True)[0].label)
        envelope = parse_label(make_stock(clerk.service, who, 1, is_bag=False)[0].label)
    answer = clerk.client.post("/api/v1/bags", json={"seal": "T1", "stock": bag.digits}).get_json()
    sealed = label.commit_seal(nonce=bag.nonce, item=bag.item, seal_type=1, serial="T1")
    assert (bag.digits, [sealed.hex(), 0]) == (answer["digits"], answer["register"]["13"])
    for login, digits in (("giaodich1", envelope.digits), ("giaodich21", bag.digits)):
        refused = hand(login).client.post("/api/v1/bags", json={"seal": "T1", "stock": digits})
        assert (422, "stock") == (refused.status_code, refused.get_json()["errors"][0]["field"])


def test_who_closed_a_bag_prints_its_label_and_no_envelopes(hand: Hands) -> None:
    """A courier prints the label of a bag in hand; labels of envelopes stay with the counter."""
    clerk, courier = hand("giaodich1"), hand("buuta1")
    walk = begin(clerk)
    number, _ = _close(clerk, [begin(clerk)])
    for one in (number, walk.number):
        clerk.act(EventType.OFFER, clerk.item(one), {Field.OFFEREE: courier.id, Field.EXPIRY: 3600})
    assert 200 == courier.client.get(f"/labels/{number}.pdf?destination={clerk.office}").status_code
    assert 403 == courier.client.get(f"/labels/{walk.number}.pdf").status_code


def _label_of(clerk: Hand, bag: dict[str, Any]) -> bytes:
    chain = clerk.service.site.ledger.chain(bytes.fromhex(bag["uid"]))
    raw: bytes = chain.entries[0].event.fields[Field.LABEL_RAW]
    return raw
