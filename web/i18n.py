"""Two languages: Vietnamese by default, English where asked; catalogues compiled in memory at start.

The message ids are English. `translations/<lang>/LC_MESSAGES/messages.po` is the only form kept: no `.mo`
beside it can be stale.
"""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations
from flask import Flask, has_request_context, request
from flask_babel import Babel, get_locale

__all__ = [
    "LANGUAGES",
    "catalogue",
    "date_of",
    "init_i18n",
    "is_shown",
    "language",
    "messages_json",
    "moment_of",
    "span_of",
    "zone",
]

LANGUAGES = {"vi": "Tiếng Việt", "en": "English"}
COOKIE = "tram_lang"
zone = timezone(timedelta(hours=7))
_FOLDER = Path(__file__).parent / "translations"


@cache
def _load(lang: str) -> tuple[Translations, dict[str, str]]:
    """Read one `.po`: the gettext object, and the plain table for the browser."""
    with (_FOLDER / lang / "LC_MESSAGES" / "messages.po").open("rb") as source:
        parsed = read_po(source, locale=lang)
    compiled = io.BytesIO()
    write_mo(compiled, parsed)
    compiled.seek(0)
    plain = {
        message.id: message.string
        for message in parsed
        if isinstance(message.id, str) and message.id and isinstance(message.string, str) and message.string
    }
    return Translations(compiled), plain


def catalogue(lang: str) -> dict[str, str]:
    """Give {English msgid: text} of one language; an id that is missing is its own text."""
    return _load(lang)[1]


def messages_json(lang: str) -> str:
    """Write `catalogue` as the browser fetches it, the same bytes every time."""
    return json.dumps(catalogue(lang), ensure_ascii=False, sort_keys=True)


def language() -> str:
    """Choose the language of this request: cookie, else Vietnamese."""
    if not has_request_context():
        return "vi"
    asked = request.args.get("lang") or request.cookies.get(COOKIE, "")
    return asked if asked in LANGUAGES else "vi"


def init_i18n(app: Flask) -> None:
    """Attach Flask-Babel with the catalogues already loaded."""
    babel = Babel(app, default_locale="vi", locale_selector=language)
    with app.app_context():
        domain = babel.domain_instance
    for lang in LANGUAGES:
        domain.cache[lang, domain.domain[0]] = _load(lang)[0]


def _written(at_ms: int | None, pattern: str) -> str:
    if at_ms is None:
        return ""
    try:
        return datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(zone).strftime(pattern)
    except (OverflowError, ValueError, OSError):
        return "—"


def is_shown(at_ms: int | None) -> bool:
    """Whether a time is one that the calendar has: devices may claim any."""
    return _written(at_ms, "%Y") not in {"", "—"}


def moment_of(at_ms: int | None) -> str:
    """Write a time as people here read it: 21/11/2026 07:42 (+07:00); one beyond the calendar is a dash."""
    return _written(at_ms, "%d/%m/%Y %H:%M")


def date_of(at_ms: int | None) -> str:
    """Write a day: 21/11/2026 (+07:00); one beyond the calendar is a dash."""
    return _written(at_ms, "%d/%m/%Y")


def span_of(length_ms: int) -> str:
    """Write a length of time in its two largest units: "2 ngày 3 giờ", "14 phút"."""
    vietnamese = str(get_locale()) == "vi"
    words = ("ngày", "giờ", "phút") if vietnamese else ("d", "h", "min")
    minutes = max(length_ms, 0) // 60_000
    days, rest = divmod(minutes, 1440)
    parts = list(zip((days, *divmod(rest, 60)), words, strict=True))
    shown = [f"{count} {word}" for count, word in parts if count][:2]
    return " ".join(shown) or f"0 {words[2]}"
