"""`tram keys`: the ceremony of the roots end to end, rotation, sealing, and everything it refuses."""

from __future__ import annotations

import datetime as dt
import json
import logging
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.load import Load
from custody.certificate import Reason
from custody.checkpoint import LogKeys, open_checkpoint
from custody.cose import kid_of
from custody.ed25519 import public_of
from custody.errors import CustodyError
from custody.roles import Role
from custody.verify import Trust, verify_dossier
from db.audit import audit
from db.authority import revocation_fields
from db.ceremony import describe, make_request, read_request, write_request
from db.dossier import dossier_of
from db.errors import KeyFileError, PassphraseError, RequestError, SiteError
from db.keybox import Passphrase
from db.keystore import KeyStore, read_key
from db.site import Site, create_site, log_keys_of, open_site
from kt1.register import Register
from kt1.site import Authority, Grant
from tram import COMMANDS, tram

ROOT = Path(__file__).resolve().parents[2]
_WORDS = "sáu chữ không đi cùng nhau"
_OTHERS = "những từ khác hẳn thế"


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory, province: Register) -> Path:
    """A site whose keys are sealed, its passphrase file beside it."""
    folder = tmp_path_factory.mktemp("model")
    _secret(folder / "words", _WORDS)
    create_site(
        folder / "site", origin="keys.tram.example/log", register=province, passphrase=Passphrase(_WORDS)
    ).close()
    return folder


@pytest.fixture
def folder(model: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    shutil.copytree(model, tmp_path / "f")
    return tmp_path / "f"


@pytest.fixture
def site(folder: Path) -> Iterator[Site]:
    """That site, open."""
    made = open_site(folder / "site", passphrase=Passphrase(_WORDS))
    yield made
    made.close()


def _secret(path: Path, text: str) -> Path:
    path.write_text(text + "\n", encoding="utf-8")
    path.chmod(0o600)
    return path


def run(folder: Path, *words: str | Path, opens: bool = True, data: str = "site") -> dict[str, Any]:
    """Run `tram keys WORDS --json`; raises what it raises."""
    more = ["--passphrase-file", str(folder / "words")] if opens else []
    result = CliRunner().invoke(
        tram,
        ["--data", str(folder / data), "keys", *map(str, words), *more, "--json"],
        standalone_mode=False,
    )
    if result.exception:
        raise result.exception
    answer: dict[str, Any] = json.loads(result.stdout)
    return answer


def refuse(error: type[Exception], match: str, folder: Path, *words: str | Path, **how: Any) -> None:
    """Run it and hold it to its error."""
    with pytest.raises(error, match=match):
        run(folder, *words, **how)


def new_root(folder: Path, name: str) -> str:
    """Make a root key on a stick, and return its public side."""
    public: str = run(folder, "new", folder / f"{name}.key", data="nowhere")["public"]
    return public


def approve(folder: Path, request: Path, name: str) -> dict[str, Any]:
    """Sign a request with the key of that name."""
    return run(folder, "root", "approve", request, "--key", folder / f"{name}.key", "--yes", data="nowhere")


@pytest.fixture(scope="module")
def council(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """That site with the roots a, b and c, of whom two must sign; a's key was taken away from it."""
    folder = tmp_path_factory.mktemp("council") / "f"
    shutil.copytree(model, folder)
    for name in ("b", "c"):
        run(folder, "root", "add", "--public", new_root(folder, name))
    run(folder, "root", "threshold", "2")
    (folder / "site/keys/root.key").rename(folder / "a.key")
    return folder


@pytest.fixture
def roots(council: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    shutil.copytree(council, tmp_path / "r")
    return tmp_path / "r"


# -- the ceremony --------------------------------------------------------------------------------------


def test_three_roots_of_whom_two_must_sign(roots: Path) -> None:
    """From the founding of the roots to an authority that two of them made, with files carried by hand."""
    public = new_root(roots, "authority")
    request = roots / "request.json"
    asked = run(roots, "certify", "--public", public, "--out", request)
    assert (asked["must sign"], asked["missing"], asked["roles"]) == (2, 2, ["ENROL"])

    first = approve(roots, request, "c")
    assert (first["missing"], first["public"]) == (1, public)
    last = approve(roots, request, "a")
    assert (last["missing"], len(last["signed"])) == (0, 2)
    run(roots, "root", "submit", request)

    listed = run(roots, "list", opens=False)
    roles = [key["roles"] for key in listed["keys"] if key["public"] == public]
    assert (listed["threshold"], roles) == (2, [["ENROL"]])
    assert sum(key["roles"] == ["ROOT"] for key in listed["keys"]) == 3


def test_the_log_and_the_audit_hold_after_the_ceremony(roots: Path) -> None:
    """Whatever was written by request is as sound as the rest."""
    site = open_site(roots / "site", passphrase=Passphrase(_WORDS))
    load = Load.of(site, actors=2)
    item = load.item()
    site.ledger.append([load.register(item), load.offer(item, 1), load.accept(item, 1)])
    report = verify_dossier(dossier_of(site, item.uid), Trust(roots=frozenset(site.founders)))

    assert audit(site.engine, log_keys_of(site.engine), roots=frozenset(site.founders)).problems == []
    assert (report.passed, report.failure) == (8, "")
    site.close()


def test_one_root_is_not_enough(roots: Path) -> None:
    """Neither by a request handed in half signed, nor by one that claims that one signature will do."""
    request = roots / "request.json"
    run(roots, "certify", "--public", new_root(roots, "x"), "--out", request)
    refuse(RequestError, "2 of 2 root keys have not signed", roots, "root", "submit", request)
    approve(roots, request, "b")
    refuse(RequestError, "1 of 2 root keys have not signed", roots, "root", "submit", request)
    refuse(
        RequestError, "signed already", roots, "root", "approve", request, "--key", roots / "b.key", "--yes"
    )
    content = json.loads(request.read_text())
    request.write_text(json.dumps({**content, "threshold": 1, "approvals": []}))
    approve(roots, request, "b")
    refuse(SiteError, "1 of 2 root keys signed", roots, "root", "submit", request)


def test_a_complete_request_takes_no_more(roots: Path) -> None:
    """And an entry is handed in once: again it is what is there already."""
    request = roots / "request.json"
    run(roots, "root", "threshold", "3", "--out", request)
    for name in ("a", "b"):
        approve(roots, request, name)
    refuse(
        RequestError, "no signature is missing", roots, "root", "approve", request,
        "--key", roots / "c.key", "--yes",
    )  # fmt: skip
    first = run(roots, "root", "submit", request)

    assert run(roots, "root", "submit", request)["index"] == first["index"]


def test_what_is_signed_is_shown_and_asked(folder: Path) -> None:
    """From the bytes themselves; who does not say yes has not signed."""
    request = folder / "request.json"
    run(folder, "root", "threshold", "1", "--out", request)
    before = request.read_bytes()
    words = ["root", "approve", str(request), "--key", str(folder / "site/keys/root.key")]
    result = CliRunner().invoke(
        tram, ["keys", *words, "--passphrase-file", str(folder / "words")], input="n\n"
    )

    assert result.exit_code == 1
    assert "root_threshold" in result.output
    assert request.read_bytes() == before


def test_a_request_is_shown_without_a_site_or_a_key(folder: Path) -> None:
    """On any machine: it holds no secret."""
    request = folder / "request.json"
    run(folder, "root", "add", "--public", new_root(folder, "b"), "--years", "2", "--out", request)
    result = CliRunner().invoke(tram, ["--data", "nowhere", "keys", "root", "show", str(request)])

    assert result.exit_code == 0
    assert "KEY_CERT" in result.output
    assert "ROOT" in result.output


def test_too_few_root_keys_in_the_site_say_what_to_do(roots: Path) -> None:
    """Without --out the keys that are here sign; where they do not suffice, nothing is written."""
    refuse(RequestError, "2 of 2 root keys are missing here", roots, "root", "threshold", "1")


@pytest.mark.parametrize(
    "bend",
    [
        lambda c: {**c, "format": "tram-key-request-2"},
        lambda c: {**c, "core": "a0"},
        lambda c: {**c, "core": "zz"},
        lambda c: {**c, "approvals": ["00"]},
        lambda c: {**c, "threshold": 0},
        lambda c: {**c, "threshold": None},
        lambda c: {**c, "core": c["core"].replace("021841", "02184a")},
        lambda c: {k: v for k, v in c.items() if k != "entry"},
        lambda c: [c],
    ],
)
def test_what_is_no_request_is_refused(site: Site, tmp_path: Path, bend: Any) -> None:
    """One error for the whole zoo, with the file's name."""
    path = tmp_path / "request.json"
    write_request(path, make_request(_revocation(site), threshold=1))
    content = json.loads(path.read_text())
    bent = bend(content)
    assert bent != content
    path.write_text(json.dumps(bent))

    with pytest.raises(RequestError, match="request"):
        read_request(path)


def _revocation(site: Site) -> dict[int, Any]:
    return revocation_fields(site, site.founders[0], Reason.LOST, None)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_request_or_refused(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    """A stick from elsewhere may hold anything."""
    path = tmp_path_factory.getbasetemp() / "any.json"
    path.write_bytes(data)
    with pytest.raises(RequestError):
        read_request(path)


def test_a_missing_request_is_named(tmp_path: Path) -> None:
    """Not a traceback."""
    with pytest.raises(RequestError, match="cannot be read"):
        read_request(tmp_path / "none.json")


# -- offices, revocation, labels -----------------------------------------------------------------------


def test_an_office_gets_its_enrolment_key_and_loses_it(folder: Path) -> None:
    """By the site's authority, without the roots; the log keeps the office within its offices."""
    public = new_root(folder, "office")
    made = run(folder, "certify", "--public", public, "--offices", "990100,990101")
    site = open_site(folder / "site", passphrase=Passphrase(_WORDS))
    seed = read_key(folder / "office.key", Passphrase(_WORDS))
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
    site = open_site(folder / "site", passphrase=Passphrase(_WORDS))
    load = Load.of(site, actors=2)
    before, printed = load.item(), load.item()
    site.ledger.append([load.register(before)])
    site.close()
    made = run(folder, "rotate-label", *(["--retire-old"] if retire else []))
    load.site = site = open_site(folder / "site", passphrase=Passphrase(_WORDS))
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
    site = open_site(folder / "site", passphrase=Passphrase(_WORDS))
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
    with pytest.raises(KeyFileError, match=f"public side {made['log key'][:16]}"):
        site.ledger.append(entry)
    with pytest.raises(KeyFileError, match="public side"):
        open_site(folder / "site", passphrase=Passphrase(_WORDS))
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
    refuse(KeyFileError, "is not in", roots, "root", "submit", request)
    (roots / "aside").rename(file)
    run(roots, "root", "submit", request)
    site = open_site(roots / "site", passphrase=Passphrase(_WORDS))
    Load.of(site, actors=1)

    assert site.ledger.newest().note.count("\n\u2014 ") == 4
    assert audit(site.engine, log_keys_of(site.engine)).problems == []
    site.close()


# -- at rest -------------------------------------------------------------------------------------------


def test_a_site_from_before_is_sealed(tmp_path: Path, province: Register) -> None:
    """Migration: one command; again it finds nothing to do; then the service asks for the passphrase."""
    create_site(tmp_path / "site", origin="x.example/log", register=province).close()
    _secret(tmp_path / "words", _WORDS)
    sealed = run(tmp_path, "encrypt")["sealed"]
    assert {"enrolment", "log", "log-clock", "root"} < set(sealed)
    assert run(tmp_path, "encrypt")["sealed"] == []
    with pytest.raises(PassphraseError, match="is sealed"):
        open_site(tmp_path / "site")
    site = open_site(tmp_path / "site", passphrase=Passphrase(_WORDS))
    Load.of(site, actors=1)
    site.close()

    assert all("(sealed)" in key["file"] for key in run(tmp_path, "list", opens=False)["keys"] if key["file"])


def test_the_passphrase_is_changed_also_after_a_break(folder: Path) -> None:
    """Broken off half way, some files open with the old words and some with the new ones."""
    other = _secret(folder / "others", _OTHERS)
    KeyStore(folder / "site/keys", Passphrase(_WORDS)).reseal("log", Passphrase(_OTHERS))
    run(folder, "passphrase", "--new-passphrase-file", other)
    store = KeyStore(folder / "site/keys", Passphrase(_OTHERS))

    assert all(len(store.read(name)) == 32 for name in store.names())
    refuse(PassphraseError, "wrong passphrase", folder, "rotate-label")
    run(folder, "new", folder / "b.key", data="nowhere")
    run(folder, "passphrase", "--key", folder / "b.key", "--new-passphrase-file", other)
    assert read_key(folder / "b.key", Passphrase(_OTHERS))


def test_a_wrong_old_passphrase_changes_no_file(folder: Path) -> None:
    """Not even the first of them."""
    before = {path.name: path.read_bytes() for path in (folder / "site/keys").iterdir()}
    other = _secret(folder / "others", _OTHERS)
    refuse(
        PassphraseError, "wrong", folder, "passphrase", "--passphrase-file", other,
        "--new-passphrase-file", _secret(folder / "third", _OTHERS + "!"), opens=False,
    )  # fmt: skip

    assert before == {path.name: path.read_bytes() for path in (folder / "site/keys").iterdir()}


def test_with_nobody_to_ask_a_sealed_site_says_what_it_needs(folder: Path) -> None:
    """In a script: an error with its hint, not a prompt that waits for ever."""
    refuse(PassphraseError, "nobody to ask", folder, "rotate-label", opens=False)


def test_export_and_list_need_no_passphrase(folder: Path, site: Site) -> None:
    """What only reads is given no secret."""
    load = Load.of(site, actors=1)
    item = load.item()
    site.ledger.append([load.register(item)])
    words = ["--data", str(folder / "site"), "export", "dossier", item.number, "-o", str(folder / "d.zip")]
    result = CliRunner().invoke(tram, words, standalone_mode=False)

    assert result.exception is None
    assert verify_dossier((folder / "d.zip").read_bytes()).passed == 8


def test_no_option_and_no_variable_takes_a_passphrase() -> None:
    """Arguments stand in `ps`, variables in /proc: there is a way to name a file, and none to give the words."""

    def walk(command: click.Command) -> Iterator[click.Parameter]:
        yield from command.params
        if isinstance(command, click.Group):
            for one in command.commands.values():
                yield from walk(one)

    for place in COMMANDS.values():
        module, _, name = place.partition(":")
        for parameter in walk(getattr(import_module(module), name)):
            if "passphrase" in (parameter.name or ""):
                assert parameter.name in {"passphrase_file", "new_passphrase_file"}
                assert isinstance(parameter.type, click.Path)
                assert parameter.envvar is None


def test_nothing_secret_is_said_or_left_behind(roots: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A whole ceremony at the loudest log level: no seed and no passphrase in output, log or any file but the box."""
    caplog.set_level(logging.DEBUG)
    said = json.dumps(run(roots, "rotate-label")) + caplog.text
    seeds = [read_key(path, Passphrase(_WORDS)).hex() for path in roots.rglob("*.key")]
    left = b"".join(path.read_bytes() for path in roots.rglob("*") if path.is_file() and path.name != "words")

    assert len(seeds) == 8
    for secret in (*seeds, _WORDS):
        assert secret not in said
        assert secret.encode() not in left
        assert bytes.fromhex(secret) not in left if secret in seeds else True


def test_a_process_shows_the_file_and_not_the_words(folder: Path) -> None:
    """What `ps` and /proc show of a running command."""
    words = [sys.executable, str(ROOT / "tram.py"), "--data", str(folder / "site"), "keys", "rotate-label"]
    process = subprocess.Popen(
        [*words, "--passphrase-file", str(folder / "words")], stdout=subprocess.DEVNULL, cwd=ROOT
    )
    while not Path(f"/proc/{process.pid}/cmdline").read_bytes().startswith(sys.executable.encode()):
        assert process.poll() is None
    shown = b"".join(Path(f"/proc/{process.pid}/{name}").read_bytes() for name in ("cmdline", "environ"))

    assert process.wait(60) == 0
    assert b"passphrase-file" in shown
    assert _WORDS.encode() not in shown


def test_a_request_says_itself_what_it_asks_for(site: Site) -> None:
    """Every kind, in words that a holder of a key compares with what was said on the telephone."""
    said = describe(make_request(_revocation(site), threshold=2))

    assert (said["entry"], said["reason"], said["missing"]) == ("KEY_REVOKE", "lost", 2)
    assert said["key"] == site.founders[0].hex()
