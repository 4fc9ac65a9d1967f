"""A real site for browser tests: the demonstration province served by `tram serve` in a process of its own."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

__all__ = ["PASSWORD", "Site", "running_site"]

PASSWORD = "demo-kt1"
_ROOT = Path(__file__).resolve().parents[2]
_START_S = 30


@dataclass(frozen=True, slots=True)
class Site:
    """Where it is.

    Attributes:
        url: address without a slash at its end.
        data: its directory.
    """

    url: str
    data: Path

    def tram(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run `tram` on this site."""
        return _tram(self.data, *words)


@contextmanager
def running_site(data: Path, *, items: int = 40) -> Iterator[Site]:
    """Yield a demonstration site that listens on a free port; it is stopped on leaving."""
    made = _tram(data, "demo", "--items", str(items), "--json")
    assert made.returncode == 0, made.stderr
    port = _free_port()
    command = [
        sys.executable,
        "-m",
        "tram",
        "--data",
        str(data),
        "serve",
        "--port",
        str(port),
        "--threads",
        "8",
    ]
    with (data / "serve.log").open("w") as log:
        server = subprocess.Popen(command, cwd=_ROOT, stdout=log, stderr=subprocess.STDOUT)
        try:
            _wait(f"http://127.0.0.1:{port}/healthz", server)
            yield Site(f"http://127.0.0.1:{port}", data)
        finally:
            server.terminate()
            server.wait(15)


def _tram(data: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tram", "--data", str(data), *words]
    return subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, check=False, timeout=120)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def _wait(url: str, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline:
        assert server.poll() is None, "the service stopped while starting"
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310  # our own loopback address
                assert json.load(answer)["status"] == "ok"
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"no answer from {url} in {_START_S} s")
