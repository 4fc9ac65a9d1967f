"""A second version of the service, as a browser sees it: passes everything on and alters what a test says."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from tests.e2e.site import Site

__all__ = ["Alter", "altered"]

Alter = Callable[[str, bytes], bytes]
"""Given path and body of an answer, gives the body to be seen."""

_HOPS = {"connection", "transfer-encoding", "content-length", "etag", "last-modified"}


def _handler(port: int, alter: Alter) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            fresh = {
                name: value
                for name, value in self.headers.items()
                if not name.startswith(("If-", "Accept-Encoding"))
            }
            inner = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            try:
                inner.request(self.command, self.path, body or None, fresh)
                answer = inner.getresponse()
                seen = alter(self.path, answer.read())
            finally:
                inner.close()
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in _HOPS:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(seen)))
            self.end_headers()
            self.wfile.write(seen)

        do_GET = do_POST = _pass_on  # noqa: N815 - the names that http.server looks for

        def log_message(self, *_words: object) -> None:
            """Say nothing."""

    return Handler


@contextmanager
def altered(site: Site, alter: Alter) -> Iterator[Site]:
    """Yield *site* at another address, its answers altered."""
    port = urlsplit(site.url).port or 80
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(port, alter))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield Site(f"http://127.0.0.1:{server.server_port}", site.data)
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()
