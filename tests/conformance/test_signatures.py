"""Ed25519 as others test it: Wycheproof, and the edge cases on which verifiers differ."""

from __future__ import annotations

import json

from custody import ed25519, mldsa, webauthn
from tests.conformance.oracles import ask_python, needs
from tests.conformance.vectors import folder

_WYCHEPROOF = folder("wycheproof") / "testvectors_v1"
_SPECCHECK = folder("ed25519-speccheck")


def test_wycheproof() -> None:
    """All 151 cases."""
    groups = json.loads((_WYCHEPROOF / "ed25519_test.json").read_text(encoding="utf-8"))["testGroups"]
    cases = [(bytes.fromhex(g["publicKey"]["pk"]), case) for g in groups for case in g["tests"]]
    wrong = [
        case["tcId"]
        for public, case in cases
        if ed25519.verify(public, bytes.fromhex(case["msg"]), bytes.fromhex(case["sig"]))
        != (case["result"] == "valid")
    ]

    assert 151 == len(cases)
    assert [] == wrong


def test_wycheproof_of_our_ml_dsa_44() -> None:
    """Every case without a context, which we do not use; wrong lengths of keys and signatures among them."""
    groups = json.loads((_WYCHEPROOF / "mldsa_44_verify_test.json").read_text(encoding="utf-8"))["testGroups"]
    cases = [(group["publicKey"], case) for group in groups for case in group["tests"] if "ctx" not in case]
    wrong = [
        case["tcId"]
        for public, case in cases
        if mldsa.verify(*(bytes.fromhex(part) for part in (public, case["msg"], case["sig"])))
        != (case["result"] == "valid")
    ]

    assert 172 == len(cases)
    assert [] == wrong


def test_speccheck_gives_libsodiums_answers() -> None:
    """The verdict of record: canonical S, R and A, no small order, cofactorless; only case 3 verifies."""
    cases = json.loads((_SPECCHECK / "cases.json").read_text(encoding="utf-8"))
    answers = [
        ed25519.verify(*(bytes.fromhex(case[part]) for part in ("pub_key", "message", "signature")))
        for case in cases
    ]

    assert [number == 3 for number in range(12)] == answers


def test_weak_keys_of_speccheck_cannot_be_certified() -> None:
    """Keys of small or mixed order and non-canonical points are refused at enrolment (K10)."""
    keys = {case["pub_key"] for case in json.loads((_SPECCHECK / "cases.json").read_text(encoding="utf-8"))}
    good = {key for key in keys if ed25519.is_valid_point(bytes.fromhex(key))}

    assert good < keys
    assert ed25519.is_valid_point(ed25519.public_of(bytes(32)))
    assert not ed25519.is_valid_point(bytes(32))


@needs("PyPI")
def test_wycheproof_of_ml_dsa_44() -> None:
    """All 180 cases, in the library that would verify a second signature on checkpoints: an oracle, not ours."""
    groups = json.loads((_WYCHEPROOF / "mldsa_44_verify_test.json").read_text(encoding="utf-8"))["testGroups"]
    cases = [
        {
            "public": group["publicKey"],
            "signature": case["sig"],
            "message": case["msg"],
            "context": case.get("ctx", ""),
        }
        for group in groups
        for case in group["tests"]
    ]
    wanted = [case["result"] == "valid" for group in groups for case in group["tests"]]

    assert 180 == len(cases)
    assert wanted == ask_python("mldsa44", cases)


def test_wycheproof_of_passkeys() -> None:
    """ECDSA over P-256 as `webauthn` verifies it: all 484 cases."""
    path = _WYCHEPROOF / "ecdsa_secp256r1_sha256_test.json"
    groups = json.loads(path.read_text(encoding="utf-8"))["testGroups"]
    cases = [(bytes.fromhex(g["publicKey"]["uncompressed"]), case) for g in groups for case in g["tests"]]
    wrong = [
        case["tcId"]
        for public, case in cases
        if webauthn._holds(public, bytes.fromhex(case["msg"]), bytes.fromhex(case["sig"]))
        != (case["result"] == "valid")
    ]

    assert 484 == len(cases)
    assert [] == wrong
