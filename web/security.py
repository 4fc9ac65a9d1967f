"""What guards every request: origin of unsafe methods, body sizes, headers of every answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from flask import Flask, request
from flask_babel import gettext as _

from web.problems import ProblemError

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

__all__ = ["HEADERS", "check_origin", "init_security"]

_SAFE = {"GET", "HEAD", "OPTIONS"}
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; "
    "img-src 'self' data: blob:; connect-src 'self'; worker-src 'self'; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'",
    "Permissions-Policy": "camera=(self), geolocation=(self), microphone=()",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def check_origin() -> None:
    """Refuse an unsafe method that another site made this browser send.

    Browsers of today name the relation in Sec-Fetch-Site; older ones name the Origin. A request with neither comes
    from a program, which carries no ambient cookie. Does not check who is signed in.

    Raises:
        ProblemError: cross-site.
    """
    if request.method in _SAFE:
        return
    relation = request.headers.get("Sec-Fetch-Site")
    if relation is not None:
        if relation not in {"same-origin", "none"}:
            raise ProblemError("cross-site")
        return
    origin = request.headers.get("Origin")
    if origin is not None and origin != f"{request.scheme}://{request.host}":
        raise ProblemError("cross-site", _("The Origin header names another site."))


_DRESS = tuple(HEADERS.items())
_DRESSED = frozenset(name.lower() for name in HEADERS)
_NO_STORE = ("Cache-Control", "no-store")


class _Dressed:
    """Puts the headers on every answer, also on what Flask answers by itself; a header already there stays."""

    def __init__(self, inner: WSGIApplication) -> None:
        self._inner = inner

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        may_cache = environ["PATH_INFO"].startswith("/static/")

        def start(
            status: str, headers: list[tuple[str, str]], error: Any = None
        ) -> Callable[[bytes], object]:
            present = {name.lower() for name, _value in headers}
            headers = [*headers, *(_DRESS if present.isdisjoint(_DRESSED) else _missing(present))]
            if not may_cache and "cache-control" not in present:
                headers.append(_NO_STORE)
            return start_response(status, headers, error)

        return self._inner(environ, start)


def _missing(present: set[str]) -> list[tuple[str, str]]:
    return [(name, value) for name, value in _DRESS if name.lower() not in present]


def init_security(app: Flask) -> None:
    """Guard every request and dress every answer of the application."""
    app.before_request(check_origin)
    app.wsgi_app = _Dressed(app.wsgi_app)  # type: ignore[method-assign]
