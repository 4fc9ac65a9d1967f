"""The installed app: its manifest, its service worker, and pages without a person that open with no network.

What the worker keeps is named in `/sw.js` with the hash of every file: a changed file is a new version of the app. A
shell holds no data; whoever gets one learns what the sign-in page tells anyway. Pages with data are never kept.
"""

from __future__ import annotations

import hashlib
import json
import re
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from flask import Blueprint, Response, current_app, render_template
from flask_babel import force_locale
from flask_babel import gettext as _

from web.assets import build_stamp, packed_answer
from web.i18n import LANGUAGES, messages_json
from web.pages import ways
from web.problems import ProblemError

__all__ = ["SHELLS", "kept_files", "offline"]

offline = Blueprint("offline", __name__)
SHELLS: Final = {
    "scan": ("/scan", "scan.html"),
    "practice": ("/practice", "practice.html"),
    "bag": ("/bag", "bag.html"),
    "offline": ("", "offline.html"),
}
"""Name of a shell -> the page it stands for, "" for none, and that page's template, which extends `layout`."""

_LINKED: Final = re.compile(r'(?:href|src)="(/static/[^"?]+)')
_ICONS: Final = ((192, "any"), (512, "any"), (512, "maskable"))


def _built() -> Path:
    return Path(str(current_app.static_folder)) / "build"


@lru_cache(maxsize=512)
def _digest(path: Path, _changed_ns: int, _size: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _digest_of(path: Path) -> str:
    found = path.stat()
    return _digest(path, found.st_mtime_ns, found.st_size)


def _shell(name: str) -> str:
    """Draw a page for nobody, in the first language, once; the browser puts its own words and person in."""
    drawn: dict[tuple[str, int], str] = current_app.extensions.setdefault("tram-shells", {})
    here, template = SHELLS[name]
    known = (name, build_stamp())  # it names what was built
    if known not in drawn:
        with force_locale("vi"):
            drawn[known] = render_template(
                template, layout="shell.html", here=here, viewer=None, nav=ways(), lang="vi", theme="auto"
            )
    return drawn[known]


@lru_cache(maxsize=8)
def _words_digest(lang: str) -> str:
    return hashlib.sha256(messages_json(lang).encode()).hexdigest()


def kept_files() -> dict[str, str]:
    """Give what the app is made of: address -> SHA-256, hex.

    Raises:
        ProblemError: not-found, where the front end is not built.
    """
    static = Path(str(current_app.static_folder))
    pages = {f"/shell/{name}": _shell(name) for name in SHELLS}
    linked = {address for page in pages.values() for address in _LINKED.findall(page)}
    linked |= {f"/static/speech/{path.name}" for path in static.glob("speech/*")}  # numbers, spoken
    try:
        built: list[str] = json.loads((_built() / "app.json").read_text(encoding="utf-8"))
        linked |= {f"/static/build/{name}" for name in built}
        files = {one: _digest_of(static / one.removeprefix("/static/")) for one in sorted(linked)}
    except FileNotFoundError as error:
        raise ProblemError("not-found", _("The front end is not built.")) from error
    files |= {address: hashlib.sha256(page.encode()).hexdigest() for address, page in pages.items()}
    return files | {f"/messages/{lang}.json": _words_digest(lang) for lang in LANGUAGES}


@offline.get("/sw.js")
def worker() -> Response:
    """Give the service worker with the list of what it keeps; asked for by the browser at every start."""
    files = kept_files()
    kept = {
        "version": hashlib.sha256(json.dumps(files, sort_keys=True).encode()).hexdigest()[:16],
        "files": files,
        "shells": {page: f"/shell/{name}" for name, (page, _template) in SHELLS.items() if page},
        "offline": "/shell/offline",
    }
    text = (_built() / "sw.js").read_text(encoding="utf-8")
    response = packed_answer(f"const KEPT = {json.dumps(kept)};\n{text}", "text/javascript")
    response.headers["Cache-Control"] = "no-cache"
    response.headers["Service-Worker-Allowed"] = "/"
    return response


@offline.get("/shell/<name>")
def shell(name: str) -> Response:
    """Give a page without a person, for the worker to keep."""
    if name not in SHELLS:
        raise ProblemError("not-found")
    return packed_answer(_shell(name), "text/html")


@offline.get("/manifest.webmanifest")
def manifest() -> Response:
    """Say how the app stands on a home screen."""
    says: dict[str, Any] = {
        "id": "/",
        "name": "Trạm: sổ giao nhận KT1",
        "short_name": "Trạm",
        "lang": "vi",
        "dir": "ltr",
        "description": "Quét, ký giao và ký nhận bưu gửi KT1, có mạng hay không.",
        "start_url": "/scan",
        "scope": "/",
        "display": "standalone",
        "orientation": "portrait",
        "background_color": "#f6f5f1",
        "theme_color": "#b3261e",
        "icons": [
            {
                "src": f"/static/build/icon-{'' if purpose == 'any' else purpose + '-'}{side}.png",
                "sizes": f"{side}x{side}",
                "type": "image/png",
                "purpose": purpose,
            }
            for side, purpose in _ICONS
        ],
    }
    return Response(json.dumps(says, ensure_ascii=False), mimetype="application/manifest+json")
