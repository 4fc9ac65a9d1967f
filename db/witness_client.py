"""The one way out: a checkpoint is posted to the witnesses that the operator has named, and to nobody else (ADR 12).

No redirect is followed, no cookie kept, no proxy asked; what comes back is cut at a few kB and a few seconds.
"""

from __future__ import annotations

import http.client
import ssl
import time
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from db.errors import WitnessError

__all__ = ["Reply", "post_checkpoint"]

_MAX_BYTES: Final = 20_000
_CHUNK: Final = 4_096
_PATH: Final = "/add-checkpoint"


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back.

    Attributes:
        status: of HTTP.
        body: at most 20 kB.
    """

    status: int
    body: bytes


def post_checkpoint(url: str, body: bytes, *, timeout_s: float = 10.0) -> Reply:
    """Post an add-checkpoint request to a witness (C2SP tlog-witness).

    Args:
        url: its submission prefix, http or https.
        body: from `custody.witness.format_request`.
        timeout_s: for the whole exchange.

    Raises:
        WitnessError: the address is none, or nobody answers in time.
    """
    ends = time.monotonic() + timeout_s
    try:
        connection = _connection(url, timeout_s)
        try:
            path = urlsplit(url).path.rstrip("/") + _PATH
            connection.request("POST", path, body, {"Content-Type": "text/plain", "Connection": "close"})
            answer = connection.getresponse()
            return Reply(answer.status, _read(answer, connection, ends))
        finally:
            connection.close()
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise WitnessError(f"{url} does not answer: {error or type(error).__name__}") from error


def _connection(url: str, timeout_s: float) -> http.client.HTTPConnection:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username or parts.query:
        raise ValueError("not an http or https address")
    if parts.scheme == "https":
        context = ssl.create_default_context()
        return http.client.HTTPSConnection(parts.hostname, parts.port, timeout=timeout_s, context=context)
    return http.client.HTTPConnection(parts.hostname, parts.port, timeout=timeout_s)


def _read(answer: http.client.HTTPResponse, connection: http.client.HTTPConnection, ends: float) -> bytes:
    """Read until the end, the limit, or the deadline: who sends a byte a second is no witness."""
    body = b""
    while len(body) < _MAX_BYTES:
        left = ends - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        if connection.sock:
            connection.sock.settimeout(left)
        chunk = answer.read1(_CHUNK)
        if not chunk:
            break
        body += chunk
    return body[:_MAX_BYTES]
