"""Two phones without a network: codes are read off the real screen and carried; and what a browser keeps."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import cv2
import numpy as np
import zxingcpp
from playwright.sync_api import Page, Route, expect

from tests.e2e.hands import Accepted, Device
from tests.e2e.people import Someone
from tests.e2e.site import Site
from tests.labels.test_render import zxing_texts

__all__ = [
    "APP_READY",
    "ROWS",
    "carry",
    "choose",
    "code_on",
    "codes_of",
    "commit",
    "draw",
    "finish",
    "give",
    "held_by",
    "refusing",
    "rows",
    "take",
    "without_network",
    "words_of",
]

APP_READY = """async () => {
    const { active } = await navigator.serviceWorker.ready;
    while (active.state !== 'activated') {
        await new Promise((resolve) => setTimeout(resolve, 50));
    }
}"""
"""Resolves once the app is kept; it waits with a timer, for a loop of promises alone would stop the page for good."""

_PATIENCE_S = 30
_PER_CODE_S = 3
ROWS = """name => new Promise((resolve, reject) => {
    const opened = indexedDB.open('tram');
    opened.onerror = () => reject(opened.error);
    opened.onsuccess = () => {
        const asked = opened.result.transaction(name).objectStore(name).getAll();
        asked.onsuccess = () => {
            opened.result.close();
            resolve(asked.result.map((row) => ({ ...row, raw: row.raw && Array.from(row.raw), privateKey: null })));
        };
    };
})"""


def rows(page: Page, store: str) -> list[dict[str, Any]]:
    """Read what the browser keeps in *store*."""
    found: list[dict[str, Any]] = page.evaluate(ROWS, store)
    return found


def without_network(who: Someone) -> Someone:
    """Open the scan page, wait until the day is on the disk, and take the network away."""
    with who.page.expect_response(re.compile(r"/api/v1/day\?")):
        who.scan()
    expect(who.page.locator("[data-action=pass-give]")).to_be_attached()
    who.page.wait_for_function("navigator.onLine")
    who.page.wait_for_timeout(500)  # the day is on the disk
    who.page.context.set_offline(True)
    return who


def held_by(site: Site, login: str, seals: list[str], **form: Any) -> tuple[Device, list[Accepted]]:
    """Accept items at the counter and hand them to *login*, with a network; give the clerk and the items."""
    clerk, holder = Device(site, "giaodich1"), Device(site, login)
    items = [clerk.accept(seal, **form) for seal in seals]
    clerk.offer(holder.id, *items)
    for one in items:
        holder.receive(one)
    return clerk, items


def codes_of(page: Page) -> set[str]:
    """Photograph the screen until every code of the turn was read, by a decoder that knows nothing of the page."""
    code = page.locator(".pass-code")
    expect(code).to_be_visible()
    label = code.get_attribute("aria-label") or ""
    wanted = int(re.findall(r"\d+", label)[1])
    read: set[str] = set()
    until = time.monotonic() + _PATIENCE_S + wanted * _PER_CODE_S
    while len(read) < wanted:
        assert time.monotonic() < until, f"{len(read)} of {wanted} codes read"
        shot = cv2.imdecode(np.frombuffer(page.screenshot(), np.uint8), cv2.IMREAD_GRAYSCALE)
        found = zxingcpp.read_barcodes(shot, formats=zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode]))
        read |= {symbol.text for symbol in found}
    return read


def commit(page: Page, text: str) -> None:
    """Let a handheld reader commit a text, as an input method does."""
    page.locator(".wedge").focus()
    page.keyboard.insert_text(text)
    page.keyboard.press("Enter")


def carry(codes: set[str], page: Page) -> None:
    """Bring codes before another phone, in any order and one of them twice."""
    shuffled = [*codes, *list(codes)[:1]]
    random.Random(5).shuffle(shuffled)
    for text in shuffled:
        commit(page, text)


def choose(page: Page, action: str) -> None:
    """Press one of the two buttons of the scan page, which lie open where there is no network."""
    button = page.locator(f"[data-action={action}]").first
    button.wait_for(state="attached")
    if not button.is_visible():
        page.locator("details", has=button).locator("summary").click()
    button.click()


def give(giver: Someone, taker: str, items: list[Accepted]) -> set[str]:
    """Sign an offer of *items* and read its codes off the screen."""
    page = giver.page
    choose(page, "pass-give")
    expect(page.locator(".pass-give")).to_be_visible()
    for one in items[:-1]:
        commit(page, one.digits)
        expect(page.locator(f".pass-item[data-number={one.number}][data-state=good]")).to_be_visible()
    last = page.locator(f".pass-item[data-number={items[-1].number}]")
    last.locator(".pass-tick").click()
    expect(last).to_have_attribute("data-state", "good")
    page.locator("[data-action=pass-on]").click()
    page.fill(".search", taker)
    page.locator(".person", has_text=taker).first.click()
    giver.primary()
    expect(page.locator(".pass-shown[data-side=giver]")).to_be_visible()
    return codes_of(page)


def take(taker: Someone, codes: set[str], items: list[Accepted]) -> set[str]:
    """Read an offer, scan each envelope, read each seal, sign, and read the answer's codes off the screen."""
    page = taker.page
    carry(codes, page)
    expect(page.locator(".pass-take")).to_be_visible()
    for one in items:
        commit(page, one.digits)
        taker.read_seal(one.seal)
        expect(page.locator(f".pass-item[data-number={one.number}][data-state=good]")).to_be_visible()
    page.locator("[data-action=pass-sign]").click()
    taker.primary()
    expect(page.locator(".pass-shown[data-side=taker]")).to_be_visible()
    return codes_of(page)


def code_on(page: Page) -> str:
    """Read the one square code of a page off its screen, as a phone's camera does."""
    picture = cv2.imdecode(
        np.frombuffer(page.locator(".square").screenshot(), np.uint8), cv2.IMREAD_GRAYSCALE
    )
    assert picture is not None
    [(kind, text)] = zxing_texts(picture.astype(np.uint8))
    assert kind == "QRCode"
    return text


def draw(page: Page) -> None:
    """Sign on the glass with a finger."""
    pad, mouse = page.locator(".glass-pad"), page.mouse
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box
    mouse.move(box["x"] + 30, box["y"] + 40)
    mouse.down()
    for step in range(10):
        mouse.move(box["x"] + 30 + 25 * step, box["y"] + (40 if step % 2 else 90))
    mouse.up()


@contextmanager
def refusing(page: Page) -> Iterator[None]:
    """What *page* sends is refused meanwhile, as from a key that the service does not know."""

    def refuse(route: Route) -> None:
        answer = route.fetch(post_data='{"entries":["AA"]}').json()
        waiting = next(row for row in page.evaluate(ROWS, "outbox") if row["status"] == "waiting")
        route.fulfill(json={"results": [{**answer["results"][0], "id": waiting["id"]}]})

    page.route("**/api/v1/events", refuse)
    try:
        yield
    finally:
        page.unroute("**/api/v1/events")


def words_of(page: Page) -> list[str]:
    """Read the check phrase."""
    words = page.locator(".pass-words b").all_inner_texts()
    assert len(words) == 4
    return words


def finish(giver: Someone, taker: Someone, answer: set[str]) -> None:
    """Read the answer back; both screens say the same four words, and that nothing is confirmed yet."""
    said = words_of(taker.page)
    giver.page.locator("[data-action=pass-answer]").click()
    carry(answer, giver.page)
    expect(giver.page.locator("[data-outcome=waiting]")).to_be_visible()
    assert words_of(giver.page) == said
    taker.page.locator("[data-action=pass-read]").click()
    expect(taker.page.locator("[data-outcome=waiting]")).to_be_visible()
    for who in (giver, taker):
        expect(who.page.locator(".result")).to_have_attribute("data-tone", "info")
        who.page.locator("[data-action=pass-done]").click()
