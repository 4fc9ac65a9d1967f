"""Refusals: RFC 9457 problem documents for machines, a plain page for people, from one catalogue of codes.

Every refusal says what it is, in the language of the request, and what to do next. Codes are stable.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import Any

from flask import Flask, Response, jsonify, make_response, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.exceptions import HTTPException

from db.errors import AppendError, StoreError

__all__ = ["CODES", "ProblemError", "init_problems", "problem_body"]

_log = logging.getLogger(__name__)

# code: (status, title, what to do next)
CODES: dict[str, tuple[int, Any, Any]] = {
    "bad-request": (400, _l("The request cannot be read"), _l("Correct the request and send it again.")),
    "bad-json": (
        400,
        _l("The body is not the JSON that is expected"),
        _l("Compare the body with /openapi.json."),
    ),
    "cross-site": (403, _l("The request came from another site"), _l("Open Trạm itself and act there.")),
    "sign-in-needed": (
        401,
        _l("You are not signed in"),
        _l("Sign in and try again; nothing on this device is lost."),
    ),
    "wrong-sign-in": (
        401,
        _l("The name or the password is wrong"),
        _l("Try again, or ask your administrator for a new password."),
    ),
    "locked": (429, _l("Too many wrong sign-ins"), _l("Wait and try again, or ask your administrator.")),
    "suspended": (
        403,
        _l("This account is suspended"),
        _l("Hand what you hold to your supervisor and ask why."),
    ),
    "forbidden": (
        403,
        _l("This is not yours to see or do"),
        _l("If your work needs it, ask your supervisor."),
    ),
    "not-found": (404, _l("There is nothing here"), _l("Check the number or the address.")),
    "method": (
        405,
        _l("This address does not take that method"),
        _l("Compare the request with /openapi.json."),
    ),
    "conflict": (
        409,
        _l("Things have changed meanwhile"),
        _l("Load the item again and look at its newest state."),
    ),
    "unchecked": (
        409,
        _l("The device has no security check"),
        _l("Have the device checked first, then give the day of the check."),
    ),
    "invitation": (
        409,
        _l("This code does not count any more"),
        _l("Ask the supervisor for a new one: a code is for one device, for ten minutes."),
    ),
    "key-ended": (
        409,
        _l("The key in this browser was withdrawn"),
        _l("The browser makes a new one; scan a new code."),
    ),
    "used-slip": (
        409,
        _l("This slip cannot be used"),
        _l("Each slip counts once. Compare both parts of the paper, and tell your supervisor."),
    ),
    "reprint": (
        409,
        _l("This label was printed already"),
        _l("Print it again from the item's page, with the reason."),
    ),
    "printer": (
        503,
        _l("The printer did not print"),
        _l("Put it right and print again; the label itself is safe."),
    ),
    "held": (
        409,
        _l("The item is held until a supervisor decides"),
        _l("Call your supervisor; do not hand the item over."),
    ),
    "too-large": (413, _l("The body is too large"), _l("Send less at once.")),
    "not-picture": (422, _l("The picture cannot be read"), _l("Send a JPEG, PNG or WebP of one label.")),
    "refused": (
        422,
        _l("The acceptance is refused; nothing was written"),
        _l("Correct the fields named below."),
    ),
    "too-many": (429, _l("Too many requests"), _l("Wait a moment and try again.")),
    "broken": (
        500,
        _l("The service failed"),
        _l("Try again; if it stays, tell your administrator the time."),
    ),
    "not-stored": (
        503,
        _l("The log did not take the entries"),
        _l("Keep the device as it is and send again; nothing is lost."),
    ),
    "log-broken": (
        503,
        _l("The log has been stopped"),
        _l("Tell your administrator at once. Keep the device as it is: what it signed is sent later."),
    ),
    "clock": (
        503,
        _l("The server's clock jumped; nothing is signed until it is put right"),
        _l("Tell your administrator. Keep the device as it is: what it signed is sent later."),
    ),
}
_BY_STATUS = {
    400: "bad-request",
    401: "sign-in-needed",
    403: "forbidden",
    404: "not-found",
    405: "method",
    409: "conflict",
    413: "too-large",
    422: "refused",
    429: "too-many",
    503: "not-stored",
}


@dataclass(slots=True)
class ProblemError(Exception):
    """A refusal on its way to the caller.

    Attributes:
        code: a key of CODES.
        detail: this case in one sentence, in the language of the request.
        errors: per field: [{"field": ..., "message": ...}].
        retry_ms: when to try again, for 429.
    """

    code: str
    detail: str = ""
    errors: list[dict[str, str]] = field(default_factory=list)
    retry_ms: int = 0


def problem_body(problem: ProblemError) -> dict[str, Any]:
    """Give the RFC 9457 document of a refusal."""
    status, title, advice = CODES[problem.code]
    body: dict[str, Any] = {
        "type": f"/about#problem-{problem.code}",
        "title": str(title),
        "status": status,
        "code": problem.code,
        "detail": problem.detail or str(title),
        "hint": str(advice),
    }
    if problem.errors:
        body["errors"] = problem.errors
    return body


def init_problems(app: Flask) -> None:
    """Answer every refusal of the application in one shape."""
    app.register_error_handler(ProblemError, _answer)
    app.register_error_handler(StoreError, _answer_store)
    app.register_error_handler(HTTPException, _answer_http)
    app.register_error_handler(Exception, _answer_crash)


def _wants_json() -> bool:
    return request.path.startswith(("/api/", "/log/", "/openapi", "/healthz", "/metrics", "/messages/"))


def _answer(problem: ProblemError) -> Response:
    status = CODES[problem.code][0]
    if _wants_json():
        response = jsonify(problem_body(problem))
        response.mimetype = "application/problem+json"
    else:
        response = make_response(render_template("problem.html", problem=problem_body(problem)))
    response.status_code = status
    if problem.retry_ms:
        response.headers["Retry-After"] = str(-(-problem.retry_ms // 1000))
    return response


def _answer_http(error: HTTPException) -> Response | HTTPException:
    if error.code is None or error.code < 400:
        return error
    return _answer(ProblemError(_BY_STATUS.get(error.code, "bad-request" if error.code < 500 else "broken")))


def _answer_store(error: StoreError) -> Response:
    """Say that the log did not take something: for now, or until an operator has looked."""
    if error.code not in CODES:
        return _answer_crash(error)
    if not isinstance(error, AppendError):
        _log.critical("%s", error)
    return _answer(ProblemError(error.code, str(error)))


def _answer_crash(error: Exception) -> Response:
    _log.error("%s %s failed", request.method, request.path, exc_info=error)
    return _answer(ProblemError("broken", _("It was written down in the service's own record.")))
