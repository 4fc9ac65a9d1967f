"""Signing in and out, and the two preferences of a browser."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, Response, make_response, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from db import desk, schema, sessions
from kt1.province import PERSONAS
from web.accounts import check_password, open_session, viewer_by
from web.i18n import COOKIE as LANGUAGE_COOKIE
from web.i18n import LANGUAGES
from web.pages import THEME_COOKIE, is_demo, role_words, theme_names
from web.problems import ProblemError, problem_body
from web.service import COOKIE, gate, limit, service, viewer, viewer_or_none

__all__ = ["auth", "give_session"]

auth = Blueprint("auth", __name__)
_YEAR_S = 365 * 86_400
_ICONS = {
    "issuer": "counter",
    "courier": "hand",
    "recipient": "person",
    "supervisor": "wall",
    "security": "lock",
    "inspector": "eye",
}


def personas() -> list[dict[str, str]]:
    """People of the demonstration that a newcomer can play, in the order of the walk."""
    password = desk.get_setting(service().engine, "demo_password")
    if not is_demo() or password is None:
        return []
    found = []
    for persona in PERSONAS:
        who = viewer_by(service().engine, schema.person.c.login == persona.login)
        if who is not None:
            sign = next((sign for role, sign in _ICONS.items() if role in who.roles), "person")
            found.append(
                {
                    "login": who.login,
                    "password": password,
                    "name": who.name,
                    "role": role_words(who.roles),
                    "icon": sign,
                    "try_this": _(persona.part),
                    "place": who.place,
                }
            )
    return found


def _own_path(text: str) -> str:
    """Give the path if it stays on this site, else the start page."""
    parts = urlsplit(text)
    is_own = (
        not parts.scheme and not parts.netloc and text.startswith("/") and not text.startswith(("//", "/\\"))
    )
    return text if is_own else "/"


@auth.get("/sign-in")
def sign_in() -> Answer | str:
    """Show the form; at a demonstration the people to play beside it."""
    if viewer_or_none() is not None and "again" not in request.args:
        return redirect(_own_path(request.args.get("next", "/")))
    back = _own_path(request.args.get("next", "/"))
    return render_template("sign_in.html", personas=personas(), next=back, login="", error=None)


@auth.post("/sign-in")
def begin() -> Response | Answer:
    """Open a session, or say why not."""
    limit("sign-in", per_minute=60, caller=request.remote_addr or "")
    login, back = request.form.get("login", "")[:64], _own_path(request.form.get("next", "/"))
    previous = viewer_or_none_quietly()
    try:
        found = check_password(
            service().engine,
            service().config,
            login,
            request.form.get("password", "")[:200],
            address=request.remote_addr or "",
        )
    except ProblemError as problem:
        body = problem_body(problem)
        page = render_template("sign_in.html", personas=personas(), next=back, login=login, error=body)
        refused = make_response(page, body["status"])
        if problem.retry_ms:
            refused.headers["Retry-After"] = str(-(-problem.retry_ms // 1000))
        return refused
    if previous is not None:
        sessions.close_session(service().engine, previous)
    token = open_session(service().engine, service().config, found.id)
    response = redirect(back)
    give_session(response, token)
    return response


def give_session(response: Answer, token: str) -> None:
    """Put a session's token into the browser."""
    is_secure = service().config.secure_cookie
    response.set_cookie(COOKIE, token, httponly=True, samesite="Lax", secure=is_secure, path="/")


def viewer_or_none_quietly() -> bytes | None:
    """Session to be replaced by a new sign-in; a suspended person's counts as none."""
    try:
        found = viewer_or_none()
    except ProblemError:
        return None
    return found.session if found else None


@auth.post("/sign-out")
@gate()
def end() -> Answer:
    """Close the session on the server, so that a copied cookie is worth nothing."""
    sessions.close_session(service().engine, viewer().session)
    response = redirect("/sign-in")
    response.delete_cookie(COOKIE, path="/")
    return response


@auth.post("/preferences")
def preferences() -> Answer:
    """Keep language and display of this browser in two cookies; nobody needs to be signed in."""
    response = redirect(_own_path(request.form.get("back", "/")))
    lang, theme = request.form.get("lang", ""), request.form.get("theme", "")
    if lang in LANGUAGES:
        response.set_cookie(LANGUAGE_COOKIE, lang, max_age=_YEAR_S, samesite="Lax", path="/")
    if theme in theme_names():
        response.set_cookie(THEME_COOKIE, theme, max_age=_YEAR_S, samesite="Lax", path="/")
    return response
