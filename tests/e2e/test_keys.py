"""By keys alone: from the scan to the signature; Tab reaches all there is, is seen, and is caught nowhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Page, Playwright, expect

from tests.e2e.atlas import Cast
from tests.e2e.phones import commit
from tests.e2e.site import Site

pytestmark = pytest.mark.browser

_COURIER = "buuta7"
_MOST = 60
_SETTLED_MS = 700  # a press that comes sooner after a question was drawn is a reader's, and not taken
_ALL = """() => {
    const names = 'a[href], button, input, select, textarea, summary';
    const all = [...document.querySelectorAll(names)].filter((one) => !one.disabled && one.tabIndex >= 0
        && one.checkVisibility({ visibilityProperty: true }));
    all.forEach((one, at) => { one.dataset.key = at; });
    return all.map((one) => one.outerHTML.slice(0, 80));
}"""
_HERE = """() => {
    const one = document.activeElement;
    if (one === document.body || !one.dataset.key) {
        return [-1, ''];
    }
    const label = one.matches('.sr, .choice input') ? one.closest('label') : null;
    const shown = one.matches('.wedge') ? one.previousElementSibling : label ?? one;
    const style = getComputedStyle(shown);
    const isOutlined = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
    const isMarked = isOutlined || style.boxShadow !== 'none';
    const box = shown.getBoundingClientRect();
    const inside = box.top >= -1 && box.bottom <= innerHeight + 1 && box.left >= -1 && box.right <= innerWidth + 1;
    const over = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
    const isFree = over && (shown.contains(over) || over.contains(shown));
    const fault = isMarked ? isFree || !inside ? '' : 'hidden' : 'not marked';
    return [Number(one.dataset.key), fault && `${fault}: ${one.outerHTML.slice(0, 90)}`];
}"""


@pytest.fixture(scope="module")
def cast(playwright: Playwright, site: Site) -> Iterator[Cast]:
    """Give people at their phones, for all of this file."""
    with ExitStack() as stack:
        yield Cast(playwright, site, stack)


def _to(page: Page, selector: str) -> None:
    """Tab on to what is looked for."""
    for _ in range(_MOST):
        if page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not come to {selector}")


def _press(page: Page, selector: str, key: str = "Enter") -> None:
    """Go there by Tab and press it, once it takes a press: until then Tab passes it by."""
    page.wait_for_timeout(_SETTLED_MS)
    _to(page, selector)
    page.wait_for_timeout(_SETTLED_MS)  # Enter right after another key is a reader's
    page.keyboard.press(key)


def test_an_envelope_is_taken_and_handed_on_by_keys_alone(cast: Cast) -> None:
    """Read, seal typed, its state chosen, compared, signed; then to whom: focus lies on what is new each time."""
    [one] = cast.offered(_COURIER)
    who = cast.at(_COURIER)
    page, keys = who.page, who.page.keyboard
    cast.open(page, "/scan", "[data-round=receive]")
    expect(page.locator(".wedge")).to_be_focused()
    keys.type(one.digits)
    keys.press("Enter")
    expect(page.locator("[data-action=receive]")).to_be_visible()
    expect(page.locator(".wedge")).to_be_focused()  # the next read goes on from here
    _press(page, "[data-action=receive]")
    expect(page.locator("#seal")).to_be_focused()
    keys.type(one.seal, delay=120)
    _press(page, ".pick", "Space")
    expect(page.locator(".pick[aria-pressed=true]")).to_have_count(1)
    _press(page, ".action.primary")
    expect(page.locator(".compare[data-same=yes]")).to_be_focused()
    _press(page, ".action.primary", "Space")
    who.recorded()
    expect(page.locator(".wedge")).to_be_focused()
    keys.type(one.digits)
    keys.press("Enter")
    expect(page.locator("[data-action=hand_over]")).to_be_visible()
    _press(page, "[data-action=hand_over]")
    expect(page.locator(".step h2")).to_be_focused()
    _press(page, ".person")
    expect(page.locator(".step h2")).to_be_focused()
    _press(page, ".action.primary")
    who.recorded()
    assert cast.device("giaodich3").item(one.number)["state"] == "OFFERED"


@pytest.mark.parametrize("path", ["/scan", "item", "/counter", "/devices", "/slips/record", "/practice"])
def test_tab_reaches_everything_is_seen_and_comes_out_again(cast: Cast, path: str) -> None:
    """All that a finger can press is reached once around, each with a mark that nothing covers."""
    login = {"/counter": "giaodich4", "/slips/record": "giaodich4", "/devices": "kiemsoat1"}.get(
        path, _COURIER
    )
    page = cast.at(login).page
    [one] = cast.offered(_COURIER)
    cast.open(page, "/scan" if path == "item" else path, "main button")
    if path == "item":
        commit(page, one.digits)
        expect(page.locator("[data-action=receive]")).to_be_visible()
    page.wait_for_timeout(_SETTLED_MS)
    wanted, reached, faults = page.evaluate(_ALL), set[int](), list[str]()
    for _ in range(3 * len(wanted)):
        page.keyboard.press("Tab")
        at, fault = page.evaluate(_HERE)
        if at in reached and len(reached) >= len(wanted):
            break
        reached |= {at} - {-1}
        faults += [fault] if fault else []
    radios = page.evaluate(
        "[...document.querySelectorAll('[type=radio]')].map((one) => Number(one.dataset.key))"
    )
    missed = set(range(len(wanted))) - reached - set(radios)  # of radios Tab goes to one of each name
    assert ([wanted[at] for at in missed], sorted(set(faults))) == ([], [])
