"""The installed app in a real browser: opened with no network, its next version, and leaving with something unsent."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, Playwright, expect

from tests.e2e.people import Someone, someone
from tests.e2e.phones import APP_READY
from tests.e2e.picture import rasterise, write_video
from tests.e2e.proxy import altered
from tests.e2e.site import Site

pytestmark = pytest.mark.browser


def _kept(who: Someone) -> None:
    """Wait until the browser has the app, and knows its person."""
    who.scan()
    expect(who.page.locator(".scan-bar .place")).to_be_visible()
    who.page.evaluate(APP_READY)


def _cold(who: Someone) -> Page:
    """Close every page, take the network away, and open the app from the home screen."""
    context = who.page.context
    context.set_offline(True)
    page = context.new_page()
    who.page.close()
    who.page = page
    page.goto(f"{who.site.url}/scan")
    return page


def test_the_scan_page_opens_cold_with_no_network_and_reads(
    playwright: Playwright, site: Site, tmp_path: Path
) -> None:
    """After one visit signed in: page, decoder, fonts and words are there, and the camera reads a label."""
    video = tmp_path / "label.mjpeg"
    with someone(playwright, site, "giaodich1", phone=False) as clerk:
        number = clerk.accept(seal="VN008001")
        write_video(video, rasterise(clerk.label_pdf(number)))
        clerk.page.goto(f"{site.url}/scan#{number}")
        clerk.give_to("buuta1")
    with someone(playwright, site, "buuta1", video=video, app=True) as courier:
        _kept(courier)
        page = _cold(courier)
        expect(page.locator(".finder[data-state=open]")).to_be_visible()
        read = re.compile(r"\s*".join(number))
        expect(page.locator("#scan")).to_contain_text(read)
        assert page.locator("html").get_attribute("data-shell") is not None
        expect(page.locator("[data-slot=name]").first).to_have_text(courier.names["buuta1"])
        expect(page.locator("#nav a[href='/wall']")).to_be_hidden()
        assert page.evaluate("document.fonts.check('16px \"Noto Sans Variable\"', 'Ậ')")


def test_data_is_never_shown_from_a_cache(playwright: Playwright, site: Site) -> None:
    """Wall and items with no network: a page that says so, in the person's language and colours."""
    with someone(playwright, site, "kiemsoat1", app=True) as supervisor:
        _kept(supervisor)
        page = supervisor.page
        page.locator("details.menu summary").click()
        page.locator("[data-set-theme=dark]").click()
        page.locator("button[name=lang][value=en]").click()
        expect(page.locator("html")).to_have_attribute("lang", "en")
        page.goto(f"{site.url}/wall")
        expect(page.locator("main")).not_to_contain_text("No network")
        page.context.set_offline(True)
        for address in ("/wall", "/items/", "/"):
            page.goto(f"{site.url}{address}")
            expect(page.locator("h1")).to_have_text("No network")
            expect(page.locator("html")).to_have_attribute("data-theme", "dark")
        page.locator("main a[href='/scan']").click()
        expect(page.locator(".scan-bar .place")).to_be_visible()


def test_who_leaves_with_no_network_is_gone_and_what_they_signed_is_not(
    playwright: Playwright, site: Site
) -> None:
    """Signed out in a cellar: the app opens as nobody, the outbox waits, and the service hears of it first of all."""
    with someone(playwright, site, "giaodich1", app=True) as clerk:
        number = clerk.accept(seal="VN008002")
        _kept(clerk)
        page = clerk.page
        page.context.set_offline(True)
        page.evaluate(_ENTRY, number)
        page.on("dialog", lambda dialog: dialog.accept())
        page.locator("details.menu summary").click()
        page.locator("#sign-out button").click()
        page.wait_for_url(re.compile("/sign-in"))
        page.goto(f"{site.url}/scan")
        expect(page.locator(".alarm")).to_contain_text("đăng xuất")
        assert page.evaluate(_COUNT) == 1
        page.context.set_offline(False)
        page.goto(f"{site.url}/")
        page.wait_for_url(re.compile("/sign-in"))
        assert page.evaluate(_COUNT) == 1


_ENTRY = """(number) => new Promise((resolve, reject) => {
    const open = indexedDB.open('tram');
    open.onsuccess = () => {
        const settings = open.result.transaction('settings').objectStore('settings').get('me');
        settings.onsuccess = () => {
            const entry = {id: '00', raw: new Uint8Array([1]), net: settings.result.net, kid: '00', dseq: 0, number,
                title: 'x', signer: 'x', createdMs: Date.now(), status: 'waiting', problem: ''};
            const put = open.result.transaction('outbox', 'readwrite').objectStore('outbox').put(entry);
            put.onsuccess = () => { open.result.close(); resolve(); };
            put.onerror = () => reject(put.error);
        };
    };
})"""
_COUNT = """() => new Promise((resolve) => {
    const open = indexedDB.open('tram');
    open.onsuccess = () => {
        const count = open.result.transaction('outbox').objectStore('outbox').count();
        count.onsuccess = () => { open.result.close(); resolve(count.result); };
    };
})"""
_CLEAR = """() => new Promise((resolve) => {
    const open = indexedDB.open('tram');
    open.onsuccess = () => {
        const clear = open.result.transaction('outbox', 'readwrite').objectStore('outbox').clear();
        clear.onsuccess = () => { open.result.close(); resolve(); };
    };
})"""


class _Versions:
    """The site as it is, and after `next` with another style sheet: a new version of the app."""

    def __init__(self) -> None:
        self.next = False

    def __call__(self, path: str, body: bytes) -> bytes:
        if not self.next or path not in {"/sw.js", _SHEET}:
            return body
        if path == _SHEET:
            return body + b"main { outline: 1px solid red }"
        sheet = Path("web/static/base.css").read_bytes()
        old, new = (hashlib.sha256(text).hexdigest().encode() for text in (sheet, self(_SHEET, sheet)))
        return body.replace(old, new).replace(b'"version": "', b'"version": "next')


def test_a_new_version_waits_for_the_outbox_the_open_step_and_a_person(
    playwright: Playwright, site: Site
) -> None:
    """Nothing swaps the code under somebody's hands, and nothing that waits is lost by it."""
    versions = _Versions()
    with altered(site, versions) as seen, someone(playwright, seen, "giaodich1", app=True) as clerk:
        _kept(clerk)
        page = clerk.page
        page.reload()
        page.context.route("**/api/v1/events", lambda route: route.abort())
        page.evaluate(_ENTRY, "ZK473124829VN")
        versions.next = True
        page.evaluate("navigator.serviceWorker.getRegistration().then((found) => found.update())")
        bar = page.locator(".update")
        expect(bar).to_be_visible()
        expect(bar.locator("button")).to_have_count(0)
        assert page.evaluate(_COUNT) == 1
        page.evaluate(_CLEAR)
        expect(bar.locator("button")).to_be_visible()
        page.evaluate("document.getElementById('scan').dataset.view = 'step'")
        expect(bar).to_be_hidden()
        other = page.context.new_page()
        other.goto(f"{seen.url}/scan")
        expect(other.locator(".scan-bar .place")).to_be_visible()
        other.locator(".update button").click()
        expect(other.locator(".update .error")).not_to_be_empty()
        assert other.locator("main").evaluate(_OUTLINE) == "none"
        page.evaluate("document.getElementById('scan').dataset.view = 'result'")
        with page.expect_event("load"):
            bar.locator("button").click()
        expect(page.locator(".scan-bar .place")).to_be_visible()
        assert page.locator("main").evaluate(_OUTLINE) == "solid"
        assert all("next" in name for name in page.evaluate("caches.keys()"))


_SHEET = "/static/base.css"
_OUTLINE = "(element) => getComputedStyle(element).outlineStyle"
