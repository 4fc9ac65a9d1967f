"""A delivery written by hand, recorded afterwards by the courier and a supervisor at one browser."""

from __future__ import annotations

from playwright.sync_api import Playwright, expect

from tests.e2e.people import someone
from tests.e2e.site import PASSWORD, Site


def test_a_slip_is_printed_used_once_and_recorded(playwright: Playwright, site: Site) -> None:
    """The chain is delivered with both names; the same slip for another envelope is refused before it is signed."""
    with someone(playwright, site, "giaodich1") as clerk:
        numbers = [clerk.accept(seal=seal) for seal in ("VN004101", "VN004102")]
        clerk.page.goto(f"{site.url}/slips")
        clerk.page.locator("form[action='/slips'] button").click()
        sheet = clerk.page.locator("a[href$='.pdf']").first
        expect(sheet).to_be_visible()
        batch = (sheet.get_attribute("href") or "").split("/")[-1].removesuffix(".pdf")
        assert clerk.page.request.get(f"{site.url}/slips/{batch}.pdf").body().startswith(b"%PDF")
    with someone(playwright, site, "giaodich1", phone=False) as clerk:  # another device of the same person
        page = clerk.page

        def write(item: str) -> None:
            page.goto(f"{site.url}/slips/record")
            expect(page.locator("#slip-number")).to_be_focused()
            for name, text in (("number", batch), ("item", item), ("taker", "Nguyễn Thị Văn Thư, Văn phòng")):
                page.fill(f"#slip-{name}", text)
            page.fill("#slip-at", "2026-01-05T08:30")
            clerk.primary()

        write(numbers[0])
        expect(page.locator(".step h2")).to_contain_text("Đã phát cho")
        clerk.primary()
        clerk.read_seal("VN004101")
        expect(page.locator(".compare[data-same=yes]")).to_be_visible()
        clerk.primary()
        page.fill("#witness-login", "kiemsoat1")
        page.fill("#witness-password", PASSWORD)
        clerk.primary()
        expect(page.locator(".entry")).to_contain_text("nhập từ phiếu giấy")
        page.goto(f"{site.url}/items/{numbers[0]}")
        expect(page.locator("aside")).to_contain_text("Nguyễn Thị Văn Thư, Văn phòng")
        expect(page.locator("aside")).to_contain_text("08:30 05/01/2026")

        write(numbers[1])
        expect(page.locator(".error")).to_contain_text("đã được nhập")
