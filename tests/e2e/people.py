"""People at their browsers: each has a profile of their own, and so a device key of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, Playwright, ViewportSize, expect, sync_playwright

from tests.e2e.site import PASSWORD, Site

__all__ = ["CHROMIUM", "PATIENCE_MS", "PHONE", "Someone", "playing", "someone"]

CHROMIUM = "/usr/bin/chromium"
_FLAGS = (
    "--no-sandbox",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
PHONE = ViewportSize(width=412, height=915)
_DESK = ViewportSize(width=1280, height=800)
PATIENCE_MS = 30_000
"""How long a page may take on a machine that does other things: for each wait, as playwright's actions have it."""


@contextmanager
def playing() -> Iterator[Playwright]:
    """Start Playwright, patient in what it expects as it is in what it does."""
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as made:
        yield made


class Someone:
    """A signed-in person and their page."""

    def __init__(self, page: Page, site: Site, login: str) -> None:
        """Sign *login* in."""
        self.page = page
        self.site = site
        page.goto(f"{site.url}/sign-in")
        tiles = page.locator("[data-login]")
        self.names = {
            tile.get_attribute("data-login"): tile.locator("b").inner_text().split(" · ")[1]
            for tile in tiles.all()
        }
        page.fill("input[name=login]", login)
        page.fill("input[name=password]", PASSWORD)
        page.click("#sign-in button")
        page.wait_for_url(f"{site.url}/")

    def accept(self, *, seal: str, recipient: str = "van phong tinh uy", named: str = "") -> str:
        """Accept a letter marked C by keyboard alone, for one *named* person where given; return its number."""
        page, keys = self.page, self.page.keyboard
        page.goto(f"{self.site.url}/counter")
        expect(page.locator("#sender")).to_be_focused()
        for text in ("so tai chinh", recipient, "Nguyễn Thị Văn Thư"):
            keys.type(text)
            keys.press("Enter")
        for choice in ("1", "c", "1"):  # letter, mark C, no urgency
            keys.press(choice)
        keys.type(seal)
        keys.press("Enter")
        keys.type("120")
        keys.press("Enter")
        for _ in range(3):  # sealed, liable, stamp on the cover
            keys.press("1")
        if named:
            page.locator("input[name=only_named]").check(force=True)
            page.fill("#named_person", named)
        keys.press("Control+Enter")
        image = page.locator("#label-result .label-image")
        expect(image).to_be_visible()
        match = re.search(r"/labels/(\w{13})\.svg", image.get_attribute("src") or "")
        assert match
        return match.group(1)

    def label_pdf(self, number: str) -> bytes:
        """Fetch the label as the print button does."""
        answer = self.page.request.get(f"{self.site.url}/labels/{number}.pdf")
        assert answer.ok, answer.text()
        return answer.body()

    def scan(self) -> None:
        """Open the scan page; whatever the camera sees is read."""
        self.page.goto(f"{self.site.url}/scan")

    def wedge(self, digits: str) -> None:
        """Open the scan page and let a handheld reader type *digits*."""
        self.scan()
        field = self.page.locator(".wedge")
        expect(field).to_be_focused()
        self.page.keyboard.type(digits, delay=1)
        self.page.keyboard.press("Enter")

    def act(self, name: str) -> None:
        """Press the button of an action, behind "More" where it stands there."""
        button = self.page.locator(f"[data-action={name}]").first
        button.wait_for(state="attached")
        if not button.is_visible():
            self.page.locator("details.more summary").click()
        button.click()

    def give_to(self, login: str) -> None:
        """Hand over what was scanned to one of the demonstration's people."""
        name = self.names[login]
        self.act("hand_over")
        self.page.fill(".search", name)
        self.page.locator(".person", has_text=name).first.click()
        self.primary()
        self.recorded()

    def read_seal(self, serial: str) -> None:
        """Type the seal blind, say that it is intact, and compare."""
        self.page.fill("#seal", serial)
        self.page.locator(".pick").first.click()
        self.primary()

    def primary(self) -> None:
        """Press the main button under the thumb."""
        self.page.locator(".action.primary").first.click()

    def recorded(self) -> None:
        """Wait until the service has answered with an index."""
        expect(self.page.locator(".result[data-tone=good] + .entry")).to_be_visible()

    def verdict(self, number: str) -> str:
        """Return the verdict that the item's page shows."""
        self.page.goto(f"{self.site.url}/items/{number}")
        return self.page.locator("[data-verdict]").first.get_attribute("data-verdict") or ""


@contextmanager
def someone(
    playwright: Playwright,
    site: Site,
    login: str,
    *,
    video: Path | None = None,
    phone: bool = True,
    app: bool = False,
) -> Iterator[Someone]:
    """Yield *login* at a browser process of their own, its camera seeing *video* where there is one.

    Only with *app* the service worker is let in: requests that it answers pass by `page.route`.
    """
    flags = list(_FLAGS)
    if video:
        flags += [
            "--use-fake-ui-for-media-stream",
            "--use-fake-device-for-media-stream",
            f"--use-file-for-fake-video-capture={video}",
        ]
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
    try:
        context: BrowserContext = browser.new_context(
            viewport=PHONE if phone else _DESK,
            locale="vi-VN",
            service_workers="allow" if app else "block",
        )
        foreign: list[str] = []
        context.on(
            "request", lambda request: foreign.append(request.url) if _is_foreign(request.url, site) else None
        )
        page = context.new_page()
        failures: list[str] = []
        page.on("pageerror", lambda error: failures.append(str(error)))
        yield Someone(page, site, login)
        assert failures == [], failures  # said here: pytest explains only the asserts of test files
        assert foreign == [], "a page asked another host"
    finally:
        browser.close()


def _is_foreign(url: str, site: Site) -> bool:
    return not url.startswith((site.url, "data:", "blob:", "about:"))
