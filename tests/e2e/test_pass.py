"""Phone to phone, all without a network: the codes are read off the real screen, and everything is sent afterwards."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Iterator
from contextlib import ExitStack

import cv2
import numpy as np
import pytest
import zxingcpp
from playwright.sync_api import Page, Playwright, expect

from custody.event import EventType, Field
from custody.label import commit_seal, parse_digits
from tests.e2e.hands import Accepted, Device
from tests.e2e.people import Someone, someone
from tests.e2e.site import Site

pytestmark = pytest.mark.browser

_PATIENCE_MS = 20_000
_PATIENCE_S = 30
_REMARKS = {"T09", "C06"}  # outside the office's hours; uploaded before what it answers


@pytest.fixture(name="phones")
def _phones(playwright: Playwright, site: Site) -> Iterator[ExitStack]:
    """Close every browser of a test."""
    with ExitStack() as stack:
        stack.playwright, stack.site = playwright, site  # type: ignore[attr-defined]
        yield stack


def _phone(phones: ExitStack, login: str) -> Someone:
    """Open a phone at the scan page, its day fetched, and take its network away."""
    who: Someone = phones.enter_context(someone(phones.playwright, phones.site, login))  # type: ignore[attr-defined]
    with who.page.expect_response(re.compile(r"/api/v1/day\?"), timeout=_PATIENCE_MS):
        who.scan()
    expect(who.page.locator("[data-action=pass-give]")).to_be_attached(timeout=_PATIENCE_MS)
    who.page.wait_for_function("navigator.onLine")
    who.page.wait_for_timeout(500)  # the day is on the disk
    who.page.context.set_offline(True)
    return who


def _held_by(site: Site, login: str, seals: list[str]) -> tuple[Device, list[Accepted]]:
    """Accept items at the counter and hand them to *login*, with a network; give the clerk and the items."""
    clerk, holder = Device(site, "giaodich1"), Device(site, login)
    items = [clerk.accept(seal) for seal in seals]
    clerk.offer(holder.id, *items)
    for one in items:
        label, offered = parse_digits(one.digits), holder.item(one.number)
        seal = commit_seal(nonce=label.nonce, item=label.item, seal_type=1, serial=one.seal)
        extra = {
            Field.CITES: bytes.fromhex(offered["offer"]["id"]),
            Field.SEAL: [seal, 0],
            Field.METHOD: 1,
            Field.LABEL: label.digest,
        }
        holder.act(holder.sign(EventType.ACCEPT, offered, extra))
    return clerk, items


def _codes(page: Page) -> set[str]:
    """Photograph the screen until every code of the turn was read, by a decoder that knows nothing of the page."""
    code = page.locator(".pass-code")
    expect(code).to_be_visible(timeout=_PATIENCE_MS)
    label = code.get_attribute("aria-label") or ""
    wanted = int(re.findall(r"\d+", label)[1])
    read: set[str] = set()
    until = time.monotonic() + _PATIENCE_S
    while len(read) < wanted:
        assert time.monotonic() < until, f"{len(read)} of {wanted} codes read"
        shot = cv2.imdecode(np.frombuffer(page.screenshot(), np.uint8), cv2.IMREAD_GRAYSCALE)
        found = zxingcpp.read_barcodes(shot, formats=zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode]))
        read |= {symbol.text for symbol in found}
    return read


def _commit(page: Page, text: str) -> None:
    """Let a handheld reader commit a text, as an input method does."""
    page.locator(".wedge").focus()
    page.keyboard.insert_text(text)
    page.keyboard.press("Enter")


def _carry(codes: set[str], page: Page) -> None:
    """Bring codes before another phone, in any order and one of them twice."""
    shuffled = [*codes, *list(codes)[:1]]
    random.Random(5).shuffle(shuffled)
    for text in shuffled:
        _commit(page, text)


def _choose(page: Page, action: str) -> None:
    """Press one of the two buttons of the scan page, which lie open where there is no network."""
    button = page.locator(f"[data-action={action}]").first
    button.wait_for(state="attached", timeout=_PATIENCE_MS)
    if not button.is_visible():
        page.locator("details", has=button).locator("summary").click()
    button.click()


def _give(giver: Someone, taker: str, items: list[Accepted]) -> set[str]:
    """Sign an offer of *items* and read its codes off the screen."""
    page = giver.page
    _choose(page, "pass-give")
    for one in items[:-1]:
        _commit(page, one.digits)
        expect(page.locator(f".pass-item[data-number={one.number}][data-state=good]")).to_be_visible()
    last = page.locator(f".pass-item[data-number={items[-1].number}]")
    last.locator(".pass-tick").click()
    expect(last).to_have_attribute("data-state", "good")
    page.locator("[data-action=pass-on]").click()
    page.fill(".search", taker)
    page.locator(".person", has_text=taker).first.click(timeout=_PATIENCE_MS)
    giver.primary()
    expect(page.locator(".pass-shown[data-side=giver]")).to_be_visible(timeout=_PATIENCE_MS)
    return _codes(page)


def _take(taker: Someone, codes: set[str], items: list[Accepted]) -> set[str]:
    """Read an offer, scan each envelope, read each seal, sign, and read the answer's codes off the screen."""
    page = taker.page
    _carry(codes, page)
    expect(page.locator(".pass-take")).to_be_visible(timeout=_PATIENCE_MS)
    for one in items:
        _commit(page, one.digits)
        taker.read_seal(one.seal)
        expect(page.locator(f".pass-item[data-number={one.number}][data-state=good]")).to_be_visible()
    page.locator("[data-action=pass-sign]").click()
    taker.primary()
    expect(page.locator(".pass-shown[data-side=taker]")).to_be_visible(timeout=_PATIENCE_MS)
    return _codes(page)


def _words(page: Page) -> list[str]:
    words = page.locator(".pass-words b").all_inner_texts()
    assert len(words) == 4
    return words


def _finish(giver: Someone, taker: Someone, answer: set[str]) -> None:
    """Read the answer back; both screens say the same four words, and that nothing is confirmed yet."""
    said = _words(taker.page)
    giver.page.locator("[data-action=pass-answer]").click()
    _carry(answer, giver.page)
    expect(giver.page.locator("[data-outcome=waiting]")).to_be_visible(timeout=_PATIENCE_MS)
    assert _words(giver.page) == said
    taker.page.locator("[data-action=pass-read]").click()
    expect(taker.page.locator("[data-outcome=waiting]")).to_be_visible(timeout=_PATIENCE_MS)
    for who in (giver, taker):
        expect(who.page.locator(".result")).to_have_attribute("data-tone", "info")
        who.page.locator("[data-action=pass-done]").click()


def _confirmed(who: Someone) -> None:
    """Give the network back and wait until nothing waits."""
    who.page.context.set_offline(False)
    expect(who.page.locator(".scan-bar .waiting")).to_have_count(0, timeout=_PATIENCE_MS)


def test_a_chain_of_three_phones_without_a_network_is_sound(phones: ExitStack, site: Site) -> None:
    """Courier to courier to recipient, two items; every phone then sends all it holds: each chain once, and whole."""
    clerk, items = _held_by(site, "buuta1", ["PA1001", "PA1002"])
    first, second, last = (_phone(phones, login) for login in ("buuta1", "buuta2", "vanthu1"))
    for giver, taker, login in ((first, second, "buuta2"), (second, last, "vanthu1")):
        codes = _give(giver, giver.names[login], items)
        _finish(giver, taker, _take(taker, codes, items))
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


def test_what_does_not_hold_is_refused_by_its_name(phones: ExitStack, site: Site) -> None:
    """Wrong takers are told; an envelope is refused by itself; nothing is signed twice; one phone is enough."""
    clerk, items = _held_by(site, "buuta1", ["PB1001", "PB1002"])
    giver, taker, other = (_phone(phones, login) for login in ("buuta1", "buuta2", "vanthu1"))
    codes = _give(giver, giver.names["buuta2"], items)
    _carry(codes, other.page)
    expect(other.page.locator(".pass-refused")).to_contain_text("P03", timeout=_PATIENCE_MS)
    page = taker.page
    _carry(codes, page)
    expect(page.locator(".pass-take")).to_be_visible(timeout=_PATIENCE_MS)
    _commit(page, items[0].digits)
    taker.read_seal(items[0].seal)
    row = page.locator(f".pass-item[data-number={items[1].number}]")
    row.locator("summary").click()
    row.locator("[data-action=pass-refuse]").click()
    page.locator(".pick").last.click()
    taker.primary()
    expect(row).to_have_attribute("data-state", "bad")
    page.locator("[data-action=pass-sign]").click()
    taker.primary()
    answer = _codes(page)
    page.locator("[data-action=pass-read]").click()
    page.locator("[data-action=pass-done]").click()
    _choose(page, "pass-take")
    _carry(codes, page)
    assert _codes(page) == answer, "what was signed once is shown again"
    _finish(giver, taker, answer)
    _confirmed(giver)  # the taker's phone is never seen again: what both signed is on the giver's too
    shown = [clerk.item(one.number) for one in items]
    assert [one["custodian"]["name"] for one in shown] == [giver.names["buuta2"], giver.names["buuta1"]]
    assert {one["state"] for one in shown} == {"HELD"}


def test_an_offer_that_nobody_answers_is_shown_again_or_taken_back(phones: ExitStack, site: Site) -> None:
    """The page dies while the codes are shown: the offer is still there; taken back, it is in the giver's hands."""
    clerk, [one] = _held_by(site, "buuta1", ["PC1001"])
    giver = _phone(phones, "buuta1")
    page = giver.page
    codes = _give(giver, giver.names["buuta2"], [one])
    page.context.set_offline(False)
    page.reload()
    _choose(page, "pass-give")
    page.locator("[data-action=pass-again]").click(timeout=_PATIENCE_MS)
    assert _codes(page) == codes
    page.locator(".pass-shown ~ .actions .quiet").click()
    _choose(page, "pass-give")
    page.locator("[data-action=pass-cancel]").click()
    giver.primary()
    expect(page.locator(f".pass-item[data-number={one.number}]")).to_be_visible(timeout=_PATIENCE_MS)
    _confirmed(giver)
    shown = clerk.item(one.number)
    assert (shown["state"], shown["custodian"]["name"], shown["seq"]) == ("HELD", giver.names["buuta1"], 4)
