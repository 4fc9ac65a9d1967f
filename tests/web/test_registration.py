"""A registration that is not what was accepted at the counter: kept, shown, and held until somebody decides."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from custody.event import Field
from db.engine import writing
from db.registration import mismatches_of, note_mismatches
from tests.web.hands import Hand, Walk, begin, json_of
from web.service import Service

Hands = Callable[[str], Hand]


def differing(app: Flask, walk: Walk) -> list[tuple[str, ...]]:
    """What was written down for an item."""
    service: Service = app.extensions["tram"]
    uid = bytes.fromhex(walk.clerk.item(walk.number)["uid"])
    return [one.fields for one in mismatches_of(service.engine, uid)]


def test_a_registration_as_accepted_is_free(hand: Hands, app: Flask) -> None:
    """The near miss: nothing is written down, nothing is held."""
    walk = begin(hand("giaodich1"), secrecy=3, declared_stamped=True)
    assert differing(app, walk) == []
    assert walk.clerk.item(walk.number)["held"] is False


@pytest.mark.parametrize(
    "changes, fields",
    [
        ({Field.RECIPIENT: 2}, ("recipient",)),
        ({Field.SENDER: 2}, ("sender",)),
        ({Field.SECRECY: 1, Field.URGENCY: 1}, ("secrecy", "urgency")),
        ({Field.SEAL: [b"12345678", 0]}, ("seal",)),
        ({Field.PLACE: 990_100 + 1}, ("office",)),
        ({Field.MASS: 1}, ("mass",)),
    ],
    ids=["recipient", "sender", "marks", "seal", "office", "mass"],
)
def test_what_differs_is_named(
    hand: Hands, app: Flask, changes: dict[Field, Any], fields: tuple[str, ...]
) -> None:
    """Each fact of the form."""
    walk = begin(hand("giaodich1"), register=changes)
    if (
        walk.clerk.item(walk.number)["state"] == "HELD"
    ):  # a registration that does not count has findings of its own
        assert differing(app, walk) == [fields]
    else:
        assert walk.clerk.item(walk.number)["findings"]


def test_another_clerk_who_registers_it_is_named(hand: Hands, app: Flask) -> None:
    """The one who saw the envelope signs for it."""
    walk = begin(hand("giaodich1"), by=hand("giaodich21"))
    service: Service = app.extensions["tram"]
    assert "issuer" in mismatches_of(service.engine, walk.uid)[0].fields


def test_an_item_that_was_never_accepted_is_held(hand: Hands, app: Flask) -> None:
    """No draft: somebody signed a label by other means."""
    service: Service = app.extensions["tram"]
    walk = begin(hand("giaodich1"), is_drafted=False)
    assert differing(app, walk) == [("draft",)]
    assert service.site.ledger.chain(walk.uid).item.registration is not None


def test_what_counts_once_more_is_noted_once(hand: Hands, app: Flask) -> None:
    """A revocation in between makes it count anew: it stands on the wall once."""
    service: Service = app.extensions["tram"]
    walk = begin(hand("giaodich1"), is_drafted=False)
    registered = service.site.ledger.chain(walk.uid).item.registration
    assert registered is not None
    with writing(service.engine) as conn:
        note_mismatches(conn, [(walk.uid, registered)])
    assert differing(app, walk) == [("draft",)]


def test_the_item_is_held_until_a_supervisor_decides(hand: Hands) -> None:
    """It is on the wall and on its page; the decision needs a reason, is kept, and leaves the difference visible."""
    clerk, supervisor = hand("giaodich1"), hand("kiemsoat1")
    walk = begin(clerk, register={Field.URGENCY: 1})
    item = clerk.item(walk.number)
    assert item["held"]
    assert "hand_over" not in item["actions"]
    assert [(f["severity"], f["resolved"]) for f in item["findings"]] == [("H", False)]
    assert walk.number[2:6] in supervisor.client.get("/wall").text
    assert walk.number in supervisor.client.get("/items/?show=held").text.replace(" ", "")
    path = f"/items/{walk.number}/registration"
    assert path in supervisor.client.get(f"/items/{walk.number}").text

    assert clerk.client.post(path, data={"reason": "it is right"}).status_code == 403
    assert supervisor.client.post(path, data={"reason": " "}).status_code == 400
    assert supervisor.client.post(path, data={"reason": "the clerk erred"}).status_code == 302
    assert supervisor.client.post(path, data={"reason": "again"}).status_code == 409

    item = clerk.item(walk.number)
    assert not item["held"]
    assert "hand_over" in item["actions"]
    assert [f["resolved"] for f in item["findings"]] == [True]
    assert path not in supervisor.client.get(f"/items/{walk.number}").text


def test_a_handover_signed_meanwhile_is_kept(hand: Hands) -> None:
    """The log refuses nothing well-signed: holding is what the pages do."""
    walk = begin(hand("giaodich1"), register={Field.URGENCY: 1})
    assert walk.offer(walk.clerk, hand("buuta1"))["status"] == "stored"
    assert json_of(hand("kiemsoat1").client.get(f"/api/v1/items/{walk.number}"))["held"]
