"""What one caller may cost, who may read the log itself, and what is said when the log stops."""

from __future__ import annotations

import secrets
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask

from custody.event import ZERO, EventType, Field
from db import desk, schema
from db.engine import reading
from db.errors import ClockError, LedgerError
from db.ledger import Ledger
from tests.web.conftest import NOW_MS, Clock
from tests.web.hands import Hand, acceptance, begin, encoded, json_of, kid_of
from web.i18n import date_of, is_shown, moment_of
from web.service import Service

Hands = Callable[[str], Hand]
MINUTE_MS = 60_000


def many(hand: Hand, count: int) -> bytes:
    """Sign one event about many items that do not exist."""
    refs = [[secrets.token_bytes(8), 0, ZERO] for _ in range(count)]
    fresh = {"uid": "00" * 8, "seq": 0, "head": ZERO.hex()}
    return hand.sign(EventType.REFUSE, fresh, {Field.ITEMS: refs, Field.CITES: bytes(32)})


def test_naming_thousands_of_items_is_slowed_down(hand: Hands, clock: Clock) -> None:
    """One person's device cannot fill the log with items that are not; a minute's honest work passes at once."""
    clerk = hand("giaodich1")
    codes = []
    for _ in range(3):
        entries = [many(clerk, 1_000) for _ in range(6)]
        codes.append(clerk.client.post("/api/v1/events", json={"entries": encoded(*entries)}).status_code)
    assert codes == [200, 200, 429]
    clock.now_ms += MINUTE_MS
    assert begin(clerk).number


def test_refused_bytes_are_slowed_down(hand: Hands, app: Flask) -> None:
    """Junk is written down, but not without end; and of each entry only the beginning."""
    one = hand("vanthu1")
    junk = encoded(*(secrets.token_bytes(20_000) for _ in range(40)))
    codes = [one.client.post("/api/v1/events", json={"entries": junk}).status_code for _ in range(3)]
    assert codes == [200, 200, 429]
    service: Service = app.extensions["tram"]
    with reading(service.engine) as conn:
        kept = conn.scalar(sa.select(sa.func.sum(sa.func.length(schema.refused.c.body))))
    assert kept == 80 * 4_096
    assert hand("giaodich1").client.get("/api/v1/me").status_code == 200


def test_entries_of_the_log_are_for_inspectors_and_each_look_is_kept(hand: Hands, app: Flask) -> None:
    """They say who held what, when and where: an administrator has no need of that."""
    begin(hand("giaodich1"))
    path = "/log/tile/entries/000.p/5"
    assert hand("quantri1").client.get(path).status_code == 403
    assert hand("quantri1").client.get("/log/tile/0/000.p/5").status_code == 200
    assert hand("quantri1").client.get("/log/checkpoint").status_code == 200
    service: Service = app.extensions["tram"]
    assert desk.accesses(service.engine, "entries/000.p/5") == []

    answer = hand("thanhtra1").client.get(path)

    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    looks = desk.accesses(service.engine, "entries/000.p/5")
    assert [(look["person"], look["action"]) for look in looks] == [(hand("thanhtra1").id, "read-entries")]


@pytest.mark.parametrize(
    "error, code",
    [(LedgerError("database is rolled back"), "log-broken"), (ClockError("the clock jumped"), "clock")],
    ids=["rolled back", "clock"],
)
def test_a_log_that_stops_says_why(
    hand: Hands, monkeypatch: pytest.MonkeyPatch, error: Exception, code: str
) -> None:
    """503 and what to do; the device keeps what it signed."""
    clerk = hand("giaodich1")
    walk = begin(clerk)
    raw = clerk.sign(EventType.SIGHT, clerk.item(walk.number))

    def stop(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(Ledger, "append", stop)
    answer = clerk.client.post("/api/v1/events", json={"entries": encoded(raw)})
    assert (answer.status_code, json_of(answer)["code"]) == (503, code)
    assert json_of(answer)["detail"] == str(error)


def test_another_persons_key_reads_like_none(hand: Hands) -> None:
    """`/me?kid=` tells nobody how many events somebody else's device has signed."""
    one, other = hand("giaodich1"), hand("buuta1")
    begin(one)
    assert json_of(one.client.get(f"/api/v1/me?kid={kid_of(one)}"))["device"]["dseq"] == 1
    assert json_of(other.client.get(f"/api/v1/me?kid={kid_of(one)}"))["device"] == {
        "kid": kid_of(one),
        "status": "none",
        "dseq": 0,
        "dprev": ZERO.hex(),
        "not_after_ms": None,
    }


FAR_MS = 1 << 48  # in the year 10889


@pytest.mark.parametrize("at_ms", [FAR_MS, 1 << 62, -(1 << 62), 253_402_300_799_999])
def test_a_time_beyond_the_calendar_is_a_dash(at_ms: int) -> None:
    """No page fails of a time that somebody claims; the last one is within it in UTC and beyond it here."""
    assert (moment_of(at_ms), date_of(at_ms), is_shown(at_ms)) == ("—", "—", False)


def test_a_due_time_beyond_the_calendar_fails_no_page(hand: Hands, app: Flask) -> None:
    """The pages go on; the label, which would be wrong without its time, is refused in words."""
    walk = begin(hand("giaodich1"), urgency=2, due_ms=hand("giaodich1").service.now() + MINUTE_MS)
    service: Service = app.extensions["tram"]
    with service.engine.begin() as conn:
        conn.execute(schema.item.update().values(due_ms=FAR_MS))
    client = hand("giaodich1").client
    paths = (
        f"/items/{walk.number}",
        "/",
        "/items/",
        f"/api/v1/items/{walk.number}",
        f"/labels/{walk.number}.svg",
    )
    assert [client.get(path).status_code for path in paths] == [200, 200, 200, 200, 409]


@pytest.mark.parametrize("due_ms", [FAR_MS, -1, 0, NOW_MS + 31 * 86_400_000])
def test_the_counter_takes_no_due_time_of_another_age(hand: Hands, due_ms: int) -> None:
    """In the future, and at most 30 days ahead."""
    answer = hand("giaodich1").client.post("/api/v1/labels", json=acceptance(urgency=2, due_ms=due_ms))
    assert answer.status_code in {400, 422}
    assert any("due" in error["field"] for error in json_of(answer)["errors"])
