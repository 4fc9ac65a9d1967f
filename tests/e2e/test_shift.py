"""A whole day on three phones without a network, then all of it sent twice in any order: what the log makes of it."""

from __future__ import annotations

import os
import random
import sqlite3
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from typing import Any

import pytest
from playwright.sync_api import Playwright, expect

from custody.event import EventType, parse_event
from custody.s10 import group_number
from tests.e2e.hands import Accepted, Device
from tests.e2e.people import Someone, someone
from tests.e2e.phones import commit, finish, give, rows, take, without_network
from tests.e2e.site import Site

pytestmark = pytest.mark.browser

Phone = Callable[[str], Someone]

_ITEMS = int(os.environ.get("TRAM_SHIFT_ITEMS", "12"))
_SEED = 5
_UNQUESTIONED = ("INTACT", "NOTED")
_REMARKS = {"T09", "C06"}  # outside the office's hours; uploaded before what it answers


@dataclass(frozen=True, slots=True)
class _Load:
    """What the courier sets out with.

    Attributes:
        letters: to go from courier to courier to recipient.
        failed: nobody was there for it.
        planted: its seal is another than the one that was entered.
        bag: closed over `inside`.
        inside: in the bag.
    """

    letters: list[Accepted]
    failed: Accepted
    planted: Accepted
    bag: Accepted
    inside: list[Accepted]


def _prepared(site: Site, courier: bytes) -> tuple[Device, _Load]:
    """Accept the letters at two counters, close a bag, and offer it all to the courier."""
    counters = [Device(site, "giaodich1"), Device(site, "giaodich2")]  # a counter makes 60 labels a minute
    letters = [counters[n % 2].accept(f"SH1{n:03d}") for n in range(_ITEMS)]
    for at, counter in enumerate(counters):
        counter.offer(courier, *letters[at::2])
    clerk = counters[0]
    inside = [clerk.accept(f"SH200{n}") for n in range(2)]
    bag, planted = clerk.close("SH3001", *inside), clerk.accept("SH4001")
    clerk.offer(courier, bag, planted)
    return clerk, _Load(letters[1:], letters[0], planted, bag, inside)


def _receive_round(who: Someone, letters: Sequence[Accepted]) -> None:
    """One round: each read, each seal typed blind, one confirmation."""
    page = who.page
    page.locator("[data-round=receive]").click()
    for done, one in enumerate(letters, 1):
        commit(page, one.digits)
        expect(page.locator(f".round[data-done='{done}']")).to_be_visible()
    page.locator("[data-action=go-on]").click()
    for one in letters:
        expect(page.locator(".seals h2")).to_have_text(group_number(one.number))
        page.fill("#seal", one.seal)
        page.locator("[data-seal='0']").click()
    who.primary()
    expect(page.locator(f".round.over[data-signed='{len(letters)}']")).to_be_visible()
    page.locator("[data-action=scan-on]").click()


def _receive(who: Someone, one: Accepted, seal: str, tone: str) -> None:
    """Receive one by itself, its seal as it is read."""
    commit(who.page, one.digits)
    who.act("receive")
    who.read_seal(seal)
    if seal == one.seal:
        who.primary()
    else:
        who.page.locator(".action.danger").click()
    expect(who.page.locator(f".result[data-tone={tone}]")).to_be_visible()


def _attempt(who: Someone, one: Accepted) -> None:
    commit(who.page, one.digits)
    who.act("attempt")
    who.page.locator(".pick").first.click()
    who.primary()
    expect(who.page.locator(".result[data-tone=info]")).to_be_visible()


def _pass_on(giver: Someone, taker: Someone, login: str, items: list[Accepted]) -> None:
    """Phone to phone, in as many offers as it takes: one holds sixty."""
    left = iter(items)
    while part := list(islice(left, 60)):
        codes = give(giver, giver.names[login], part)
        finish(giver, taker, take(taker, codes, part))


def _kept(who: Someone) -> list[bytes]:
    """Read the outbox of a phone; all of it waits."""
    kept = rows(who.page, "outbox")
    assert {row["status"] for row in kept} == {"waiting"}
    return [bytes(row["raw"]) for row in kept]


def _entries(site: Site) -> int:
    with closing(sqlite3.connect(f"file:{site.data / 'tram.db'}?mode=ro", uri=True)) as database:
        found: int = database.execute("SELECT count(*) FROM entry").fetchone()[0]
        return found


def _upload(rng: random.Random, carrier: Device, outboxes: Sequence[Sequence[bytes]]) -> list[str]:
    """Send every event of every outbox in an order that chance gives, in parts that chance gives; the statuses."""
    shuffled = [raw for outbox in outboxes for raw in outbox]
    rng.shuffle(shuffled)
    statuses: list[str] = []
    left = iter(shuffled)
    while part := list(islice(left, rng.randint(1, 9))):
        statuses += [result["status"] for result in carrier.send(*part)]
    return statuses


def _open(shown: dict[str, Any]) -> set[str]:
    return {finding["code"] for finding in shown["findings"] if not finding["resolved"]}


def test_a_whole_day_on_three_phones_without_a_network(
    playwright: Playwright, phone: Phone, site: Site
) -> None:
    """Received in a round, a bag, a failed attempt, courier to courier to recipient; sent twice, shuffled: all whole.

    Only the seal that was planted is found, and only on its letter.
    """
    with someone(playwright, site, "buuta1") as first:
        me = first.page.request.get(f"{site.url}/api/v1/me").json()
        clerk, load = _prepared(site, bytes.fromhex(me["person"]["id"]))
        without_network(first)
        second, last = phone("buuta2"), phone("vanthu1")
        _receive_round(first, [load.failed, *load.letters])
        _receive(first, load.bag, load.bag.seal, "info")
        _receive(first, load.planted, "SH9999", "info")
        _attempt(first, load.failed)
        commit(first.page, load.letters[0].digits)  # on its card stands the way to another phone
        _pass_on(first, second, "buuta2", [*load.letters, load.bag])
        _pass_on(second, last, "vanthu1", load.letters)

        outboxes = [_kept(who) for who in (first, second, last)]
        signed = {event.id: event for outbox in outboxes for event in map(parse_event, outbox)}
        kinds = Counter(event.type for event in signed.values())
        assert kinds == {
            EventType.ACCEPT: _ITEMS
            + 2
            + len(load.letters)
            + 1,  # a round, bag and planted; all but one passed on
            EventType.OFFER: 2,
            EventType.DELIVER: len(load.letters),
            EventType.SIGHT: 1,
        }
        before, rng = _entries(site), random.Random(_SEED)
        statuses = _upload(rng, clerk, outboxes)
        assert statuses.count("stored") == len(signed) == _entries(site) - before
        assert set(_upload(rng, clerk, outboxes)) == {"duplicate"}
        for who in rng.sample([first, second, last], 3):
            who.page.context.set_offline(False)
            expect(who.page.locator(".scan-bar .waiting")).to_have_count(0)
            assert rows(who.page, "outbox") == []
        assert _entries(site) - before == len(signed), "a third sending adds nothing"
        _check(clerk, load, couriers=(first.names["buuta1"], first.names["buuta2"]))


def _check(clerk: Device, load: _Load, *, couriers: tuple[str, str]) -> None:
    """Look at every chain as the log has it."""
    shown = {
        one.number: clerk.item(one.number)
        for one in (*load.letters, *load.inside, load.failed, load.planted, load.bag)
    }
    sound = {number: item for number, item in shown.items() if number != load.planted.number}
    assert {item["verdict"] in _UNQUESTIONED for item in sound.values()} == {True}, sound
    assert set().union(*(_open(item) for item in sound.values())) <= _REMARKS
    assert {(shown[one.number]["state"], shown[one.number]["seq"]) for one in load.letters} == {
        ("DELIVERED", 6)
    }
    assert {shown[one.number]["state"] for one in load.inside} == {"LOADED"}
    assert shown[load.bag.number]["custodian"]["name"] == couriers[1]
    failed = shown[load.failed.number]
    assert (failed["state"], failed["seq"], failed["custodian"]["name"]) == ("HELD", 2, couriers[0])
    assert _open(shown[load.planted.number]) - _REMARKS == {"X01"}
