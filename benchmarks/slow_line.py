"""A slow network between a browser and the service: all its connections share one rate, and each answer comes late."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

__all__ = ["slow_line"]

_PIECE = 2_048
_HOPS = {"connection", "transfer-encoding", "content-length"}


class _Line:
    """One line of so many bytes a second; whoever sends waits for those before."""

    def __init__(self, rate: int) -> None:
        self.rate = rate
        self.sent = 0
        self._free = 0.0
        self._turn = threading.Lock()

    def wait(self, count: int) -> None:
        with self._turn:
            now = time.monotonic()
            self._free = max(self._free, now) + count / self.rate
            pause = self._free - now
            self.sent += count
        time.sleep(pause)


def _handler(port: int, line: _Line, late_s: float) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            inner = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            try:
                inner.request(self.command, self.path, body or None, dict(self.headers.items()))
                answer = inner.getresponse()
                seen = answer.read()
            finally:
                inner.close()
            time.sleep(late_s)
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in _HOPS:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(seen)))
            self.end_headers()
            for at in range(0, len(seen), _PIECE):
                line.wait(len(seen[at : at + _PIECE]))
                self.wfile.write(seen[at : at + _PIECE])

        do_GET = do_POST = _pass_on  # noqa: N815 - the names that http.server looks for

        def handle(self) -> None:
            try:
                super().handle()
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True  # the browser went away

        def log_message(self, *_words: object) -> None:
            """Say nothing."""

    return Handler


@contextmanager
def slow_line(url: str, *, rate: int, late_ms: int) -> Iterator[tuple[str, _Line]]:
    """Yield another address of the service at *url*, behind a line of *rate* bytes/s, and the line.

    Args:
        url: address of the service.
        rate: bytes a second of all answers together.
        late_ms: how long each answer takes to begin.
    """
    line = _Line(rate)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(urlsplit(url).port or 80, line, late_ms / 1_000))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", line
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()
