"""Phone to phone, all without a network: the codes are read off the real screen, and everything is sent afterwards."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.people import Someone
from tests.e2e.phones import carry, choose, codes_of, commit, finish, give, held_by, rows, take
from tests.e2e.site import Site

pytestmark = pytest.mark.browser

Phone = Callable[[str], Someone]

_REMARKS = {"T09", "C06"}  # outside the office's hours; uploaded before what it answers


def _confirmed(who: Someone) -> None:
    """Give the network back and wait until nothing waits."""
    who.page.context.set_offline(False)
    expect(who.page.locator(".scan-bar .waiting")).to_have_count(0)


def test_a_chain_of_three_phones_without_a_network_is_sound(phone: Phone, site: Site) -> None:
    """Courier to courier to recipient, two items; every phone then sends all it holds: each chain once, and whole."""
    clerk, items = held_by(site, "buuta1", ["PA1001", "PA1002"])
    first, second, last = (phone(login) for login in ("buuta1", "buuta2", "vanthu1"))
    for giver, taker, login in ((first, second, "buuta2"), (second, last, "vanthu1")):
        codes = give(giver, giver.names[login], items)
        finish(giver, taker, take(taker, codes, items))
    assert {clerk.item(one.number)["seq"] for one in items} == {2}, "nothing has left the phones yet"
    order = [first, second, last]
    random.Random(3).shuffle(order)
    for who in order:
        _confirmed(who)
    shown = [clerk.item(one.number) for one in items]
    assert {(one["state"], one["seq"]) for one in shown} == {("DELIVERED", 6)}
    assert {
        finding["code"] for one in shown for finding in one["findings"] if not finding["resolved"]
    } <= _REMARKS


def test_what_does_not_hold_is_refused_by_its_name(phone: Phone, site: Site) -> None:
    """Wrong takers are told; an envelope is refused by itself; nothing is signed twice; one phone is enough."""
    clerk, items = held_by(site, "buuta1", ["PB1001", "PB1002"])
    giver, taker, other = (phone(login) for login in ("buuta1", "buuta2", "vanthu1"))
    codes = give(giver, giver.names["buuta2"], items)
    carry(codes, other.page)
    expect(other.page.locator(".pass-refused")).to_contain_text("P03")
    page = taker.page
    carry(codes, page)
    expect(page.locator(".pass-take")).to_be_visible()
    commit(page, items[0].digits)
    taker.read_seal(items[0].seal)
    row = page.locator(f".pass-item[data-number={items[1].number}]")
    row.locator("summary").click()
    row.locator("[data-action=pass-refuse]").click()
    page.locator(".pick").last.click()
    taker.primary()
    expect(row).to_have_attribute("data-state", "bad")
    page.locator("[data-action=pass-sign]").click()
    taker.primary()
    answer = codes_of(page)
    page.locator("[data-action=pass-read]").click()
    page.locator("[data-action=pass-done]").click()
    choose(page, "pass-take")
    carry(codes, page)
    assert codes_of(page) == answer, "what was signed once is shown again"
    finish(giver, taker, answer)
    _confirmed(giver)  # the taker's phone is never seen again: what both signed is on the giver's too
    shown = [clerk.item(one.number) for one in items]
    assert [one["custodian"]["name"] for one in shown] == [giver.names["buuta2"], giver.names["buuta1"]]
    assert {one["state"] for one in shown} == {"HELD"}


def test_an_offer_that_nobody_answers_is_shown_again_or_taken_back(phone: Phone, site: Site) -> None:
    """The page dies while the codes are shown: the offer is still there; taken back, it is in the giver's hands."""
    clerk, [one] = held_by(site, "buuta1", ["PC1001"])
    giver = phone("buuta1")
    page = giver.page
    codes = give(giver, giver.names["buuta2"], [one])
    page.context.set_offline(False)
    page.reload()
    choose(page, "pass-give")
    page.locator("[data-action=pass-again]").click()
    assert codes_of(page) == codes
    page.locator(".pass-shown ~ .actions .quiet").click()
    choose(page, "pass-give")
    page.locator("[data-action=pass-cancel]").click()
    giver.primary()
    expect(page.locator(f".pass-item[data-number={one.number}]")).to_be_visible()
    _confirmed(giver)
    shown = clerk.item(one.number)
    assert (shown["state"], shown["custodian"]["name"], shown["seq"]) == ("HELD", giver.names["buuta1"], 4)


def test_whom_to_call_goes_with_the_envelope_after_both_have_signed(phone: Phone, site: Site) -> None:
    """A8 without a network: the taker's phone had no contacts; the giver's shows them once it has the signature."""
    _clerk, [one] = held_by(site, "buuta1", ["PD1001"])
    giver, taker = phone("buuta1"), phone("buuta2")
    answer = take(taker, give(giver, giver.names["buuta2"], [one]), [one])
    assert [row["contacts"] for row in rows(taker.page, "items") if row["number"] == one.number] == [[]]
    giver.page.locator("[data-action=pass-answer]").click()
    carry(answer, giver.page)
    giver.page.locator("[data-action=pass-calls]").click()
    calls = codes_of(giver.page)
    taker.page.locator("[data-action=pass-read]").click()
    taker.page.locator("[data-action=pass-call]").click()
    carry(calls, taker.page)
    expect(taker.page.locator(".pass-contacts a[href^='tel:']").first).to_be_attached()
    taker.page.locator("[data-action=pass-done]").click()
    commit(taker.page, one.digits)
    expect(taker.page.locator(".contacts a[href^='tel:']").first).to_be_attached()
    _confirmed(taker)
    expect(taker.page.locator(".contacts a[href^='tel:']").first).to_be_attached()


def test_an_envelope_for_a_named_person_is_taken_by_them_alone_from_phone_to_phone(
    phone: Phone, site: Site
) -> None:
    """At the door with no network: the named person is absent, nobody else takes it; the other one they take."""
    names = {"only_named": True, "named_person": "Trần Văn Tên"}
    clerk, [absent, there] = held_by(site, "buuta1", ["PE1001", "PE1002"], **names)
    giver, taker = phone("buuta1"), phone("vanthu1")
    page = taker.page
    carry(give(giver, giver.names["vanthu1"], [absent, there]), page)
    expect(page.locator(".pass-take")).to_be_visible()
    commit(page, absent.digits)
    page.locator("[data-named=no]").click()
    taker.primary()
    expect(page.locator(f".pass-item[data-number={absent.number}]")).to_have_attribute("data-state", "bad")
    commit(page, there.digits)
    page.locator("[data-named=yes]").click()
    taker.read_seal(there.seal)
    expect(page.locator(f".pass-item[data-number={there.number}]")).to_have_attribute("data-state", "good")
    page.locator("[data-action=pass-sign]").click()
    taker.primary()
    finish(giver, taker, codes_of(page))
    _confirmed(giver)
    shown = [clerk.item(one.number) for one in (absent, there)]
    assert [one["state"] for one in shown] == ["HELD", "DELIVERED"]
    assert shown[0]["custodian"]["name"] == giver.names["buuta1"]
    assert {
        finding["code"] for one in shown for finding in one["findings"] if not finding["resolved"]
    } <= _REMARKS
