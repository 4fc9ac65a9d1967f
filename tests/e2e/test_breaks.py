"""The four classic breaks, made by people at their browsers, each seen by the supervisor on the wall."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import replace

from playwright.sync_api import Playwright, expect

from custody import label
from custody.admission import network_of
from custody.event import EventType
from custody.roles import Role
from custody.s10 import group_number
from kt1.drill.world import Person, World
from tests.e2e.people import Someone, someone
from tests.e2e.phones import rows
from tests.e2e.site import Site


def _digits(who: Someone, number: str) -> str:
    """Return the digits that the number's QR code holds."""
    answer = who.page.request.get(f"{who.site.url}/api/v1/items/{number}").json()
    digits: str = answer["label"]["digits"]
    return digits


def _wall(playwright: Playwright, site: Site, number: str, text: str) -> None:
    """The supervisor's wall names the item among the broken or questioned, and says what is wrong."""
    with someone(playwright, site, "kiemsoat1", phone=False) as supervisor:
        supervisor.page.goto(f"{site.url}/wall")
        row = supervisor.page.locator("#wall li", has_text=group_number(number))
        expect(row.filter(has_text=re.compile(text)).first).to_be_visible()


def test_a_hop_that_was_not_scanned(playwright: Playwright, site: Site) -> None:
    """A courier has it in hand, though nobody offered it: kept as evidence, custody not moved."""
    with someone(playwright, site, "giaodich1") as clerk:
        number = clerk.accept(seal="VN001001")
        digits = _digits(clerk, number)
    with someone(playwright, site, "buuta26") as stranger_office:
        stranger_office.wedge(digits)
        stranger_office.act("claim")
        stranger_office.primary()
        stranger_office.read_seal("VN001001")
        stranger_office.primary()
        expect(stranger_office.page.locator(".finding").first).to_be_visible()
    _wall(playwright, site, number, "không thể thực hiện|chữ ký thứ hai|quá xa nhau")


def test_a_forged_label(playwright: Playwright, site: Site) -> None:
    """One digit pair off and check digits made good again: the device itself says so, and reports it."""
    with someone(playwright, site, "giaodich1") as clerk:
        number = clerk.accept(seal="VN001002")
        genuine = label.parse_digits(_digits(clerk, number))
    with someone(playwright, site, "buuta1") as courier:
        courier.wedge(replace(genuine, nonce=b"forged").digits)
        expect(courier.page.locator(".result[data-tone=bad]")).to_be_visible()
        expect(courier.page.locator(".reported")).to_be_visible()
    _wall(playwright, site, number, "[Nn]hãn giả")


def test_a_link_to_a_forged_label_signs_nothing_and_says_so(playwright: Playwright, site: Site) -> None:
    """Digits in an address were in nobody's hand: whoever sends such a link must not make others sign."""
    with someone(playwright, site, "giaodich1") as clerk:
        number = clerk.accept(seal="VN001012")
        genuine = label.parse_digits(_digits(clerk, number))
        page = clerk.page
        page.goto("about:blank")
        with page.expect_request("**/api/v1/scans"):  # it is noted as read, and no more
            page.goto(f"{site.url}/scan#{replace(genuine, nonce=b'forged').digits}")
        expect(page.locator(".result[data-tone=bad]")).to_be_visible()
        expect(page.locator(".unsigned")).to_contain_text("Chưa ký gì")
        expect(page.locator(".reported")).to_have_count(0)
        assert [row["dseq"] for row in rows(page, "keys")] == [1], "the acceptance, and nothing else"
        assert rows(page, "outbox") == []


def test_a_seal_that_differs(playwright: Playwright, site: Site) -> None:
    """The taker types another number than was put on, and signs all the same: the difference is the evidence."""
    with someone(playwright, site, "giaodich1") as clerk:
        number = clerk.accept(seal="VN001003")
        digits = _digits(clerk, number)
        clerk.wedge(digits)
        clerk.give_to("buuta1")
    with someone(playwright, site, "buuta1") as courier:
        courier.wedge(digits)
        courier.act("receive")
        courier.read_seal("VN001004")
        expect(courier.page.locator(".compare[data-same=no]")).to_be_visible()
        courier.page.locator(".action.danger").click()
        expect(courier.page.locator(".finding[data-severity=H]").first).to_be_visible()
        assert courier.verdict(number) == "BROKEN"
    _wall(playwright, site, number, "[Nn]iêm phong")


def test_a_stranger_who_signs(playwright: Playwright, site: Site) -> None:
    """A key that nobody certified: refused, recorded as refused, and on the wall."""
    with someone(playwright, site, "buuta1") as courier:
        origin = courier.page.request.get(f"{site.url}/api/v1/me").json()["origin"]
        item = World().register()
        raw = item.sign(
            EventType.SIGHT, by=Person("stranger", (Role.COURIER,), 0), net=network_of(origin), anchor=None
        )
        entry = base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
        answer = courier.page.request.post(
            f"{site.url}/api/v1/events",
            data=json.dumps({"entries": [entry]}),
            headers={"Content-Type": "application/json", "Sec-Fetch-Site": "same-origin", "Origin": site.url},
        )
        assert answer.json()["results"][0]["status"] == "refused", answer.text()
    with someone(playwright, site, "kiemsoat1", phone=False) as supervisor:
        supervisor.page.goto(f"{site.url}/wall")
        expect(supervisor.page.locator("#wall", has_text="Người lạ ký").first).to_be_visible()
