"""Paper slips: numbers of an office, each used once, for what the giver and a supervisor signed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest

from custody.event import EventType, Field
from db import slips
from kt1.slips import slip_number
from tests.web.hands import Hand, Walk, begin

Hands = Callable[[str], Hand]


def _taken(clerk: Hand, count: int = 3) -> list[str]:
    """Numbers that the clerk's office has taken."""
    answer = clerk.client.post("/slips", data={"count": count})
    assert 302 == answer.status_code
    batch = answer.location.partition("#")[2]
    first = int(batch[1:9])
    return [slip_number(first + n) for n in range(count)]


def _record(slip: str, number: str, **more: str) -> str:
    record = {
        "v": 1,
        "slip": slip,
        "item": number,
        "how": "delivered",
        "giver": "Bưu tá A",
        "taker": "Văn thư B",
    }
    return json.dumps(record | {"at": "2026-11-20T08:30"} | more, ensure_ascii=False, separators=(",", ":"))


def _carried(hand: Hands) -> tuple[Walk, Hand]:
    clerk, courier = hand("giaodich1"), hand("buuta1")
    walk = begin(clerk)
    walk.offer(clerk, courier)
    walk.take(courier)
    assert (
        "stored"
        == courier.act(EventType.OFFER, clerk.item(walk.number), {Field.OFFEREE: 1, Field.EXPIRY: 600})[
            "status"
        ]
    )
    return walk, courier


def _deliver(walk: Walk, courier: Hand, record: str, second: Hand | None) -> dict[str, Any]:
    item = courier.item(walk.number)
    proof = {
        Field.CITES: bytes.fromhex(item["offer"]["id"]),
        Field.PROOF: 3,
        Field.ATTACH: [hashlib.sha256(record.encode()).digest()],
    }
    return courier.act(EventType.DELIVER, item, walk.observed() | proof, second=second)


def test_a_delivery_on_paper_is_recorded_with_a_supervisor_and_shows_as_such(hand: Hands) -> None:
    """Both names and the time of the pen stand on the item's page; the chain is delivered, and marked (A08)."""
    walk, courier = _carried(hand)
    slip, *_rest = _taken(hand("giaodich1"))
    record = _record(slip, walk.number)
    where = f"/api/v1/items/{walk.number}/slip"
    assert courier.client.get(f"/api/v1/slips/{slip}").json == {"number": slip, "free": True, "struck": False}
    assert 409 == courier.client.post(where, json={"record": record}).status_code

    done = _deliver(walk, courier, record, hand("kiemsoat1"))
    kept = [courier.client.post(where, json={"record": record}).status_code for _ in range(2)]
    page = hand("kiemsoat1").client.get(f"/items/{walk.number}").text

    assert ["A08"] == done["findings"]
    assert [204, 204] == kept
    assert not (courier.client.get(f"/api/v1/slips/{slip}").json or {})["free"]
    assert "Văn thư B" in page
    assert "08:30 20/11/2026" in page


def test_a_slip_counts_once(hand: Hands) -> None:
    """A second delivery on the same number is refused, whoever signed it."""
    slip, *_rest = _taken(hand("giaodich1"))
    answers = []
    for _ in range(2):
        walk, courier = _carried(hand)
        record = _record(slip, walk.number)
        _deliver(walk, courier, record, hand("kiemsoat1"))
        answers.append(courier.client.post(f"/api/v1/items/{walk.number}/slip", json={"record": record}))

    assert [204, 409] == [answer.status_code for answer in answers]
    assert "used-slip" == (answers[1].json or {})["code"]


@pytest.mark.parametrize("second", [None, "buuta2"])
def test_without_a_supervisor_nothing_is_recorded(hand: Hands, second: str | None) -> None:
    """Nor with a second courier."""
    walk, courier = _carried(hand)
    slip, *_rest = _taken(hand("giaodich1"))
    record = _record(slip, walk.number)
    _deliver(walk, courier, record, hand(second) if second else None)

    assert (
        409 == courier.client.post(f"/api/v1/items/{walk.number}/slip", json={"record": record}).status_code
    )


def test_what_is_struck_off_is_used_no_more_and_not_printed_again(hand: Hands) -> None:
    """Lost slips are worth nothing to who finds them."""
    clerk = hand("giaodich1")
    first, second, third = _taken(clerk)
    struck = clerk.client.post("/slips/void", data={"first": first, "last": second, "reason": "rơi mất"})
    office = slips.slip_of(clerk.service.engine, third)
    rest = slips.SLIPS.free(clerk.service.engine, office.office if office else 0, first)

    assert "said=2" in struck.location
    assert (clerk.client.get(f"/api/v1/slips/{first}").json or {})["struck"]
    assert (clerk.client.get(f"/api/v1/slips/{third}").json or {})["free"]
    assert 200 == clerk.client.get(f"/slips/{first}.pdf").status_code
    assert [third] == [one.number for one in rest]


@pytest.mark.parametrize(
    "record",
    [
        "{}",
        "no json",
        _record("P000000015", "ZK000000014VN"),
        _record("P000000014", "ZK000000014VN", taker="a\u202eb"),
        _record("P000000014", "ZK000000014VN", at="20-11-2026"),
        _record("P000000014", "ZK000000014VN", how="lost"),
    ],
)
def test_what_is_no_record_is_refused(hand: Hands, record: str) -> None:
    """With a clear answer, and before anything is looked up."""
    answer = hand("buuta1").client.post("/api/v1/items/ZK000000014VN/slip", json={"record": record})

    assert 400 == answer.status_code


def test_outsiders_see_no_slips(hand: Hands) -> None:
    """A recipient and an inspector record nothing; another office's numbers are not told."""
    slip, *_rest = _taken(hand("giaodich1"))

    for login in ("vanthu1", "thanhtra1"):
        assert 403 == hand(login).client.get("/slips").status_code
        assert 403 == hand(login).client.get("/slips/record").status_code
        assert 403 == hand(login).client.get(f"/api/v1/slips/{slip}").status_code
