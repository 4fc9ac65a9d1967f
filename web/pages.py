"""What every page needs: navigation by role, words for codes, filters, the look chosen in this browser."""

from __future__ import annotations

from typing import Any

from flask import Flask, request
from flask_babel import gettext as _
from markupsafe import Markup

from custody.s10 import group_number
from web.i18n import LANGUAGES, date_of, language, moment_of, span_of
from web.icons import icon
from web.problems import ProblemError
from web.reasons import reason_of
from web.service import service, viewer_or_none

__all__ = ["THEME_COOKIE", "init_pages", "is_demo", "role_words", "theme_names", "ways"]

THEME_COOKIE = "theme"


def theme_names() -> dict[str, str]:
    """Names of the displays, by code."""
    return {"auto": _("Automatic"), "light": _("Light"), "dark": _("Dark"), "sunlight": _("Sunlight")}


def is_demo() -> bool:
    """Whether this site is a demonstration."""
    return service().site.is_demo


def role_words(roles: frozenset[str]) -> str:
    """Say the roles of a person, the ones that matter most to others first."""
    words = {
        "admin": _("administrator"),
        "supervisor": _("supervisor"),
        "security": _("security officer"),
        "inspector": _("inspector"),
        "issuer": _("counter clerk"),
        "clerk": _("clerk"),
        "courier": _("courier"),
        "recipient": _("recipient"),
    }
    shown = [word for name, word in words.items() if name in roles]
    if "issuer" in roles and "clerk" in roles:
        shown.remove(words["clerk"])
    return ", ".join(shown)


_NAV = (
    ("/", "home", ()),
    ("/scan", "scan", ("issuer", "clerk", "courier", "recipient", "supervisor", "security")),
    ("/counter", "counter", ("issuer",)),
    ("/items/", "items", ()),
    ("/wall", "wall", ("supervisor", "security", "inspector")),
    ("/devices", "devices", ("supervisor", "admin")),
)


def ways() -> list[dict[str, Any]]:
    """Give all that the navigation may offer, each with the roles it is for; none means everybody."""
    words = {
        "home": _("Home"),
        "scan": _("Scan"),
        "counter": _("Counter"),
        "items": _("Items"),
        "wall": _("Wall"),
        "devices": _("Devices"),
    }
    return [{"href": href, "icon": sign, "word": words[sign], "roles": roles} for href, sign, roles in _NAV]


def _navigation() -> list[dict[str, Any]]:
    who = viewer_or_none()
    if who is None:
        return []
    return [
        way | {"here": request.path == way["href"] or _is_under(way["href"])}
        for way in ways()
        if not way["roles"] or who.has(*way["roles"])
    ]


def _is_under(href: str) -> bool:
    return href != "/" and request.path.startswith(href.rstrip("/"))


def _context() -> dict[str, Any]:
    try:
        who = viewer_or_none()
    except ProblemError:
        who = None
    theme = request.cookies.get(THEME_COOKIE, "auto")
    return {
        "viewer": who,
        "nav": _navigation() if who else [],
        "demo": is_demo(),
        "lang": language(),
        "languages": LANGUAGES,
        "theme": theme if theme in theme_names() else "auto",
        "themes": list(theme_names().items()),
        "role_words": role_words,
        "icon": icon,
    }


def _said(msgid: str) -> Markup:
    """Say a text in such a way that the browser can say it in another language: on pages that it keeps."""
    return Markup('<span data-t="{}">{}</span>').format(msgid, _(msgid))


def init_pages(app: Flask) -> None:
    """Give templates their filters and words."""
    app.context_processor(_context)
    app.jinja_env.globals |= {"t": _said, "reason_of": reason_of}
    app.jinja_env.filters.update(moment=moment_of, day=date_of, span=span_of, grouped=group_number)
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
