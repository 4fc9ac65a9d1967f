"""Every page for everybody: axe finds nothing in either language or any theme, text grows, thumbs reach."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page, Playwright, ViewportSize, expect

from tests.e2e.hands import Accepted, Device
from tests.e2e.people import Someone, someone
from tests.e2e.site import Site

pytestmark = pytest.mark.browser

_PATIENCE_MS = 30_000
_AXE = Path(__file__).resolve().parents[2] / "web" / "client" / "node_modules" / "axe-core" / "axe.min.js"
_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_RUN = """async ([tags, rules]) => {
    const options = { resultTypes: ['violations'] };
    options.runOnly = rules.length ? { type: 'rule', values: rules } : { type: 'tag', values: tags };
    const { violations } = await axe.run(document, options);
    return violations.map(({ id, nodes }) => `${id}: ` + nodes.slice(0, 4).map(
        ({ target, any }) => `${target.join(' ')} ${(any[0] && any[0].message) || ''}`).join(' | '));
}"""
_THEME = "(theme) => { document.documentElement.dataset.theme = theme; }"
_WIDER = """(percent) => {
    document.documentElement.style.fontSize = `${percent}%`;
    const out = document.documentElement.scrollWidth - document.documentElement.clientWidth;
    const edge = document.documentElement.clientWidth + 1;
    const isOut = (one) => one.getBoundingClientRect().right > edge && !one.parentElement.closest('.scroll');
    const culprits = out > 0 ? [...document.querySelectorAll('body *')].filter(isOut).slice(-3) : [];
    const names = culprits.map((one) => one.outerHTML.slice(0, 120));
    document.documentElement.style.fontSize = '';
    return [out, names];
}"""
_SMALL = """() => [...document.querySelectorAll(['button', 'a', 'select', 'summary', 'label.tool']
        .map((name) => `#scan ${name}`).join() + ', .nav a')]
    .filter((one) => one.checkVisibility() && !one.closest('[hidden]'))
    .map((one) => [one.getBoundingClientRect(), one])
    .filter(([box]) => box.height > 0 && (box.height < 55.5 || box.width < 44))
    .map(([box, one]) => `${Math.round(box.width)}x${Math.round(box.height)} ${one.outerHTML.slice(0, 90)}`)"""
_CONTRAST = ["color-contrast"]
_SUNLIGHT = ["color-contrast-enhanced"]


def _audit(page: Page, where: str) -> list[str]:
    """Every rule in the light theme, contrast in the dark and 7:1 in sunlight, the width at 200 % text.

    The verifier is a file of its own, which stands outside the service and has no theme for sunlight.
    """
    page.evaluate(_AXE.read_text(encoding="utf-8"))
    found: list[str] = []
    themes = [("light", []), ("dark", _CONTRAST), ("sunlight", _SUNLIGHT)]
    for theme, rules in themes[:1] if where.startswith("/verifier") else themes:
        page.evaluate(_THEME, theme)
        found += [f"{where}, {theme}: {one}" for one in page.evaluate(_RUN, [_TAGS, rules])]
    for width, height in ((412, 915), (360, 640)):
        page.set_viewport_size(ViewportSize(width=width, height=height))
        for percent in (100, 200):
            out, culprits = page.evaluate(_WIDER, percent)
            found += [f"{where}, {width} wide at {percent} %: {out} px out: {culprits}"] if out > 0 else []
    return found


@contextmanager
def _speaking(who: Someone, language: str) -> Iterator[Page]:
    who.page.context.add_cookies([{"name": "tram_lang", "value": language, "url": who.site.url}])
    yield who.page


def _walk(who: Someone, paths: dict[str, str]) -> list[str]:
    """Audit each page of *paths* (address -> what shows that it is there) in both languages."""
    found: list[str] = []
    for language in ("vi", "en"):
        with _speaking(who, language) as page:
            for path, ready in paths.items():
                page.goto(f"{who.site.url}{path}")
                page.locator(ready).first.wait_for(timeout=_PATIENCE_MS)
                found += _audit(page, f"{path} {language}")
    return found


@pytest.fixture(scope="module")
def accepted(site: Site) -> Accepted:
    """Accept an envelope."""
    return Device(site, "giaodich1").accept("VA1001")


def test_the_pages_of_the_counter(playwright: Playwright, site: Site, accepted: Accepted) -> None:
    """Home, counter, stock, printer test, items, an item."""
    with someone(playwright, site, "giaodich1") as clerk:
        found = _walk(
            clerk,
            {
                "/": "main",
                "/counter": "#sender",
                "/labels/stock": "main form",
                "/labels/test": "main",
                "/slips": "main form",
                "/slips/record": "#slip-number",
                "/items/": "main",
                f"/items/{accepted.number}": "[data-verdict]",
            },
        )
    assert found == []


def test_the_pages_of_supervisors_and_strangers(playwright: Playwright, site: Site) -> None:
    """The wall, the devices; and what is open to everybody."""
    with someone(playwright, site, "kiemsoat1") as supervisor:
        found = _walk(supervisor, {"/wall": "main", "/devices": "main", "/about": "main", "/guide": "main"})
        supervisor.page.context.clear_cookies()
        found += _walk(supervisor, {"/sign-in": "[data-login]", "/verifier": "main"})
    assert found == []


def test_the_screens_of_a_scan(playwright: Playwright, site: Site, accepted: Accepted) -> None:
    """Idle, an item, the seal, the comparison, a round: also every target is 56 px high, and keys alone are enough."""
    clerk = Device(site, "giaodich1")
    with someone(playwright, site, "buuta1") as courier:
        taker = bytes.fromhex(courier.page.request.get(f"{site.url}/api/v1/me").json()["person"]["id"])
        clerk.offer(taker, accepted)
        found: list[str] = []
        for language in ("vi", "en"):
            with _speaking(courier, language) as page:
                found += _screens(courier, page, accepted, language)
    assert found == []


def _screens(courier: Someone, page: Page, accepted: Accepted, language: str) -> list[str]:
    found: list[str] = []

    def look(name: str) -> None:
        found.extend(_audit(page, f"{name} {language}"))
        page.set_viewport_size(ViewportSize(width=412, height=915))
        found.extend(f"{name} {language}: small {one}" for one in page.evaluate(_SMALL))

    def read() -> None:
        page.keyboard.type(accepted.digits)
        page.keyboard.press("Enter")

    def open_at(path: str, ready: str) -> None:
        page.goto(f"{courier.site.url}{path}")
        page.locator(ready).first.wait_for(timeout=_PATIENCE_MS)

    open_at("/scan", "[data-round=receive]")
    look("idle")
    read()
    page.locator("[data-action=receive]").first.wait_for(timeout=_PATIENCE_MS)
    look("item")
    _compare_by_keys(page, look)
    open_at("/scan", "[data-round=receive]")
    page.locator("[data-round=receive]").click()
    read()
    page.locator(".round[data-done='1']").wait_for(timeout=_PATIENCE_MS)
    look("round")
    page.locator("[data-action=go-on]").click()
    page.locator(".seals").wait_for(timeout=_PATIENCE_MS)
    look("seals of a round")
    for path, ready in (
        ("/scan?tour", ".tour"),
        ("/practice", "[data-scan]"),
        ("/bag", "main button"),
    ):
        open_at(path, ready)
        look(path)
    return found


def _compare_by_keys(page: Page, look: Callable[[str], None]) -> None:
    """From the item to the comparison with no pointer: Tab's order is the page's, Enter and Space press."""
    page.locator("[data-action=receive]").first.focus()
    page.wait_for_timeout(700)
    page.keyboard.press("Enter")
    expect(page.locator("#seal")).to_be_focused(timeout=_PATIENCE_MS)
    look("seal")
    page.keyboard.type("XX 9", delay=120)
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(page.locator(".pick[aria-pressed=true]")).to_have_count(1)
    for _ in range(8):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('.action.primary')"):
            break
    page.keyboard.press("Space")
    page.locator(".compare").wait_for(timeout=_PATIENCE_MS)
    look("differs")
