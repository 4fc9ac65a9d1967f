"""Static files go out packed where the browser takes it, and are kept where their name says what is in them."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path

import pytest
from flask import Flask

from web.assets import preload, send_asset

_TEXT = b"export const words = 'chuoi ngoi trung';\n" * 200
_TWIN = {"br": b"packed by brotli", "gzip": gzip.compress(_TEXT)}


@pytest.fixture
def static(tmp_path: Path) -> Path:
    """A built front end of three files."""
    packed = tmp_path / "build" / "packed" / "build"
    packed.mkdir(parents=True)
    for name in ("chunk-2GDSIDDA.js", "scan.js", "zxing_reader-XWMUL2TJ.wasm"):
        (tmp_path / "build" / name).write_bytes(_TEXT)
        (packed / f"{name}.br").write_bytes(_TWIN["br"])
        (packed / f"{name}.gz").write_bytes(_TWIN["gzip"])
    (tmp_path / "plain.css").write_bytes(b"a{}")
    (tmp_path / "build" / "modules.json").write_text(
        json.dumps({"scan": ["scan.js", "a.js"], "base": ["a.js"]})
    )
    return tmp_path


@pytest.fixture
def app(static: Path) -> Flask:
    """An application that serves it."""

    class Application(Flask):
        def send_static_file(self, filename: str):  # type: ignore[no-untyped-def] # noqa: ANN202
            return send_asset(static, filename)

    return Application("tests", static_folder=str(static), static_url_path="/static")


@pytest.mark.parametrize(
    "accepted, coding",
    [
        (None, None),
        ("", None),
        ("identity", None),
        ("gzip", "gzip"),
        ("gzip, deflate, br", "br"),
        ("br;q=0, gzip", "gzip"),
        ("br;q=0, gzip;q=0", None),
        ("zstd", None),
        ("*;q=0", None),
    ],
)
@pytest.mark.parametrize(
    "name, kind",
    [("build/scan.js", "text/javascript"), ("build/zxing_reader-XWMUL2TJ.wasm", "application/wasm")],
)
def test_the_best_coding_that_the_browser_takes_is_sent(
    app: Flask, name: str, kind: str, accepted: str | None, coding: str | None
) -> None:
    """Its type is that of the file: a wasm of another type is not compiled while it comes in."""
    headers = {} if accepted is None else {"Accept-Encoding": accepted}
    answer = app.test_client().get(f"/static/{name}", headers=headers, buffered=True)
    assert answer.status_code == 200
    assert answer.headers.get("Content-Encoding") == coding
    assert answer.mimetype == kind
    assert answer.vary.as_set() == {"accept-encoding"}
    assert answer.data == (_TWIN[coding] if coding else _TEXT)


def test_only_what_its_name_says_is_kept_without_asking(app: Flask) -> None:
    """A hash in the name never stands for other bytes; any other file is asked for again, and compared."""
    client = app.test_client()
    for name in ("chunk-2GDSIDDA.js", "zxing_reader-XWMUL2TJ.wasm"):
        kept = client.get(f"/static/build/{name}", buffered=True).cache_control
        assert kept.immutable
        assert (kept.max_age, kept.no_cache) == (31_536_000, None)
    for name in ("build/scan.js", "plain.css"):
        answer = client.get(f"/static/{name}", buffered=True)
        assert answer.cache_control.no_cache
        assert not answer.cache_control.immutable
        assert (
            client.get(
                f"/static/{name}", headers={"If-None-Match": answer.headers["ETag"]}, buffered=True
            ).status_code
            == 304
        )


def test_each_coding_has_a_tag_of_its_own(app: Flask) -> None:
    """A cache that holds the packed bytes must not take them for the plain ones."""
    client = app.test_client()
    tags = {
        client.get("/static/build/scan.js", headers={"Accept-Encoding": coding}, buffered=True).headers[
            "ETag"
        ]
        for coding in ("br", "gzip", "identity")
    }
    assert len(tags) == 3


def test_a_file_that_was_edited_since_is_sent_as_it_is(app: Flask, static: Path) -> None:
    """The twin of yesterday's text is no twin."""
    twin = static / "build" / "packed" / "build" / "scan.js.br"
    os.utime(twin, ns=(1, 1))
    os.utime(twin.with_suffix(".gz"), ns=(1, 1))
    answer = app.test_client().get(
        "/static/build/scan.js", headers={"Accept-Encoding": "gzip, br"}, buffered=True
    )
    assert answer.headers.get("Content-Encoding") is None
    assert answer.data == _TEXT


def test_nothing_outside_the_folder_is_sent(app: Flask) -> None:
    """Neither by climbing, nor is there a file that is not."""
    client = app.test_client()
    for name in ("../conftest.py", "build/%2e%2e/%2e%2e/secret", "no.js", "%00", "scan.css%00"):
        assert (
            client.get(f"/static/{name}", headers={"Accept-Encoding": "br"}, buffered=True).status_code == 404
        )


def test_every_module_of_a_page_is_asked_for_at_once(app: Flask) -> None:
    """Each once, in the order in which they are needed; without a built front end none."""
    with app.app_context():
        links = str(preload("base", "scan"))
    assert links.count("<link") == 2
    assert links.index("a.js") < links.index("scan.js")
    with Flask("bare", static_folder="nowhere").app_context():
        assert str(preload("scan")) == ""
