"""The main job, from the counter's PDF to the recipient's signature, through a real camera page."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
from playwright.sync_api import Playwright, expect

from custody.s10 import group_number
from labels.codes import code128_runs
from tests.e2e.people import someone
from tests.e2e.picture import rasterise, write_video
from tests.e2e.site import Site
from tests.scanner.camera import Shot, photograph

SEAL = "VN004217"

UNQUESTIONED = ("INTACT", "NOTED")  # at night and on a Sunday the log notes that offices are closed (T09)


def test_an_envelope_goes_from_hand_to_hand_and_stays_intact(
    playwright: Playwright, site: Site, tmp_path: Path
) -> None:
    """Accepted, printed, scanned by camera, handed over between enrolled devices, delivered: unquestioned, provable."""
    video = tmp_path / "label.mjpeg"
    with someone(playwright, site, "giaodich1", phone=False) as clerk:
        number = clerk.accept(seal=SEAL)
        write_video(video, rasterise(clerk.label_pdf(number)))
        clerk.page.goto(f"{site.url}/scan#{number}")
        clerk.give_to("buuta1")

    with someone(playwright, site, "buuta1", video=video) as courier:
        courier.scan()
        courier.act("receive")
        courier.read_seal(SEAL)
        courier.primary()
        courier.recorded()
        courier.page.reload()
        courier.give_to("vanthu1")

    with someone(playwright, site, "vanthu1", video=video) as recipient:
        recipient.scan()
        recipient.act("deliver")
        recipient.read_seal(SEAL.lower())
        recipient.primary()
        recipient.recorded()
        assert recipient.verdict(number) in UNQUESTIONED

    out = tmp_path / "item.tram"
    assert site.tram("export", "dossier", number, "-o", str(out)).returncode == 0
    verified = site.tram("verify", str(out), "--json")
    report = json.loads(verified.stdout)

    assert (verified.returncode, report["verdict"] in UNQUESTIONED) == (0, True)
    assert {finding["code"] for finding in report["findings"]} <= {"T09"}


def test_a_picture_from_the_phone_is_read_by_the_service(
    playwright: Playwright, site: Site, tmp_path: Path
) -> None:
    """Where the page's own reader fails, a still goes to the cascade; nothing of it is kept."""
    with someone(playwright, site, "giaodich1") as clerk:
        number = clerk.accept(seal="VN004218")
        image = tmp_path / "still.jpg"
        write_video(tmp_path / "still.mjpeg", rasterise(clerk.label_pdf(number)))
        image.write_bytes((tmp_path / "still.mjpeg").read_bytes().split(b"\xff\xd9")[0] + b"\xff\xd9")
        clerk.scan()
        clerk.page.set_input_files(".scan input[type=file]", str(image))
        expect(clerk.page.locator("#scan")).to_contain_text(group_number(number))


def test_a_number_that_nobody_reads_is_asked_about(
    playwright: Playwright, site: Site, tmp_path: Path
) -> None:
    """The likeliest number of ruined bars is no reading: a person compares it, and it is marked as typed."""
    with someone(playwright, site, "giaodich1") as clerk:
        number = clerk.accept(seal="VN004219")
        dots = np.full((560, 800), 255, np.uint8)
        for start, length in code128_runs(number)[0]:
            dots[420:502, 36 + 3 * start : 36 + 3 * (start + length)] = 0
        image = tmp_path / "ruined.jpg"
        image.write_bytes(cv2.imencode(".jpg", photograph(dots, Shot(defocus=2.0), seed=3))[1].tobytes())
        clerk.scan()
        clerk.page.set_input_files(".scan input[type=file]", str(image))
        dialog = clerk.page.locator("dialog[open]")
        expect(dialog).to_contain_text(group_number(number))
        expect(dialog.locator("button:not(.primary)")).to_be_focused()
        dialog.locator("button.primary").click()
        expect(clerk.page.locator("#scan")).to_contain_text(group_number(number))
