"""`tram keys root`: the ceremony of the roots end to end, and everything it refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.load import Load
from custody.certificate import Reason
from custody.event import Field
from custody.verify import Trust, verify_dossier
from db.audit import audit
from db.authority import revocation_fields
from db.ceremony import describe, make_request, read_request, write_request
from db.dossier import dossier_of
from db.errors import RequestError, SiteError
from db.keybox import Passphrase
from db.site import Site, log_keys_of, open_site
from tests.db.keys.commands import WORDS, approve, new_root, refuse, run
from tram import tram

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
    site = open_site(roots / "site", passphrase=Passphrase(WORDS))
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


def test_a_request_says_itself_what_it_asks_for(site: Site) -> None:
    """Every kind, in words that a holder of a key compares with what was said on the telephone."""
    said = describe(make_request(_revocation(site), threshold=2))

    assert (said["entry"], said["reason"], said["missing"]) == ("KEY_REVOKE", "lost", 2)
    assert said["key"] == site.founders[0].hex()


def test_a_key_that_is_no_root_spoils_nothing(roots: Path) -> None:
    """It is refused by name; signed elsewhere all the same, its signature is left out and the roots go on."""
    request = roots / "request.json"
    new_root(roots, "stranger")
    run(roots, "root", "threshold", "3", "--out", request)
    with pytest.raises(RequestError, match="is not a root key of this log"):
        approve(roots, request, "stranger")
    content = json.loads(request.read_text())
    request.write_text(json.dumps({**content, "roots": []}))
    approve(roots, request, "b")
    approve(roots, request, "stranger")
    refuse(RequestError, "1 of 2 root keys have not signed", roots, "root", "submit", request)
    approve(roots, request, "a")

    assert run(roots, "root", "submit", request)["missing"] == 0


def test_an_altered_request_is_said_to_be_altered(roots: Path) -> None:
    """Before anybody types a passphrase: by whoever reads it next, and by the log's own list of roots."""
    request = roots / "request.json"
    run(roots, "root", "threshold", "3", "--out", request)
    approve(roots, request, "b")
    content = json.loads(request.read_text())
    fields = read_request(request).fields
    other = make_request(fields | {Field.T_CLAIM: fields[Field.T_CLAIM] + 1}, threshold=2).core.hex()
    request.write_text(json.dumps({**content, "core": other}))
    refuse(RequestError, "altered after key", roots, "root", "show", request, opens=False)
    request.write_text(json.dumps({**content, "core": other, "roots": []}))
    refuse(RequestError, "altered after key", roots, "root", "submit", request, opens=False)


def test_a_change_of_log_keys_that_is_refused_leaves_no_files(roots: Path) -> None:
    """A key that nothing names is a key that somebody puts away by mistake."""
    before = sorted((roots / "site/keys").iterdir())
    refuse(RequestError, "root keys are missing here", roots, "rotate-log")
    refuse(RequestError, "cannot be written", roots, "rotate-log", "--out", roots / "none/request.json")

    assert sorted((roots / "site/keys").iterdir()) == before
