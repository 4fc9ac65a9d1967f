"""At the door: the recipient's sign-in on the courier's device, a finger on the glass, a failed attempt, a name."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Playwright, expect

from tests.e2e.people import Someone, someone
from tests.e2e.phones import draw
from tests.e2e.site import PASSWORD, Site

pytestmark = pytest.mark.browser

_OUT_OF_HOURS = {"T09"}


def _item(who: Someone, number: str) -> dict[str, object]:
    answer = who.page.request.get(f"{who.site.url}/api/v1/items/{number}")
    assert answer.ok, answer.text()
    found: dict[str, object] = answer.json()
    return found


def _codes(who: Someone, number: str) -> set[str]:
    findings = _item(who, number)["findings"]
    assert isinstance(findings, list)
    return {one["code"] for one in findings} - _OUT_OF_HOURS


def _pass_on(clerk: Someone, courier: Someone, number: str, seal: str) -> str:
    """Bring an accepted envelope into the courier's hands; give its label's digits."""
    label = _item(clerk, number)["label"]
    assert isinstance(label, dict)
    clerk.page.goto("about:blank")
    clerk.page.goto(f"{clerk.site.url}/scan#{number}")
    clerk.give_to("buuta1")
    courier.wedge(label["digits"])
    courier.act("receive")
    courier.read_seal(seal)
    courier.primary()
    courier.recorded()
    return str(label["digits"])


@pytest.fixture(scope="module")
def two(playwright: Playwright, site: Site) -> Iterator[tuple[Someone, Someone]]:
    """Clerk and courier, each at a browser of their own, for the whole file."""
    with someone(playwright, site, "giaodich1") as clerk, someone(playwright, site, "buuta1") as courier:
        yield clerk, courier


def test_the_recipient_signs_in_on_the_couriers_device(two: tuple[Someone, Someone]) -> None:
    """Proof 1: a key made for this one act; whom to call stands on the holder's screen; nothing is questioned."""
    clerk, courier = two
    number = clerk.accept(seal="NP600001")
    digits = _pass_on(clerk, courier, number, "NP600001")
    page = courier.page
    courier.wedge(digits)
    expect(page.locator(".contacts a[href^='tel:']").first).to_be_attached()
    courier.act("deliver_here")
    page.click("[data-way=badge]")
    courier.read_seal("NP600001")
    courier.primary()
    page.fill("#witness-login", "vanthu1")
    page.fill("#witness-password", PASSWORD)
    courier.primary()
    courier.recorded()
    assert (_item(courier, number)["state"], _codes(courier, number)) == ("DELIVERED", {"A08"})
    assert courier.verdict(number) == "NOTED"


def test_an_attempt_fails_the_glass_is_the_weakest_and_what_stays_goes_back(
    two: tuple[Someone, Someone],
) -> None:
    """One of six reasons, signed; then a drawing with its reason, kept for the supervisor; and one that goes back."""
    clerk, courier = two
    number = clerk.accept(seal="NP600002")
    digits = _pass_on(clerk, courier, number, "NP600002")
    page = courier.page
    courier.wedge(digits)
    courier.act("attempt")
    expect(page.locator(".pick.large")).to_have_count(6)
    page.locator(".pick.large").nth(2).click()
    courier.primary()
    courier.recorded()
    assert (_item(courier, number)["state"], _codes(courier, number)) == ("HELD", set())

    courier.wedge(digits)
    courier.act("deliver_here")
    page.click("[data-way=glass]")
    courier.read_seal("NP600002")
    courier.primary()
    page.locator(".pick").first.click()
    page.fill("#glass-name", "Trần Thị Nhận, văn thư")
    courier.primary()
    expect(page.locator(".step .error")).not_to_be_empty()
    draw(courier.page)
    with page.expect_response(f"**/api/v1/items/{number}/glass") as kept:
        courier.primary()
    assert kept.value.status == 204
    courier.recorded()
    assert (_item(courier, number)["state"], _codes(courier, number)) == ("DELIVERED", {"A08"})


def test_a_badge_of_another_than_the_named_person_signs_nothing(two: tuple[Someone, Someone]) -> None:
    """The counter was told who may open it: the courier reads the name, and somebody else's sign-in is turned away."""
    clerk, courier = two
    wanted, page = clerk.names["vanthu1"], courier.page
    number = clerk.accept(seal="NP600004", named=wanted)
    digits = _pass_on(clerk, courier, number, "NP600004")
    courier.wedge(digits)
    courier.act("deliver_here")
    page.click("[data-way=badge]")
    expect(page.locator(".step")).to_contain_text(wanted)
    page.click("[data-named=yes]")
    courier.read_seal("NP600004")
    courier.primary()
    page.fill("#witness-login", "vanthu31")
    page.fill("#witness-password", PASSWORD)
    courier.primary()
    expect(page.locator("main")).to_contain_text(f"chỉ giao cho {wanted}")
    assert (_item(courier, number)["state"], _codes(courier, number)) == ("HELD", set())


def test_only_the_named_person_receives_and_what_cannot_be_delivered_goes_back(
    two: tuple[Someone, Someone],
) -> None:
    """Not marked Hỏa tốc and the person absent: nobody else signs; the attempt is recorded, and it goes back."""
    clerk, courier = two
    number = clerk.accept(seal="NP600003", named="Trần Văn Tên")
    digits = _pass_on(clerk, courier, number, "NP600003")
    page = courier.page
    courier.wedge(digits)
    courier.act("deliver_here")
    page.click("[data-way=badge]")
    page.locator("[data-named=no]").click()
    courier.primary()
    expect(page.locator(".pick.large[aria-pressed=true]")).to_have_attribute("data-reason", "7")
    courier.primary()
    courier.recorded()
    courier.wedge(digits)
    courier.act("return")
    page.locator(".pick").nth(1).click()
    courier.primary()
    courier.recorded()
    found = _item(courier, number)
    assert (found["state"], found["is_returning"], _codes(courier, number)) == ("HELD", True, set())
