"""The second fence: an entry that the service fails to judge or to write fails alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
import sqlalchemy as sa

from benchmarks.load import Item, Load
from custody.event import Entry, EventType
from custody.judge import Chain
from db import schema, store
from db.audit import audit
from db.engine import reading
from db.refuse import KEPT_BYTES
from db.screen import Burden
from db.site import Site
from db.views import broken_items, findings_of, item_by_uid


def refused_rows(site: Site) -> list[Any]:
    """What was refused."""
    with reading(site.engine) as conn:
        return list(conn.execute(sa.select(schema.refused).order_by(schema.refused.c.id)))


def poison(monkeypatch: pytest.MonkeyPatch, bad: bytes) -> None:
    """Let the judge fail on one entry, after it has changed the chain."""
    real = Chain.add

    def add(self: Chain, entry: Entry) -> Any:
        found = real(self, entry)
        if entry.event.raw == bad:
            raise TypeError("unhashable type: list")
        return found

    monkeypatch.setattr(Chain, "add", add)


def test_an_entry_that_cannot_be_judged_is_refused_alone(
    site: Site, load: Load, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Those beside it in the same request go in, those about the same item too, as if it had never been sent."""
    item = load.item()
    first, bad = load.register(item), load.sign(load.actors[1], EventType.SIGHT, item)
    item.seq, item.head = 1, load.actors[0].dprev
    offer, other = load.offer(item, 1), load.chain(1)
    poison(monkeypatch, bad)

    results = site.ledger.append([first, bad, offer, *other])

    assert [r.status for r in results] == ["stored", "refused", "stored", "stored", "stored", "stored"]
    assert results[1].error == "the service could not judge this entry (TypeError)"
    assert [f for r in results for f in r.findings] == ["E01"]
    assert [row.code for row in refused_rows(site)] == ["E01"]
    assert "unhashable type" in caplog.text
    assert audit(site.engine, site.log_keys).problems == []


def test_an_entry_that_cannot_be_parsed_fails_alone(
    site: Site, load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error of ours before the lock."""
    good, bad = load.chain(1), load.register(load.item())
    real = __import__("custody.event", fromlist=["parse_event"]).parse_event

    def parse(raw: bytes) -> Any:
        if raw == bad:
            raise RecursionError
        return real(raw)

    monkeypatch.setattr("db.screen.parse_event", parse)

    statuses = [r.status for r in site.ledger.append([*good, bad])]
    assert statuses == ["stored"] * 3 + ["refused"]


def test_an_entry_that_cannot_be_written_is_refused_alone(
    site: Site, load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole transaction fails then; each entry is given one of its own."""
    good, bad = load.chain(1), load.register(load.item())
    real = store.write_entries

    def write(conn: sa.Connection, entries: Sequence[Entry]) -> None:
        if any(entry.event.raw == bad for entry in entries):
            raise OverflowError("integer too large")
        real(conn, entries)

    monkeypatch.setattr("db.store.write_entries", write)

    results = site.ledger.append([good[0], bad, *good[1:]])

    assert [r.status for r in results] == ["stored", "refused", "stored", "stored"]
    assert [row.reason for row in refused_rows(site)] == [results[1].error]
    assert audit(site.engine, site.log_keys).problems == []


def test_only_the_beginning_of_a_refused_entry_is_kept(site: Site, load: Load) -> None:
    """The hash names all of it."""
    site.ledger.append([b"x" * 50_000])

    assert [len(row.body) for row in refused_rows(site)] == [KEPT_BYTES]


def test_the_caller_is_asked_about_the_burden_first(site: Site, load: Load) -> None:
    """What is too much is stopped before anything is written."""
    raw = many(load, load.item(), 40)
    size = site.ledger.newest().size
    seen: list[Burden] = []

    def stop(burden: Burden) -> None:
        seen.append(burden)
        raise PermissionError

    with pytest.raises(PermissionError):
        site.ledger.append([raw, b"junk" * 2_000, load.register(load.item())], allow=stop)

    assert seen == [Burden(references=39, refused_bytes=KEPT_BYTES)]
    assert refused_rows(site) == []
    assert site.ledger.newest().size == size


def many(load: Load, item: Item, count: int) -> bytes:
    """Sign one event about many items that nobody registered."""
    refs = [[bytes([9, 9, 9, 9, 0, 0, 0, n]), 0, bytes(32)] for n in range(count - 1)]
    return load.sign(
        load.actors[0], EventType.REFUSE, item, ITEMS=[*refs, [item.uid, 0, bytes(32)]], CITES=bytes(32)
    )


def test_naming_items_that_are_not_makes_none(site: Site, load: Load) -> None:
    """A thousand invented uids do not flood the wall; the entry is kept, and answered with its findings again."""
    item = load.item()
    raw = many(load, item, 40)
    result = site.ledger.append([raw])[0]

    assert broken_items(site.engine) == []
    assert item_by_uid(site.engine, item.uid) is None
    assert result.findings
    assert site.ledger.append([raw])[0].findings == ("E08", *result.findings)
    assert audit(site.engine, site.log_keys).problems == []

    item.seq, item.head = 0, bytes(32)
    site.ledger.append([load.register(item)])

    found = item_by_uid(site.engine, item.uid)
    assert found is not None
    assert {f.code for f in findings_of(site.engine, item.uid)} >= set(result.findings)
    assert audit(site.engine, site.log_keys).problems == []


def test_a_whole_label_that_was_seen_makes_an_item(site: Site, load: Load) -> None:
    """A forged label in somebody's hand must show on the wall."""
    item = load.item()
    forged = item.label[:-1] + bytes([item.label[-1] ^ 1])
    result = site.ledger.append([load.sign(load.actors[0], EventType.SIGHT, item, LABEL_RAW=forged)])[0]

    assert "L02" in result.findings
    assert [row.uid for row in broken_items(site.engine)] == [item.uid]
    assert audit(site.engine, site.log_keys).problems == []


def test_the_office_of_an_item_is_not_what_a_blocked_event_says(site: Site, load: Load) -> None:
    """Somebody of another office names it in an event that moves nothing: the item stays where it is."""
    item = load.item()
    site.ledger.append([load.register(item)])
    stranger = load.enrol(offices=(990_200,))
    blocked = load.sign(stranger, EventType.RETURN, item, PLACE=990_200)
    assert site.ledger.append([blocked])[0].findings

    found = item_by_uid(site.engine, item.uid)
    assert found is not None
    assert found.office == 990_100


def test_the_office_of_an_item_is_one_of_its_custodian(site: Site, load: Load) -> None:
    """A place that the custodian's certificate does not name widens nobody's view."""
    item = load.item()
    site.ledger.append(
        [
            load.register(item),
            load.sign(
                load.actors[0], EventType.OFFER, item, PLACE=990_200, OFFEREE=load.actors[1].person, EXPIRY=60
            ),
        ]
    )

    found = item_by_uid(site.engine, item.uid)
    assert found is not None
    assert (found.state, found.office) == ("OFFERED", 990_100)
