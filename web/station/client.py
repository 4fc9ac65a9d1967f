"""What a station asks its site's service: a session, itself, the day, an item, and to take events.

The one address is the one that the station was enrolled at. No redirect is followed, no proxy asked.
"""

from __future__ import annotations

import base64
import http.client
import json
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

from custody.errors import CustodyError
from scanner.station.clock import HonestClock
from scanner.station.outbox import Answer, Sent
from web.service import COOKIE

__all__ = ["AddressError", "Client", "DownError", "RefusedError", "SignedOutError"]

_TIMEOUT_S: Final = 8.0
_HERE: Final = frozenset(("127.0.0.1", "::1", "localhost"))
_TIME: Final = "Tram-Now"  # of each answer, unix ms
_MAX_BYTES: Final = 32 * 1024 * 1024


class AddressError(CustodyError):
    """An address that is not that of a service."""

    code = "bad-address"
    hint = "Give it as in the browser: https://HOST, or on this machine http://127.0.0.1:8080."


class DownError(CustodyError):
    """The service does not answer, or is in trouble."""

    code = "service-down"
    hint = "Go on: what is signed is kept here and sent as soon as the service answers."


class SignedOutError(CustodyError):
    """The session has ended."""

    code = "sign-in-needed"
    hint = "Sign in again: tram station send"


class RefusedError(CustodyError):
    """The service understood, and said no."""

    code = "refused"

    def __init__(self, message: str, *, status: int, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.status = status


@dataclass(slots=True)
class Client:
    """The service at one address.

    Attributes:
        url: http or https, without a path.
        session: the session's cookie, "" where nobody is signed in.
        lang: in which language it answers.
        clock: takes the service's time from each answer; or None.
    """

    url: str
    session: str = ""
    lang: str = "vi"
    clock: HonestClock | None = None

    def sign_in(self, login: str, password: str) -> None:
        """Open a session; `session` is it afterwards.

        Raises:
            RefusedError: not these, or too often.
            DownError: no answer.
        """
        body = urlencode({"login": login, "password": password, "next": "/"}).encode()
        status, headers, _body = self._ask("POST", "/sign-in", body, "application/x-www-form-urlencoded")
        cookie = SimpleCookie()
        for value in headers:
            cookie.load(value)
        if status not in {302, 303} or COOKIE not in cookie:
            raise RefusedError(
                f"{login} is not signed in (HTTP {status})",
                status=status,
                hint="Look at name and password; after several bad ones, wait a quarter of an hour.",
            )
        self.session = cookie[COOKIE].value

    def me(self, kid: bytes) -> dict[str, Any]:
        """Ask who is signed in, and how the key stands."""
        return self._get(f"/api/v1/me?kid={kid.hex()}")

    def enrol(self, public: bytes, name: str) -> str:
        """Ask for a certificate for a key; give its standing: active, pending or none."""
        status: str = self._post("/api/v1/devices", {"public_key": public.hex(), "name": name})["status"]
        return status

    def day(self) -> dict[str, Any]:
        """Ask for what a shift needs without a network."""
        return self._get("/api/v1/day")

    def item(self, number: str, label: bytes | None) -> dict[str, Any]:
        """Ask for an item; who has its *label* (digest) in hand sees what a scan needs.

        Raises:
            RefusedError: 403 not theirs or not there, 404 no number.
        """
        shown = f"?label={label.hex()}" if label else ""
        return self._get(f"/api/v1/items/{quote(number, safe='')}{shown}")

    def send(self, events: Sequence[Sent]) -> dict[bytes, Answer]:
        """Send events; give the answers by id, only of those that the service named."""
        texts = [base64.urlsafe_b64encode(one.raw).rstrip(b"=").decode() for one in events]
        results = self._post("/api/v1/events", {"entries": texts})["results"]
        return {bytes.fromhex(one["id"]): _answer(one) for one in results}

    def _get(self, path: str) -> dict[str, Any]:
        return self._json(*self._ask("GET", path, None, ""))

    def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        return self._json(*self._ask("POST", path, json.dumps(body).encode(), "application/json"))

    @staticmethod
    def _json(status: int, _headers: list[str], body: bytes) -> dict[str, Any]:
        """Return the object of an answer; a problem of the service (RFC 9457) is raised."""
        try:
            found = json.loads(body or b"{}")
        except ValueError:
            raise DownError(f"an answer that is no JSON (HTTP {status})") from None
        if status == 401:
            raise SignedOutError("the session has ended")
        if status == 429 or status >= 500:
            raise DownError(f"the service is in trouble (HTTP {status})")
        if status >= 400 or not isinstance(found, dict):
            detail = found.get("detail") or found.get("title") if isinstance(found, dict) else None
            raise RefusedError(str(detail or f"HTTP {status}"), status=status)
        return found

    def _ask(self, method: str, path: str, body: bytes | None, kind: str) -> tuple[int, list[str], bytes]:
        """Exchange one request; give status, the cookies set, and the body."""
        headers = {"Accept": "application/json", "Connection": "close", "Cookie": f"tram_lang={self.lang}"}
        if self.session:
            headers["Cookie"] += f"; {COOKIE}={self.session}"
        if body is not None:
            headers["Content-Type"] = kind
        connection = _connection(self.url)
        asked = self.clock.read() if self.clock else (0.0, 0.0)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            told = answer.headers.get(_TIME, "")
            if self.clock and told.isascii() and told.isdecimal():
                self.clock.beacon(int(told), asked)
            cookies = answer.headers.get_all("Set-Cookie") or []
            return answer.status, cookies, answer.read(_MAX_BYTES)
        except (OSError, http.client.HTTPException) as error:
            raise DownError(f"{self.url} does not answer: {error or type(error).__name__}") from error
        finally:
            connection.close()


def _connection(url: str) -> http.client.HTTPConnection:
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        port = -1
    is_bare = not (parts.username or parts.query or parts.fragment) and parts.path in {"", "/"}
    if parts.scheme not in {"http", "https"} or not parts.hostname or not is_bare or port == -1:
        raise AddressError(f"{url} is no address of a service")
    if parts.scheme == "http" and parts.hostname not in _HERE:
        raise AddressError(f"{url} is not encrypted: a password would be read on the way")
    if parts.scheme == "https":
        context = ssl.create_default_context()
        return http.client.HTTPSConnection(parts.hostname, port, timeout=_TIMEOUT_S, context=context)
    return http.client.HTTPConnection(parts.hostname, port, timeout=_TIMEOUT_S)


def _answer(result: dict[str, Any]) -> Answer:
    error = result.get("error") or {}
    problem = " - ".join(str(error[key]) for key in ("title", "detail", "code") if error.get(key))
    return Answer(
        status=result["status"],
        index=result["index"],
        findings=tuple(result["findings"]),
        receipt=result["receipt"] or "",
        problem=problem,
    )
