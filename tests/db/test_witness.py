"""A witness that remembers, and a log that minds it: both ends, without the wire between."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import sqlalchemy as sa

from benchmarks.load import Load
from custody.checkpoint import parse_checkpoint
from custody.errors import FormatError
from custody.note import ED25519, NoteKey, open_note
from custody.quorum import TrustPolicy
from custody.witness import format_request
from db.audit import audit
from db.backup import backup, restore
from db.cosignatures import newest_cosigned
from db.engine import reading
from db.errors import LedgerError, SiteError, WitnessError
from db.schema import access_log, cosignature
from db.site import Site, open_site
from db.witness_client import Reply
from db.witness_feed import POLICY_NAME, Contact, Feed, feed_of
from db.witness_store import create_witness, forget_log, open_witness
from tests.db.test_kept import cut, url_of
from tests.db.witnesses import NOW_S, Net, feed, net

__all__ = ["net"]


def test_what_is_cosigned_is_kept_and_audited(site: Site, load: Load, net: Net) -> None:
    """Each round hands on the newest checkpoint; the log bears the witnesses' lines, and a second round adds none."""
    fed = feed(site, net, "a", "b")
    for _ in range(3):
        site.ledger.append(load.chain(2))
        assert [c.trouble for c in fed.submit()] == ["", ""]
        head = site.ledger.newest()
        with reading(site.engine) as conn:
            found = newest_cosigned(conn, fed.policy)
        assert found is not None
        assert (found.size, set(fed.policy.check(found.note))) == (head.size, {"a", "b"})
        fed.submit()

    assert audit(site.engine, site.log_keys).holds
    with reading(site.engine) as conn:
        assert conn.execute(sa.select(sa.func.count()).select_from(cosignature)).scalar() == 6
    assert {status for _, _, status in net.asked} == {200}


def test_a_lost_answer_is_asked_for_again(site: Site, load: Load, net: Net) -> None:
    """The witness has stored more than we were told: 409 names the size, and the next request begins there."""
    fed = feed(site, net, "a")
    fed.submit()
    site.ledger.append(load.chain(1))
    head, before = site.ledger.newest(), fed.contacts["a"].size
    proof = site.ledger.consistency(before, head.size)
    net.post("http://a.invalid/", format_request(before, proof, head.note))  # and the answer never arrives

    assert fed.submit() == [Contact("a", head.size)]
    assert [status for _, _, status in net.asked] == [200, 200, 409, 200]


def test_a_silent_witness_stops_nothing(site: Site, load: Load, net: Net) -> None:
    """Fail open: M03 after minutes, M10 after an hour, both gone with the next round that works."""
    fed = feed(site, net, "a", "b")
    fed.submit()
    b = net.stores.pop("b")
    site.ledger.append(load.chain(1))
    at = site.ledger.newest().time_ms
    fed.submit()
    assert "refused" in fed.contacts["b"].trouble
    assert fed.check_start() == [f"witness b: {fed.contacts['b'].trouble}"]
    assert fed.seen().findings(at + 60_000) == []
    assert fed.seen().findings(at + 400_000) == ["M03"]
    a = net.stores.pop("a")
    site.ledger.append(load.chain(1))
    fed.submit()
    assert fed.seen().findings(at + 7_200_000) == ["M03", "M10"]

    net.stores |= {"a": a, "b": b}
    fed.submit()
    assert fed.seen().findings(at + 7_200_000) == []


def test_an_old_database_is_refused_at_the_start(site: Site, load: Load, net: Net) -> None:
    """M06: database and note beside it are both an old copy; the witness remembers."""
    fed = feed(site, net, "a")
    site.ledger.append(load.chain(1))
    note = site.ledger.kept.read()
    site.ledger.append(load.chain(2))
    fed.submit()
    cut(site.engine, 3)
    assert note is not None
    site.ledger.kept.replace(note)

    behind = open_site(site.data, url_of(site))
    with pytest.raises(LedgerError, match="rolled back") as caught:
        feed_of(behind, net.post).check_start()
    assert caught.value.finding == "M06"
    assert "--accept-loss" in caught.value.hint

    assert feed_of(behind, net.post).check_start(accept_loss=True)  # warns, and is written down
    with reading(behind.engine) as conn:
        assert "witness-loss" in conn.execute(sa.select(access_log.c.action)).scalars().all()
    assert feed_of(behind, net.post).check_start()  # and is not asked again
    behind.close()


def test_a_restore_with_loss_accepted_starts_once_more(
    site: Site, load: Load, net: Net, tmp_path: Path
) -> None:
    """The loss is accepted once, at the restore; its witness is shown, cosigns nothing, and may begin anew."""
    fed = feed(site, net, "a")
    backup(site.engine, tmp_path / "old.db")
    site.ledger.append(load.chain(2))
    fed.submit()
    data = tmp_path / "other"
    shutil.copytree(site.data, data, ignore=shutil.ignore_patterns("tram.db*"))
    made = restore(tmp_path / "old.db", data, now_ms=site.now(), accept_loss=True)
    assert made.lost

    after = open_site(data, now=site.now)
    again = feed_of(after, net.post)
    assert len(again.check_start()) == 1
    net.stores["a"].close()
    aside = forget_log(net.folder / "a", after.origin, reason="loss of 21/11, letter 7", now_ms=NOW_S * 1000)
    net.open("a")
    assert again.check_start() == []
    assert parse_checkpoint(open_note(aside.read_text()).text).size == site.ledger.newest().size
    assert "letter 7" in (net.folder / "a" / "journal").read_text()
    after.close()


def test_two_services_on_copies_of_one_log_are_seen(site: Site, load: Load, net: Net, tmp_path: Path) -> None:
    """M04: a split view. Both go on from one database; one witness sees the second history, and keeps it."""
    fed = feed(site, net, "a")
    fed.submit()
    backup(site.engine, tmp_path / "copy.db")
    data = tmp_path / "twin"
    shutil.copytree(site.data, data, ignore=shutil.ignore_patterns("tram.db*"))
    restore(tmp_path / "copy.db", data, now_ms=site.now())
    twin = open_site(data, now=site.now)
    site.ledger.append(load.chain(2))
    twin.ledger.append(load.chain(2))
    twin.ledger.append(load.chain(1))

    assert fed.submit()[0].finding == ""
    other = feed_of(twin, net.post)
    assert other.submit()[0].finding == "M04"
    with pytest.raises(LedgerError) as caught:
        other.check_start()
    assert caught.value.finding == "M04"
    kept = list((net.folder / "a" / "evidence").iterdir())
    assert [path.read_text() for path in kept] == [twin.ledger.newest().note]
    twin.close()


def test_a_witness_set_back_is_noticed(site: Site, load: Load, net: Net) -> None:
    """Its folder was replaced by an older copy: it cosigns, and we say that it has forgotten."""
    fed = feed(site, net, "a")
    fed.submit()
    shutil.copytree(net.folder / "a", net.folder / "copy")
    site.ledger.append(load.chain(1))
    fed.submit()
    size = site.ledger.newest().size
    net.stores["a"].close()
    shutil.rmtree(net.folder / "a")
    shutil.move(net.folder / "copy", net.folder / "a")
    net.open("a")

    assert f"gone back from {size}" in fed.submit()[0].trouble


def test_a_policy_of_another_log_is_refused(site: Site, net: Net) -> None:
    """Somebody copied the wrong file: better no start than cosignatures that mean nothing."""
    fed = feed(site, net, "a")
    key = next(iter(fed.policy.witnesses.values())).key
    (site.data / POLICY_NAME).write_text(f"log {site.log_keys.log.vkey}\nquorum none\n")
    assert feed_of(site).policy.logs
    lines = (net.folder / "a" / "logs").read_text()
    (site.data / POLICY_NAME).write_text(
        lines.replace(site.log_keys.log.vkey, NoteKey("other.example", ED25519, bytes(32)).vkey)
    )
    with pytest.raises(SiteError, match="does not name this log"):
        feed_of(site)
    (site.data / POLICY_NAME).write_text(f"witness a {key.vkey}\n")
    with pytest.raises(FormatError, match="no quorum"):
        feed_of(site)


def test_without_a_policy_nobody_is_asked(site: Site) -> None:
    """A small site has no witness on its first day: nothing is missing, and nothing is sent."""

    def never(url: str, body: bytes) -> Reply:
        raise AssertionError(url)

    fed = feed_of(site, never)
    assert fed.check_start() == []
    assert fed.seen().findings(site.now() + 10**9) == []


def test_a_witness_that_has_forgotten_does_not_serve(site: Site, net: Net) -> None:
    """What it saw is deleted, emptied of its signature, or another's: never an empty beginning."""
    fed = feed(site, net, "a")
    fed.submit()
    net.stores["a"].close()
    data = net.folder / "a"
    seen = next((data / "seen").iterdir())
    good = seen.read_text()
    for text in (None, good[:-10], site.ledger.checkpoint()):
        seen.unlink()
        if text is not None:
            seen.write_text(text)
        else:
            assert not seen.exists()
        with pytest.raises(WitnessError):
            open_witness(data)
        seen.write_text(good)
    open_witness(data).close()


def test_one_process_holds_a_witness(site: Site, net: Net) -> None:
    """Two servers over one folder could cosign two histories between them."""
    net.add("a", site)

    with pytest.raises(WitnessError, match="another process"):
        open_witness(net.folder / "a")
    with pytest.raises(WitnessError, match="already"):
        create_witness(net.folder / "a", name="b.example", seed=bytes(32))
    with pytest.raises(WitnessError, match="is a site"):
        create_witness(site.data, name="b.example", seed=bytes(32))


@pytest.mark.parametrize("fails", ["write", "rename"])
def test_nothing_is_answered_that_is_not_stored(
    site: Site, net: Net, monkeypatch: pytest.MonkeyPatch, fails: str
) -> None:
    """A full disk: no cosignature leaves, and the state is the old one."""
    net.add("a", site)

    def broken(*_: object) -> None:
        raise OSError("no space left on device")

    body = format_request(0, (), site.ledger.checkpoint())
    with monkeypatch.context() as patch:
        if fails == "write":
            patch.setattr("os.fsync", broken)
        else:
            patch.setattr(Path, "replace", broken)
        with pytest.raises(WitnessError, match="no space"):
            net.stores["a"].answer(body, now_s=NOW_S)

    assert net.stores["a"].newest(site.origin) is None
    assert net.stores["a"].answer(body, now_s=NOW_S).status == 200


def test_a_quorum_of_groups(site: Site, net: Net) -> None:
    """Two of three inspectorates and any neighbour: what the policy file says decides, not how many signed."""
    rules = "group own 2 a b c\ngroup far any x y\ngroup both all own far\nquorum both"
    fed = feed(site, net, "a", "b", "c", "x", "y", quorum=rules)
    for gone, met in (("", True), ("a", True), ("ab", False), ("xy", False), ("ax", True)):
        assert counted(site, net, fed.policy, gone) == met


def counted(site: Site, net: Net, policy: TrustPolicy, gone: str) -> bool:
    """Feed the log with the witnesses named *gone* cut off; whether that made a quorum."""
    away = {name: net.stores.pop(name) for name in gone}
    site.ledger.append(Load.of(site, actors=1).chain(0))
    fed = Feed(site, policy, net.post)
    fed.submit()
    net.stores |= away
    return fed.seen().quorum == site.ledger.newest().size


def test_a_bent_list_of_logs_stops_the_witness(site: Site, net: Net) -> None:
    """A log that drops out of the list would be answered with 404 for ever."""
    net.add("a", site)
    net.stores["a"].close()
    (net.folder / "a" / "logs").write_text("log nonsense\n")

    with pytest.raises(FormatError):
        open_witness(net.folder / "a")
