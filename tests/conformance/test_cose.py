"""COSE_Sign1 against the working group's and gluecose's examples.

Our profile admits one header form, so every foreign example is refused at the door, each for the reason named
here; what must agree are the bytes that a signature covers.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from custody import cbor, cose, ed25519
from custody.errors import FormatError
from tests.conformance.vectors import folder

_EXAMPLES = folder("cose-examples")
_GLUECOSE = folder("gluecose")

_DEVIATIONS = {
    "sign1-tests/sign-pass-01.json": "E01",  # protected header is empty
    "sign1-tests/sign-pass-02.json": "E01",  # kid stands unprotected, and external_aad is used
    "sign1-tests/sign-pass-03.json": "E01",  # no tag
    "sign1-tests/sign-fail-01.json": "E01",  # another tag
    "sign1-tests/sign-fail-02.json": "E01",  # signature changed; refused for its headers already
    "sign1-tests/sign-fail-03.json": "E01",
    "sign1-tests/sign-fail-04.json": "E01",
    "sign1-tests/sign-fail-06.json": "E01",
    "sign1-tests/sign-fail-07.json": "E01",
    "eddsa-examples/eddsa-sig-01.json": "E01",  # kid stands unprotected
    "eddsa-examples/eddsa-sig-02.json": "E01",  # Ed448
}


def _read(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((_EXAMPLES / name).read_text(encoding="utf-8"))
    return content


@pytest.mark.parametrize("name", _DEVIATIONS)
def test_foreign_headers_are_refused(name: str) -> None:
    """One form, nothing negotiable: stricter than RFC 9052 asks, on purpose."""
    with pytest.raises(FormatError) as caught:
        cose.parse_sign1(bytes.fromhex(_read(name)["output"]["cbor"]))

    assert _DEVIATIONS[name] == caught.value.finding


def test_sig_structure_is_the_working_groups() -> None:
    """The bytes under the signature of eddsa-sig-01, and the signature itself under its key."""
    example = _read("eddsa-examples/eddsa-sig-01.json")
    protected, _, payload, signature = cbor.decode(bytes.fromhex(example["output"]["cbor"])[1:])
    signed = cose._sig_structure(protected, payload)
    public = bytes.fromhex(example["input"]["sign0"]["key"]["x_hex"])

    assert bytes.fromhex(example["intermediates"]["ToBeSign_hex"]) == signed
    assert ed25519.verify(public, signed, signature)


def test_our_signature_is_theirs_once_the_headers_agree() -> None:
    """Their key and text in our header form: deterministic Ed25519 leaves nothing to choose."""
    example = _read("eddsa-examples/eddsa-sig-01.json")
    key = example["input"]["sign0"]["key"]
    made = cose.sign1(example["input"]["plaintext"].encode(), seed=bytes.fromhex(key["d_hex"]))
    read = cose.parse_sign1(made)

    cose.verify_sign1(read, bytes.fromhex(key["x_hex"]))
    assert example["input"]["plaintext"].encode() == read.payload


@pytest.mark.parametrize("file", sorted(_GLUECOSE.glob("sign1-sign-*.json")), ids=lambda path: path.stem)
def test_gluecose_sig_structures(file: Any) -> None:
    """ToBeSigned bytes of every example without external data."""
    case = json.loads(file.read_text(encoding="utf-8"))["sign1::sign"]
    if case.get("external"):
        with pytest.raises(FormatError):
            cose.parse_sign1(bytes.fromhex(case["expectedOutput"]["cborHex"]))
        return
    signed = cose._sig_structure(
        bytes.fromhex(case["protectedHeaders"]["cborHex"])
        if case["protectedHeaders"]["cborHex"] != "a0"
        else b"",
        bytes.fromhex(case["payload"]),
    )

    assert bytes.fromhex(case["tbsHex"]["cborHex"]) == signed
