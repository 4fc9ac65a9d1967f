"""The installed app: what it is made of, that it holds nobody's data, and that a change is a new version."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.web.hands import Hand
from web.offline import SHELLS

Hands = Callable[[str], Hand]
_BUILD = Path(__file__).resolve().parents[2] / "web" / "static" / "build"
_MOST_BYTES = 1_200_000  # gzipped, with the decoder

built = pytest.mark.skipif(
    not (_BUILD / "app.json").is_file(), reason="the front end is not built: make build"
)


def _kept(app: Flask) -> dict[str, Any]:
    text = app.test_client().get("/sw.js").text
    kept: dict[str, Any] = json.loads(text.split("\n", 1)[0].removeprefix("const KEPT = ").rstrip(";"))
    return kept


def _body(client: FlaskClient, address: str) -> bytes:
    """Fetch a file and let go of it."""
    with client.get(address) as answer:
        assert answer.status_code == 200, address
        found: bytes = answer.data
        return found


@built
def test_the_app_is_small_enough_for_a_slow_network(app: Flask) -> None:
    """Issue 5: 1.2 MB with the decoder, everything that is kept counted."""
    client = app.test_client()
    sizes = {address: len(gzip.compress(_body(client, address))) for address in _kept(app)["files"]}
    assert any(address.endswith(".wasm") for address in sizes)
    assert sum(sizes.values()) <= _MOST_BYTES, sizes


@built
def test_every_kept_file_is_served_as_listed(app: Flask) -> None:
    """One file missing or another, and no new version is ever taken: /sw.js and what is served may not differ."""
    client, kept = app.test_client(), _kept(app)
    assert kept["offline"] in kept["files"]
    assert set(kept["shells"].values()) <= set(kept["files"])
    for address, digest in kept["files"].items():
        assert hashlib.sha256(_body(client, address)).hexdigest() == digest, address


@built
def test_a_kept_page_names_nobody_whoever_asks(app: Flask, hand: Hands) -> None:
    """A cache outlives a sign-out: a shell asked for by a person is the stranger's, byte for byte."""
    courier = hand("buuta1")
    for name in SHELLS:
        strange = app.test_client().get(f"/shell/{name}")
        own = courier.client.get(f"/shell/{name}", headers={"Cookie": "theme=dark; tram_lang=en"})
        assert strange.status_code == 200
        assert own.data == courier.client.get(f"/shell/{name}").data == strange.data


@built
def test_another_text_is_another_version(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """A browser looks for a new version by the bytes of /sw.js: they must change with whatever is kept."""
    before = _kept(app)["version"]
    monkeypatch.setitem(SHELLS, "again", ("", "offline.html"))
    assert _kept(app)["version"] != before


@built
def test_the_worker_rules_the_whole_site_and_is_asked_for_anew(app: Flask) -> None:
    """A worker that a cache holds back would keep an old app for ever."""
    answer = app.test_client().get("/sw.js")
    assert answer.headers["Service-Worker-Allowed"] == "/"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.mimetype == "text/javascript"


@built
def test_the_manifest_is_vietnamese_and_its_icons_are_what_it_says(app: Flask) -> None:
    """A browser offers installation only with icons of 192 and 512 that have the size they claim."""
    client = app.test_client()
    answer = client.get("/manifest.webmanifest")
    manifest = json.loads(answer.data)
    assert (answer.mimetype, manifest["lang"], manifest["display"]) == (
        "application/manifest+json",
        "vi",
        "standalone",
    )
    assert {(icon["sizes"], icon["purpose"]) for icon in manifest["icons"]} == {
        ("192x192", "any"),
        ("512x512", "any"),
        ("512x512", "maskable"),
    }
    for icon in manifest["icons"]:
        drawn = cv2.imdecode(np.frombuffer(_body(client, icon["src"]), np.uint8), cv2.IMREAD_UNCHANGED)
        assert drawn is not None
        assert drawn.shape[:2] == tuple(int(side) for side in icon["sizes"].split("x"))
        corner_alpha = int(drawn[0, 0, 3])
        assert corner_alpha == (255 if icon["purpose"] == "maskable" else 0)
        assert np.ptp(drawn[..., 0]) > 150, "an icon without a drawing"


def test_the_sign_in_page_leads_to_the_manifest(app: Flask) -> None:
    """Installation is offered from any page."""
    page = app.test_client().get("/sign-in").text
    assert re.search(r'<link rel="manifest" href="/manifest.webmanifest">', page)
