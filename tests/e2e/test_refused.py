"""What the service will not take stays listed with what to do, until somebody says what had happened."""

from __future__ import annotations

import pytest
from playwright.sync_api import Playwright, Route, expect

from tests.e2e.people import Someone, someone
from tests.e2e.phones import choose, commit, draw, held_by, rows, without_network
from tests.e2e.site import Site

pytestmark = pytest.mark.browser


def _deliver_on_glass(who: Someone, digits: str, seal: str) -> None:
    page = who.page
    commit(page, digits)
    who.act("deliver_here")
    page.click("[data-way=glass]")
    who.read_seal(seal)
    who.primary()
    page.locator(".pick").first.click()
    page.fill("#glass-name", "Trần Thị Nhận, văn thư")
    draw(page)
    who.primary()


def _no_drawing(route: Route) -> None:
    route.fulfill(
        status=400, content_type="application/problem+json", json={"code": "bad-json", "detail": "no drawing"}
    )


def test_a_drawing_that_is_refused_holds_up_the_end_of_the_shift(playwright: Playwright, site: Site) -> None:
    """It was dropped without a word: now it is listed until somebody says what had happened, and kept then."""
    clerk, [one] = held_by(site, "buuta1", ["RF0001"])
    with someone(playwright, site, "buuta1") as who:
        page = who.page
        who.scan()
        expect(page.locator(".wedge")).to_be_focused()
        page.route("**/api/v1/items/*/glass", _no_drawing)
        _deliver_on_glass(who, one.digits, one.seal)
        who.recorded()
        assert clerk.item(one.number)["state"] == "DELIVERED"
        page.locator(".scan-bar .rejected").click()
        refusal = page.locator(".shift .refusal")
        expect(refusal).to_contain_text(one.number[2:6])
        expect(refusal.locator(".next")).to_contain_text("kiểm soát viên")
        who.primary()
        expect(page.locator(".shift [role=status] .entry")).not_to_contain_text("2/2")
        with page.expect_response("**/api/v1/items/*/glass"):  # the same answer
            refusal.get_by_role("button", name="Gửi lại").click()
        expect(refusal).to_have_count(1)
        refusal.locator("input").fill("Người nhận đã ký trên giấy")
        refusal.get_by_role("button", name="Lưu giải trình").click()
        expect(refusal).to_have_count(0)
        who.primary()
        expect(page.locator(".shift [role=status] .entry")).to_contain_text("2/2")
        kept = page.evaluate(
            """() => new Promise((resolve) => {
                const opened = indexedDB.open('tram');
                opened.onsuccess = () => {
                    const asked = opened.result.transaction('settings').objectStore('settings').get('glass');
                    asked.onsuccess = () => { opened.result.close(); resolve(asked.result); };
                };
            })"""
        )
        assert [[word["text"] for word in drawing["said"]] for drawing in kept] == [
            ["Người nhận đã ký trên giấy"]
        ]


def test_after_a_result_without_a_network_the_way_to_another_phone_is_there(
    playwright: Playwright, site: Site
) -> None:
    """A courier in a cellar signs for one envelope, then hands another over to the phone beside them."""
    _clerk, [one, _other] = held_by(site, "buuta1", ["RF0002", "RF0003"])
    with someone(playwright, site, "buuta1") as who:
        page = without_network(who).page
        commit(page, one.digits)
        who.act("attempt")
        page.locator(".pick").first.click()
        who.primary()
        expect(page.locator(".result[data-tone=info]")).to_be_visible()
        expect(page.locator("[data-action=pass-take]")).to_be_visible()
        commit(page, "12345")  # read, and no label of ours
        expect(page.locator(".result[data-tone=info]")).to_be_visible()
        choose(page, "pass-give")
        expect(page.locator(".pass-give .pass-item")).not_to_have_count(0)
        assert len(rows(page, "outbox")) == 1
