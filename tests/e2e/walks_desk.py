"""What is seen at desks, on the way in, and by strangers, screen after screen."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from playwright.sync_api import Page, expect

from tests.e2e.atlas import Cast, Screen, Walk
from tests.e2e.hands import Accepted
from tests.e2e.phones import code_on
from tests.e2e.site import PASSWORD

__all__ = ["WALKS"]

_CLERK, _SUPERVISOR = "giaodich4", "kiemsoat1"


def _there(page: Page, selector: str) -> None:
    expect(page.locator(selector).first).to_be_visible()


def _counter(cast: Cast) -> Iterator[Screen]:
    """A clerk: start, acceptance, labels, slips."""
    who = cast.at(_CLERK)
    page = who.page
    cast.held(_CLERK)
    cast.open(page, "/")
    yield Screen("start, clerk", page, is_desk=True)
    cast.open(page, "/counter", "#sender")
    yield Screen("counter", page, is_desk=True)
    page.click("[type=submit]")
    expect(page.locator("[data-error=seal]")).not_to_be_empty()
    yield Screen("counter, something missing", page)
    number = who.accept(seal="VN004217")
    yield Screen("counter, accepted", page, is_desk=True)
    cast.open(page, f"/items/{number}", "#item-actions button")
    yield Screen("an envelope's chain", page, is_desk=True)
    cast.open(page, "/items/")
    yield Screen("items", page, is_desk=True)
    cast.open(page, "/labels/stock", "main form")
    yield Screen("labels in advance", page, is_desk=True)
    cast.open(page, "/labels/test")
    yield Screen("test a printer", page, is_desk=True)


def _slips(cast: Cast) -> Iterator[Screen]:
    """Paper, and what is recorded of it."""
    who = cast.at(_CLERK)
    page = who.page
    [one] = cast.held(_CLERK)
    cast.open(page, "/slips", "main form")
    page.locator("form[action='/slips'] button").click()
    sheet = page.locator("a[href$='.pdf']").first
    expect(sheet).to_be_visible()
    cast.open(page, "/slips", "main form")
    yield Screen("paper slips", page, is_desk=True)
    slip = (sheet.get_attribute("href") or "").split("/")[-1].removesuffix(".pdf")
    cast.open(page, "/slips/record", "#slip-number")
    yield Screen("record a slip", page)
    for name, text in (("number", slip), ("item", one.number), ("taker", "Nguyễn Thị Văn Thư")):
        page.fill(f"#slip-{name}", text)
    page.fill("#slip-at", "2026-01-05T08:30")
    who.primary()
    expect(page.locator("#slip-number")).to_have_count(0)
    yield Screen("slip: delivered to", page)
    who.primary()
    who.read_seal(one.seal)
    _there(page, ".compare")
    who.primary()
    page.fill("#witness-login", _SUPERVISOR)
    page.fill("#witness-password", PASSWORD)
    yield Screen("slip: supervisor", page)
    who.primary()
    _there(page, ".entry")
    yield Screen("slip is recorded", page)


def _broken(cast: Cast) -> Accepted:
    """An envelope whose seal was read as another one."""
    [one] = cast.offered("buuta6")
    cast.device("buuta6").receive(one, seal="VN 9998")
    return one


def _supervision(cast: Cast) -> Iterator[Screen]:
    """A supervisor: start, the wall, a broken chain and its decision, the log on paper."""
    broken = _broken(cast)
    page = cast.at(_SUPERVISOR).page
    cast.open(page, "/")
    yield Screen("start, supervisor", page)
    cast.open(page, "/wall", "#wall")
    yield Screen("wall", page, is_desk=True)
    cast.open(page, f"/items/{broken.number}", "#item-actions [data-action=override]")
    yield Screen("a broken chain", page, is_desk=True)
    page.locator("#item-actions [data-action=override]").click()
    _there(page, "#reason")
    yield Screen("decision", page)
    cast.open(page, "/anchor", "#anchor button")
    yield Screen("the log on paper", page, is_desk=True)
    page.locator("#anchor button").nth(1).click()
    page.fill("#witness-login", "kiemsoat2")
    page.fill("#witness-password", PASSWORD)
    yield Screen("the log on paper: second", page)
    page.locator("#anchor form button.primary").click()
    _there(page, "#anchor [role=status]")
    yield Screen("the log on paper: filed", page)


def _devices(cast: Cast) -> Iterator[Screen]:
    """A phone set up from a supervisor's screen: both screens."""
    who = cast.at(_SUPERVISOR)
    page = who.page
    cast.open(page, "/devices", "#person option:nth-child(2)")
    yield Screen("devices", page, is_desk=True)
    option = page.locator("#person option", has_text=who.names["buuta1"] or "").first
    page.select_option("#person", option.get_attribute("value"))
    page.fill("#invite input[name=checked]", datetime.now(UTC).date().isoformat())
    page.click("#invite button")
    _there(page, ".square")
    yield Screen("set up a phone: code", page, is_desk=True)
    address = code_on(page)
    with cast.nobody() as phone:
        cast.open(phone, "/enrol", "#enrol h2")
        yield Screen("enrol, no code yet", phone)
        phone.goto("about:blank")
        phone.goto(address)
        _there(phone, "#enrol-password")
        yield Screen("enrol: is this you?", phone)
        phone.fill("#enrol-password", PASSWORD)
        phone.locator(".action.primary").click()
        _there(phone, ".digits")
        yield Screen("enrol: six digits", phone)
        _there(page, "#digits")
        yield Screen("set up a phone: compare", page)
        page.locator("button[value=approve]").click()
        _there(phone, "a.action.primary")
        yield Screen("enrol: ready", phone)


def _strangers(cast: Cast) -> Iterator[Screen]:
    """The way in, what is open to everybody, and what is not there."""
    number = cast.accepted().number
    with cast.nobody() as page:
        cast.open(page, "/sign-in", "[data-login]")
        yield Screen("sign in", page, is_desk=True)
        page.fill("#login", "giaodich1")
        page.fill("#password", "?")
        page.click("#sign-in button")
        _there(page, ".card .note.bad")
        yield Screen("sign in, wrong", page)
        for path, name in (("/about", "about"), ("/guide", "guides")):
            cast.open(page, path)
            yield Screen(name, page, has_law=False)
        cast.open(page, "/verifier")
        yield Screen("verifier", page, has_law=False)
        cast.open(page, f"/items/{number}")
        yield Screen("found in the street", page)
        cast.open(page, "/no-such-page")
        yield Screen("no such page", page, has_law=False)
        cast.open(page, "/shell/offline")
        yield Screen("no network, a page of data", page, has_law=False)
    page = cast.at("buuta6").page
    cast.open(page, "/wall")
    yield Screen("not yours", page, has_law=False)
    cast.open(page, "/")
    yield Screen("start, courier", page)


WALKS = (
    Walk("counter", ("/", "/counter", "/items/", "/items/<number>", "/labels/stock", "/labels/test"), _counter),
    Walk("slips", ("/slips", "/slips/record"), _slips),
    Walk("supervision", ("/", "/wall", "/items/<number>", "/anchor"), _supervision),
    Walk("devices", ("/devices", "/devices/invitations", "/enrol"), _devices),
    Walk(
        "strangers",
        ("/sign-in", "/about", "/guide", "/verifier", "/items/<number>", "/shell/<name>", "/", "/wall"),
        _strangers,
    ),
)  # fmt: skip
