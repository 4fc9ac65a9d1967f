"""An audit from where the last one ended: what is new is verified, what is old must be what it was."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import example, given
from hypothesis import strategies as st

from benchmarks.load import Load, interleave
from custody.s10 import CONTAINER_SERVICE
from db import audit_items, schema
from db.audit import audit
from db.cli import progress_line
from db.last_audit import NAME, LastAudit, Seen
from db.site import Site
from tests.db.test_tamper import bag, fill


@pytest.fixture
def load(site: Site) -> Load:
    """Other people than those of `fill`, who come after them and have other items."""
    fill(site)
    made = Load.of(site, actors=4, seed=2)
    made.serial = 1_000
    return made


@pytest.fixture
def seen(site: Site, load: Load) -> Seen:
    """What an audit of the filled site saw."""
    found = audit(site.engine, site.log_keys)
    assert found.holds
    assert found.seen
    return found.seen


def verified(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The indices of the entries whose signature is verified from now on."""
    indices: list[int] = []
    real = audit_items._check_parsed

    def count(row: Any, event: Any, rules: Any) -> Any:
        indices.append(row.idx)
        return real(row, event, rules)

    monkeypatch.setattr(audit_items, "_check_parsed", count)
    return indices


def test_only_what_is_new_is_verified(
    site: Site, load: Load, seen: Seen, monkeypatch: pytest.MonkeyPatch
) -> None:
    """New items, and new events of old ones; what it says of itself is what a full audit says."""
    item = load.item()
    site.ledger.append([load.register(item), *interleave(load.chains(3, hops=2)), *bag(load)])
    indices = verified(monkeypatch)
    found = audit(site.engine, site.log_keys, last=seen)
    chain_entries = [index for index in indices if index >= seen.size]

    assert found.holds
    assert found.since == seen.size
    assert len(chain_entries) == len(set(chain_entries)) == found.size - seen.size
    whole = audit(site.engine, site.log_keys).seen
    assert found.seen
    assert whole
    assert (found.seen.size, found.seen.entries, found.seen.checkpoints, found.seen.links) == (
        whole.size,
        whole.entries,
        whole.checkpoints,
        whole.links,
    )


def test_an_audit_can_follow_an_audit_that_followed(site: Site, load: Load, seen: Seen) -> None:
    """Three in a row, with handovers of items that the first one knew."""
    item = load.item()
    last: Seen | None = seen
    for raw in (load.register(item), load.offer(item, 1), load.accept(item, 1)):
        site.ledger.append([raw])
        found = audit(site.engine, site.log_keys, last=last)
        assert found.holds
        last = found.seen


def test_what_is_inside_a_bag_is_looked_at_again(site: Site, load: Load, seen: Seen) -> None:
    """Handing a bag over moves what is in it, though no entry names that: old rows put back are no longer right."""
    box = load.item(CONTAINER_SERVICE)
    site.ledger.append(bag(load, box))
    last = audit(site.engine, site.log_keys, last=seen).seen
    inside = schema.item.c.container == box.uid
    before = rows_of(site, inside)
    assert [row["custodian"] for row in before] == [load.actors[0].person] * 2
    assert last is not None
    site.ledger.append([load.offer(box, 1), load.accept(box, 1)])
    assert [row["custodian"] for row in rows_of(site, inside)] == [load.actors[1].person] * 2
    assert audit(site.engine, site.log_keys, last=last).since == last.size
    with site.engine.begin() as conn:
        conn.execute(schema.item.delete().where(inside))
        conn.execute(schema.item.insert(), before)

    found = audit(site.engine, site.log_keys, last=last)

    assert {problem.table for problem in found.problems} == {"item"}


def rows_of(site: Site, where: sa.ColumnElement[bool]) -> list[dict[str, Any]]:
    """Rows of `item`."""
    with site.engine.connect() as conn:
        query = sa.select(schema.item).where(where).order_by(schema.item.c.uid)
        return [dict(row) for row in conn.execute(query).mappings()]


def test_a_revocation_that_reaches_back_has_every_item_folded_again(
    site: Site, load: Load, seen: Seen
) -> None:
    """It says something new of old entries: no digest of views is compared then, and no alarm is false."""
    site.ledger.append(load.chain(1))
    site.revoke(load.actors[0].kid, compromised_ms=0)

    found = audit(site.engine, site.log_keys, last=seen)

    assert found.problems == []
    assert found.since == seen.size


_CHANGES = {
    "an old entry's column": ("UPDATE entry SET t_claim = t_claim + 1 WHERE idx = 120", "entry"),
    "an old entry's body": (
        "UPDATE entry SET body = substr(body, 1, length(body) - 1) || x'00' WHERE idx = 120",
        "entry",
    ),
    "an old view": (
        "UPDATE item SET held = 1 - held WHERE last_idx = (SELECT min(last_idx) FROM item)",
        "item",
    ),
    "an old link": ("UPDATE item_entry SET seq = seq + 9 WHERE idx = 120", "item_entry"),
    "an old device link": ("UPDATE device_entry SET dseq = dseq + 9 WHERE idx = 120", "device_entry"),
    "an old note": (
        "UPDATE checkpoint SET note = note || 'x' WHERE size = (SELECT min(size) FROM checkpoint)",
        "checkpoint",
    ),
    "an old tile": ("UPDATE tile SET hashes = zeroblob(8192)", "tile"),
    "a finding gone": ("DELETE FROM finding WHERE idx = (SELECT min(idx) FROM finding)", "finding"),
}


@pytest.mark.parametrize("change", _CHANGES)
def test_what_was_changed_before_the_last_audit_is_named_row_by_row(
    change: str, site: Site, load: Load, seen: Seen
) -> None:
    """The sums do not come out: everything is audited, and the row has its name."""
    if site.engine.dialect.name != "sqlite":
        pytest.skip("the statements are SQLite's; the code is the same")
    site.ledger.append(load.chain(1))
    statement, table = _CHANGES[change]
    with site.engine.begin() as conn:
        for name in (
            conn.execute(sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all()
        ):
            conn.exec_driver_sql(f"DROP TRIGGER {name}")
        assert conn.exec_driver_sql(statement).rowcount > 0

    found = audit(site.engine, site.log_keys, last=seen)

    assert found.since is None
    assert table in {problem.table for problem in found.problems}


def test_a_forged_last_audit_is_no_proof(site: Site, load: Load, seen: Seen) -> None:
    """Another log's checkpoint, other sums: it is said, although a full audit finds nothing."""
    site.ledger.append(load.chain(1))
    for name, value in (
        ("note", seen.note.replace("\n", "x\n", 1)),
        ("entries", "ff"),
        ("checkpoints", "ff"),
    ):
        forged = Seen(**{**_fields(seen), name: value})
        assert not audit(site.engine, site.log_keys, last=forged).holds


def _fields(seen: Seen) -> dict[str, Any]:
    return {name: getattr(seen, name) for name in Seen.__dataclass_fields__}


def test_the_file_is_read_as_it_was_written(tmp_path: Path, site: Site, seen: Seen) -> None:
    """For the service's account alone."""
    LastAudit(tmp_path).write(seen)

    assert LastAudit(tmp_path).read() == seen
    assert (tmp_path / NAME).stat().st_mode & 0o777 == 0o600


def _edited(seen: Seen, edit: Callable[[dict[str, Any]], object]) -> str:
    body = json.loads(json.dumps(_fields(seen)))
    edit(body)
    return "tram last-audit v1\n" + json.dumps(body)


def test_a_file_of_another_form_is_as_good_as_none(tmp_path: Path, site: Site, seen: Seen) -> None:
    """Ranges that leave uids out would hide them."""
    file = LastAudit(tmp_path)
    texts = [
        "",
        "tram last-audit v2\n{}",
        "tram last-audit v1\n[]",
        _edited(seen, lambda body: body.pop("note")),
        _edited(seen, lambda body: body["shares"].pop()),
        _edited(seen, lambda body: body["shares"].clear()),
        _edited(seen, lambda body: body["shares"][0].__setitem__(0, "00")),
        _edited(seen, lambda body: body.update(entries="no number")),
    ]
    for text in texts:
        file.path.write_text(text, encoding="utf-8")
        assert file.read() is None


@given(st.integers(0, 10**7), st.integers(0, 10**7), st.floats(0, 10**6))
@example(0, 0, 0.0)
@example(1_600_000, 1_600_000, 90.0)
def test_progress_is_one_line(done: int, total: int, seconds: float) -> None:
    """Whatever the numbers."""
    line = progress_line("entries", min(done, total), total, seconds)

    assert "\n" not in line
    assert line.startswith("entries: [")


def test_progress_says_rate_and_rest() -> None:
    """A quarter of a million in 50 s: 150 s to go."""
    line = progress_line("entries", 250_000, 1_000_000, 50.0)

    assert line == "entries: [#####...............] 250,000 of 1,000,000, 5,000/s, 2:30 left"
