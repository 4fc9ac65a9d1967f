"""Phone to phone, at the service: whoever is signed in may carry what another signed; it counts as its signer's."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest

from custody.event import EventType, Field, parse_event
from db.engine import reading
from db.watchlist import device_findings
from tests.web.conftest import Clock
from tests.web.hands import Hand, Walk, begin, encoded

Hands = Callable[[str], Hand]
_DAY_MS = 86_400_000


def _passed(hand: Hands) -> tuple[Walk, bytes, bytes, bytes]:
    """Accept an envelope; courier one looks at it and passes it to courier two, both without a network.

    Returns:
        The envelope; the giver's SIGHT and OFFER; the taker's ACCEPT: signed, none of them sent.
    """
    clerk, giver, taker = hand("giaodich1"), hand("buuta1"), hand("buuta2")
    walk = begin(clerk)
    walk.offer(clerk, giver)
    walk.take(giver)
    item = clerk.item(walk.number)
    sight = giver.sign(EventType.SIGHT, item, walk.observed())
    extra = {Field.OFFEREE: taker.id, Field.EXPIRY: 28_800, Field.ATTACH: [bytes(range(32))]}
    offer = giver.sign(EventType.OFFER, item, extra)
    offered = parse_event(offer)
    after = item | {"seq": item["seq"] + 1, "head": offered.id.hex()}
    said = {Field.CITES: offered.id, Field.PRESENCE: [2, offered.fields[Field.NONCE]]}
    return walk, sight, offer, taker.sign(EventType.ACCEPT, after, walk.observed() | said)


@pytest.mark.parametrize("order", list(itertools.permutations(range(4)))[::4], ids=str)
def test_both_phones_send_both_events_in_any_order(hand: Hands, order: tuple[int, ...]) -> None:
    """Each is stored once, whoever brings it; the chain is whole, and nothing is held against anybody."""
    walk, _sight, offer, accept = _passed(hand)
    uploads = [("buuta1", offer), ("buuta1", accept), ("buuta2", offer), ("buuta2", accept)]
    statuses = [hand(uploads[n][0]).send(uploads[n][1])[0]["status"] for n in order]
    shown = hand("giaodich1").item(walk.number)

    assert sorted(statuses) == ["duplicate", "duplicate", "stored", "stored"]
    assert (shown["state"], shown["custodian"]["id"], shown["seq"]) == ("HELD", hand("buuta2").id.hex(), 4)
    assert shown["verdict"] == "INTACT"
    left = {one["code"] for one in shown["findings"] if not one["resolved"]}
    assert left <= {"C06"}, "what came before what it answers has healed"


@pytest.mark.parametrize("login", ["buuta1", "buuta2", "giaodich1"])
def test_one_phone_is_enough_and_any_person_may_carry(hand: Hands, login: str) -> None:
    """The other phone is lost for good; or both are, and somebody sends the exported file."""
    walk, _sight, offer, accept = _passed(hand)

    assert [one["status"] for one in hand(login).send(offer, accept)] == ["stored", "stored"]
    assert hand("giaodich1").item(walk.number)["verdict"] == "INTACT"


def test_what_the_givers_phone_still_holds_is_a_gap_until_it_comes(hand: Hands, clock: Clock) -> None:
    """The taker was first: D02 against the giver's device once it is away for days, and gone with its upload."""
    walk, unsent, offer, accept = _passed(hand)
    giver = hand("buuta1")
    hand("buuta2").send(offer, accept)

    assert "D02" not in _of_devices(giver, clock.now_ms)
    assert "D02" in _of_devices(giver, clock.now_ms + 3 * _DAY_MS)
    assert hand("giaodich1").item(walk.number)["verdict"] == "INTACT", "the item has nothing to do with it"

    giver.send(unsent, offer, accept)

    assert "D02" not in _of_devices(giver, clock.now_ms + 3 * _DAY_MS)


def _of_devices(one: Hand, now_ms: int) -> set[str]:
    ledger = one.service.site.ledger
    ledger.refresh()
    with reading(one.service.engine) as conn:
        return {watched.finding.code for watched in device_findings(conn, ledger.rules, now_ms)}


def test_a_forged_event_is_refused_and_counted_against_who_brought_it(hand: Hands) -> None:
    """Carrying is no way round the signature: one byte altered, and it is E04."""
    _walk, _sight, offer, _accept = _passed(hand)
    carrier = hand("buuta2")
    [result] = carrier.send(offer[:-1] + bytes([offer[-1] ^ 1]))

    assert (result["status"], result["error"]["code"]) == ("refused", "E04")


def test_carrying_needs_a_session(hand: Hands) -> None:
    """A stranger with a photograph of a screen sends nothing."""
    _walk, _sight, offer, _accept = _passed(hand)
    stranger = hand("buuta1").app.test_client()

    assert stranger.post("/api/v1/events", json={"entries": encoded(offer)}).status_code == 401
