"""The live page through a camera that sees badly: a moving label in bad light is read; what is not read is said why."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Playwright, expect

from tests.e2e.people import someone
from tests.e2e.picture import rasterise, write_video
from tests.e2e.site import Site

pytestmark = pytest.mark.browser

_GIFTED = """
const asked = [];
globalThis.asked = asked;
MediaStreamTrack.prototype.getCapabilities = () => (
    { torch: true, zoom: { min: 1, max: 4, step: 0.1 }, focusMode: ['continuous', 'single-shot'] });
MediaDevices.prototype.getSupportedConstraints = () => ({ pointsOfInterest: true });
MediaStreamTrack.prototype.applyConstraints = async ({ advanced }) => { asked.push(...advanced); };
"""


def _filmed(
    playwright: Playwright,
    site: Site,
    folder: Path,
    seal: str,
    *,
    gain: float = 0.85,
    is_moving: bool = False,
) -> tuple[str, Path]:
    """An accepted envelope: its number, and what a camera sees of its label."""
    video = folder / "label.mjpeg"
    with someone(playwright, site, "giaodich1", phone=False) as clerk:
        number = clerk.accept(seal=seal)
        write_video(video, rasterise(clerk.label_pdf(number)), gain=gain, is_moving=is_moving)
    return number, video


def test_a_moving_badly_lit_label_is_read_by_the_page_itself(
    playwright: Playwright, site: Site, tmp_path: Path
) -> None:
    """A third of the light, a lamp's reflection, a hand that is never still; the service's decoder is not asked."""
    number, video = _filmed(playwright, site, tmp_path, "VN009001", gain=0.32, is_moving=True)
    with someone(playwright, site, "giaodich1", video=video) as clerk:
        clerk.page.route("**/api/v1/decode", lambda route: route.abort())
        clerk.scan()
        expect(clerk.page.locator("#scan .item")).to_contain_text(re.compile(r"\s*".join(number)))


def test_what_is_too_dark_is_said_and_the_camera_does_what_it_is_told(
    playwright: Playwright, site: Site, tmp_path: Path
) -> None:
    """Nothing is read: the page names the reason, lights the torch, zooms, and focuses where it is pressed."""
    _, video = _filmed(playwright, site, tmp_path, "VN009002", gain=0.02, is_moving=True)
    with someone(playwright, site, "giaodich1", video=video) as clerk:
        page = clerk.page
        page.add_init_script(_GIFTED)
        clerk.scan()
        expect(page.locator(".finder[data-reason=dark]")).to_be_visible()
        expect(page.locator(".finder-hint")).to_contain_text("Tối quá")
        page.locator(".finder button[aria-label='Đèn']").click()
        page.locator(".finder .zoom input").fill("2")
        page.locator(".finder").click(position={"x": 190, "y": 60})
        expect(page.locator(".finder-focus")).to_have_count(0)
        asked = page.evaluate("asked")
        assert {"focusMode": "continuous"} in asked
        assert {"torch": True} in asked
        assert {"zoom": 2} in asked
        points = [one["pointsOfInterest"] for one in asked if one.get("focusMode") == "single-shot"]
        assert len(points) == 1
        [[point]] = points
        assert 0 < point["x"] < 1
        assert 0 < point["y"] < 0.5


def test_a_decoder_that_did_not_come_is_said_and_comes_with_the_network(
    playwright: Playwright, site: Site, tmp_path: Path
) -> None:
    """The network goes while the decoder is on its way: nothing is thrown, and the page reads once it is back."""
    number, video = _filmed(playwright, site, tmp_path, "VN009003")
    with someone(playwright, site, "giaodich1", video=video) as clerk:
        page = clerk.page
        page.context.route("**/*.wasm", lambda route: route.abort())
        page.context.route("**/api/v1/decode", lambda route: route.abort())
        clerk.scan()
        expect(page.locator(".finder-hint")).to_contain_text("Chưa tải được bộ đọc mã")
        page.context.unroute("**/*.wasm")
        expect(page.locator("#scan .item")).to_contain_text(re.compile(r"\s*".join(number)))
