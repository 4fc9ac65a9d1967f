"""A bag on its way: closed over two envelopes, handed on as one, seen by those it concerns."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

from custody import label, s10
from custody.containers import manifest_leaf
from custody.event import ZERO, EventType, Field, ItemRef
from custody.merkle import inclusion_path, root_of
from tests.web.hands import Hand, Walk, begin

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


def _label_of(clerk: Hand, bag: dict[str, Any]) -> bytes:
    chain = clerk.service.site.ledger.chain(bytes.fromhex(bag["uid"]))
    raw: bytes = chain.entries[0].event.fields[Field.LABEL_RAW]
    return raw
