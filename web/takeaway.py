"""The verifier for strangers: one page that checks a dossier by itself, shown here and to take away.

What it does is web/verifier/; it is built into one file, which needs no server and may lie on any disk.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from flask import Blueprint, Response

from web.problems import ProblemError

__all__ = ["VERIFIER", "policy_of", "verifier"]

verifier = Blueprint("verifier", __name__)
VERIFIER: Final = Path(__file__).parent / "static" / "build" / "verifier.html"
_POLICY: Final = re.compile(r'<meta http-equiv="Content-Security-Policy" content="([^"]+)">')


def policy_of(page: str) -> str:
    """Return the policy that the page names for itself: no address, its own script and style by their hashes."""
    found = _POLICY.search(page)
    if found is None:
        raise ValueError("the verifier names no policy")
    return found[1]


@verifier.get("/verifier")
def show() -> Response:
    """Show the page, to anyone, under its own policy."""
    page = _page()
    response = Response(page, mimetype="text/html")
    response.headers["Content-Security-Policy"] = f"{policy_of(page)}; frame-ancestors 'none'"
    return response


@verifier.get("/verifier.html")
def take() -> Response:
    """Give the page as a file, to keep beside the dossiers."""
    response = Response(_page(), mimetype="text/html")
    response.headers["Content-Disposition"] = 'attachment; filename="tram-verifier.html"'
    return response


def _page() -> str:
    if not VERIFIER.is_file():
        raise ProblemError("not-found")
    return VERIFIER.read_text(encoding="utf-8")
