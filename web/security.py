"""What guards every request: origin of unsafe methods, body sizes, headers of every answer."""

from __future__ import annotations

from flask import Flask, Response, request
from flask_babel import gettext as _

from web.problems import ProblemError

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


def _dress(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if not request.path.startswith("/static/"):
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def init_security(app: Flask) -> None:
    """Guard every request and dress every answer of the application."""
    app.before_request(check_origin)
    app.after_request(_dress)
