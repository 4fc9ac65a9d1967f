"""A courier's day on one device: no network from start to end, and all that can go wrong on the way to the log."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest
from playwright.sync_api import Dialog, Page, Playwright, expect

from custody.event import Event, EventType, Field, parse_event
from tests.e2e.hands import Accepted, Device
from tests.e2e.people import PATIENCE_MS, Someone, someone
from tests.e2e.phones import APP_READY, refusing, rows
from tests.e2e.site import Site

pytestmark = pytest.mark.browser

_DAY_MS = 86_400_000
_UNQUESTIONED = ("INTACT", "NOTED")  # at night and on a Sunday the log notes that offices are closed (T09)


def _events(page: Page) -> list[Event]:
    """Give what waits, in the order in which it was signed."""
    kept = sorted(rows(page, "outbox"), key=lambda row: row["order"])
    return [parse_event(bytes(row["raw"])) for row in kept]


def _until(page: Page, what: Callable[[], bool], why: str) -> None:
    deadline = time.monotonic() + PATIENCE_MS / 1000
    while not what():
        assert time.monotonic() < deadline, why
        page.wait_for_timeout(100)


def _offered(site: Site, who: Someone, count: int, *, start: int) -> tuple[Device, list[Accepted]]:
    """Accept envelopes and offer them to who sits at the browser."""
    clerk = Device(site, "giaodich1")
    items = [clerk.accept(f"VN00{start + n}") for n in range(count)]
    me = who.page.request.get(f"{site.url}/api/v1/me").json()
    clerk.offer(bytes.fromhex(me["person"]["id"]), *items)
    return clerk, items


def _carried(page: Page, items: list[Accepted]) -> None:
    """Wait until the device has the day."""
    wanted = {one.number for one in items}
    _until(page, lambda: wanted <= {row["number"] for row in rows(page, "items")}, "the day did not come")


@contextmanager
def _courier(
    playwright: Playwright, site: Site, count: int, *, start: int
) -> Iterator[tuple[Someone, Device, list[Accepted]]]:
    """Yield a courier at the scan page to whom so many envelopes are offered, and who gave them."""
    with someone(playwright, site, "buuta1") as who:
        clerk, items = _offered(site, who, count, start=start)
        who.scan()
        expect(who.page.locator(".wedge")).to_be_focused()
        _carried(who.page, items)
        yield who, clerk, items


def _read(page: Page, digits: str) -> None:
    page.locator(".wedge").focus()
    page.keyboard.type(digits)
    page.keyboard.press("Enter")


def _receive(who: Someone, one: Accepted, tone: str = "info") -> None:
    """Take over what was offered; *tone* is that of the result, where info is recorded and not confirmed."""
    _read(who.page, one.digits)
    who.act("receive")
    who.read_seal(one.seal)
    who.primary()
    expect(who.page.locator(f".result[data-tone={tone}]")).to_be_visible()


def _give(who: Someone, one: Accepted, login: str) -> None:
    _read(who.page, one.digits)
    who.act("hand_over")
    who.page.fill(".search", who.names[login])
    who.page.locator(".person", has_text=who.names[login]).first.click()
    who.primary()
    expect(who.page.locator(".result[data-tone=info]")).to_be_visible()


def _fail(who: Someone, one: Accepted) -> None:
    """An attempt: whom to call is there, with no network."""
    _read(who.page, one.digits)
    who.act("attempt")
    who.page.locator(".step details:has(a[href^='tel:']) > summary").click()
    expect(who.page.locator(".step a[href^='tel:']").first).to_be_visible()
    who.page.locator(".pick").first.click()
    who.primary()
    expect(who.page.locator(".result[data-tone=info]")).to_be_visible()


def _shift(who: Someone, confirmed: int, signed: int) -> None:
    """Open the end of the shift; it says how much has arrived."""
    who.page.locator("[data-action=shift]").click()
    expect(who.page.locator(".shift .count")).to_contain_text(f"{confirmed}/{signed}")


def _logged(site: Site, kind: EventType) -> int:
    with closing(sqlite3.connect(f"file:{site.data / 'tram.db'}?mode=ro", uri=True)) as database:
        found: int = database.execute("SELECT count(*) FROM entry WHERE type = ?", (kind,)).fetchone()[0]
        return found


def test_a_day_without_a_network_from_start_to_end(playwright: Playwright, site: Site) -> None:
    """The app opens cold; received, handed on, attempted; nothing is called confirmed; then all of it is."""
    with someone(playwright, site, "buuta1", app=True) as who:
        clerk, items = _offered(site, who, 3, start=501)
        who.scan()
        _carried(who.page, items)
        who.page.evaluate(APP_READY)
        context, page = who.page.context, who.page
        context.set_offline(True)
        who.page = context.new_page()
        page.close()
        who.scan()
        expect(who.page.locator(".wedge")).to_be_focused()
        for one in items:
            _receive(who, one)
        _give(who, items[0], "vanthu1")
        _fail(who, items[1])
        _give(who, items[1], "giaodich1")
        expect(who.page.locator(".scan-bar .waiting")).to_contain_text("6")
        signed = _events(who.page)
        assert [event.type.name for event in signed] == ["ACCEPT"] * 3 + ["OFFER", "SIGHT", "OFFER"]
        _shift(who, 0, 6)
        for one in items:
            expect(who.page.locator(".held-list", has_text=one.number[2:6])).to_be_visible()
        expect(who.page.locator(".waiting-list li")).to_have_count(6)
        heads = _logged(site, EventType.DEVICE_HEAD)
        context.set_offline(False)
        who.primary()
        expect(who.page.locator(".shift [role=status]")).to_contain_text("6/6")
        expect(who.page.locator(".shift .count")).to_have_attribute("data-complete", "yes")
        assert _logged(site, EventType.DEVICE_HEAD) == heads + 1
        shown = [clerk.item(one.number) for one in items]
        assert [one["state"] for one in shown] == ["OFFERED", "OFFERED", "HELD"]
        assert [one["verdict"] in _UNQUESTIONED for one in shown] == [True] * 3, shown
        assert {finding["code"] for one in shown for finding in one["findings"]} <= {"T09"}
        assert all(event.fields[Field.CLOCK][1] < 60_000 for event in signed)


def test_an_answer_that_is_lost_late_or_an_error_loses_and_doubles_nothing(
    playwright: Playwright, site: Site
) -> None:
    """The service took it and nobody heard; 503; no answer at all: each waits, then each is in the log once."""
    with _courier(playwright, site, 3, start=511) as (who, clerk, items):
        page = who.page
        hung: list[Any] = []
        page.route("**/api/v1/events", lambda route: (route.fetch(), route.abort()))
        _receive(who, items[0])
        page.unroute("**/api/v1/events")
        assert clerk.item(items[0].number)["state"] == "HELD"
        page.route("**/api/v1/events", lambda route: route.fulfill(status=503, json={"code": "busy"}))
        _receive(who, items[1])
        page.unroute("**/api/v1/events")
        page.route("**/api/v1/events", lambda route: hung.append(route))  # noqa: PLW0108 - Playwright marks it
        _receive(who, items[2])
        expect(page.locator(".scan-bar .waiting")).to_be_visible()
        hung.pop().abort()
        page.unroute("**/api/v1/events")
        _shift(who, 3, 3)  # what waited was sent by itself
        assert [clerk.item(one.number)["seq"] for one in items] == [2, 2, 2]


def test_a_clock_that_jumps_a_day_makes_no_false_time(playwright: Playwright, site: Site) -> None:
    """Signed under a clock set a day off, with no network: the time holds within what is stated and shown."""
    with _courier(playwright, site, 2, start=521) as (who, clerk, items):
        page = who.page
        for one, jump in zip(items, (_DAY_MS, -2 * _DAY_MS), strict=True):  # a day ahead, then a day behind
            page.context.set_offline(True)
            page.wait_for_timeout(1_500)  # an answer still under way would tell the time after the jump
            page.evaluate("jump => { const now = Date.now; Date.now = () => now() + jump; }", jump)
            _receive(who, one)
            expect(page.locator(".result")).to_contain_text("không rõ giờ")
            (event,) = _events(page)
            _since_s, uncertainty_ms, _epoch = event.fields[Field.CLOCK]
            assert abs(event.claimed_ms - time.time_ns() // 1_000_000) < 60_000
            assert uncertainty_ms >= abs(jump)
            page.context.set_offline(False)
            expect(page.locator(".scan-bar .waiting")).to_be_hidden()
            shown = clerk.item(one.number)
            assert shown["verdict"] in _UNQUESTIONED
            assert {finding["code"] for finding in shown["findings"]} - {"T09"} == {"T06"}


def test_a_full_device_says_so_before_anything_is_signed(playwright: Playwright, site: Site) -> None:
    """No room: a plain word, no event, no place in the chain lost; with room again it goes on."""
    with _courier(playwright, site, 1, start=531) as (who, clerk, items):
        page = who.page
        page.evaluate(
            "() => { navigator.storage.estimate = async () => ({ quota: 1e7, usage: window.full ?? 1e7 }); }"
        )
        _read(page, items[0].digits)
        who.act("receive")
        who.read_seal(items[0].seal)
        who.primary()
        expect(page.locator(".scan-body .alarm")).to_contain_text("hết bộ nhớ")
        assert rows(page, "outbox") == []
        assert clerk.item(items[0].number)["state"] == "OFFERED"
        page.evaluate("() => { window.full = 0; }")
        _receive(who, items[0], tone="good")
        assert clerk.item(items[0].number)["verdict"] in _UNQUESTIONED


def test_two_tabs_sign_one_chain_and_a_sign_out_leaves_nothing_behind(
    playwright: Playwright, site: Site
) -> None:
    """Two tabs take places after one another; who leaves is asked, and what they signed goes with the next session."""
    with _courier(playwright, site, 2, start=541) as (who, clerk, items):
        context, first = who.page.context, who.page
        second = context.new_page()
        for page in (first, second):
            page.route("**/api/v1/events", lambda route: route.abort())
        _receive(who, items[0])
        who.page = second
        who.scan()
        expect(second.locator(".wedge")).to_be_focused()
        _receive(who, items[1])
        links = [event.device_link for event in _events(second)]
        assert [link[0] for link in links if link] == [0, 1]
        first.close()
        asked: list[str] = []
        second.on("dialog", lambda dialog: _answer(dialog, asked))
        second.locator("details.menu summary").click()
        for _ in range(2):
            second.locator("#sign-out button").click()
            second.wait_for_timeout(300)
        second.wait_for_url(f"{site.url}/sign-in*")
        assert ["2" in text for text in asked] == [True, True]
        assert len(rows(second, "outbox")) == 2
        second.unroute("**/api/v1/events")
        Someone(second, site, "giaodich1")
        _until(second, lambda: {clerk.item(one.number)["state"] for one in items} == {"HELD"}, "not sent")
        assert [clerk.item(one.number)["custodian"]["name"] for one in items] == [who.names["buuta1"]] * 2


def _answer(dialog: Dialog, asked: list[str]) -> None:
    """Stay at first, then go."""
    asked.append(dialog.message)
    if len(asked) == 1:
        dialog.dismiss()
    else:
        dialog.accept()


def test_what_was_refused_is_explained_before_the_shift_ends(playwright: Playwright, site: Site) -> None:
    """A refusal stands in the list until somebody says what had happened; what was said is kept and told."""
    with _courier(playwright, site, 1, start=551) as (who, clerk, items):
        page = who.page
        with refusing(page):
            _receive(who, items[0], tone="bad")
        page.locator(".scan-bar .rejected").click()
        expect(page.locator(".shift .refusal")).to_be_visible()
        who.primary()
        expect(page.locator(".shift .count")).to_contain_text("0/1")
        with page.expect_request("**/api/v1/refusals") as told:
            page.locator(".refusal input").fill("Khóa của máy đã đổi lúc trưa")
            page.locator(".refusal button").click()
        assert "Khóa của máy" in (told.value.post_data or "")
        expect(page.locator(".shift .refusal")).to_have_count(0)
        who.primary()
        expect(page.locator(".shift .count[data-complete=yes]")).to_contain_text("0/0")
        _until(page, lambda: any(row.get("told") for row in rows(page, "outbox")), "the service was not told")
        (kept,) = [row for row in rows(page, "outbox") if row["status"] == "refused"]
        assert (kept["status"], kept["explained"]) == ("refused", "Khóa của máy đã đổi lúc trưa")
        assert clerk.item(items[0].number)["state"] == "OFFERED"


def test_what_waits_goes_in_a_file_to_another_device(playwright: Playwright, site: Site) -> None:
    """A device that will never see a network again: another one takes its file in and sends it, signed as it is."""
    with _courier(playwright, site, 1, start=561) as (who, clerk, items):
        page = who.page
        page.context.set_offline(True)
        _receive(who, items[0])
        _shift(who, 0, 1)
        with page.expect_download() as saved:
            page.locator(".waiting-list .action").click()
        path = saved.value.path()
        assert saved.value.suggested_filename.startswith("tram-")
        with someone(playwright, site, "giaodich2") as other:
            other.scan()
            other.page.locator("[data-action=shift]").click()
            other.page.locator("#shift-import").set_input_files(path)
            expect(other.page.locator(".shift [role=status]")).to_contain_text("1")
            _until(
                other.page, lambda: clerk.item(items[0].number)["state"] == "HELD", "the file was not sent"
            )
        assert clerk.item(items[0].number)["custodian"]["name"] == who.names["buuta1"]
