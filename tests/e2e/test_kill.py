"""The browser is killed while somebody signs: what the screen had called recorded is there when it starts again."""

from __future__ import annotations

import logging
import os
import random
import signal
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Error, Page, Playwright, ViewportSize, expect

from custody.event import Event, parse_event
from tests.e2e.hands import Accepted
from tests.e2e.people import CHROMIUM, PATIENCE_MS, Someone
from tests.e2e.phones import APP_READY, commit, held_by, rows
from tests.e2e.proxy import altered
from tests.e2e.site import Site

pytestmark = pytest.mark.browser

_log = logging.getLogger(__name__)
_ROUNDS = int(os.environ.get("TRAM_KILL_ROUNDS", "5"))
_LONGEST_S = 1.5
_SEED = 9
_MOMENT = "/killed"
"""What a page asks for at the moment at which it shall die, and waits for: nothing of it goes on."""
_ASK_AT_KEPT = f"""(() => {{
    const begin = IDBDatabase.prototype.transaction;
    IDBDatabase.prototype.transaction = function (names, mode, ...rest) {{
        const made = begin.call(this, names, mode, ...rest);
        if (mode === 'readwrite' && names.includes('keys') && names.includes('outbox')) {{
            made.addEventListener('complete', () => {{
                const asked = new XMLHttpRequest();
                asked.open('GET', '{_MOMENT}', false);
                asked.send();
            }});
        }}
        return made;
    }};
}})()"""
_SHOWN = "() => document.querySelector('.result[data-tone=info]') !== null"


@contextmanager
def _browser(playwright: Playwright, profile: Path, *, offline: bool) -> Iterator[BrowserContext]:
    """Start a browser on a profile that stays; whether it is still alive at the end does not matter."""
    context = playwright.chromium.launch_persistent_context(
        profile,
        executable_path=CHROMIUM,
        args=["--no-sandbox", "--disable-background-networking", "--no-first-run"],
        viewport=ViewportSize(width=412, height=915),
        locale="vi-VN",
        offline=offline,
    )
    try:
        yield context
    finally:
        with suppress(Error):
            context.close()


def _kill(profile: Path) -> None:
    """End the browser of *profile* at once, as a battery that falls out does; wait until it is gone."""
    own = f"--user-data-dir={profile}".encode()
    found = [pid for pid, words in _processes() if own in words]
    leaders = {os.getpgid(pid) for pid in found} - {
        os.getpgid(0)
    }  # Playwright gives each browser its own group
    assert leaders, "no browser to kill"
    for leader in leaders:
        os.killpg(leader, signal.SIGKILL)
    deadline = time.monotonic() + PATIENCE_MS / 1000
    while any(pid in found and own in words for pid, words in _processes()):
        assert time.monotonic() < deadline, "the browser lives on"
        time.sleep(0.02)
    for lock in profile.glob("Singleton*"):
        lock.unlink()


def _processes() -> list[tuple[int, list[bytes]]]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                found.append((int(entry.name), (entry / "cmdline").read_bytes().split(b"\0")))
    return found


def _settle(who: Someone) -> None:
    """The app and its day are kept by the browser."""
    page = who.page
    who.scan()
    expect(page.locator(".wedge")).to_be_focused()
    page.evaluate(APP_READY)
    page.wait_for_timeout(1000)


def _ask(who: Someone, one: Accepted, login: str) -> None:
    """Go as far as the confirmation of a handover."""
    commit(who.page, one.digits)
    who.act("hand_over")
    who.page.fill(".search", who.names[login])
    who.page.locator(".person", has_text=who.names[login]).first.click()


def _sign_and_die(who: Someone, profile: Path, wait_s: float | None) -> bool:
    """Confirm, and be killed after so long, or as soon as the screen says so; whether it had said so."""
    page = who.page
    who.primary()
    if wait_s is None:
        expect(page.locator(".result[data-tone=info]")).to_be_visible()
    else:
        page.wait_for_timeout(wait_s * 1000)
    shown: bool = page.evaluate(_SHOWN)
    _kill(profile)
    return shown


def _chain(page: Page) -> list[Event]:
    """Read what waits, by its place in the chain of the device: no place empty, none taken twice."""
    kept = sorted(rows(page, "outbox"), key=lambda row: row["dseq"])
    events = [parse_event(bytes(row["raw"])) for row in kept]
    links = [event.device_link for event in events]
    assert [link[0] for link in links if link] == list(range(len(events)))
    assert [link[1] for link in links[1:] if link] == [event.id for event in events[:-1]]
    (key,) = rows(page, "keys")
    assert key["dseq"] == len(events), "the head of the chain is that of what is kept"
    return events


def _uid_of(page: Page, one: Accepted) -> str:
    (uid,) = [row["uid"] for row in rows(page, "items") if row["number"] == one.number]
    return str(uid)


@dataclass(slots=True)
class _Tally:
    """What became of the rounds so far.

    Attributes:
        left: letters that are not handed over yet.
        said: how often the screen had said that it was recorded.
        kept: how many events the browser keeps.
        silent: how often an event was kept, and the kill came before it was said.
        shown: whether the screen had said so in the last round.
    """

    left: list[Accepted]
    said: int = 0
    kept: int = 0
    silent: int = 0
    shown: bool = False

    def look(self, page: Page, n: int) -> None:
        """After a kill: nothing that was said is gone, nor anything that was kept before."""
        events = _chain(page)
        uid = _uid_of(page, self.left[0])
        is_kept = any(item.uid.hex() == uid for event in events for item in event.items)
        assert is_kept or not self.shown, f"kill {n}: the screen had said recorded, and it is gone"
        assert len(events) == self.kept + is_kept, f"kill {n}: what was kept before is still there"
        self.kept = len(events)
        self.said += self.shown
        self.silent += is_kept and not self.shown
        if is_kept:
            self.left.pop(0)


def _rounds(playwright: Playwright, who: Someone, profile: Path, items: list[Accepted]) -> _Tally:
    """Sign and die, as often as asked for: every second time as soon as the screen says so."""
    rng, tally = random.Random(_SEED), _Tally(list(items))
    for n in range(_ROUNDS + 1):
        with _browser(playwright, profile, offline=True) as context:
            who.page = context.pages[0]
            who.scan()
            expect(who.page.locator(".wedge")).to_be_focused()
            if n:
                tally.look(who.page, n)
            if n < _ROUNDS:
                _ask(who, tally.left[0], "vanthu1")
                tally.shown = _sign_and_die(who, profile, _LONGEST_S * rng.random() ** 3 if n % 2 else None)
    return tally


def test_nothing_that_was_recorded_is_lost_by_a_kill(
    playwright: Playwright, site: Site, tmp_path: Path
) -> None:
    """Killed again and again amid signing, offline; then all of it is sent: every letter once, one unbroken chain."""
    clerk, items = held_by(site, "buuta1", [f"KL{n:04d}" for n in range(_ROUNDS)])
    with _browser(playwright, tmp_path / "profile", offline=False) as context:
        who = Someone(context.pages[0], site, "buuta1")
        _settle(who)
    tally = _rounds(playwright, who, tmp_path / "profile", items)
    kept = tally.kept
    _log.info(
        "%d kills: %d said to be recorded, %d kept, %d before it was said",
        _ROUNDS,
        tally.said,
        kept,
        tally.silent,
    )
    assert tally.said >= (_ROUNDS + 1) // 2
    with _browser(playwright, tmp_path / "profile", offline=False) as context:
        context.clear_cookies()
        who = Someone(context.pages[0], site, "buuta1")
        who.scan()
        kid = rows(who.page, "keys")[0]["kid"]
        who.page.locator("[data-action=shift]").click()
        expect(who.page.locator(".shift .count")).to_contain_text(f"{kept}/{kept}")
        who.primary()
        expect(who.page.locator(".shift .count[data-complete=yes]")).to_be_visible()
        expect(who.page.locator(".shift [role=status]")).to_contain_text(f"{kept}/{kept}")
    shown = [clerk.item(one.number) for one in items]
    assert [one["state"] for one in shown].count("OFFERED") == kept
    assert {one["seq"] for one in shown if one["state"] == "OFFERED"} == {3}
    assert {finding["code"] for one in shown for finding in one["findings"]} <= {"T09"}
    assert _logged(site, kid) == [*range(kept + 1)], "and the head of the chain, each place once"


def _logged(site: Site, kid: str) -> list[int]:
    """Read the places of a device's chain that the log has."""
    with closing(sqlite3.connect(f"file:{site.data / 'tram.db'}?mode=ro", uri=True)) as database:
        found = database.execute(
            "SELECT dseq FROM device_entry WHERE kid = ? ORDER BY dseq", (bytes.fromhex(kid),)
        )
        return [row[0] for row in found]


@contextmanager
def _deadly(
    site: Site, profile: Path, moment: str
) -> Iterator[tuple[Site, threading.Event, threading.Event]]:
    """Yield *site* at an address where, once armed, the browser dies before the answer to *moment* reaches it."""
    armed, dead = threading.Event(), threading.Event()

    def kill_first(path: str, body: bytes) -> bytes:
        if path == moment and armed.is_set():
            armed.clear()
            _kill(profile)
            dead.set()
        return body

    with altered(site, kill_first) as seen:
        yield seen, armed, dead


@pytest.mark.parametrize(
    "moment, is_logged",
    [("/api/v1/events", True), (_MOMENT, False)],
    ids=["written-and-not-answered", "kept-and-not-said"],
)
def test_a_kill_at_the_worst_moment_loses_and_doubles_nothing(
    playwright: Playwright, site: Site, tmp_path: Path, moment: str, *, is_logged: bool
) -> None:
    """The service has it and nobody heard; or only the device has it, and the screen had not said so."""
    clerk, [one] = held_by(site, "buuta1", [f"KM{int(is_logged):04d}"])
    profile = tmp_path / "profile"
    with _deadly(site, profile, moment) as (seen, armed, dead):
        with _browser(playwright, profile, offline=False) as context:
            if not is_logged:
                context.add_init_script(_ASK_AT_KEPT)
            who = Someone(context.pages[0], seen, "buuta1")
            _settle(who)
            _ask(who, one, "vanthu1")
            armed.set()
            who.primary()
            assert dead.wait(PATIENCE_MS / 1000), "the browser was not killed"
        assert clerk.item(one.number)["state"] == ("OFFERED" if is_logged else "HELD")
        with _browser(playwright, profile, offline=False) as context:
            context.clear_cookies()
            page = context.pages[0]
            page.goto(f"{seen.url}/sign-in")
            (event,) = _chain(page)
            assert [item.uid.hex() for item in event.items] == [clerk.item(one.number)["uid"]]
            who = Someone(page, seen, "buuta1")
            _settle(who)
            expect(page.locator(".scan-bar .waiting")).to_have_count(0)
            assert rows(page, "outbox") == []
            assert [row["id"] for row in rows(page, "receipts")] == [event.id.hex()]
            kid = rows(page, "keys")[0]["kid"]
            commit(page, one.digits)
            expect(page.locator("[data-action=cancel]").first).to_be_attached()
            assert page.locator("[data-action=hand_over]").count() == 0, "what is signed is not signed again"
    assert (clerk.item(one.number)["state"], clerk.item(one.number)["seq"]) == ("OFFERED", 3)
    assert _logged(site, kid) == [0]
