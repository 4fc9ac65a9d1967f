"""Signing in, locks, sessions, cross-site requests: who may come in at all (E4, E5, D12)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from db import schema
from db.engine import reading, writing
from tests.web.conftest import PASSWORD, Clock
from tests.web.hands import Hand, json_of
from web.service import COOKIE, Service

Hands = Callable[[str], Hand]


def _sign_in(app: Flask, password: str = PASSWORD, login: str = "buuta1", **form: str) -> tuple[int, object]:
    client = app.test_client()
    answer = client.post("/sign-in", data={"login": login, "password": password} | form)
    return answer.status_code, client


def test_a_good_password_opens_a_session_that_only_http_sees(app: Flask) -> None:
    """The cookie is out of reach of scripts and of other sites."""
    answer = app.test_client().post("/sign-in", data={"login": "BUUTA1", "password": PASSWORD})
    assert answer.status_code == 302
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_the_database_keeps_no_token(app: Flask) -> None:
    """Who reads the database cannot use a session."""
    answer = app.test_client().post("/sign-in", data={"login": "buuta1", "password": PASSWORD})
    token = answer.headers["Set-Cookie"].split("=", 1)[1].split(";")[0]
    service: Service = app.extensions["tram"]
    with reading(service.engine) as conn:
        stored = conn.scalars(select(schema.session.c.token_hash)).all()
    assert all(token.encode() not in one for one in stored)


def test_six_bad_sign_ins_lock_for_a_while(app: Flask, clock: Clock) -> None:
    """E4: the seventh attempt is refused even with the right password, and later it works again."""
    for _ in range(6):
        assert _sign_in(app, "wrong")[0] == 401
    answer = app.test_client().post("/sign-in", data={"login": "buuta1", "password": PASSWORD})
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    clock.now_ms += 16 * 60_000
    assert _sign_in(app)[0] == 302


def test_five_bad_sign_ins_do_not_lock(app: Flask) -> None:
    """The near miss."""
    for _ in range(5):
        _sign_in(app, "wrong")
    assert _sign_in(app)[0] == 302


def test_an_unknown_name_reads_like_a_wrong_password(app: Flask) -> None:
    """The page does not tell who has an account."""
    texts = {
        app.test_client().post("/sign-in", data={"login": login, "password": "x"}).text.replace(login, "")
        for login in ("buuta1", "nobody1")
    }
    assert len(texts) == 1


def test_an_unknown_name_is_locked_like_any_other(app: Flask) -> None:
    """The lock does not tell either who has an account."""
    answers = {}
    for login in ("buuta1", "nobody1"):
        tries = [app.test_client().post("/sign-in", data={"login": login, "password": "x"}) for _ in range(8)]
        answers[login] = [(one.status_code, one.text.replace(login, "")) for one in tries]
    assert answers["buuta1"] == answers["nobody1"]
    assert [status for status, _ in answers["nobody1"]] == [401] * 6 + [429] * 2


def test_a_lock_from_one_address_does_not_lock_the_person_out(app: Flask) -> None:
    """A stranger who knows the name tries six times; its owner signs in from elsewhere."""
    elsewhere = {"REMOTE_ADDR": "10.0.0.66"}
    for _ in range(8):
        app.test_client().post(
            "/sign-in", data={"login": "buuta1", "password": "x"}, environ_overrides=elsewhere
        )
    assert _sign_in(app)[0] == 302


def test_one_slip_after_a_lock_does_not_lock_again(app: Flask, clock: Clock) -> None:
    """The count begins anew when the lock has run out."""
    for _ in range(7):
        _sign_in(app, "wrong")
    clock.now_ms += 15 * 60_000 + 1_000
    assert _sign_in(app, "wrong")[0] == 401
    assert _sign_in(app)[0] == 302


def test_sign_out_ends_the_session_on_the_server(hand: Hands, app: Flask) -> None:
    """A copied cookie is worth nothing afterwards."""
    one = hand("buuta1")
    stolen = one.client.get_cookie(COOKIE)
    assert stolen is not None
    one.client.post("/sign-out")
    thief = app.test_client()
    thief.set_cookie(COOKIE, stolen.value)
    assert thief.get("/api/v1/me").status_code == 401


def test_a_suspended_person_is_refused_at_the_next_request(hand: Hands) -> None:
    """D12: suspend at once; what they signed stays."""
    one = hand("buuta1")
    assert one.client.get("/api/v1/me").status_code == 200
    admin = hand("quantri1")
    assert admin.client.post(f"/people/{one.id.hex()}", data={"status": "suspended"}).status_code == 302
    answer = one.client.get("/api/v1/me")
    assert (answer.status_code, json_of(answer)["code"]) == (403, "suspended")
    assert one.client.get("/").status_code == 403


def test_a_session_ends_after_its_time(hand: Hands, clock: Clock) -> None:
    """An unattended browser does not stay signed in for ever."""
    one = hand("buuta1")
    clock.now_ms += 13 * 3_600_000
    assert one.client.get("/api/v1/me").status_code == 401


def test_a_session_in_use_goes_on(hand: Hands, clock: Clock) -> None:
    """A shift is longer than one session's idle time only where nobody works."""
    one = hand("buuta1")
    for _ in range(3):
        clock.now_ms += 8 * 3_600_000
        assert one.client.get("/api/v1/me").status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
    ids=["cross-site", "sister-site", "origin", "null-origin"],
)
@pytest.mark.parametrize(
    "path", ["/sign-in", "/sign-out", "/preferences", "/api/v1/events", "/api/v1/labels"]
)
def test_another_site_cannot_act(hand: Hands, headers: dict[str, str], path: str) -> None:
    """E5: a POST that another site made this browser send is refused before anything else."""
    answer = hand("giaodich1").client.post(path, headers=headers, json={})
    assert answer.status_code == 403


def test_our_own_page_can_act(hand: Hands) -> None:
    """The near miss: same origin passes."""
    headers = {"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost"}
    assert hand("giaodich1").client.post("/preferences", headers=headers).status_code == 302


@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_sign_in_leads_nowhere_else(app: Flask, target: str) -> None:
    """An open redirect would lend our name to a stranger's page."""
    answer = app.test_client().post(
        "/sign-in", data={"login": "buuta1", "password": PASSWORD, "next": target}
    )
    assert answer.headers["Location"] == "/"


def test_the_demonstration_offers_people_to_play(app: Flask) -> None:
    """A newcomer needs no manual; a site without a demonstration password shows none."""
    service: Service = app.extensions["tram"]
    assert "data-login" not in app.test_client().get("/sign-in").text
    with writing(service.engine) as conn:
        conn.execute(schema.setting.insert().values(name="demo_password", value=PASSWORD))
    page = app.test_client().get("/sign-in").text
    assert 'data-login="giaodich1"' in page
    assert "Trang thử nghiệm" in page


def test_a_stranger_is_sent_to_sign_in_and_back(app: Flask) -> None:
    """A link to a page still leads there after the sign-in."""
    answer = app.test_client().get("/items/?show=broken")
    assert answer.headers["Location"] == "/sign-in?next=%2Fitems%2F%3Fshow%3Dbroken"


def test_too_many_requests_are_told_when_to_come_back(hand: Hands) -> None:
    """Rate limits answer 429 with Retry-After, per person."""
    client = hand("buuta1").client
    codes = [client.post("/api/v1/devices", json={}).status_code for _ in range(22)]
    assert codes[-1] == 429
    assert hand("buuta2").client.get("/api/v1/me").status_code == 200
