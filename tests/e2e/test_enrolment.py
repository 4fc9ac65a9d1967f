"""A phone set up from a supervisor's screen, on two browsers; and a window that keeps nothing, refused."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect

from tests.e2e.people import CHROMIUM, someone
from tests.e2e.phones import code_on
from tests.e2e.site import PASSWORD, Site

pytestmark = pytest.mark.browser


def _code(page: Page, name: str) -> str:
    """Show the code for somebody's phone; read it off the screen, as a phone's camera does."""
    option = page.locator("#person option", has_text=name).first
    page.select_option("#person", option.get_attribute("value"))
    page.fill("#invite input[name=checked]", datetime.now(UTC).date().isoformat())
    page.click("#invite button")
    expect(page.locator(".square")).to_be_visible()
    return code_on(page)


def _phone(browser: Browser) -> Page:
    return browser.new_context(viewport={"width": 412, "height": 915}, locale="vi-VN").new_page()


def test_a_phone_is_set_up_by_scanning_comparing_and_one_press(playwright: Playwright, site: Site) -> None:
    """The courier's phone, where nobody ever signed in, scans afterwards; the code counts no second time."""
    with someone(playwright, site, "kiemsoat1", phone=False) as supervisor:
        page = supervisor.page
        page.goto(f"{site.url}/devices")
        address = _code(page, supervisor.names["buuta1"])
        assert address.startswith(f"{site.url}/enrol#")
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        try:
            phone = _phone(browser)
            phone.goto(address)
            expect(phone.locator(".state")).to_have_text(supervisor.names["buuta1"])
            assert phone.url == f"{site.url}/enrol"
            phone.fill("#enrol-password", PASSWORD)
            phone.locator(".action.primary").click()
            digits = phone.locator(".digits")
            expect(digits).to_have_text(re.compile(r"^\d{3} \d{3}$"))
            expect(page.locator("#digits")).to_have_text(digits.inner_text())
            page.locator("button[value=approve]").click()
            page.wait_for_url(f"{site.url}/devices")
            phone.locator("a.action.primary").click()
            expect(phone.locator(".scan-bar .place")).to_be_visible()
            second = _phone(browser)
            second.goto(address)
            expect(second.locator(".alarm")).to_contain_text("không còn hiệu lực")
        finally:
            browser.close()


def test_a_window_that_keeps_no_key_is_refused_and_the_code_still_counts(
    playwright: Playwright, site: Site
) -> None:
    """Private windows of some browsers have no database: said before the code is used up."""
    with someone(playwright, site, "kiemsoat1", phone=False) as supervisor:
        page = supervisor.page
        page.goto(f"{site.url}/devices")
        address = _code(page, supervisor.names["buuta2"])
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        try:
            hidden = _phone(browser)
            hidden.add_init_script(
                "IDBFactory.prototype.open = () => { throw new DOMException('', 'SecurityError') }"
            )
            hidden.goto(address)
            expect(hidden.locator(".alarm")).to_contain_text("cửa sổ")
            phone = _phone(browser)
            phone.goto(address)
            expect(phone.locator(".state")).to_have_text(supervisor.names["buuta2"])
        finally:
            browser.close()
