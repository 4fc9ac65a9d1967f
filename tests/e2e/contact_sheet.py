"""Take the pictures of the README: the first walk, as a newcomer sees it.

python -m tests.e2e.contact_sheet docs/images
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, Playwright

from tests.e2e.people import playing, someone
from tests.e2e.picture import rasterise, write_video
from tests.e2e.site import Site, running_site

__all__ = ["main"]

_SEAL = "VN004217"


def _walk(playwright: Playwright, site: Site, out: Path, work: Path) -> None:
    video = work / "label.mjpeg"
    with someone(playwright, site, "giaodich1", phone=False) as clerk:
        number = clerk.accept(seal=_SEAL)
        _take(clerk.page, out / "1-counter.png")
        write_video(video, rasterise(clerk.label_pdf(number)))
        clerk.page.goto(f"{site.url}/scan#{number}")
        clerk.give_to("buuta1")
    with someone(playwright, site, "buuta1", video=video) as courier:
        courier.scan()
        courier.page.locator("[data-action=receive]").wait_for()
        _take(courier.page, out / "2-scan.png")
        courier.act("receive")
        courier.read_seal(_SEAL)
        _take(courier.page, out / "3-seal.png")
        courier.primary()
        courier.recorded()
        courier.page.reload()
        courier.give_to("vanthu1")
    with someone(playwright, site, "vanthu1", video=video) as recipient:
        recipient.scan()
        recipient.act("deliver")
        recipient.read_seal(_SEAL)
        recipient.primary()
        recipient.recorded()
        _take(recipient.page, out / "4-delivered.png")
    with someone(playwright, site, "kiemsoat1", phone=False) as supervisor:
        supervisor.page.goto(f"{site.url}/items/{number}")
        _take(supervisor.page, out / "5-chain.png")
        supervisor.page.goto(f"{site.url}/wall")
        supervisor.page.wait_for_timeout(1_000)
        _take(supervisor.page, out / "6-wall.png")


def _take(page: Page, path: Path) -> None:
    page.wait_for_timeout(400)
    page.screenshot(path=path)


def main() -> None:
    """Write the pictures into the folder named on the command line."""
    out = Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as work,
        running_site(Path(work) / "data", items=60) as site,
        playing() as playwright,
    ):
        _walk(playwright, site, out, Path(work))


if __name__ == "__main__":
    main()
