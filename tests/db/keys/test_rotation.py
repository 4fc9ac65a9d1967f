"""`tram keys`: offices, revocation, label keys and the log's keys."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import click
import pytest

from benchmarks.load import Load
from custody.checkpoint import LogKeys, open_checkpoint
from custody.cose import kid_of
from custody.ed25519 import public_of
from custody.errors import CustodyError
from custody.roles import Role
from custody.verify import Trust, verify_dossier
from db.audit import audit
from db.dossier import dossier_of
from db.errors import KeyFileError, SiteError
from db.keybox import Passphrase
from db.keystore import KeyStore, read_key
from db.site import Site, log_keys_of, open_site
from kt1.site import Authority, Grant
from tests.db.keys.commands import WORDS, approve, new_root, refuse, run

# -- offices, revocation, labels -----------------------------------------------------------------------


def test_an_office_gets_its_enrolment_key_and_loses_it(folder: Path) -> None:
    """By the site's authority, without the roots; the log keeps the office within its offices."""
    public = new_root(folder, "office")
    made = run(folder, "certify", "--public", public, "--offices", "990100,990101")
    site = open_site(folder / "site", passphrase=Passphrase(WORDS))
    seed = read_key(folder / "office.key", Passphrase(WORDS))
    office = Authority(site.net, seed, site.rng)
    person: dict[str, Any] = {
        "roles": frozenset({Role.CLERK}),
        "not_before_ms": 0,
        "not_after_ms": site.now() + 10**9,
    }
    far = Grant(public=public_of(bytes(32)), person=b"far away", offices=(990_102,), **person)
    near = Grant(public=public_of(bytes(32)), person=b"near by.", offices=(990_101,), **person)
    with pytest.raises(SiteError, match="may not write"):
        site.enter(office.certify(far, now_ms=site.now()))
    site.enter(office.certify(near, now_ms=site.now()))
    site.close()
    run(folder, "revoke", made["key"], "--reason", "lost", "--compromised-since", "2026-01-01T00:00")
    states = {key["kid"]: key["state"] for key in run(folder, "list", "--people", opens=False)["keys"]}

    assert (states[made["key"]], states[kid_of(public_of(bytes(32))).hex()]) == ("revoked", "valid")


@pytest.mark.parametrize(
    "words, error, match",
    [
        (["certify", "--public", "00" * 32], SiteError, "not a public key"),
        (["certify", "--public", "nonsense"], SiteError, "not a public key"),
        (["certify", "--public", "00" * 32, "--offices", "1,x"], click.UsageError, "not codes"),
        (["revoke", "00" * 8, "--reason", "lost"], SiteError, "no key 0000"),
        (["revoke", "xyz", "--reason", "lost"], click.UsageError, "16 hexadecimal"),
        (
            ["revoke", "00" * 8, "--reason", "lost", "--compromised-since", "monday"],
            click.UsageError,
            "time such",
        ),
        (["new", "key.txt"], KeyFileError, "does not end in .key"),
    ],
)
def test_a_wrong_word_is_named(folder: Path, words: list[str], error: type[Exception], match: str) -> None:
    """Before anything is written."""
    refuse(error, match, folder, *words)


def test_a_key_that_ends_is_renewed(folder: Path) -> None:
    """The same key, a later end, the same command as when it was made: root, authority, office."""
    office = new_root(folder, "office")
    store = KeyStore(folder / "site/keys")
    kinds: list[tuple[list[str], str]] = [
        (["root", "add"], store.public("root").hex()),
        (["certify"], store.public("enrolment").hex()),
        (["certify", "--offices", "990100"], office),
    ]
    for words, public in kinds:
        run(folder, *words, "--public", public, "--years", "1")
        run(folder, *words, "--public", public, "--years", "20")
    ends = {key["public"]: key["until"] for key in run(folder, "list", opens=False)["keys"]}

    assert {int(ends[public][:4]) - dt.datetime.now(tz=dt.UTC).year for _, public in kinds} <= {19, 20}
    run(folder, "rotate-label")  # by the renewed authority


def test_a_root_is_revoked_by_the_roots(roots: Path) -> None:
    """An authority too: revoking it is theirs; two must be left where two must sign."""
    site = open_site(roots / "site", signs=False)
    enrolment = next(c.kid.hex() for c in site.ledger.ring if c.is_authority)
    site.close()
    request = roots / "request.json"
    kid_b = kid_of(KeyStore(roots).public("b")).hex()
    for kid, signers in ((kid_b, "ac"), (enrolment, "ac")):
        run(roots, "revoke", kid, "--reason", "superseded", "--out", request)
        for name in signers:
            approve(roots, request, name)
        run(roots, "root", "submit", request)
    run(roots, "revoke", kid_of(KeyStore(roots).public("c")).hex(), "--reason", "lost", "--out", request)
    for name in "ac":
        approve(roots, request, name)
    refuse(SiteError, "1 root keys would be left", roots, "root", "submit", request)


@pytest.mark.parametrize("retire", [False, True])
def test_labels_are_signed_with_the_newest_key(folder: Path, *, retire: bool) -> None:
    """Envelopes under an older label go on; where the older key is retired, no new ones start under it."""
    site = open_site(folder / "site", passphrase=Passphrase(WORDS))
    load = Load.of(site, actors=2)
    before, printed = load.item(), load.item()
    site.ledger.append([load.register(before)])
    site.close()
    made = run(folder, "rotate-label", *(["--retire-old"] if retire else []))
    load.site = site = open_site(folder / "site", passphrase=Passphrase(WORDS))
    load.now_ms = site.now()
    after = load.item()
    results = site.ledger.append(
        [load.offer(before, 1), load.accept(before, 1), load.register(after), load.register(printed)]
    )

    assert site.label_key().kid4.hex() == made["kid4"]
    assert [set(r.findings) & {"L02", "L03", "L04"} for r in results[:3]] == [set(), set(), set()]
    assert ("L04" in results[3].findings) == retire
    site.close()


# -- the log's keys ------------------------------------------------------------------------------------


def test_the_log_changes_its_keys_while_it_serves(folder: Path, site: Site) -> None:
    """The open service goes on with the new key; evidence that spans the change verifies from either; so the audit."""
    first = site.log_keys
    load = Load.of(site, actors=2)
    item = load.item()
    site.ledger.append([load.register(item)])
    made = run(folder, "rotate-log", "--overlap-days", "1")
    assert {f"{name}.key" for name in site.keys.names("log")} == {"log.key", "log-clock.key", *made["files"]}
    load.anchor = list(site.ledger.anchor() or ())
    for raw in (load.offer(item, 1), load.accept(item, 1)):
        assert site.ledger.append([raw])[0].status == "stored"
    note = site.ledger.newest().note
    data = dossier_of(site, item.uid)

    assert note.count("\n\u2014 ") == 4
    assert open_checkpoint(note, first)[0].size == site.ledger.newest().size  # who has not heard reads on
    assert site.log_keys.newest.log.public.hex() == made["log key"]
    for vkey in (first.log.vkey, site.log_keys.newest.log.vkey):
        report = verify_dossier(data, Trust(vkey, frozenset(site.founders)))
        assert (report.passed, report.failure) == (8, "")
    assert audit(site.engine, first, notes={"n": note}).problems == []


def test_without_overlap_the_old_key_is_needed_no_more(folder: Path) -> None:
    """It was stolen: the new one signs alone from the entry on, and the old files may go."""
    first = log_keys_of(open_site(folder / "site", signs=False).engine)
    run(folder, "rotate-log", "--overlap-days", "0")
    for name in ("log.key", "log-clock.key"):
        (folder / "site/keys" / name).unlink()
    site = open_site(folder / "site", passphrase=Passphrase(WORDS))
    Load.of(site, actors=1)
    note = site.ledger.newest().note

    assert note.count("\n\u2014 ") == 2
    with pytest.raises(CustodyError, match="not signed by"):
        open_checkpoint(note, LogKeys(first.log, first.clock))
    assert audit(site.engine, log_keys_of(site.engine, folder / "site")).problems == []
    site.close()


def test_a_service_without_the_new_key_stores_nothing(folder: Path, site: Site) -> None:
    """It says which file is missing; the next attempt with the file works."""
    load = Load.of(site, actors=2)
    made = run(folder, "rotate-log")
    files = [folder / "site/keys" / name for name in made["files"]]
    for file in files:
        file.rename(folder / file.name)
    entry = load.chain(0)
    size = site.ledger.newest().size
    with pytest.raises(KeyFileError, match=kid_of(bytes.fromhex(made["log key"])).hex()):
        site.ledger.append(entry)
    with pytest.raises(KeyFileError, match="is in no file"):
        open_site(folder / "site", passphrase=Passphrase(WORDS))
    assert site.ledger.newest().size == size
    for file in files:
        (folder / file.name).rename(file)
    assert site.ledger.append(entry)[0].status == "stored"


def test_the_log_key_is_changed_by_request(roots: Path) -> None:
    """Two roots approve, offline; the log's own key signs when it is handed in, and only where the new keys lie."""
    request = roots / "request.json"
    made = run(roots, "rotate-log", "--out", request)
    for name in "bc":
        approve(roots, request, name)
    file = roots / "site/keys" / made["files"][1]
    file.rename(roots / "aside")
    refuse(KeyFileError, "is in no file", roots, "root", "submit", request)
    (roots / "aside").rename(file)
    run(roots, "root", "submit", request)
    site = open_site(roots / "site", passphrase=Passphrase(WORDS))
    Load.of(site, actors=1)

    assert site.ledger.newest().note.count("\n\u2014 ") == 4
    assert audit(site.engine, log_keys_of(site.engine)).problems == []
    site.close()
