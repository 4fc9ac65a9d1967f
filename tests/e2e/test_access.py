"""Every screen for everybody: axe finds nothing, text grows, thumbs reach, and each says what it is, and why."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Page, Playwright, ViewportSize

from tests.e2e.atlas import LANGUAGES, Cast, Screen, Walk, as_theme
from tests.e2e.people import PHONE
from tests.e2e.site import Site
from tests.e2e.walks import WALKS
from web.app import create_app
from web.config import Config

pytestmark = pytest.mark.browser

_AXE = Path(__file__).resolve().parents[2] / "web" / "client" / "node_modules" / "axe-core" / "axe.min.js"
_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_RUN = """async ([tags, rules]) => {
    const options = { resultTypes: ['violations'] };
    options.runOnly = tags.length ? { type: 'tag', values: tags } : { type: 'rule', values: rules };
    options.rules = tags.length ? Object.fromEntries(rules.map((rule) => [rule, { enabled: false }])) : {};
    const { violations } = await axe.run(document, options);
    return violations.map(({ id, nodes }) => `${id}: ` + nodes.slice(0, 4).map(
        ({ target, any }) => `${target.join(' ')} ${(any[0] && any[0].message) || ''}`).join(' | '));
}"""
_CONTRAST = {"dark": "color-contrast", "sunlight": "color-contrast-enhanced"}  # 4.5:1, and 7:1 in the sun
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
_SMALL = """() => {
    const hand = document.querySelector('.scan:not(.desk)');
    const ofDesk = 'button, .btn, .tile, select, summary, input, .choice';
    const names = hand ? 'button, a, select, summary, label.tool' : ofDesk;
    const least = (one) => hand?.contains(one) ? 55.5 : 43.5;
    return [...(hand ?? document.querySelector('main')).querySelectorAll(names), ...document.querySelectorAll('.nav a')]
        .filter((one) => one.checkVisibility() && !one.matches('label input, .wedge, .sr'))
        .map((one) => [one.getBoundingClientRect(), one])
        .filter(([box, one]) => box.height > 0 && (box.height < least(one) || box.width < 43.5))
        .map(([box, one]) => `${Math.round(box.width)}x${Math.round(box.height)} ${one.outerHTML.slice(0, 90)}`);
}"""
_HIGH = """() => [...document.querySelectorAll('.scan:not(.desk) .actions:not(.still) .primary')]
    .filter((one) => one.checkVisibility())
    .map((one) => [one.getBoundingClientRect(), one])
    .filter(([box]) => box.top + box.height / 2 < innerHeight / 2 || box.bottom > innerHeight)
    .map(([box, one]) => `${Math.round(box.top)} to ${Math.round(box.bottom)} of ${innerHeight}: ${one.textContent}`)"""
_UNSAID = """() => {
    const words = (one) => one.checkVisibility() ? one.textContent.trim().split(/\\s+/).length : 0;
    const isSaid = (selector, least) => [...document.querySelectorAll(selector)].some((one) => words(one) >= least);
    const heads = 'h1, h2, .result .word, .compare b, .item .state, .round-title';
    const leads = '.lead, .hint, .next, .idle, .result .text, .alarm, :is(.step, .compare, .note, .tour) p';
    const sources = [...document.querySelectorAll('details.law .source')];
    return [
        isSaid(`:is(main, .tour) :is(${heads})`, 1) ? '' : 'what it is',
        isSaid(`:is(main, .tour):is(${leads}), :is(main, .tour) :is(${leads})`, 4) ? '' : 'what to do next',
        sources.some((one) => one.textContent.trim().length > 12) ? '' : 'why',
    ].filter(Boolean);
}"""
_NO_PAGE = {
    "/static/<path:filename>", "/anchor/<int:size>.<fmt>", "/labels/<number>.<fmt>", "/labels/test.<fmt>",
    "/slips/<batch>.pdf", "/sw.js", "/manifest.webmanifest", "/healthz", "/metrics", "/openapi.json",
    "/messages/<lang>.json", "/wall/fragment",
    "/verifier.html",  # the same as /verifier, to take along
}  # fmt: skip
_MACHINES = ("/api/", "/log/")


def test_every_page_of_the_application_is_walked(site: Site) -> None:
    """A new page is drawn, audited and shown on the contact sheet, or named here as none."""
    app = create_app(Config(data=site.data))
    try:
        rules = {rule.rule for rule in app.url_map.iter_rules()}
        shown = {rule.rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    finally:
        app.extensions["tram"].site.close()
    walked = {rule for walk in WALKS for rule in walk.rules}
    assert {rule for rule in shown if not rule.startswith(_MACHINES)} - _NO_PAGE <= walked
    assert walked | _NO_PAGE <= rules


@pytest.fixture(scope="module")
def cast(playwright: Playwright, site: Site) -> Iterator[Cast]:
    """Give people at their phones, for all of this file."""
    with ExitStack() as stack:
        yield Cast(playwright, site, stack)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("walk", WALKS, ids=lambda walk: walk.name)
def test_every_screen_is_for_everybody_and_teaches(cast: Cast, walk: Walk, language: str) -> None:
    """Nothing that axe finds, nothing out of reach, nothing beside the screen, and each says why it is asked."""
    cast.language = language
    found = [fault for screen in walk.go(cast) for fault in _faults(screen, language)]
    assert not found, "\n".join(found)


def _faults(screen: Screen, language: str) -> list[str]:
    page = screen.page
    page.set_viewport_size(PHONE)
    found = [f"targets: {one}" for one in page.evaluate(_SMALL)]
    found += [f"not under the thumb: {one}" for one in page.evaluate(_HIGH)]
    found += [f"does not say {one}" for one in page.evaluate(_UNSAID) if screen.has_law or one != "why"]
    found += [*_axe(page, language), *_wide(page)]
    return [f"{screen.name}, {language}: {one}" for one in found]


def _axe(page: Page, language: str) -> list[str]:
    """Every rule in the light theme; contrast in the others, which is the same in each language.

    The verifier is a file of its own, which stands outside the service and has no theme for sunlight.
    """
    page.evaluate(_AXE.read_text(encoding="utf-8"))
    as_theme(page, "light")
    page.evaluate(
        "scrollTo(0, document.body.scrollHeight)"
    )  # at its end nothing lies below what stays at the bottom
    is_first = language == LANGUAGES[0]
    found = [f"axe: {one}" for one in page.evaluate(_RUN, [_TAGS, [] if is_first else ["color-contrast"]])]
    if is_first and not page.url.endswith("/verifier"):
        for theme, rule in _CONTRAST.items():
            as_theme(page, theme)
            found += [f"axe, {theme}: {one}" for one in page.evaluate(_RUN, [[], [rule]])]
        as_theme(page, "light")
    return found


def _wide(page: Page) -> list[str]:
    """What is wider than the screen, also with text twice as large; a table may scroll in its own box."""
    found = []
    for width, height in ((360, 640), (412, 915)):
        page.set_viewport_size(ViewportSize(width=width, height=height))
        for percent in (100, 200):
            out, culprits = page.evaluate(_WIDER, percent)
            found += [f"{width} wide at {percent} %: {out} px out: {culprits}"] if out > 0 else []
    return found
