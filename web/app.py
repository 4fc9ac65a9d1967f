"""The application: made of a site and its settings, with no effect at import."""

from __future__ import annotations

import io
import time
from pathlib import Path
from typing import IO, Any

from flask import Flask, Request, Response, g, request

from db import invitations
from db.registration import note_mismatches
from db.site import Site, open_site
from db.verifiers import Verifiers
from db.witness_feed import feed_of
from web.about import about
from web.anchor.page import anchor
from web.api import make_api
from web.assets import init_assets, send_asset
from web.auth import auth
from web.bag import bag
from web.config import Config
from web.counter import counter
from web.devices import devices
from web.enrolment import enrolment
from web.home import home
from web.i18n import init_i18n
from web.items import items
from web.labels import labels
from web.log import log
from web.metrics import LATENCY, REQUESTS
from web.offline import offline
from web.ops import ops
from web.pages import init_pages
from web.printing import printing
from web.problems import init_problems
from web.scan import scan
from web.security import init_security
from web.service import Service, attach, service
from web.slips import slip_pages
from web.stock import stocks
from web.takeaway import verifier
from web.wall import wall

__all__ = ["create_app"]


class _MemoryRequest(Request):
    """A request whose uploads never touch a disk (E7)."""

    def _get_file_stream(
        self,
        total_content_length: int | None,  # noqa: ARG002 - Werkzeug's signature
        content_type: str | None,  # noqa: ARG002
        filename: str | None = None,  # noqa: ARG002
        content_length: int | None = None,  # noqa: ARG002
    ) -> IO[bytes]:
        return io.BytesIO()


class _Application(Flask):
    request_class = _MemoryRequest

    def send_static_file(self, filename: str) -> Response:
        """Give a static file, packed where the browser takes it."""
        return send_asset(Path(str(self.static_folder)), filename)


def create_app(config: Config, site: Site | None = None) -> Flask:
    """Make the service of one site.

    Args:
        config: its settings.
        site: an open site; None opens the one in `config.data`.

    Raises:
        SiteError: no site there.
    """
    app = _Application("web")
    app.config["MAX_CONTENT_LENGTH"] = config.body_bytes
    app.config["MAX_FORM_MEMORY_SIZE"] = 200_000
    app.config["MAX_FORM_PARTS"] = 40
    app.json.ensure_ascii = False  # type: ignore[attr-defined]  # Vietnamese as it is written
    site = site or _open(config)
    made = Service(config=config, site=site, feed=feed_of(site))
    made.site.ledger.watch = note_mismatches
    made.site.ledger.verifiers = Verifiers(config.verifiers)
    invitations.resume(site.engine)
    attach(app, made)
    init_i18n(app)
    init_problems(app)
    init_security(app)
    init_pages(app)
    init_assets(app)
    app.before_request(_begin)
    app.after_request(_count)
    parts: tuple[Any, ...] = (
        about,
        anchor,
        auth,
        bag,
        counter,
        devices,
        enrolment,
        home,
        items,
        labels,
        log,
        make_api(),
        offline,
        ops,
        printing,
        scan,
        slip_pages,
        stocks,
        verifier,
        wall,
    )
    for part in parts:
        app.register_blueprint(part)
    return app


def _open(config: Config) -> Site:
    return open_site(
        config.data,
        config.database_url,
        passphrase=config.passphrase,
        now=config.clock,
        monotonic=config.monotonic,
        is_clock_accepted=config.is_clock_accepted,
    )


def _begin() -> None:
    g.began = time.perf_counter()


def _count(response: Response) -> Response:
    if not request.path.startswith("/static/"):
        REQUESTS.labels(f"{response.status_code // 100}xx").inc()
        if "began" in g:
            LATENCY.observe(time.perf_counter() - g.began)
    if request.path.startswith("/api/"):
        response.headers["Tram-Now"] = str(
            service().now()
        )  # by which a device knows the time while it has no network
    return response
