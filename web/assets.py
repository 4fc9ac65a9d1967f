"""Static files: compressed where the browser takes it, kept for good where the name says what is in it.

The build lays a packed twin beside what is worth it (`build/packed`, see web/client/build.mjs). A twin older than its
file is not used: what is edited is seen without a build.
"""

from __future__ import annotations

import gzip
import json
import mimetypes
import re
from functools import lru_cache
from pathlib import Path
from typing import Final

from flask import Flask, Response, current_app, request, send_from_directory
from markupsafe import Markup
from werkzeug.security import safe_join

__all__ = ["build_stamp", "init_assets", "packed_answer", "preload", "send_asset"]

_CODINGS: Final = (("br", ".br"), ("gzip", ".gz"))
_HASHED: Final = re.compile(r"build/[a-z_]+-[A-Z0-9]{8}\.(?:js|wasm)\Z")
_A_YEAR_S: Final = 31_536_000
_TWINS: Final = "build/packed"


def _takes(coding: str) -> bool:
    return request.accept_encodings[coding] > 0


def _twin(static: Path, name: str) -> tuple[str, str] | None:
    """Choose the packed twin of a file that this request takes: coding and name; None for the file itself."""
    source = safe_join(str(static), name)
    if source is None or name.startswith(_TWINS):
        return None
    for coding, ending in _CODINGS:
        twin = f"{_TWINS}/{name}{ending}"
        if not _takes(coding):
            continue
        try:
            if (static / twin).stat().st_mtime_ns >= Path(source).stat().st_mtime_ns:
                return coding, twin
        except (OSError, ValueError):  # ValueError: a NUL in its name
            continue
    return None


def send_asset(static: Path, name: str) -> Response:
    """Give a static file in the best coding that the request takes.

    Raises:
        NotFound: there is none.
    """
    chosen = _twin(static, name)
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    answer = send_from_directory(static, chosen[1] if chosen else name, mimetype=kind)
    if chosen:
        answer.content_encoding = chosen[0]
    answer.vary.add("Accept-Encoding")
    if _HASHED.fullmatch(name):
        answer.cache_control.no_cache = None
        answer.cache_control.public = True
        answer.cache_control.max_age = _A_YEAR_S
        answer.cache_control.immutable = True
    return answer


@lru_cache(maxsize=16)
def _gzipped(text: str) -> bytes:
    return gzip.compress(text.encode(), 9, mtime=0)


def packed_answer(text: str, kind: str) -> Response:
    """Answer with a text that is the same for everybody, compressed where the request takes it: it holds no secret."""
    if _takes("gzip"):
        answer = Response(_gzipped(text), mimetype=kind)
        answer.content_encoding = "gzip"
    else:
        answer = Response(text, mimetype=kind)
    answer.vary.add("Accept-Encoding")
    return answer


def _modules() -> Path:
    return Path(str(current_app.static_folder)) / "build" / "modules.json"


def build_stamp() -> int:
    """When the front end was built, ns; 0 where it was not."""
    try:
        return _modules().stat().st_mtime_ns
    except FileNotFoundError:
        return 0


@lru_cache(maxsize=4)
def _needed(path: Path, _stamp: int) -> dict[str, list[str]]:
    needed: dict[str, list[str]] = json.loads(path.read_text(encoding="utf-8"))
    return needed


def preload(*entries: str) -> Markup:
    """Name every module that *entries* import, so that the browser asks for all of them at once."""
    stamp = build_stamp()
    try:
        table = _needed(_modules(), stamp) if stamp else {}
    except FileNotFoundError:  # a new build is taking its place
        table = {}
    names = dict.fromkeys(name for entry in entries for name in table.get(entry, ()))
    return Markup("").join(
        Markup('<link rel="modulepreload" href="/static/build/{}">').format(name) for name in names
    )


def init_assets(app: Flask) -> None:
    """Give templates what they need to ask for the front end."""
    app.jinja_env.globals |= {"preload": preload}
