"""How long from a tap on the icon to the first envelope read: the kept app in a browser that was killed before.

The kept app is opened in a new browser process, with and without a network, at full speed and with the page's thread
4 times slower (CDP), and over 3G-slow (400 ms, 50 kB/s). Beside each, in the same run, a page that opens the camera and
does nothing else: what no app can be faster than. Wall time on a busy machine says little: the ratio to that page and
the CPU time of the page's thread say more. Last, the first visit of a browser that has nothing, over 3G-slow.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
from collections import defaultdict
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page, Playwright, sync_playwright

from benchmarks.slow_line import slow_line
from tests.e2e.people import CHROMIUM, Someone, someone
from tests.e2e.phones import APP_READY
from tests.e2e.picture import rasterise, write_video
from tests.e2e.site import Site, running_site

OUT = Path("build/bench/start.json")
BUILT = Path("web/static/build")
RATE = 50_000  # bytes/s
LATE_MS = 400
WAIT_MS = 120_000
READ = "#scan .item"
MARKS = ("camera-asked", "script", "session", "camera-given", "frame", "decoded", "shown")
EMPTY = """async () => {
    const video = document.createElement('video');
    video.muted = true;
    document.body.append(video);
    video.srcObject = await navigator.mediaDevices.getUserMedia({
        video: { facingMode: { ideal: 'environment' }, width: { ideal: 1920 }, height: { ideal: 1080 } } });
    await video.play();
    await createImageBitmap(video);
    return performance.now();
}"""
FOUND = """() => {
    const [page] = performance.getEntriesByType('navigation');
    const found = { html: page.responseEnd };
    for (const { name, startTime } of performance.getEntriesByType('mark')) {
        found[name] ??= startTime;
    }
    return found;
}"""


@dataclass(frozen=True, slots=True)
class Case:
    """One way to open it: the network ("on", "off", "slow") and how many times slower the page's thread is."""

    network: str
    cpu: int

    @property
    def name(self) -> str:
        """As the table says it."""
        return f"{self.cpu}x, {({'on': 'network', 'off': 'no network', 'slow': '3G-slow'})[self.network]}"


CASES = (Case("on", 1), Case("off", 1), Case("on", 4), Case("off", 4), Case("slow", 4))


@dataclass
class Phone:
    """A browser profile on the disk, its processes begun and killed with each start."""

    playwright: Playwright
    folder: Path
    flags: list[str]

    def start(self) -> BrowserContext:
        """Begin a browser process."""
        return self.playwright.chromium.launch_persistent_context(
            str(self.folder),
            executable_path=CHROMIUM,
            args=self.flags,
            viewport={"width": 412, "height": 915},
            locale="vi-VN",
        )


def slowed(page: Page, case: Case) -> Any:
    """Slow *page* down as *case* says; the session that counts its CPU time."""
    cdp = page.context.new_cdp_session(page)
    cdp.send("Network.enable")
    cdp.send("Performance.enable", {"timeDomain": "threadTicks"})
    if case.network == "off":
        page.context.set_offline(True)
    elif case.network == "slow":
        limits = {"latency": LATE_MS, "downloadThroughput": RATE, "uploadThroughput": RATE}
        cdp.send("Network.emulateNetworkConditions", {"offline": False, **limits})
    cdp.send("Emulation.setCPUThrottlingRate", {"rate": case.cpu})
    return cdp


def open_app(phone: Phone, site: Site, cookies: Any, case: Case) -> dict[str, float]:
    """Open the kept app cold; ms since the tap by mark, and the CPU ms of its thread."""
    context = phone.start()
    try:
        context.add_cookies(cookies)  # a phone's browser keeps them over its restart
        page = context.new_page()
        cdp = slowed(page, case)
        page.goto(f"{site.url}/scan", wait_until="commit")
        page.locator(READ).first.wait_for(timeout=WAIT_MS)
        found: dict[str, float] = page.evaluate(FOUND)
        told = {one["name"]: one["value"] for one in cdp.send("Performance.getMetrics")["metrics"]}
        return found | {"cpu": 1_000 * told["TaskDuration"] / case.cpu}
    finally:
        context.close()


def open_empty(phone: Phone, site: Site, cpu: int) -> float:
    """Open a page that shows the camera and nothing else, ms until its first picture."""
    context = phone.start()
    try:
        page = context.new_page()
        page.goto(f"{site.url}/healthz")
        cdp = slowed(page, Case("on", cpu))
        began: float = page.evaluate("performance.now()")
        ended: float = page.evaluate(EMPTY)
        cdp.detach()
        return ended - began
    finally:
        context.close()


def first_visit(playwright: Playwright, site: Site, flags: list[str], folder: Path) -> dict[str, float]:
    """Sign in and open the page over 3G-slow, nothing kept: ms until it can be used and until it reads; kB sent."""
    with slow_line(site.url, rate=RATE, late_ms=LATE_MS) as (url, line):
        context = Phone(playwright, folder, flags).start()
        try:
            page = context.new_page()
            page.set_default_timeout(WAIT_MS)
            Someone(page, Site(url, site.data), "giaodich1")
            before = line.sent
            page.goto(f"{url}/scan", wait_until="commit")
            page.locator(".scan-bar .place").wait_for()
            usable: float = page.evaluate("performance.now()")
            page.locator(READ).first.wait_for()
            read: float = page.evaluate("performance.now()")
            sent = line.sent - before
            page.evaluate(APP_READY)
            kept: float = page.evaluate("performance.now()")
            return {"usable": usable, "read": read, "kept": kept, "kB": sent / 1_000}
        finally:
            context.close()


def app_kb() -> dict[str, float]:
    """Size of all that the kept app is made of, kB: as the files are, gzipped, and with brotli."""
    sizes: dict[str, float] = defaultdict(float)
    speech = [f"../speech/{path.name}" for path in (BUILT.parent / "speech").glob("*.bin")]
    sheets = [f"../{name}.css" for name in ("base", "scan", "pass", "bag", "practice")]
    for name in [*json.loads((BUILT / "app.json").read_text(encoding="utf-8")), *speech, *sheets]:
        path = (BUILT / name).resolve()
        plain = path.stat().st_size
        sizes["plain"] += plain / 1_000
        for coding, ending in (("gzip", ".gz"), ("brotli", ".br")):
            twin = BUILT / "packed" / path.relative_to(BUILT.parent.resolve()).with_name(path.name + ending)
            sizes[coding] += (twin.stat().st_size if twin.is_file() else plain) / 1_000
    return sizes


def report(rows: dict[Case, list[dict[str, float]]], empty: dict[int, list[float]]) -> dict[str, float]:
    """Print the table of medians and return its numbers."""
    figures: dict[str, float] = {}
    print(
        f"{'ms, medians':18}"
        + "".join(f"{mark[-12:]:>13}" for mark in MARKS)
        + f"{'CPU':>8}{'empty':>8}{'ratio':>7}"
    )
    for case, found in rows.items():
        bare = statistics.median(empty[case.cpu])
        at = {
            mark: statistics.median(row.get(mark, float("nan")) for row in found) for mark in (*MARKS, "cpu")
        }
        cells = "".join(f"{at[mark]:13.0f}" for mark in MARKS)
        print(f"{case.name:18}{cells}{at['cpu']:8.0f}{bare:8.0f}{at['shown'] / bare:7.2f}")
        key = case.name.replace(", ", "_").replace(" ", "_")
        figures |= {f"{key}_{mark}_ms": value for mark, value in at.items()}
        figures[f"{key}_ratio"] = at["shown"] / bare
    return figures


def run(rounds: int) -> dict[str, float]:
    """Measure everything *rounds* times and print it."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        site = stack.enter_context(running_site(folder / "data", items=20))
        playwright = stack.enter_context(sync_playwright())
        video = folder / "label.mjpeg"
        with someone(playwright, site, "giaodich1", phone=False) as clerk:
            write_video(video, rasterise(clerk.label_pdf(clerk.accept(seal="VN008801"))))
        flags = [
            "--no-sandbox",
            "--use-fake-ui-for-media-stream",
            "--use-fake-device-for-media-stream",
            f"--use-file-for-fake-video-capture={video}",
        ]
        phone = Phone(playwright, folder / "profile", flags)
        cookies = install(phone, site)
        rows: dict[Case, list[dict[str, float]]] = defaultdict(list)
        empty: dict[int, list[float]] = defaultdict(list)
        for _ in range(rounds):
            for case in CASES:
                rows[case].append(open_app(phone, site, cookies, case))
            for cpu in (1, 4):
                empty[cpu].append(open_empty(phone, site, cpu))
        figures = report(rows, empty)
        visit = first_visit(playwright, site, flags, folder / "stranger")
    sizes = app_kb()
    print(
        f"first visit over 3G-slow: usable after {visit['usable'] / 1_000:.1f} s, first read after "
        f"{visit['read'] / 1_000:.1f} s ({visit['kB']:.0f} kB by then), kept after {visit['kept'] / 1_000:.1f} s"
    )
    print("the kept app, kB: " + ", ".join(f"{name} {size:.0f}" for name, size in sizes.items()))
    print("load of the machine: " + ", ".join(f"{one:.1f}" for one in os.getloadavg()))
    return (
        figures | {f"visit_{k}": v for k, v in visit.items()} | {f"app_{k}_kB": v for k, v in sizes.items()}
    )


def install(phone: Phone, site: Site) -> Any:
    """Sign in, let the app be kept and read once; the cookies of the session."""
    context = phone.start()
    page = context.new_page()
    Someone(page, site, "giaodich1")
    page.goto(f"{site.url}/scan")
    page.locator(READ).first.wait_for(timeout=WAIT_MS)
    page.evaluate(APP_READY)
    page.wait_for_timeout(2_000)  # the day is brought, the browser writes its code cache
    cookies = context.cookies()
    context.close()
    return cookies


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    figures = run(parser.parse_args().rounds)
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
