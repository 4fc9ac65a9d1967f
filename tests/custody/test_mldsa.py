"""The second signature of a checkpoint, by ML-DSA-44 (C2SP tlog-cosignature, type 0x06)."""

from __future__ import annotations

import base64

import pytest

from custody import mldsa
from custody.checkpoint import Checkpoint
from custody.errors import ProofError
from custody.note import COSIGNATURE, MLDSA44, NoteKey, open_note, parse_vkey, sign_note

SEED = bytes(range(32))
HEAD = Checkpoint("log.example", 1234, bytes(range(1, 33)))
KEY = NoteKey("log.example/pq", MLDSA44, mldsa.public_of(SEED))
TIME_S = 1_790_000_000


def test_it_signs_what_the_specification_says() -> None:
    """The struct of tlog-cosignature, put together here byte by byte."""
    line = sign_note(HEAD.text, name=KEY.name, seed=SEED, time_s=TIME_S, kind=MLDSA44)
    blob = base64.b64decode(line.split(" ")[2])
    message = (
        b"subtree/v1\n\0\x0elog.example/pq" + TIME_S.to_bytes(8, "big") + b"\x0blog.example"
        + bytes(8) + (1234).to_bytes(8, "big") + HEAD.root
    )  # fmt: skip

    assert (4 + 8 + 2420, KEY.id, TIME_S) == (len(blob), blob[:4], int.from_bytes(blob[4:12], "big"))
    assert mldsa.verify(KEY.public, message, blob[12:])
    assert TIME_S == open_note(HEAD.text + "\n" + line).verify(KEY)


def test_its_key_has_a_text_form() -> None:
    """1,312 bytes and their type; a key of another length is none."""
    assert KEY == parse_vkey(KEY.vkey)
    for kind, public in (
        (MLDSA44, KEY.public[:-1]),
        (MLDSA44, bytes(32)),
        (COSIGNATURE, KEY.public),
        (5, bytes(32)),
    ):
        with pytest.raises(ProofError):
            parse_vkey(NoteKey("x", kind, public).vkey)


@pytest.mark.parametrize(
    "text",
    [
        HEAD.text.replace("1234", "1235"),
        HEAD.text.replace("log", "lug"),
        Checkpoint("log.example", 1234, bytes(32)).text,
        "no checkpoint\n",
        "log\n5\nroot\n",
        f"log\n{1 << 63}\n{'A' * 43}=\n",
        f"{'x' * 256}\n5\n{'A' * 43}=\n",
    ],
)
def test_it_holds_for_nothing_else(text: str) -> None:
    """M02: another size, log or root; and what is no checkpoint at all."""
    line = sign_note(HEAD.text, name=KEY.name, seed=SEED, time_s=TIME_S, kind=MLDSA44)

    with pytest.raises(ProofError) as caught:
        open_note(text + "\n" + line).verify(KEY)
    assert "M02" == caught.value.finding


def test_a_cut_or_foreign_signature_is_refused() -> None:
    """Lengths first; the name of the cosigner is part of what is signed."""
    line = sign_note(HEAD.text, name=KEY.name, seed=SEED, time_s=TIME_S, kind=MLDSA44)
    blob = base64.b64decode(line.split(" ")[2])
    other = NoteKey("other/pq", MLDSA44, KEY.public)
    for key, bent in ((KEY, blob[:-1]), (KEY, blob[:7]), (other, other.id + blob[4:])):
        text = f"\u2014 {key.name} {base64.b64encode(bent).decode()}\n"
        with pytest.raises(ProofError):
            open_note(HEAD.text + "\n" + text).verify(key)
