"""What a request works with: the site, who asks, and the gate before each view.

`gate(...)` stands on every view that is not open to all; a view with neither fails a test.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast
from urllib.parse import urlencode

from flask import Flask, current_app, g, redirect, request
from flask_babel import gettext as _
from sqlalchemy import Engine

from db.headmaps import log_daily
from db.site import Site
from db.witness_feed import Feed, go_round
from web.accounts import Viewer, viewer_of
from web.config import Config
from web.limits import Buckets
from web.problems import ProblemError

__all__ = [
    "COOKIE",
    "Service",
    "attach",
    "gate",
    "is_gated",
    "limit",
    "reason_given",
    "service",
    "start_feeding",
    "viewer",
    "viewer_or_none",
]

COOKIE = "tram_session"
_REASON_LEAST, _REASON_MOST = 3, 200
_P = ParamSpec("_P")
_R = TypeVar("_R")


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """The running service.

    Attributes:
        config: its settings.
        site: log, keys and tables.
        feed: to the witnesses of the log.
        buckets: rate limits.
    """

    config: Config
    site: Site
    feed: Feed
    buckets: Buckets = field(default_factory=Buckets)

    @property
    def engine(self) -> Engine:
        """The site's database."""
        return self.site.engine

    def now(self) -> int:
        """Unix ms, from the clock handed in."""
        return self.config.clock()


def attach(app: Flask, made: Service) -> None:
    """Put the service where views find it."""
    app.extensions["tram"] = made


def start_feeding(app: Flask) -> threading.Event:
    """Feed the log's witnesses from a thread beside the requests, at once and then every minute; a map a day.

    Returns:
        What ends it when it is set.
    """
    made, stop = cast("Service", app.extensions["tram"]), threading.Event()
    what = (made.feed, made.config.witness_every_s, stop, log_daily)
    threading.Thread(target=go_round, args=what, name="witnesses", daemon=True).start()
    return stop


def service() -> Service:
    """The service of this request."""
    return cast("Service", current_app.extensions["tram"])


def viewer_or_none() -> Viewer | None:
    """Who asks, or None; read once a request."""
    if "viewer" not in g:
        token = request.cookies.get(COOKIE, "")
        g.viewer = viewer_of(service().engine, service().config, token) if token else None
    return cast("Viewer | None", g.viewer)


def viewer() -> Viewer:
    """Who asks; behind a gate there always is one.

    Raises:
        ProblemError: sign-in-needed.
    """
    found = viewer_or_none()
    if found is None:
        raise ProblemError("sign-in-needed")
    return found


def limit(action: str, *, per_minute: int, caller: str | None = None, cost: int = 1) -> None:
    """Let the caller do this so often a minute and no more; *cost* is how much of it this is.

    Raises:
        ProblemError: too-many.
    """
    who = caller if caller is not None else viewer().session.hex()
    waits = service().buckets.wait_ms(
        f"{action}:{who}", per_minute=per_minute, now_ms=service().now(), cost=cost
    )
    if waits:
        raise ProblemError("too-many", _("Try again in %(n)s seconds.", n=-(-waits // 1000)), retry_ms=waits)


def reason_given(missing: str, *, problem: str = "bad-request") -> str:
    """Read the reason in a form, at most 200 characters.

    Raises:
        ProblemError: *problem*, with what is *missing*, for less than three letters.
    """
    reason = " ".join(request.form.get("reason", "").split())[:_REASON_MOST]
    if len(reason) < _REASON_LEAST:
        raise ProblemError(problem, missing)
    return reason


def gate(*roles: str, general_limit: bool = True) -> Callable[[Callable[_P, _R]], Callable[_P, _R]]:
    """Open a view to signed-in people, or only to those with one of the roles.

    A page sends a stranger to the sign-in page and back; the API answers 401. Does not check which item is asked for:
    that is `access.py`.
    """

    def wrap(view: Callable[_P, _R]) -> Callable[_P, _R]:
        @wraps(view)
        def guarded(*args: _P.args, **kwargs: _P.kwargs) -> _R:
            if (
                viewer_or_none() is None
                and request.method == "GET"
                and not request.path.startswith(("/api/", "/log/"))
            ):
                back = urlencode({"next": request.full_path.rstrip("?")})
                return cast("_R", redirect(f"/sign-in?{back}"))
            who = viewer()
            if roles and not who.has(*roles):
                raise ProblemError("forbidden")
            if general_limit:
                limit("all", per_minute=service().config.rate_per_minute)
            return view(*args, **kwargs)

        cast("Any", guarded).gate = roles or ("anyone signed in",)
        return guarded

    return wrap


def is_gated(view: Callable[..., Any]) -> bool:
    """Whether a view stands behind a gate; for the test that reads every route."""
    return hasattr(view, "gate")
