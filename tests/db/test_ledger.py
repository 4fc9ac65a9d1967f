"""The sequencer: what comes in, what is answered, and what may never happen in between."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import partial

import pytest
import sqlalchemy as sa

from benchmarks.load import Load, interleave
from custody.cose import kid_of
from custody.ed25519 import public_of
from custody.errors import CustodyError
from custody.event import EventType
from custody.merkle import leaf_hash, verify_consistency
from custody.receipt import verify_receipt
from custody.roles import Role
from db import schema
from db.audit import audit
from db.engine import reading
from db.errors import AppendError, LedgerError
from db.ledger import Ledger, Result
from db.site import Site, open_site
from db.views import findings_of, item_by_number, item_by_uid


def refused_codes(site: Site) -> list[str]:
    """The codes of everything refused so far."""
    with reading(site.engine) as conn:
        return list(conn.execute(sa.select(schema.refused.c.code).order_by(schema.refused.c.id)).scalars())


def test_an_honest_chain_is_stored_without_findings(site: Site, load: Load) -> None:
    """Every answer names index and receipt, and the view follows."""
    item = load.item()
    entries = [load.register(item), load.offer(item, 1), load.accept(item, 1)]

    results = site.ledger.append(entries)

    assert [r.status for r in results] == ["stored"] * 3
    assert [r.findings for r in results] == [()] * 3
    for raw, result in zip(entries, results, strict=True):
        index, _, _ = verify_receipt(result.receipt or "", leaf_hash(raw), site.log_keys)
        assert index == result.index
    row = item_by_number(site.engine, item.number)
    assert row is not None
    assert (row.state, row.custodian, row.verdict) == ("HELD", load.actors[1].person, "INTACT")


def test_a_second_upload_is_a_duplicate(site: Site, load: Load) -> None:
    """A lost answer costs nothing: the same bytes come back with the same index and a receipt."""
    raw = load.register(load.item())
    first = site.ledger.append([raw])[0]

    again = site.ledger.append([raw, raw])

    assert [(r.status, r.index, r.findings) for r in again] == [("duplicate", first.index, ("E08",))] * 2
    assert verify_receipt(again[0].receipt or "", first.id, site.log_keys)[0] == first.index


def test_the_same_entry_twice_in_one_batch_is_stored_once(site: Site, load: Load) -> None:
    """Deduplication looks at the batch itself too."""
    raw = load.register(load.item())

    results = site.ledger.append([raw, raw])

    assert [r.status for r in results] == ["stored", "duplicate"]


def test_a_wrong_event_is_kept_with_its_findings(site: Site, load: Load) -> None:
    """What breaks custody is evidence: it comes in, and the verdict says so."""
    item = load.item()
    site.ledger.append([load.register(item)])
    item.holder = 2

    result = site.ledger.append([load.offer(item, 1)])[0]

    assert result.status == "stored"
    assert result.findings == ("P02",)
    assert [f.code for f in findings_of(site.engine, item.uid)] == ["P02"]
    row = item_by_uid(site.engine, item.uid)
    assert row is not None
    assert row.verdict == "BROKEN"


def test_what_is_malformed_or_forged_or_unknown_is_refused_and_recorded(site: Site, load: Load) -> None:
    """Refused entries leave the log alone, and a row in `refused`."""
    raw = load.register(load.item())
    stranger = load.actors[0]
    load.actors[0] = type(stranger)(stranger.person, bytes(range(32)))
    unknown = load.register(load.item())
    size = site.ledger.newest().size

    results = site.ledger.append([b"", raw[:-1] + bytes([raw[-1] ^ 1]), unknown], submitted_by="test")

    assert [(r.status, r.findings, r.receipt) for r in results] == [
        ("refused", (code,), None) for code in ("E01", "E04", "K01")
    ]
    assert refused_codes(site) == ["E01", "E04", "K01"]
    assert site.ledger.newest().size == size


def test_a_key_works_from_the_entry_after_its_certificate(site: Site, load: Load) -> None:
    """Certificate and first event may come in one batch; the event is verified inside the lock."""
    other = open_site(site.data, site.engine.url.render_as_string(hide_password=False), now=site.now)
    late = Load.of(other, actors=0, seed=9)
    late.serial = 500
    late.enrol()  # through another ledger object: ours has not seen the certificate yet

    result = site.ledger.append([late.register(late.item())])[0]

    assert result.status == "stored"
    other.close()


def test_a_clerk_cannot_certify_keys(site: Site, load: Load) -> None:
    """K08: only root and enrolment keys write system entries."""
    authority = type(site.enrolment())(site.net, load.actors[0].seed, site.rng)

    result = site.ledger.append([authority.revoke(load.actors[1].kid, now_ms=site.now())])[0]

    assert (result.status, result.findings) == ("refused", ("K08",))


def test_a_revocation_with_a_date_questions_what_was_signed_since(site: Site, load: Load) -> None:
    """K05 appears on entries that are older than the revocation, in the views at once."""
    item = load.item()
    site.ledger.append([load.register(item)])
    stored = item_by_uid(site.engine, item.uid)
    assert stored is not None
    assert stored.verdict == "INTACT"

    site.revoke(load.actors[0].kid, compromised_ms=0)

    assert [f.code for f in findings_of(site.engine, item.uid)] == ["K05"]
    assert audit(site.engine, site.log_keys).problems == []


def test_checkpoints_are_consistent(site: Site, load: Load) -> None:
    """Any two signed heads are of one log."""
    heads = [site.ledger.newest()]
    for _ in range(3):
        site.ledger.append(load.chain(1))
        heads.append(site.ledger.newest())

    for old in heads:
        proof = site.ledger.consistency(old.size, heads[-1].size)
        verify_consistency(old.size, heads[-1].size, proof, old.root, heads[-1].root)


def test_threads_share_a_transaction(site: Site, load: Load) -> None:
    """Group commit: sixteen callers at once, every entry in, fewer checkpoints than entries."""
    chains = load.chains(16, hops=2)
    before = site.ledger.newest().size

    results = run_threads([partial(append_each, [site.ledger], chain) for chain in chains])

    flat = [result for answers in results for result in answers]
    assert {r.status for r in flat} == {"stored"}
    assert not {code for r in flat for code in r.findings}
    assert sorted(r.index or 0 for r in flat) == list(range(before, before + len(flat)))
    assert audit(site.engine, site.log_keys).problems == []


def test_two_ledgers_share_a_database(site: Site, load: Load) -> None:
    """Two processes' worth of memory on one log: each follows the other, nothing is lost or doubled."""
    other = open_site(site.data, site.engine.url.render_as_string(hide_password=False), now=site.now)
    chains = load.chains(12, hops=2)
    ledgers = [site.ledger, other.ledger]

    results = run_threads(
        [partial(append_each, ledgers[n % 2 :] + ledgers[: n % 2], c) for n, c in enumerate(chains)]
    )

    flat = [result for answers in results for result in answers]
    assert {r.status for r in flat} == {"stored"}
    assert not {code for r in flat for code in r.findings}
    assert audit(site.engine, site.log_keys).problems == []
    assert site.ledger.newest() == other.ledger.newest()
    other.close()


def test_a_failed_commit_leaves_nothing_behind(
    site: Site, load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error before COMMIT is told to the caller; the same entries go in afterwards."""
    raw = load.register(load.item())

    def fail(*_: object) -> None:
        raise sa.exc.OperationalError("INSERT", {}, Exception("disk full"))

    with monkeypatch.context() as patch:
        patch.setattr("db.store.write_checkpoint", fail)
        with pytest.raises(AppendError, match="disk full"):
            site.ledger.append([raw])

    assert site.ledger.append([raw])[0].status == "stored"
    assert audit(site.engine, site.log_keys).problems == []


def test_an_error_after_commit_gives_a_duplicate(
    site: Site, load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer was lost, the entry was not: sent again it is a duplicate."""
    raw = load.register(load.item())
    real = Ledger._sequence

    def commit_and_fail(self: Ledger, conn: sa.Connection, batches: Sequence[object]) -> object:
        real(self, conn, batches)  # type: ignore[arg-type]
        conn.commit()
        raise sa.exc.OperationalError("COMMIT", {}, Exception("connection lost"))

    with monkeypatch.context() as patch:
        patch.setattr(Ledger, "_sequence", commit_and_fail)
        with pytest.raises(AppendError):
            site.ledger.append([raw])

    assert site.ledger.append([raw])[0].status == "duplicate"


def test_tiles_and_bundles_reach_as_far_as_the_log(site: Site, load: Load) -> None:
    """Partial tiles are served up to the signed size, and not beyond."""
    site.ledger.append(interleave(load.chains(40, hops=3)))
    size = site.ledger.newest().size
    assert size > 256

    tile = site.ledger.tile(0, 1, size - 256)
    bundle = site.ledger.bodies(256, size)

    assert tile == b"".join(map(leaf_hash, bundle))
    with pytest.raises(IndexError):
        site.ledger.tile(0, 1, size - 255)
    with pytest.raises(IndexError):
        site.ledger.entry_bundle(1, size - 255)


def test_start_up_refuses_a_log_that_contradicts_itself(site: Site, load: Load) -> None:
    """A changed root, a missing tail: no service on such a log."""
    site.ledger.append(load.chain(2))
    with site.engine.begin() as conn:
        conn.execute(schema.log_state.update().values(root=bytes(32)))

    with pytest.raises(LedgerError, match="fold into"):
        open_site(site.data, site.engine.url.render_as_string(hide_password=False))


def test_a_key_is_certified_and_revoked(site: Site, load: Load) -> None:
    """After revocation the key's events are kept, under K04."""
    actor = load.enrol(frozenset({Role.COURIER}))
    assert site.ledger.ring.get(kid_of(public_of(actor.seed))) is not None

    site.revoke(actor.kid)
    item = load.item()
    site.ledger.append([load.register(item)])
    result = site.ledger.append([load.sign(actor, EventType.SIGHT, item)])[0]

    assert "K04" in result.findings


def test_a_weak_key_is_not_certified(site: Site, load: Load) -> None:
    """K10: the identity point signs for everybody."""
    with pytest.raises(CustodyError, match="refuses"):
        load.enrol(public=bytes([1]) + bytes(31))


def append_each(ledgers: Sequence[Ledger], chain: Sequence[bytes]) -> list[Result]:
    """Append one entry a call, by turns through each ledger."""
    return [ledgers[n % len(ledgers)].append([raw])[0] for n, raw in enumerate(chain)]


def run_threads(tasks: list[Callable[[], list[Result]]]) -> list[list[Result]]:
    """Run tasks in threads of their own; the first error is raised here."""
    results: list[list[Result]] = [[] for _ in tasks]
    errors: list[BaseException] = []

    def run(n: int, task: Callable[[], list[Result]]) -> None:
        try:
            results[n] = task()
        except BaseException as error:  # noqa: BLE001 -- handed on below
            errors.append(error)

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(tasks)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return results
