"""Side tables: names, sign-ins, the counter's work. What they hold can be erased."""

from __future__ import annotations

import threading

import pytest
import sqlalchemy as sa

from db import desk, failures, migrate, people, schema, sessions, stock
from db.engine import writing
from db.plain import fold

LAN = people.Person(
    id=b"lan-----", login="lan", name="Nguyễn Thị Lan", roles=("CLERK", "ISSUER"), office=990_100
)
DUC = people.Person(id=b"duc-----", login="duc", name="Đỗ Văn Đức", roles=("COURIER",), office=990_200)


@pytest.fixture(autouse=True)
def _tables(engine: sa.Engine) -> None:
    migrate.upgrade(engine)


def test_people_are_found_without_marks(engine: sa.Engine) -> None:
    """A courier types `do van`; the register says Đỗ Văn."""
    people.add_people(engine, [LAN, DUC])

    assert people.people(engine, query="do van") == [DUC]
    assert people.people(engine, role="ISSUER") == [LAN]
    assert people.people(engine, office=990_200) == [DUC]
    assert people.people(engine, query="100%") == []
    assert people.person_by_login(engine, " LAN ") == LAN
    assert people.names_of(engine, [LAN.id, b"nobody--"]) == {LAN.id: LAN.name}


def test_an_erased_person_leaves_a_pseudonym(engine: sa.Engine) -> None:
    """Name, login, phone and sessions go; the id stays for the log's sake."""
    people.add_people(engine, [LAN])
    sessions.open_session(
        engine, sessions.Session(token_hash=b"t", person=LAN.id, created_ms=1, seen_ms=1, expires_ms=10)
    )

    people.erase_person(engine, LAN.id)

    found = people.person_by_id(engine, LAN.id)
    assert found is not None
    assert (found.name, found.phone, found.password_hash, found.status) == ("", None, None, "erased")
    assert people.people(engine, query="lan") == []
    assert sessions.session_of(engine, b"t", now_ms=2) is None


ALLOWANCE = failures.Allowance(by_address=6, by_login=20, lock_ms=900_000, window_ms=3_600_000)


def fail(engine: sa.Engine, times: int, *, address: str = "10.0.0.1", now_ms: int = 1_000) -> int:
    """Sign in wrongly; give how long the name is locked at that address."""
    for _ in range(times):
        failures.record_failure(engine, "Lan", address, now_ms=now_ms, allowance=ALLOWANCE)
    return failures.locked_ms(engine, "lan ", address, now_ms=now_ms)


def test_six_bad_sign_ins_lock_at_one_address(engine: sa.Engine) -> None:
    """A stranger elsewhere does not lock anybody out with six tries."""
    assert fail(engine, 5) == 0
    assert fail(engine, 1) == 900_000
    assert failures.locked_ms(engine, "lan", "10.0.0.2", now_ms=1_000) == 0


def test_a_lock_that_has_run_out_begins_anew(engine: sa.Engine) -> None:
    """One more bad try after a lock must not lock again."""
    fail(engine, 6)

    assert fail(engine, 1, now_ms=902_000) == 0
    assert fail(engine, 5, now_ms=902_000) == 900_000


def test_many_addresses_together_lock_a_name(engine: sa.Engine) -> None:
    """A botnet does not try for ever, though no address tries often."""
    for n in range(19):
        assert fail(engine, 1, address=f"10.1.0.{n}") == 0

    assert fail(engine, 1, address="10.1.0.99") == 900_000
    assert failures.locked_ms(engine, "lan", "10.9.9.9", now_ms=1_000) == 900_000


def test_an_old_bad_sign_in_is_forgotten(engine: sa.Engine) -> None:
    """Five slips a week are nobody's attack."""
    for day in range(9):
        assert fail(engine, 1, now_ms=1_000 + day * 86_400_000) == 0


def test_offices_agencies_and_contacts(engine: sa.Engine) -> None:
    """What the counter's form lists."""
    people.add_offices(engine, [people.Office(code=990_100, name="Bưu điện Lam Giang")])
    people.add_agencies(
        engine, [people.Agency(code=7, name="Sở Y tế"), people.Agency(code=8, name="Công an tỉnh")]
    )
    people.add_contacts(engine, [people.Contact(agency=7, name="Trực ban", phone="0900 000 000")])

    assert [o.code for o in people.offices(engine)] == [990_100]
    assert [a.code for a in people.agencies(engine)] == [8, 7]
    assert [a.code for a in people.agencies(engine, "so y")] == [7]
    assert [c.name for c in people.contacts(engine, 7)] == ["Trực ban"]


def test_a_session_ends(engine: sa.Engine) -> None:
    """By time, by sign-out, and all of a person's at once."""
    for token in (b"a", b"b", b"c"):
        made = sessions.Session(token_hash=token, person=LAN.id, created_ms=1, seen_ms=1, expires_ms=100)
        sessions.open_session(engine, made)
    sessions.bind_device(engine, b"a", b"kid-----")
    sessions.touch_session(engine, b"a", seen_ms=50, expires_ms=200)
    sessions.set_language(engine, b"a", "en")

    found = sessions.session_of(engine, b"a", now_ms=150)
    assert found is not None
    assert (found.kid, found.language, found.seen_ms) == (b"kid-----", "en", 50)
    assert sessions.session_of(engine, b"b", now_ms=150) is None
    sessions.close_session(engine, b"a")
    assert sessions.close_sessions_of(engine, LAN.id) == 2


def test_a_device_waits_for_a_decision(engine: sa.Engine) -> None:
    """Asked for twice it stays one request; the decision is kept with its time."""
    asked = sessions.DeviceRequest(
        kid=b"kid-----", public=bytes(32), person=LAN.id, name="phone", created_ms=5
    )
    assert sessions.request_device(engine, asked) == asked
    assert sessions.request_device(engine, asked) == asked
    assert sessions.device_requests(engine, status="pending") == [asked]

    sessions.decide_device(engine, asked.kid, status="active", decided_by=DUC.id, now_ms=9)

    decided = sessions.device_request(engine, asked.kid)
    assert decided is not None
    assert (decided.status, decided.decided_by, decided.decided_ms) == ("active", DUC.id, 9)
    assert sessions.device_requests(engine, person=LAN.id) == [decided]


def test_numbers_are_never_given_twice(engine: sa.Engine) -> None:
    """Eight counters at once."""
    taken: list[int] = []

    def take() -> None:
        taken.extend(desk.next_serial(engine, service="ZK", country="VN", first=100) for _ in range(10))

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(taken) == list(range(100, 180))


def test_drafts_prints_scans_and_accesses(engine: sa.Engine) -> None:
    """Written by the counter, read by the supervisor."""
    draft = desk.Draft(
        uid=b"uid-----",
        instance=0,
        number="ZK000000005VN",
        label=bytes(92),
        form="{}",
        created_by=LAN.id,
        created_ms=1,
    )
    desk.save_draft(engine, draft)
    desk.log_print(engine, uid=draft.uid, instance=0, file_format="pdf", reason="first", by=LAN.id, at_ms=2)
    desk.log_scan(engine, desk.ScanAttempt(text="9\0" * 9_000, outcome="forged", at_ms=3))
    desk.log_scan(engine, desk.ScanAttempt(text="hello", outcome="not-kt1", at_ms=4))
    desk.log_access(engine, person=LAN.id, action="view", subject=draft.number, at_ms=5)
    desk.put_setting(engine, "name", "a")
    desk.put_setting(engine, "name", "b")

    assert desk.draft_of(engine, draft.number) == draft
    desk.drop_draft(engine, draft.uid, 0)
    assert desk.draft_of(engine, draft.number) is None
    assert [p["format"] for p in desk.prints_of(engine, draft.uid)] == ["pdf"]
    assert [len(s.text) for s in desk.forged_scans(engine, since_ms=0)] == [4_096]
    assert [a["action"] for a in desk.accesses(engine, draft.number)] == ["view"]
    assert desk.get_setting(engine, "name") == "b"


def test_folding_takes_the_bar_of_d() -> None:
    """Đ is a letter of its own, not a D with a mark."""
    assert fold("Đặng Thị Ươm") == "dang thi uom"


def made_stock(numbers: list[str], *, office: int = 990_100, at_ms: int = 5) -> list[stock.Stock]:
    """Labels printed in advance, of one batch."""
    return [
        stock.Stock(
            uid=number[2:10].encode(),
            number=number,
            label=bytes(92),
            office=office,
            batch=numbers[0],
            created_by=LAN.id,
            created_ms=at_ms,
        )
        for number in numbers
    ]


def test_stock_is_counted_and_struck_off_once(engine: sa.Engine) -> None:
    """Bound is what the log says, void is what an office says; what is bound can no longer be struck off."""
    first = [f"ZK0000000{n}0VN" for n in range(1, 6)]
    stock.add_stock(engine, made_stock(first))
    stock.add_stock(engine, made_stock(["ZK000000100VN"], at_ms=9))
    stock.add_stock(engine, made_stock(["ZK000000200VN"], office=1))
    with writing(engine) as conn:
        facts = {"number": first[0], "state": "HELD", "seq": 0, "head": b"", "is_returning": 0, "instance": 0}
        facts |= {"verdict": "INTACT", "held": 0, "last_idx": 1, "last_ms": 1}
        conn.execute(schema.item.insert(), [{"uid": first[0][2:10].encode(), **facts}])

    gone = stock.LABELS.void(engine, 990_100, first[0], first[2], by=DUC.id, reason="rách", now_ms=7)
    again = stock.LABELS.void(engine, 990_100, first[0], first[2], by=DUC.id, reason="mất", now_ms=8)
    strange = stock.LABELS.void(
        engine, 990_100, "ZK000000200VN", "ZK000000200VN", by=DUC.id, reason="x", now_ms=8
    )

    assert (gone, again, strange) == (2, 0, 0)
    newest, oldest = stock.LABELS.batches(engine, 990_100)
    assert (newest.batch, newest.count, newest.free) == ("ZK000000100VN", 1, 1)
    assert (oldest.last, oldest.count, oldest.bound, oldest.void, oldest.free) == (first[-1], 5, 1, 2, 2)
    assert [one.number for one in stock.LABELS.free(engine, 990_100, first[0])] == first[3:]
    assert stock.LABELS.free(engine, 1, first[0]) == []
    found = stock.stock_of(engine, first[1])
    assert found is not None
    assert (found[0].void_by, found[0].reason, found[1]) == (DUC.id, "rách", False)
    assert stock.stock_of(engine, "ZK999999995VN") is None


def test_a_batch_takes_its_numbers_at_once(engine: sa.Engine) -> None:
    """A sheet has numbers that follow one another, whoever else takes some meanwhile."""
    assert desk.next_serial(engine, service="ZK", country="VN", first=1) == 1
    assert desk.next_serial(engine, service="ZK", country="VN", first=1, count=50) == 2
    assert desk.next_serial(engine, service="ZK", country="VN", first=1) == 52
    assert desk.next_serial(engine, service="ZB", country="VN", first=1, count=3) == 1
