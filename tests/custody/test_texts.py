"""Texts that are signed or proven have one form: what reads the same is the same."""

from __future__ import annotations

import time

import pytest

from custody import checkpoint, ed25519, note, receipt, witness
from custody.errors import CustodyError, ProofError

_KEYS = checkpoint.LogKeys.of(
    "log.invalid", log=ed25519.public_of(bytes(32)), clock=ed25519.public_of(bytes(32))
)
_HEAD = checkpoint.Checkpoint("log.invalid", 3, b"\x00" * 31 + b"\x01")
_NOTE = checkpoint.sign_checkpoint(_HEAD, log_seed=bytes(32), clock_seed=bytes(32), time_ms=1_790_000_000_000)
_RECEIPT = receipt.format_receipt(1, [bytes(32), bytes(32)], _NOTE)
_REQUEST = witness.format_request(1, [bytes(32)], _NOTE)
_SPARE = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="  # 32 bytes of zeros


def _other_form(text: str) -> str:
    """Return the same bytes in base64 of another form: the last letter has two bits that carry nothing."""
    assert text.count(_SPARE)
    return text.replace(_SPARE, _SPARE[:-2] + "B=", 1)


def test_spare_bits_of_base64_are_refused() -> None:
    """Two receipts for one entry, or two requests for one cosignature, would be two texts that mean the same."""
    receipt.parse_receipt(_RECEIPT)
    witness.parse_request(_REQUEST)
    with pytest.raises(ProofError):
        receipt.parse_receipt(_other_form(_RECEIPT))
    with pytest.raises(CustodyError):
        witness.parse_request(_other_form(_REQUEST.decode()).encode())
    with pytest.raises(ProofError):
        checkpoint.parse_checkpoint(_other_form(f"log.invalid\n3\n{_SPARE}\n"))
    for text in ("AB==", "AA= =", "AA", "A", "AA==\n", "\u0410A=="):
        with pytest.raises(ValueError, match=r"."):
            note.from_base64(text)
    assert b"\0" == note.from_base64("AA==")


def test_a_checkpoint_has_no_empty_and_no_unended_line() -> None:
    """Without the newline that is signed with it, the text is not the one that was signed (C2SP tlog-checkpoint)."""
    text = _NOTE.partition("\n\n")[0] + "\n"

    assert _HEAD == checkpoint.parse_checkpoint(text)
    for bent in (text[:-1], text + "\n", text + "\nextension\n"):
        with pytest.raises(ProofError):
            checkpoint.parse_checkpoint(bent)
    assert _HEAD == checkpoint.parse_checkpoint(text + "extension\n")


def test_a_signature_line_has_one_form() -> None:
    """The padding bits of a signature are not covered by it: bent, the line was another and verified."""
    opened = note.open_note(_NOTE)
    line = _NOTE.splitlines()[4]
    bent = line[:-2] + chr(ord(line[-2]) + 1) + "="

    assert _KEYS.log.name == opened.lines[0][0]
    with pytest.raises(ProofError):
        note.open_note(_NOTE.replace(line, bent))


@pytest.mark.parametrize("text", ["\ud800", "log\ud800.invalid", "log .invalid", "log\u00a0.invalid", ""])
def test_a_name_that_cannot_be_signed_is_refused(text: str) -> None:
    """JSON hands in lone surrogates; no signature covers them, and no error of the codec gets out."""
    with pytest.raises(ProofError):
        note.parse_vkey(_KEYS.log.vkey.replace("log.invalid", text))
    with pytest.raises(ProofError):
        note.open_note(_NOTE.replace("\u2014 log.invalid", f"\u2014 {text}"))


def test_a_note_that_cannot_be_written_is_refused() -> None:
    """A text with a lone surrogate is no text that somebody signed."""
    with pytest.raises(ProofError, match="UTF-8"):
        note.open_note(_NOTE.replace("log.invalid\n3", "log\udfff\n3"))


def test_a_long_answer_of_a_witness_is_read_at_once() -> None:
    """A witness that answers with many lines of strangers keeps nobody waiting: only its own line is opened."""
    key = note.NoteKey("witness.invalid", note.COSIGNATURE, ed25519.public_of(b"w" * 32))
    text = note.open_note(_NOTE).text
    own = note.sign_note(text, name=key.name, seed=b"w" * 32, time_s=1_790_000_000)
    strange = "\u2014 stranger.invalid AAAAAAA=\n" * 2_000
    began = time.process_time()

    heard = witness.read_answer(200, (strange + own).encode(), note=_NOTE, old=0, key=key)
    assert own == heard.line
    assert time.process_time() - began < 0.5
