"""How the service answers: escaping, headers, languages, problems, sizes, and what machines read."""

from __future__ import annotations

import io
from collections.abc import Callable

import cv2
import numpy as np
import pytest
from flask import Flask
from PIL import Image

from custody.s10 import make_number
from db import schema
from db.engine import writing
from labels import render
from labels.codes import code128_runs
from tests.scanner.camera import Shot, photograph
from tests.web.hands import Hand, begin, json_of
from web.itemview import fold, item_by_number
from web.labelling import face, label_of
from web.problems import CODES
from web.security import HEADERS

Hands = Callable[[str], Hand]


def test_a_script_in_a_name_is_text(hand: Hands) -> None:
    """E5: names come from people and are never markup."""
    clerk = hand("giaodich1")
    evil = "<script>alert(1)</script>"
    with writing(clerk.service.engine) as conn:
        conn.execute(schema.person.update().where(schema.person.c.id == clerk.id).values(name=evil))
        conn.execute(schema.agency.update().where(schema.agency.c.code == 1).values(name=evil))
    walk = begin(clerk)
    for path in ("/", "/counter", f"/items/{walk.number}", "/items/"):
        page = clerk.client.get(path).text
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert" in page


def test_every_answer_wears_the_headers(app: Flask, hand: Hands) -> None:
    """Also errors and redirects; pages with names in them are kept by no cache."""
    client = hand("buuta1").client
    for path in ("/", "/nowhere", "/api/v1/nowhere", "/healthz", "/static/base.css"):
        answer = client.get(path)
        for name in HEADERS:
            assert answer.headers[name], (path, name)
        answer.close()
    assert client.get("/").headers["Cache-Control"] == "no-store"
    assert "unsafe-inline" not in HEADERS["Content-Security-Policy"]


def test_pages_hold_no_foreign_address_and_no_inline_code(hand: Hands) -> None:
    """B7: nothing is fetched from elsewhere; the policy allows no inline script or style anyway."""
    clerk = hand("giaodich1")
    walk = begin(clerk)
    pages = {
        "giaodich1": ("/", "/counter", "/scan", "/items/", f"/items/{walk.number}", "/about", "/guide"),
        "kiemsoat1": ("/wall", "/devices", "/"),
    }
    for login, paths in pages.items():
        for path in paths:
            page = hand(login).client.get(path).text
            assert "http://" not in page
            assert "https://" not in page
            assert " style=" not in page
            assert " onclick=" not in page
            assert "<script>" not in page


def test_vietnamese_is_the_default_and_english_is_kept(app: Flask) -> None:
    """Issue 12: switched in the page, by a cookie of this browser alone."""
    client = app.test_client()
    assert '<html lang="vi"' in client.get("/sign-in").text
    client.post("/preferences", data={"lang": "en", "back": "/about"})
    page = client.get("/about").text
    assert '<html lang="en"' in page
    assert "What you may rely on" in page


def test_an_unknown_language_or_theme_changes_nothing(app: Flask) -> None:
    """Cookies are input."""
    client = app.test_client()
    client.set_cookie("tram_lang", "../../etc")
    client.set_cookie("theme", '"><script>')
    page = client.get("/sign-in").text
    assert '<html lang="vi" data-theme="auto"' in page


@pytest.mark.parametrize("theme", ["auto", "light", "dark", "sunlight"])
def test_the_theme_is_in_the_first_byte(app: Flask, theme: str) -> None:
    """No flash of another theme: the server renders it."""
    client = app.test_client()
    client.post("/preferences", data={"theme": theme})
    assert f'data-theme="{theme}"' in client.get("/sign-in").text


def test_problems_are_rfc_9457_in_both_languages(app: Flask) -> None:
    """A stable code, a sentence in the language of the request, and what to do next."""
    client = app.test_client()
    vietnamese = client.get("/api/v1/me")
    assert vietnamese.mimetype == "application/problem+json"
    assert (json_of(vietnamese)["status"], json_of(vietnamese)["code"]) == (401, "sign-in-needed")
    assert json_of(vietnamese)["title"] == "Bạn chưa đăng nhập"
    english = client.get("/api/v1/me?lang=en")
    assert json_of(english)["title"] == "You are not signed in"
    assert json_of(english)["hint"]


def test_every_problem_code_is_explained_on_the_about_page(app: Flask) -> None:
    """`type` of a problem document leads there."""
    page = app.test_client().get("/about").text
    for code in CODES:
        assert f'id="problem-{code}"' in page


def test_an_unforeseen_failure_is_a_problem_too(app: Flask, hand: Hands) -> None:
    """No stack trace leaves the house."""
    client = hand("buuta1").client
    app.extensions["tram"].site.engine.dispose()
    app.view_functions["ops.metrics"] = lambda: 1 // 0  # type: ignore[assignment]
    answer = client.get("/metrics")
    assert (answer.status_code, json_of(answer)["code"]) == (500, "broken")
    assert "ZeroDivision" not in answer.text


def test_a_body_that_is_too_large_is_413(hand: Hands) -> None:
    """Megabyte texts end at the door."""
    answer = hand("buuta1").client.post(
        "/api/v1/events", data=b"x" * 5_000_000, headers={"Content-Type": "application/json"}
    )
    assert (answer.status_code, json_of(answer)["code"]) == (413, "too-large")


def test_more_than_a_thousand_entries_are_refused(hand: Hands) -> None:
    """The bulk limit of the contract."""
    answer = hand("buuta1").client.post("/api/v1/events", json={"entries": ["AAAA"] * 1001})
    assert answer.status_code == 400


def test_deep_json_is_refused(hand: Hands) -> None:
    """Nesting is an attack, not an acceptance."""
    answer = hand("buuta1").client.post(
        "/api/v1/events", data=b"[" * 100_000, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 400


def test_a_form_is_no_json(hand: Hands) -> None:
    """What a foreign page could send without asking is not taken as a body."""
    answer = hand("buuta1").client.post("/api/v1/events", data='{"entries": ["AAAA"]}')
    assert answer.status_code == 400


def _no_file(*_args: object, **_more: object) -> None:
    raise AssertionError("a picture was put on a disk")


def test_decoding_reads_our_label_and_writes_no_file(hand: Hands, monkeypatch: pytest.MonkeyPatch) -> None:
    """E7: the picture is read in memory; opening a temporary file would fail the test."""
    clerk = hand("giaodich1")
    walk = begin(clerk)
    row = item_by_number(clerk.service, walk.number)
    assert row is not None
    item = fold(clerk.service, row)
    seen = label_of(item)
    assert seen is not None
    picture = Image.open(io.BytesIO(render(face(clerk.service, item, seen), "png", dpi=300))).convert("L")
    upload = io.BytesIO()
    picture.save(upload, "BMP")  # large: Werkzeug would spool it to a disk
    monkeypatch.setattr("werkzeug.formparser.SpooledTemporaryFile", _no_file)
    head = b'--cut\r\nContent-Disposition: form-data; name="image"; filename="x.bmp"\r\n\r\n'
    body = head + upload.getvalue() + b"\r\n--cut--\r\n"
    answer = clerk.client.post("/api/v1/decode", data=body, content_type="multipart/form-data; boundary=cut")
    assert answer.status_code == 200, json_of(answer)
    assert walk.digits in {one["text"] for one in json_of(answer)["symbols"]}


def test_bars_that_nobody_reads_are_a_suggestion_if_there_is_such_an_item(hand: Hands) -> None:
    """The likeliest number is no reading: it stands apart, and only the register's numbers are offered."""
    clerk = hand("giaodich1")
    walk = begin(clerk)
    answers = {}
    for number in (walk.number, make_number(4_731_248)):
        dots = np.full((560, 800), 255, np.uint8)
        for start, length in code128_runs(number)[0]:
            dots[420:502, 36 + 3 * start : 36 + 3 * (start + length)] = 0
        picture = cv2.imencode(".jpg", photograph(dots, Shot(defocus=2.0), seed=3))[1].tobytes()
        upload = {"image": (io.BytesIO(picture), "x.jpg")}
        answers[number] = json_of(clerk.client.post("/api/v1/decode", data=upload))
    assert [answer["symbols"] for answer in answers.values()] == [[], []]
    assert [answer["suggestion"] for answer in answers.values()] == [walk.number, None]


@pytest.mark.parametrize(
    "content",
    [b"", b"not a picture", b"\x89PNG\r\n\x1a\n" + b"\0" * 100, b"GIF89a" + b"\xff" * 200],
    ids=["empty", "text", "broken-png", "broken-gif"],
)
def test_hostile_pictures_are_answered_by_4xx(hand: Hands, content: bytes) -> None:
    """Uploads are the widest door."""
    answer = hand("buuta1").client.post("/api/v1/decode", data={"image": (io.BytesIO(content), "x.png")})
    assert (answer.status_code, json_of(answer)["code"]) == (422, "not-picture")


def test_a_picture_bomb_is_refused_by_its_header(hand: Hands) -> None:
    """A few kilobytes that unpack to gigabytes are never unpacked."""
    bomb = io.BytesIO()
    Image.new("1", (30_000, 30_000)).save(bomb, "PNG")
    answer = hand("buuta1").client.post(
        "/api/v1/decode", data={"image": (io.BytesIO(bomb.getvalue()), "x.png")}
    )
    assert answer.status_code == 422


def test_a_request_without_a_picture_is_told_where_it_belongs(hand: Hands) -> None:
    """400 with the name of the field."""
    assert hand("buuta1").client.post("/api/v1/decode", data={"other": "x"}).status_code == 400


def test_health_names_the_decoders_and_the_log(app: Flask) -> None:
    """A missing library is a line, not a crash; nothing secret is in it."""
    state = json_of(app.test_client().get("/healthz"))
    assert state["status"] == "ok"
    assert state["log"]["size"] > 0
    assert {"name", "available", "note"} <= set(state["scanner"][0])
    assert "locator" in {one["name"] for one in state["scanner"]}


def test_metrics_carry_no_names(app: Flask, hand: Hands) -> None:
    """Volumes by agency are themselves sensitive."""
    begin(hand("giaodich1"))
    text = app.test_client().get("/metrics").text
    assert "tram_log_size" in text
    assert "990100" not in text
    assert "giaodich" not in text


def test_scans_of_foreign_codes_keep_no_text(hand: Hands) -> None:
    """B11: that there was one is kept; what stood in it is nobody's business."""
    one = hand("buuta1")
    body = {
        "text": "https://example.org/secret",
        "format": "QRCode",
        "method": 1,
        "outcome": "foreign",
        "place": 0,
    }
    assert one.client.post("/api/v1/scans", json=body).status_code == 204
    with one.service.engine.connect() as conn:
        row = conn.execute(schema.scan_attempt.select()).mappings().one()
    assert (row["text"], row["outcome"]) == ("", "not-kt1")


def test_the_log_is_served_as_tiles(hand: Hands) -> None:
    """C2SP tlog-tiles for an auditor; what is beyond the end is not there."""
    client = hand("thanhtra1").client
    note = client.get("/log/checkpoint").text
    size = int(note.splitlines()[1])
    assert len(client.get(f"/log/tile/0/000.p/{size}").data) == 32 * size
    assert client.get(f"/log/tile/entries/000.p/{size}").status_code == 200
    assert client.get("/log/tile/0/001").status_code == 404
    assert client.get("/log/tile/0/1").status_code == 404
