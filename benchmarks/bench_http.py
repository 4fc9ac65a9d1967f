"""The service over HTTP on loopback: a real server process, one entry a request and a hundred a request.

`python -m benchmarks.bench_http` prints a table and writes build/bench/http.json. Every answer is read whole and
checked: stored, with a receipt, without a finding. The client runs on the same cores as the server.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.bench_ingest import percentile, raw_verify, timed_threads
from benchmarks.load import Load, Report, interleave
from db import people
from db.site import create_site
from kt1.province import make_province
from web.accounts import open_session
from web.config import Config
from web.service import COOKIE

_CLIENTS = 16
_BULK = 100
_BULK_CLIENTS = 4
_HOPS = 3
_ITEMS = int(os.environ.get("ITEMS", "1200"))
_HOST = "127.0.0.1"


def main() -> None:
    """Run, print, write."""
    report = Report("http")
    report.add("verify_raw_per_s", raw_verify())
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "site"
        load, cookie = _site(data)
        warm = load.chains(60, hops=_HOPS)
        single = load.chains(_ITEMS // 3, hops=_HOPS)
        bulk = load.chains(_ITEMS, hops=_HOPS)
        load.site.close()
        with _Server(data) as port:
            timed_threads([_caller(port, cookie, [[raw] for raw in part]) for part in _parts(warm, 4)])
            seconds, latencies = timed_threads(
                [_caller(port, cookie, [[raw] for raw in part]) for part in _parts(single, _CLIENTS)]
            )
            count = sum(map(len, single))
            report.add("single_per_s", count / seconds)
            report.add("single_p50_ms", percentile(latencies, 50))
            report.add("single_p99_ms", percentile(latencies, 99))
            batches = [
                [part[i : i + _BULK] for i in range(0, len(part), _BULK)]
                for part in _parts(bulk, _BULK_CLIENTS)
            ]
            seconds, latencies = timed_threads([_caller(port, cookie, batch) for batch in batches])
            count = sum(map(len, bulk))
            report.add("bulk_per_s", count / seconds)
            report.add("bulk_p50_ms", percentile(latencies, 50))
            report.add("bulk_p99_ms", percentile(latencies, 99))
    report.add("verify_raw_again_per_s", raw_verify())
    raw = statistics.mean((report.figures["verify_raw_per_s"], report.figures["verify_raw_again_per_s"]))
    report.add("bulk_of_raw_verify", report.figures["bulk_per_s"] / raw)
    report.write()


def _site(data: Path) -> tuple[Load, str]:
    """Make a site with people whose keys are certified, and a session of one of them."""
    register = make_province(1, day=dt.datetime.now(dt.UTC).date())
    site = create_site(data, origin="bench.tram.example/http", register=register)
    person = people.Person(id=b"\1" * 8, login="bench", name="Bench", roles=("COURIER",), office=990_100)
    people.add_people(site.engine, [person])
    token = open_session(site.engine, Config(data=data), person.id)
    return Load.of(site, actors=16), f"{COOKIE}={token}"


def _parts(chains: list[list[bytes]], count: int) -> list[list[bytes]]:
    """Deal chains out; each part keeps every chain in order."""
    return [interleave(chains[n::count]) for n in range(count)]


class _Server:
    """`tram serve` as a process of its own."""

    def __init__(self, data: Path) -> None:
        with socket.socket() as probe:
            probe.bind((_HOST, 0))
            self.port: int = probe.getsockname()[1]
        command = [sys.executable, "tram.py", "--data", str(data), "serve", "--port", str(self.port)]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # noqa: S603 -- our own command

    def __enter__(self) -> int:
        ends = time.monotonic() + 30
        while time.monotonic() < ends:
            try:
                socket.create_connection((_HOST, self.port), timeout=1).close()
            except OSError:
                time.sleep(0.1)
            else:
                return self.port
        raise TimeoutError("the server did not start")

    def __exit__(self, *_error: object) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=20)


def _request(port: int, cookie: str, entries: Sequence[bytes]) -> bytes:
    encoded = [base64.urlsafe_b64encode(raw).rstrip(b"=").decode() for raw in entries]
    body = json.dumps({"entries": encoded}).encode()
    head = (
        f"POST /api/v1/events HTTP/1.1\r\nHost: {_HOST}:{port}\r\nCookie: {cookie}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _caller(port: int, cookie: str, batches: Sequence[Sequence[bytes]]) -> Callable[[], list[float]]:
    """Return a task that sends batches over one kept connection and gives the latencies in ms."""
    requests = [_request(port, cookie, batch) for batch in batches]

    def run() -> list[float]:
        latencies, answers = [], []
        with socket.create_connection((_HOST, port)) as line:
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for request in requests:
                started = time.perf_counter()
                line.sendall(request)
                answers.append(_answer(line))
                latencies.append((time.perf_counter() - started) * 1000)
        for answer in answers:
            results = json.loads(answer)["results"]
            assert all(
                one["status"] == "stored" and one["receipt"] and not one["findings"] for one in results
            ), results[0]
        return latencies

    return run


def _answer(line: socket.socket) -> bytes:
    """Read one whole answer."""
    received = b""
    while b"\r\n\r\n" not in received:
        received += line.recv(65_536)
    head, _, body = received.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200"), head + body
    length = next(int(row[15:]) for row in head.lower().split(b"\r\n") if row.startswith(b"content-length:"))
    parts, missing = [body], length - len(body)
    while missing > 0:
        parts.append(line.recv(262_144))
        missing -= len(parts[-1])
    return b"".join(parts)


if __name__ == "__main__":
    main()
