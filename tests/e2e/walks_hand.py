"""What couriers and recipients see on their phones, screen after screen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from playwright.sync_api import Page, expect

from custody.label import parse_digits
from tests.e2e.atlas import Cast, Screen, Walk
from tests.e2e.hands import Accepted
from tests.e2e.people import Someone
from tests.e2e.phones import carry, choose, codes_of, commit, draw, refusing, without_network
from tests.e2e.site import PASSWORD

__all__ = ["WALKS"]

_COURIER, _OTHER, _RECIPIENT = "buuta4", "buuta5", "vanthu2"
_FAR = 19  # of the demonstration: a body that another office delivers to


def _at_scan(cast: Cast, login: str = _COURIER) -> Someone:
    who = cast.at(login)
    cast.open(who.page, "/scan", "[data-action=pass-give]")
    return who


def _there(page: Page, selector: str) -> None:
    expect(page.locator(selector).first).to_be_visible()


def _scan(cast: Cast) -> Iterator[Screen]:
    """From an empty page to both signatures."""
    [one] = cast.offered(_COURIER)
    who = _at_scan(cast)
    page = who.page
    _there(page, "[data-round=receive]")
    yield Screen("scan", page, is_desk=True)
    commit(page, one.digits)
    _there(page, "[data-action=receive]")
    yield Screen("envelope, offered", page)
    who.act("receive")
    _there(page, "#seal")
    yield Screen("seal, unseen", page)
    who.read_seal("VN 9999")
    _there(page, ".compare[data-same=no]")
    yield Screen("seal differs", page)
    who.primary()
    _there(page, "#reason")
    yield Screen("refuse and report", page)
    cast.open(page, f"/scan#{one.number}", "[data-action=receive]")
    who.act("receive")
    who.read_seal(one.seal)
    _there(page, ".compare[data-same=yes]")
    yield Screen("seal is the same", page)
    who.primary()
    who.recorded()
    yield Screen("recorded", page)
    commit(page, one.digits)
    _there(page, "[data-action=hand_over]")
    yield Screen("envelope, in hand", page)
    who.act("hand_over")
    _there(page, ".person")
    yield Screen("who takes it", page)
    page.locator(".person").first.click()
    _there(page, ".action.primary")
    yield Screen("hand over?", page)


def _odd(cast: Cast) -> Iterator[Screen]:
    """What is not as it should be."""
    who = _at_scan(cast)
    page = who.page
    genuine = parse_digits(cast.accepted().digits)
    commit(page, replace(genuine, nonce=b"forged").digits)
    _there(page, ".reported")
    yield Screen("false label", page)
    commit(page, "0" * 224)
    _there(page, ".result[data-tone=warn]")
    yield Screen("misread", page)
    stray = cast.accepted()
    commit(page, stray.digits)
    who.act("claim")
    _there(page, ".step .law")
    yield Screen("in hand, not handed over", page)
    with cast.at(_COURIER).page.expect_response(re.compile("/api/v1/day")):
        _at_scan(cast)
    page.context.set_offline(True)
    commit(page, cast.accepted().number)
    _there(page, ".result[data-tone=warn]")
    yield Screen("no network", page)
    page.context.set_offline(False)


def _round(cast: Cast) -> Iterator[Screen]:
    """Several envelopes, one confirmation."""
    items = cast.offered(_OTHER, 3)
    who = _at_scan(cast, _OTHER)
    page = who.page
    page.locator("[data-round=receive]").click()
    for done, one in enumerate(items, 1):
        commit(page, one.digits)
        _there(page, f".round[data-done='{done}']")
        if done == 2:
            commit(page, cast.accepted().digits)
            _there(page, ".result[data-tone=warn]")
            yield Screen("round, one laid aside", page)
    page.locator("[data-action=go-on]").click()
    for done, one in enumerate(items):
        expect(page.locator(".seals .count")).to_contain_text(f"{done + 1}")
        page.fill("#seal", one.seal)
        if done == 1:
            yield Screen("seals of a round", page)
        page.locator("[data-seal='0']").click()
    _there(page, ".step .law")
    yield Screen("receive several?", page)
    who.primary()
    _there(page, ".round.over")
    yield Screen("round is over", page)
    page.locator("[data-action=scan-on]").click()


def _delivery(cast: Cast) -> Iterator[Screen]:
    """At the door: three ways to sign, an attempt, a name on the cover."""
    [one] = cast.held(_COURIER)
    who = _at_scan(cast)
    page = who.page
    commit(page, one.digits)
    who.act("deliver_here")
    yield Screen("how the recipient signs", page)
    page.click("[data-way=badge]")
    who.read_seal(one.seal)
    who.primary()
    _there(page, "#witness-login")
    yield Screen("recipient signs in here", page)
    cast.open(page, f"/scan#{one.number}", "[data-action=deliver_here]")
    who.act("deliver_here")
    page.click("[data-way=glass]")
    who.read_seal(one.seal)
    who.primary()
    _there(page, ".glass-pad")
    page.fill("#glass-name", "Trần Thị Nhận, văn thư")
    draw(page)
    yield Screen("signature on the glass", page)
    cast.open(page, f"/scan#{one.number}", "[data-action=attempt]")
    who.act("attempt")
    _there(page, ".pick.large")
    yield Screen("could not be delivered", page)
    cast.open(page, f"/scan#{one.number}", "[data-action=return]")
    who.act("return")
    _there(page, ".pick")
    yield Screen("goes back", page)
    [named] = cast.held(_COURIER, only_named=True, named_person="Trần Văn Tên")
    cast.open(page, f"/scan#{named.number}", "[data-action=deliver_here]")
    who.act("deliver_here")
    page.click("[data-way=badge]")
    _there(page, "[data-named=no]")
    yield Screen("the named person?", page)
    page.locator("[data-named=no]").click()
    expect(page.locator("[data-named]")).to_have_count(0)
    yield Screen("nobody else receives", page)


def _pass(cast: Cast) -> Iterator[Screen]:
    """Phone to phone with no network: both screens, in turn."""
    items = cast.held(_COURIER, 2)
    giver, taker = (without_network(cast.at(login)) for login in (_COURIER, _OTHER))
    page, other = giver.page, taker.page
    yield Screen("scan, no network", page)
    choose(page, "pass-give")
    _there(page, ".pass-give")
    for one in items:
        commit(page, one.digits)
        _there(page, f".pass-item[data-number={one.number}][data-state=good]")
    yield Screen("phone to phone: choose", page)
    page.locator("[data-action=pass-on]").click()
    name = cast.device(_OTHER).name
    page.fill(".search", name)
    page.locator(".person", has_text=name).first.click()
    giver.primary()
    codes = codes_of(page)
    yield Screen("phone to phone: codes", page)
    page.locator("[data-action=pass-answer]").click()
    _there(page, ".pass-read")
    yield Screen("phone to phone: reading", page)
    yield from _taken(taker, items, codes)
    answer = codes_of(other)
    yield Screen("phone to phone: answer", other)
    other.locator("[data-action=pass-read]").click()
    _there(other, "[data-outcome=waiting]")
    carry(answer, page)
    _there(page, "[data-outcome=waiting]")
    yield Screen("phone to phone: both signed", page)
    page.locator("[data-action=pass-calls]").click()
    calls = codes_of(page)
    yield Screen("phone to phone: whom to call", page)
    page.locator("[data-action=pass-calls-read]").click()
    other.locator("[data-action=pass-call]").click()
    carry(calls, other)
    _there(other, ".pass-contacts")
    yield Screen("phone to phone: contacts", other)
    other.locator("[data-action=pass-done]").click()
    for who in (giver, taker):
        who.page.context.set_offline(False)
        expect(who.page.locator(".scan-bar .waiting")).to_have_count(0)


def _taken(taker: Someone, items: list[Accepted], codes: set[str]) -> Iterator[Screen]:
    """One is taken, one refused."""
    other = taker.page
    carry(codes, other)
    _there(other, ".pass-take")
    commit(other, items[0].digits)
    _there(other, "#seal")
    yield Screen("phone to phone: seal", other)
    taker.read_seal(items[0].seal)
    _there(other, f".pass-item[data-number={items[0].number}][data-state=good]")
    yield Screen("phone to phone: take", other)
    row = other.locator(f".pass-item[data-number={items[1].number}]")
    row.locator("summary").click()
    row.locator("[data-action=pass-refuse]").click()
    _there(other, ".pick")
    yield Screen("phone to phone: refuse", other)
    other.locator(".pick").last.click()
    taker.primary()
    other.locator("[data-action=pass-sign]").click()
    _there(other, ".step .law")
    yield Screen("phone to phone: sign", other)
    taker.primary()


def _pass_refused(cast: Cast) -> Iterator[Screen]:
    """Codes for somebody else."""
    [one] = cast.held(_COURIER)
    giver, stranger = cast.at(_COURIER), cast.at(_RECIPIENT)
    without_network(giver)
    page = giver.page
    choose(page, "pass-give")
    _there(page, ".pass-give")
    commit(page, one.digits)
    _there(page, f".pass-item[data-number={one.number}][data-state=good]")
    page.locator("[data-action=pass-on]").click()
    name = cast.device(_OTHER).name
    page.fill(".search", name)
    page.locator(".person", has_text=name).first.click()
    giver.primary()
    codes = codes_of(page)
    _at_scan(cast, _RECIPIENT)
    carry(codes, stranger.page)
    _there(stranger.page, ".pass-refused")
    yield Screen("phone to phone: not for you", stranger.page)
    page.locator(".pass-shown ~ .actions .quiet").click()
    choose(page, "pass-give")
    _there(page, ".pass-give")
    _there(page, "[data-action=pass-cancel]")
    yield Screen("phone to phone: unanswered", page)
    page.context.set_offline(False)


def _shift(cast: Cast) -> Iterator[Screen]:
    """The end of a shift, with something that waits, and something refused."""
    first, second = cast.offered(_COURIER, 2)
    who = cast.at(_COURIER)
    page = who.page
    without_network(who)
    _receive(who, first.digits, first.seal)
    _there(page, ".result[data-tone=info]")
    yield Screen("recorded, not yet confirmed", page)
    page.locator("[data-action=shift]").click()
    _there(page, ".shift .waiting-list")
    yield Screen("end of shift, something waits", page)
    page.context.set_offline(False)
    expect(page.locator(".shift .waiting-list")).to_have_count(0)
    _at_scan(cast)
    with refusing(page):
        _receive(who, second.digits, second.seal)
        _there(page, ".result[data-tone=bad]")
    yield Screen("refused by the service", page)
    page.locator(".scan-bar .rejected").click()
    _there(page, ".shift .refusal")
    yield Screen("end of shift, something refused", page)
    page.locator(".refusal input").fill("Khóa của máy đã đổi lúc trưa")
    page.locator(".refusal button").click()
    expect(page.locator(".shift .refusal")).to_have_count(0)
    who.primary()
    _there(page, ".shift .entry")
    yield Screen("shift is over", page)


def _receive(who: Someone, digits: str, seal: str) -> None:
    commit(who.page, digits)
    who.act("receive")
    who.read_seal(seal)
    who.primary()


def _bag(cast: Cast) -> Iterator[Screen]:
    """A bag closed over two envelopes, then opened with one missing."""
    clerk = cast.at("giaodich4")
    page, items = clerk.page, cast.held("giaodich4", 2, recipient=_FAR)
    cast.open(page, "/bag", "#bag-destination")
    yield Screen("close a bag", page, is_desk=True)
    page.select_option("#bag-destination", label="Bưu điện Hàm Phú")
    for done, one in enumerate(items, 1):
        commit(page, one.digits)
        expect(page.locator(".bag-count b")).to_have_text(str(done))
    yield Screen("bag, two inside", page)
    page.click("[data-action=seal]")
    for name in ("#seal", "#seal-again"):
        page.fill(name, "NP800031")
    yield Screen("bag, seal", page)
    clerk.primary()
    _there(page, ".step .law")
    expect(page.locator("#seal")).to_have_count(0)
    yield Screen("bag, one signature", page)
    clerk.primary()
    shown = page.locator(".bag-done .entry .number")
    expect(shown).to_be_visible()
    yield Screen("bag is closed", page)
    yield from _opened(cast, re.sub(r"\s", "", shown.inner_text()), items[0])


def _opened(cast: Cast, bag: str, inside: Accepted) -> Iterator[Screen]:
    """One of two comes out."""
    clerk = cast.at("giaodich4")
    page = clerk.page
    cast.open(page, f"/bag#{bag}", "#seal")
    yield Screen("open a bag: seal", page)
    clerk.read_seal("NP800031")
    clerk.primary()
    _there(page, ".bag-count b")
    commit(page, inside.digits)
    _there(page, ".result[data-tone=good]")
    yield Screen("open a bag: one by one", page)
    page.click("[data-action=empty]")
    _there(page, ".trouble li")
    yield Screen("open a bag: what is wrong", page)
    clerk.primary()
    page.fill("#witness-login", "giaodich5")
    page.fill("#witness-password", PASSWORD)
    yield Screen("open a bag: witness", page)
    clerk.primary()
    _there(page, "[data-action=record]")
    yield Screen("bag is opened", page)
    page.click("[data-action=record]")
    _there(page, ".record-list")
    yield Screen("record of a bag", page)


def _teaching(cast: Cast) -> Iterator[Screen]:
    """The walk over the page, and practice."""
    page = cast.at(_COURIER).page
    cast.open(page, "/scan?tour", ".tour")
    yield Screen("the first walk", page)
    cast.open(page, "/practice", "[data-scan]")
    yield Screen("practice", page)
    page.locator("[data-scan]").first.click()
    _there(page, "[data-action=receive]")
    yield Screen("practice, scanned", page)


WALKS = (
    Walk("scan", ("/scan",), _scan),
    Walk("odd", ("/scan",), _odd),
    Walk("round", ("/scan",), _round),
    Walk("delivery", ("/scan",), _delivery),
    Walk("pass", ("/scan",), _pass),
    Walk("pass-refused", ("/scan",), _pass_refused),
    Walk("shift", ("/scan",), _shift),
    Walk("bag", ("/bag", "/bag/<number>/record"), _bag),
    Walk("teaching", ("/scan", "/practice"), _teaching),
)
