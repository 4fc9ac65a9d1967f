"""The log on paper, by two supervisors at one desk: printed alone on its page, and recorded with both signatures."""

from __future__ import annotations

import pypdfium2
import sqlalchemy as sa
from playwright.sync_api import Playwright, expect

from db.audit import audit
from db.engine import open_engine
from db.site import log_keys_of
from tests.e2e.people import someone
from tests.e2e.site import PASSWORD, Site


def sheets(engine: sa.Engine) -> int:
    """How many sheets the log says were filed."""
    with engine.connect() as conn:
        return int(conn.exec_driver_sql("SELECT count(*) FROM entry WHERE type = 74").scalar_one())


def test_a_sheet_is_printed_and_recorded(playwright: Playwright, site: Site) -> None:
    """From the wall to the entry; what is printed is one page with nothing of the screen on it."""
    engine = open_engine(f"sqlite:///{site.data / 'tram.db'}")
    before = sheets(engine)
    with someone(playwright, site, "kiemsoat1") as one:
        page = one.page
        page.goto(f"{site.url}/wall")
        page.click('a[href="/anchor"]')
        record = page.locator("#anchor button").nth(1)
        expect(record).to_be_visible()
        with pypdfium2.PdfDocument(page.pdf(prefer_css_page_size=True)) as paper:
            assert len(paper) == 1
            assert round(paper[0].get_width() / 72 * 25.4) == 210
        record.click()
        page.fill("#witness-login", "kiemsoat2")
        page.fill("#witness-password", PASSWORD)
        page.locator("#anchor form button.primary").click()
        expect(page.locator("#anchor [role=status]")).to_contain_text("mục")

    problems = [p for p in audit(engine, log_keys_of(engine)).problems if "PAPER_ANCHOR" in p.detail]
    assert problems == []
    assert sheets(engine) == before + 1
    engine.dispose()
