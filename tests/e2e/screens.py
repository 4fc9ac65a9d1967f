"""Take a contact sheet of every screen, in both languages and three themes, at the size of a phone.

python -m tests.e2e.screens docs/images
"""

from __future__ import annotations

import io
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from PIL import Image
from playwright.sync_api import Page, Playwright, sync_playwright

from tests.e2e.hands import Accepted, Device
from tests.e2e.people import Someone, someone
from tests.e2e.site import Site, running_site

__all__ = ["main"]

_LANGUAGES: Final = ("vi", "en")
_THEMES: Final = ("light", "dark", "sunlight")
_THUMB: Final = (206, 458)  # half a phone of 412 x 915
_GAP: Final = 8
_COLUMNS: Final = 8
_SETTLE_MS: Final = 500
_PATIENCE_MS: Final = 30_000
_THEME: Final = "(theme) => { document.documentElement.dataset.theme = theme; }"
_SEAL: Final = "VN007001"

Shots = dict[tuple[str, str], list[Image.Image]]


def _take(page: Page, language: str, shots: Shots) -> None:
    for theme in _THEMES:
        page.evaluate(_THEME, theme)
        page.wait_for_timeout(_SETTLE_MS)
        picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
        shots.setdefault((language, theme), []).append(picture.resize(_THUMB, Image.Resampling.LANCZOS))


def _pages(who: Someone, paths: dict[str, str], shots: Shots) -> None:
    """Take each page of *paths* (address -> what shows that it is there)."""
    for language in _LANGUAGES:
        _speak(who, language)
        for path, ready in paths.items():
            _open(who, path, ready)
            _take(who.page, language, shots)


def _speak(who: Someone, language: str) -> None:
    who.page.context.add_cookies([{"name": "tram_lang", "value": language, "url": who.site.url}])


def _open(who: Someone, path: str, ready: str) -> None:
    who.page.goto("about:blank")  # an address that differs behind its # alone would not load
    who.page.goto(f"{who.site.url}{path}")
    who.page.locator(ready).first.wait_for(state="attached", timeout=_PATIENCE_MS)


def _scan(who: Someone, accepted: Accepted) -> Iterator[None]:
    """Walk through the screens of a scan; each is there when the generator stops."""
    page, keys = who.page, who.page.keyboard

    def read(digits: str) -> None:
        page.locator(".wedge").focus()
        keys.type(digits)
        keys.press("Enter")

    _open(who, "/scan", "[data-round=receive]")
    yield
    read(accepted.digits)
    page.locator("[data-action=receive]").first.wait_for(timeout=_PATIENCE_MS)
    yield
    page.locator("[data-action=receive]").first.click()
    page.locator("#seal").wait_for(timeout=_PATIENCE_MS)
    yield
    for serial in (_SEAL, "VN009999"):
        who.read_seal(serial)
        page.locator(".compare").wait_for(timeout=_PATIENCE_MS)
        yield
        if serial == _SEAL:
            _open(who, f"/scan#{accepted.number}", "[data-action=receive]")
            page.locator("[data-action=receive]").first.click()
    _open(who, "/scan", "[data-round=receive]")
    page.locator("[data-round=receive]").click()
    read(accepted.digits)
    page.locator(".round[data-done='1']").wait_for(timeout=_PATIENCE_MS)
    yield
    page.locator("[data-action=go-on]").click()
    page.locator(".seals").wait_for(timeout=_PATIENCE_MS)
    yield
    _open(who, "/scan", "[data-round=receive]")
    read("0" * 224)
    page.locator(".result[data-tone=bad], .result[data-tone=warn], .result").first.wait_for(
        timeout=_PATIENCE_MS
    )
    yield


def _sheet(pictures: list[Image.Image]) -> Image.Image:
    rows = -(-len(pictures) // _COLUMNS)
    wide, high = _THUMB[0] + _GAP, _THUMB[1] + _GAP
    sheet = Image.new("RGB", (_COLUMNS * wide + _GAP, rows * high + _GAP), "#808080")
    for place, picture in enumerate(pictures):
        sheet.paste(picture, (_GAP + place % _COLUMNS * wide, _GAP + place // _COLUMNS * high))
    return sheet


def _walk(playwright: Playwright, site: Site) -> Shots:
    shots: Shots = {}
    clerk = Device(site, "giaodich1")
    accepted = clerk.accept(_SEAL)
    with someone(playwright, site, "kiemsoat1") as supervisor:
        _pages(supervisor, {"/wall": "main", "/devices": "main", "/anchor": "main"}, shots)
    with someone(playwright, site, "giaodich1") as teller:
        paths = {
            "/": "main",
            "/counter": "#sender",
            "/labels/stock": "main form",
            "/labels/test": "main",
            "/slips": "main form",
            "/slips/record": "#slip-number",
            "/items/": "main",
            f"/items/{accepted.number}": "[data-verdict]",
        }
        _pages(teller, paths, shots)
    with someone(playwright, site, "buuta1") as courier:
        taker = bytes.fromhex(courier.page.request.get(f"{site.url}/api/v1/me").json()["person"]["id"])
        clerk.offer(taker, accepted)
        for language in _LANGUAGES:
            _speak(courier, language)
            for _ in _scan(courier, accepted):
                _take(courier.page, language, shots)
        paths = {"/scan?tour": ".tour", "/practice": "[data-scan]", "/bag": "main button"}
        _pages(courier, paths, shots)
        courier.page.context.clear_cookies()
        _pages(courier, {"/sign-in": "[data-login]", "/about": "main"}, shots)
    return shots


def main() -> None:
    """Write a sheet for each language and theme into the folder named on the command line."""
    out = Path(sys.argv[1])
    with (
        tempfile.TemporaryDirectory() as work,
        running_site(Path(work) / "data", items=40) as site,
        sync_playwright() as playwright,
    ):
        for (language, theme), pictures in _walk(playwright, site).items():
            _sheet(pictures).save(out / f"screens-{language}-{theme}.webp", quality=60, method=6)


if __name__ == "__main__":
    main()
