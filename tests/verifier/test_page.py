"""The one file: small, closed to every network, and in a real browser it says what `tram verify` says."""

from __future__ import annotations

import base64
import hashlib
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from playwright.sync_api import Browser, Page, Playwright, Request, expect

from custody import dossier
from custody.verify import verify_dossier
from kt1.drill.breaks import BREAKS
from kt1.drill.world import World
from tests.e2e.people import CHROMIUM
from tests.verifier.node import ROOT, needs_node
from web.cli import verifier

_BUILT = ROOT / "web" / "static" / "build" / "verifier.html"
_MOST_BYTES = 150_000
_MOST_MS = 300
_EVENTS = 10
_ATTEMPTS = 5


@pytest.fixture(scope="module")
def page_file() -> Path:
    """Return the built file."""
    needs_node()
    if not _BUILT.is_file():
        pytest.skip("the front end is not built: make build")
    return _BUILT


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """Start the system's Chromium."""
    running = playwright.chromium.launch(
        executable_path=CHROMIUM, args=["--no-sandbox", "--disable-background-networking"]
    )
    yield running
    running.close()


@pytest.fixture
def page(browser: Browser, page_file: Path) -> Iterator[Page]:
    """Open the file from the disk; whatever the browser asks a network for, or complains of, fails the test."""
    context = browser.new_context(offline=True, viewport={"width": 412, "height": 915})
    asked: list[str] = []
    said: list[str] = []
    page = context.new_page()

    def note(request: Request) -> None:
        asked.append(request.url)

    page.on("request", note)
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(page_file.as_uri())
    yield page
    context.close()
    assert [page_file.as_uri()] == asked
    assert [] == said


def _ten_events() -> tuple[World, bytes]:
    world = World()
    item = world.register()
    for taker in (world.courier, world.witness, world.courier, world.witness):
        item.hand_over(taker)
    item.event(11, by=world.clerk)  # type: ignore[arg-type]
    assert len([entry for entry in world.entries if entry.event.items]) == _EVENTS
    return world, item.dossier()


def _drop(page: Page, data: bytes, name: str = "dossier.zip") -> None:
    """Drop a file on the page, as a hand does."""
    transfer = page.evaluate_handle(
        """([name, text]) => {
            const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
            const transfer = new DataTransfer();
            transfer.items.add(new File([bytes], name, { type: "application/zip" }));
            return transfer;
        }""",
        [name, base64.b64encode(data).decode()],
    )
    page.dispatch_event("#drop", "drop", {"dataTransfer": transfer})
    expect(page.locator("body")).to_have_attribute("data-state", "done")


def test_it_is_small_and_names_no_address(page_file: Path) -> None:
    """A stranger keeps it on a stick; what it would load from elsewhere would tell elsewhere."""
    text = page_file.read_text(encoding="utf-8")

    assert len(text.encode()) < _MOST_BYTES
    assert re.findall(r"(?:https?|wss?)://", text) == []
    assert re.findall(r"\b(?:src|href)=", text) == []


def test_its_policy_lets_its_own_script_and_style_run_alone(page_file: Path) -> None:
    """The hashes in the policy are those of the one script and the one style that it has."""
    text = page_file.read_text(encoding="utf-8")
    policy = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]+)"', text)
    parts = {"script": re.findall(r"<script>(.*?)</script>", text, re.DOTALL)}
    parts["style"] = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)

    assert 1 == len(policy) == len(parts["script"]) == len(parts["style"])
    assert policy[0].startswith("default-src 'none'; ")
    for name, contents in parts.items():
        digest = base64.b64encode(hashlib.sha256(contents[0].encode()).digest()).decode()
        assert f"{name}-src 'sha256-{digest}'" in policy[0]


def test_every_word_has_its_vietnamese(page: Page) -> None:
    """Vietnamese first, English complete; nothing of the one is left when the other is chosen."""
    vietnamese = page.locator("main").inner_text()
    page.get_by_role("button", name="English").click()
    english = page.locator("main").inner_text()

    assert "Kiểm tra hồ sơ" in vietnamese
    assert "Verify a dossier" in english
    assert re.findall(r"[ăâđêôơưạảấầẩẫậắằẳẵặẹẻẽếềểễệ]", english) == []
    assert not set(english.splitlines()) & set(vietnamese.splitlines()) - {""}


def test_verdict_and_digest_of_ten_events_in_time(page: Page) -> None:
    """The same digest as here, in less time than a hand needs to look up."""
    _, data = _ten_events()
    judgement = verify_dossier(data).judgement
    assert judgement
    took = []
    for attempt in range(_ATTEMPTS):
        page.evaluate("document.body.dataset.state = 'idle'")
        began = time.perf_counter()
        _drop(page, data, f"dossier-{attempt}.zip")
        expect(page.locator("#digest")).to_have_text(judgement.digest.hex())
        took.append((time.perf_counter() - began) * 1000)

    expect(page.locator("#verdict")).to_have_attribute("data-verdict", "INTACT")
    expect(page.locator("[data-step][data-state=holds]")).to_have_count(8)
    assert page.locator("#engine").count() == 0
    assert min(took) < _MOST_MS, took


def test_the_reader_compares_with_paper(page: Page) -> None:
    """Not compared, as mine, not mine: said of log and root apart, and typed as it stands on paper."""
    world, data = _ten_events()
    _drop(page, data)
    expect(page.locator("[data-compared='log key']")).to_have_attribute("data-same", "false")
    expect(page.locator("[data-compared='root']")).to_have_attribute("data-same", "false")
    expect(page.locator("#verdict .caveat")).to_be_visible()

    page.fill("#log-key", f" {world.keys.log.vkey} ")
    page.fill("#roots", re.sub(r"(.{4})", r"\1 ", world.root.kid.hex().upper()))
    expect(page.locator("[data-compared='log key']")).to_have_attribute("data-same", "true")
    expect(page.locator("[data-compared='root']")).to_have_attribute("data-same", "true")
    expect(page.locator("#verdict .caveat")).to_have_count(0)

    page.fill("#roots", "0000 0000 0000 0001")
    expect(page.locator("#verdict")).to_have_attribute("data-verdict", "")
    expect(page.locator("[data-step='2']")).to_have_attribute("data-state", "fails")
    page.fill("#roots", "not a fingerprint")
    expect(page.locator("#trust-error")).to_be_visible()
    expect(page.locator("#verdict")).to_have_count(0)


@pytest.mark.parametrize("name", ["seal_differs", "void_on_the_way", "fork"])
def test_a_break_is_shown_with_what_to_do(page: Page, name: str) -> None:
    """Every finding that `tram verify` names, with its code, text and advice."""
    world = World()
    item, _ = BREAKS[name](world)
    data = item.dossier()
    judgement = verify_dossier(data).judgement
    assert judgement
    _drop(page, data)
    page.get_by_role("button", name="English").click()

    expect(page.locator("#verdict")).to_have_attribute("data-verdict", judgement.verdict.value)
    expect(page.locator("#digest")).to_have_text(judgement.digest.hex())
    shown = page.locator("[data-code]")
    codes = [shown.nth(n).get_attribute("data-code") for n in range(shown.count())]
    assert [finding.code for finding in judgement.findings] == codes
    for finding in judgement.findings:
        expect(page.locator(f"[data-code={finding.code}]").first).to_contain_text(finding.kind.text)
        expect(page.locator(f"[data-code={finding.code}]").first).to_contain_text(finding.kind.advice)


def test_a_lie_stops_at_its_step(page: Page) -> None:
    """No verdict, the step that fails, those not reached; and a picture of something else is no dossier."""
    _, data = _ten_events()
    parts = dossier.unpack(data)
    claimed: dict[str, Any] = {**parts.claimed, "verdict": "NOTED"}
    _drop(page, dossier.pack(replace(parts, claimed=claimed)))
    expect(page.locator("[data-step='8']")).to_have_attribute("data-state", "fails")
    expect(page.locator("#verdict")).to_have_attribute("data-verdict", "")

    page.evaluate("document.body.dataset.state = 'idle'")
    _drop(page, b"no zip", "photo.jpg")
    expect(page.locator("[data-step='1']")).to_have_attribute("data-state", "fails")
    expect(page.locator("[data-step][data-state=open]")).to_have_count(7)


def test_where_the_browser_has_no_ed25519_the_page_does_it_itself(browser: Browser, page_file: Path) -> None:
    """Slower, and it says so; the verdict is the same."""
    page = browser.new_page()
    page.add_init_script(
        """crypto.subtle.importKey = () => Promise.reject(new DOMException("", "NotSupportedError"))"""
    )
    page.goto(page_file.as_uri())
    _, data = _ten_events()
    _drop(page, data)

    expect(page.locator("#verdict")).to_have_attribute("data-verdict", "INTACT")
    expect(page.locator("#engine")).to_be_visible()
    page.close()


def test_the_command_writes_it(page_file: Path, tmp_path: Path) -> None:
    """`tram export verifier`: the built file, byte for byte."""
    out = tmp_path / "verifier.html"
    done = CliRunner().invoke(verifier, ["-o", str(out), "--json"])

    assert 0 == done.exit_code, done.output
    assert page_file.read_bytes() == out.read_bytes()
