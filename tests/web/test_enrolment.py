"""A device set up from a supervisor's screen: the code, the digits, one device, ten minutes, and who may do what."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from custody import cose, ed25519
from db import desk, invitations, schema
from db.engine import writing
from tests.web.conftest import PASSWORD, Clock
from tests.web.hands import Hand, json_of
from tests.web.test_devices import _make_real
from web.accounts import open_session
from web.enrolment import check_digits, hash_of
from web.problems import ProblemError
from web.service import COOKIE

Hands = Callable[[str], Hand]
_MINUTE_MS = 60_000
_CHECKED = "2026-11-19"


@pytest.fixture(autouse=True)
def real(app: Flask) -> None:
    """Let nobody be certified by the demonstration."""
    _make_real(app)


@pytest.fixture
def codes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Give the codes that were put into square codes, newest last."""
    seen: list[str] = []

    def note(address: str) -> Any:
        seen.append(address.rpartition("#")[2])
        return ()

    monkeypatch.setattr("web.enrolment.text_qr_runs", note)
    return seen


def _invite(supervisor: Hand, person: Hand, **changes: str) -> Any:
    form = {"person": person.id.hex(), "secrecy_max": "C", "checked": _CHECKED, "until": "2026-12-01"}
    return supervisor.client.post("/devices/invitations", data=form | changes)


@pytest.fixture
def cast(hand: Hands, app: Flask) -> tuple[Hand, Hand, FlaskClient]:
    """Give a supervisor, a courier whose phone it will be, and that phone, where nobody is signed in."""
    found = _hand_of(hand, app, "kiemsoat1"), _hand_of(hand, app, "buuta1")
    return *found, app.test_client()


def _hand_of(hand: Hands, app: Flask, login: str) -> Hand:
    """Give a person with the certificate of the demonstration."""
    service = app.extensions["tram"]
    demo = service.site.is_demo
    object.__setattr__(service.site, "is_demo", True)
    try:
        return hand(login)
    finally:
        object.__setattr__(service.site, "is_demo", demo)


def _claim(phone: FlaskClient, code: str, public: bytes, password: str = PASSWORD) -> Any:
    body = {"code": code, "public_key": public.hex(), "name": "Chrome, Android", "password": password}
    return phone.post("/api/v1/enrolments/claim", json=body)


def _finish(phone: FlaskClient, ticket: str) -> str:
    status: str = json_of(phone.post("/api/v1/enrolments/finish", json={"ticket": ticket}))["status"]
    return status


def _key() -> bytes:
    return ed25519.public_of(secrets.token_bytes(32))


def _decide(supervisor: Hand, code: str, decision: str, digits: str) -> int:
    address = f"/devices/invitations/{hash_of(code).hex()}"
    return supervisor.client.post(address, data={"decision": decision, "digits": digits}).status_code


Cast = tuple[Hand, Hand, FlaskClient]


def test_a_phone_is_set_up_by_a_look_and_a_press(cast: Cast, codes: list[str]) -> None:
    """Code, key, the same digits on both screens, approved: certified, signed in, its check kept."""
    supervisor, courier, phone = cast
    page = _invite(supervisor, courier)
    assert (page.status_code, page.headers["Cache-Control"]) == (200, "no-store")
    code, public = codes[-1], _key()
    looked = json_of(phone.post("/api/v1/enrolments/look", json={"code": code}))
    assert looked["person"]["id"] == courier.id.hex()
    ticket = json_of(_claim(phone, code, public))["ticket"]
    assert _finish(phone, ticket) == "waiting"
    assert phone.get_cookie(COOKIE) is None
    seen = json_of(supervisor.client.get(f"/api/v1/enrolments/{hash_of(code).hex()}"))
    assert (seen["status"], seen["digits"]) == ("claimed", check_digits(code, public))
    assert _decide(supervisor, code, "approve", seen["digits"]) == 302
    assert _finish(phone, ticket) == "approved"
    kid = cose.kid_of(public)
    me = json_of(phone.get(f"/api/v1/me?kid={kid.hex()}"))
    assert (me["person"]["id"], me["device"]["status"]) == (courier.id.hex(), "active")
    certificate = supervisor.service.site.ledger.rules.ring.get(kid)
    assert certificate is not None
    assert certificate.secrecy_max == 3
    assert "19/11/2026" in supervisor.client.get("/devices").text


def test_the_code_lies_nowhere_in_the_clear(cast: Cast, codes: list[str]) -> None:
    """Who reads the database, or the page's address in a proxy's log, cannot come with it."""
    supervisor, courier, phone = cast
    page = _invite(supervisor, courier)
    code = codes[-1]
    ticket = json_of(_claim(phone, code, _key()))["ticket"]
    kept = invitations.invitation_of(supervisor.service.engine, hash_of(code))
    assert kept is not None
    stored = repr(kept)
    assert code not in stored
    assert ticket not in stored
    assert code not in re.sub(r"<svg.*?</svg>", "", page.text)


def test_who_photographs_the_screen_comes_second(cast: Cast, codes: list[str], app: Flask) -> None:
    """One code, one device: the other is told, and the digits of the first are on the supervisor's screen."""
    supervisor, courier, phone = cast
    _invite(supervisor, courier)
    code, first, second = codes[-1], _key(), _key()
    assert _claim(app.test_client(), code, first).status_code == 200
    late = _claim(phone, code, second)
    assert (late.status_code, json_of(late)["code"]) == (409, "invitation")
    assert phone.post("/api/v1/enrolments/look", json={"code": code}).status_code == 409
    assert check_digits(code, first) != check_digits(code, second)
    assert _decide(supervisor, code, "approve", check_digits(code, second)) == 409


def test_only_the_device_that_came_is_let_in_and_once(cast: Cast, codes: list[str], app: Flask) -> None:
    """A code seen over a shoulder opens no session after the approval either."""
    supervisor, courier, phone = cast
    _invite(supervisor, courier)
    code, public = codes[-1], _key()
    ticket = json_of(_claim(phone, code, public))["ticket"]
    assert _decide(supervisor, code, "approve", check_digits(code, public)) == 302
    thief = app.test_client()
    for guess in (code, "x" * 32):
        answer = thief.post("/api/v1/enrolments/finish", json={"ticket": guess})
        assert answer.status_code == 409
    assert _finish(phone, ticket) == "approved"
    assert _finish(thief, ticket) == "done"
    assert thief.get_cookie(COOKIE) is None


def test_a_supervisor_alone_sets_up_no_colleagues_phone(cast: Cast, codes: list[str]) -> None:
    """Who shows the code and approves knows no password but their own; guessing it locks like any sign-in."""
    supervisor, courier, phone = cast
    _invite(supervisor, courier)
    answers = [_claim(phone, codes[-1], _key(), f"a guess {n}") for n in range(8)]
    codes_seen = [json_of(answer)["code"] for answer in answers]

    assert "wrong-sign-in" == codes_seen[0]
    assert "locked" == codes_seen[-1]
    assert "locked" == json_of(_claim(phone, codes[-1], _key()))["code"]


@pytest.mark.parametrize("step", ["look", "claim", "approve", "finish"])
def test_after_ten_minutes_nothing_counts(cast: Cast, codes: list[str], clock: Clock, step: str) -> None:
    """The code, the device that waits and the approval all end together."""
    supervisor, courier, phone = cast
    _invite(supervisor, courier)
    code, public = codes[-1], _key()
    ticket = json_of(_claim(phone, code, public))["ticket"] if step in {"approve", "finish"} else ""
    if step == "finish":
        assert _decide(supervisor, code, "approve", check_digits(code, public)) == 302
    clock.now_ms += 10 * _MINUTE_MS
    match step:
        case "look":
            assert phone.post("/api/v1/enrolments/look", json={"code": code}).status_code == 409
        case "claim":
            assert _claim(phone, code, public).status_code == 409
        case "approve":
            assert _decide(supervisor, code, "approve", check_digits(code, public)) == 409
        case _:
            assert _finish(phone, ticket) == "expired"
            assert phone.get_cookie(COOKIE) is None


def test_a_refused_phone_gets_nothing(cast: Cast, codes: list[str]) -> None:
    """The digits differ: neither certificate nor session."""
    supervisor, courier, phone = cast
    _invite(supervisor, courier)
    code, public = codes[-1], _key()
    ticket = json_of(_claim(phone, code, public))["ticket"]
    assert _decide(supervisor, code, "refuse", "") == 302
    assert _finish(phone, ticket) == "refused"
    assert supervisor.service.site.ledger.rules.ring.get(cose.kid_of(public)) is None


def test_a_code_is_withdrawn_before_a_phone_comes(cast: Cast, codes: list[str]) -> None:
    """Seen by somebody else, or shown by mistake: it counts no more, and who withdrew it is kept."""
    supervisor, courier, phone = cast
    page = _invite(supervisor, courier)
    assert 'value="refuse"' in page.text.partition('data-when="claimed"')[0]
    code = codes[-1]
    assert _decide(supervisor, code, "refuse", "") == 302
    assert phone.post("/api/v1/enrolments/look", json={"code": code}).status_code == 409
    assert _claim(phone, code, _key()).status_code == 409
    looks = desk.accesses(supervisor.service.engine, courier.id.hex())
    assert [one["action"] for one in looks] == ["device-invite", "device-refuse"]


def test_an_approval_that_fails_is_done_again(
    cast: Cast, codes: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk or a stopped clock: the phone goes on waiting, and is never let in without a certificate."""
    supervisor, courier, phone = cast
    _invite(supervisor, courier)
    code, public = codes[-1], _key()
    ticket, digits = json_of(_claim(phone, code, public))["ticket"], check_digits(code, public)

    def fail(*_args: Any, **_more: Any) -> None:
        raise ProblemError("conflict", "no certificate today")

    with monkeypatch.context() as broken:
        broken.setattr("web.enrolment.approve", fail)
        assert _decide(supervisor, code, "approve", digits) == 409
    seen = json_of(supervisor.client.get(f"/api/v1/enrolments/{hash_of(code).hex()}"))
    assert (seen["status"], _finish(phone, ticket)) == ("claimed", "waiting")
    assert phone.get_cookie(COOKIE) is None
    assert _decide(supervisor, code, "approve", digits) == 302
    assert _finish(phone, ticket) == "approved"
    assert supervisor.service.site.ledger.rules.ring.get(cose.kid_of(public)) is not None


@pytest.mark.parametrize("checked", ["", "2026-11-21", "2025-11-18"])
def test_no_code_without_a_security_check(cast: Cast, codes: list[str], checked: str) -> None:
    """E18 holds here as well."""
    supervisor, courier, _phone = cast
    assert _invite(supervisor, courier, checked=checked).status_code == 409
    assert codes == []


def test_nobody_sets_up_their_own_phone_and_nobody_one_for_nobody(cast: Cast, codes: list[str]) -> None:
    """Two people, always; and the administrator signs nothing."""
    supervisor, _courier, _phone = cast
    assert _invite(supervisor, supervisor).status_code == 403
    admin = {"person": (b"\1" * 8).hex()}
    assert supervisor.client.post("/devices/invitations", data=admin).status_code == 409
    assert supervisor.client.post("/devices/invitations", data={"person": "00" * 8}).status_code == 409
    assert codes == []


def test_a_supervisor_gets_no_administrators_session(cast: Cast, codes: list[str], app: Flask) -> None:
    """An approved phone is signed in as its person: who is no administrator must not become one in this way."""
    supervisor, person, _phone = cast
    with writing(app.extensions["tram"].engine) as conn:
        where = schema.person.c.id == person.id
        conn.execute(schema.person.update().where(where).values(roles='["ADMIN", "COURIER"]'))
    assert _invite(supervisor, person).status_code == 403
    assert codes == []


def test_another_supervisor_neither_sees_nor_decides(
    cast: Cast, codes: list[str], hand: Hands, app: Flask
) -> None:
    """The outsider of these views: the digits were compared on one screen only."""
    supervisor, courier, phone = cast
    other = _hand_of(hand, app, "kiemsoat2")
    _invite(supervisor, courier)
    code, public = codes[-1], _key()
    _claim(phone, code, public)
    assert other.client.get(f"/api/v1/enrolments/{hash_of(code).hex()}").status_code == 404
    assert _decide(other, code, "approve", check_digits(code, public)) == 404
    assert _decide(courier, code, "approve", check_digits(code, public)) == 403


def test_a_key_that_was_withdrawn_or_is_anothers_is_not_taken(cast: Cast, codes: list[str]) -> None:
    """The code is not used up by it: the browser makes a new key and comes again."""
    supervisor, courier, phone = cast
    stolen = ed25519.public_of(courier.seed)
    form = {"decision": "revoke", "lost": "1"}
    assert supervisor.client.post(f"/devices/{cose.kid_of(stolen).hex()}", data=form).status_code == 302
    _invite(supervisor, courier)
    code = codes[-1]
    for key in (stolen, ed25519.public_of(supervisor.seed)):
        answer = _claim(phone, code, key)
        assert (answer.status_code, json_of(answer)["code"]) == (409, "key-ended")
    assert _claim(phone, code, b"\0" * 32).status_code == 400
    assert _claim(phone, code, _key()).status_code == 200


def test_a_device_whose_certificate_has_ended_is_renewed_in_the_same_way(
    cast: Cast, codes: list[str], clock: Clock
) -> None:
    """Thirty days at most: the same key, certified anew."""
    supervisor, courier, phone = cast
    public, service = _key(), supervisor.service
    for _round in range(2):
        token = open_session(service.engine, service.config, supervisor.id)
        supervisor.client.set_cookie(COOKIE, token)
        _invite(supervisor, courier, until="")
        ticket = json_of(_claim(phone, codes[-1], public))["ticket"]
        assert _decide(supervisor, codes[-1], "approve", check_digits(codes[-1], public)) == 302
        assert _finish(phone, ticket) == "approved"
        certificate = service.site.ledger.rules.ring.get(cose.kid_of(public))
        assert certificate is not None
        assert certificate.not_after_ms > clock.now_ms
        clock.now_ms = certificate.not_after_ms + 1


def test_guessing_codes_is_slow(app: Flask) -> None:
    """128 bits would be enough; a caller is slowed down all the same."""
    client = app.test_client()
    codes_ = [
        client.post("/api/v1/enrolments/look", json={"code": secrets.token_urlsafe(16)}).status_code
        for _guess in range(100)
    ]
    assert set(codes_) == {409, 429}
