"""The golden vectors of docs/spec are what the code still makes: a format does not drift unseen."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from custody import label, receipt
from custody.checkpoint import LogKeys
from custody.errors import FormatError, SignatureError
from custody.note import parse_vkey
from tools.golden import vectors

_FOLDER = Path(__file__).resolve().parents[2] / "docs" / "spec" / "vectors"


@pytest.mark.parametrize("name", ["label.json", "event.json", "log.json"])
def test_vectors_are_reproduced(name: str) -> None:
    """Byte for byte."""
    assert json.loads((_FOLDER / name).read_text(encoding="utf-8")) == vectors()[name]


def test_misread_and_forged_labels_are_told_apart() -> None:
    """L01 for what a scanner got wrong, L02 for what somebody made."""
    content = vectors()["label.json"]
    for digits in content["misread"]:
        with pytest.raises(FormatError):
            label.parse_digits(digits)
    for digits in content["forged"]:
        with pytest.raises(SignatureError):
            label.verify_label(label.parse_digits(digits), bytes.fromhex(content["public_key"]))


def test_receipts_hold_under_the_published_keys() -> None:
    """As an outsider would check them, from the text alone."""
    content = vectors()["log.json"]
    keys = LogKeys(parse_vkey(content["log_key"]), parse_vkey(content["clock_key"]))
    for number, text in enumerate(content["receipts"]):
        index, head, time_ms = receipt.verify_receipt(text, bytes.fromhex(content["leaves"][number]), keys)

        assert (number, 7, content["time_ms"]) == (index, head.size, time_ms)
