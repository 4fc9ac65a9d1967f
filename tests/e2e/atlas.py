"""Every screen of the service, and who sees it how: what the contact sheet shows and the tests of access look at.

A walk yields screen after screen; each is there while the generator waits. New pages go in here: a page of the
application that no walk opens fails `test_access`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from playwright.sync_api import Page, Playwright, expect

from tests.e2e.hands import Accepted, Device
from tests.e2e.people import PHONE, Someone, someone
from tests.e2e.site import Site

__all__ = ["LANGUAGES", "THEMES", "Cast", "Screen", "Walk", "as_theme"]

LANGUAGES: Final = ("vi", "en")
THEMES: Final = ("light", "dark", "sunlight")


@dataclass(frozen=True, slots=True)
class Screen:
    """What is on a page now.

    Attributes:
        name: of the screen, in English.
        page: where it is.
        is_desk: worked with at a desk, so it is looked at on a wide screen too.
        has_law: whether it must say why the law wants it; not so where nothing is done.
    """

    name: str
    page: Page
    is_desk: bool = False
    has_law: bool = True


@dataclass(frozen=True, slots=True)
class Walk:
    """Screens that are reached one after the other.

    Attributes:
        name: of the walk.
        rules: the application's addresses that it opens.
        go: yields the screens.
    """

    name: str
    rules: tuple[str, ...]
    go: Callable[[Cast], Iterator[Screen]]


@dataclass(slots=True)
class Cast:
    """People at their browsers, each kept from walk to walk, and envelopes for them.

    Attributes:
        playwright: that starts the browsers.
        site: that they work with.
        stack: closes them.
        language: of all pages that are opened from now on.
    """

    playwright: Playwright
    site: Site
    stack: ExitStack
    language: str = LANGUAGES[0]
    _seats: dict[str, Someone] = field(default_factory=dict)
    _devices: dict[str, Device] = field(default_factory=dict)
    _seals: int = 0

    def at(self, login: str) -> Someone:
        """Give *login* at a phone."""
        if login not in self._seats:
            self._seats[login] = self.stack.enter_context(someone(self.playwright, self.site, login))
        who = self._seats[login]
        self._speak(who.page)
        return who

    @contextmanager
    def nobody(self) -> Iterator[Page]:
        """Give a page that nobody has signed in at."""
        browser = self.at("kiemsoat1").page.context.browser
        assert browser
        context = browser.new_context(viewport=PHONE, locale="vi-VN")
        page = context.new_page()
        self._speak(page)
        try:
            yield page
        finally:
            context.close()

    def _speak(self, page: Page) -> None:
        page.context.add_cookies([{"name": "tram_lang", "value": self.language, "url": self.site.url}])

    def open(self, page: Page, path: str, ready: str = "main") -> None:
        """Open *path*, until *ready* shows that it is there."""
        page.goto("about:blank")  # an address that differs behind its # alone would not load
        page.goto(f"{self.site.url}{path}")
        expect(page.locator(ready).first).to_be_attached()

    def device(self, login: str) -> Device:
        """Give *login* on a device without a browser."""
        if login not in self._devices:
            self._devices[login] = Device(self.site, login)
        return self._devices[login]

    def accepted(self, **changes: Any) -> Accepted:
        """Accept an envelope at the counter."""
        self._seals += 1
        return self.device("giaodich3").accept(f"AT{self._seals:06d}", **changes)

    def offered(self, login: str, count: int = 1, **changes: Any) -> list[Accepted]:
        """Offer fresh envelopes to *login*."""
        items = [self.accepted(**changes) for _ in range(count)]
        self.device("giaodich3").offer(self.device(login).id, *items)
        return items

    def held(self, login: str, count: int = 1, **changes: Any) -> list[Accepted]:
        """Bring fresh envelopes into the hands of *login*."""
        items = self.offered(login, count, **changes)
        for one in items:
            self.device(login).receive(one)
        return items


def as_theme(page: Page, theme: str) -> None:
    """Give *page* the colours of *theme*, without loading it again."""
    page.evaluate("(theme) => { document.documentElement.dataset.theme = theme; }", theme)
