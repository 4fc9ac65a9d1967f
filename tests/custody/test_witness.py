"""The witness's answers (C2SP tlog-witness), one by one, and what a log makes of them."""

from __future__ import annotations

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custody import merkle
from custody.checkpoint import Checkpoint, LogKeys, open_checkpoint, parse_checkpoint, sign_checkpoint
from custody.ed25519 import public_of
from custody.errors import CustodyError, ProofError
from custody.note import NoteKey, open_note
from custody.witness import (
    MAX_REQUEST_BYTES,
    SIZE_TYPE,
    Answer,
    Signer,
    add_checkpoint,
    format_request,
    parse_request,
    read_answer,
)

ORIGIN = "log.example/tram"
LOG, CLOCK = hashlib.sha256(b"log").digest(), hashlib.sha256(b"clock").digest()
KEYS = LogKeys.of(ORIGIN, log=public_of(LOG), clock=public_of(CLOCK))
WITNESS = Signer("witness.example/w1", hashlib.sha256(b"w1").digest())
NOW_S = 1_790_000_000


class Log:
    """A log in memory, and another history of it from entry *forks* on."""

    def __init__(self, size: int = 40, forks: int = 1 << 30) -> None:
        self.leaves = [merkle.leaf_hash(b"entry %d %d" % (n, n >= forks)) for n in range(size)]

    def node(self, level: int, n: int) -> bytes:
        """Return the root of a perfect subtree."""
        return merkle.root_of(self.leaves[n << level : (n + 1) << level])

    def note(self, size: int, seed: bytes = LOG, origin: str = ORIGIN) -> str:
        """Return the signed checkpoint of *size*."""
        head = Checkpoint(origin, size, merkle.root_of(self.leaves[:size]))
        return sign_checkpoint(head, log_seed=seed, clock_seed=CLOCK, time_ms=NOW_S * 1000)

    def request(self, old: int, size: int) -> bytes:
        """Return a good request."""
        return format_request(old, merkle.consistency_path(old, size, self.node), self.note(size))

    def head(self, size: int) -> Checkpoint:
        """Return the checkpoint of *size*."""
        return parse_checkpoint(open_note(self.note(size)).text)


def answer(body: bytes, known: Checkpoint | None = None, keys: tuple[NoteKey, ...] = (KEYS.log,)) -> Answer:
    """Ask the witness that knows *known*."""
    return add_checkpoint(parse_request(body), keys, known, WITNESS, now_s=NOW_S)


def test_a_prefix_is_cosigned_and_stored() -> None:
    """200: every pair of sizes, from nothing, to itself, and onward."""
    log = Log(20)
    for old in range(20):
        for size in range(old, 21):
            given_ = answer(log.request(old, size), log.head(old) if old else None)
            assert 200 == given_.status, (old, size)
            assert given_.stored is not None
            assert given_.stored.startswith(log.note(size))
            assert NOW_S == open_note(given_.stored).verify(WITNESS.key)
            assert log.head(size) == open_checkpoint(given_.stored, KEYS)[0]


@pytest.mark.parametrize(
    "name, status, body",
    [
        ("unknown log", 404, ""),
        ("unknown key", 403, ""),
        ("no signature of the log", 403, ""),
        ("old above new", 400, ""),
        ("old is not what is known", 409, "20\n"),
        ("probe from nothing", 409, "20\n"),
        ("rolled back", 409, "20\n"),
        ("another root at the same size", 409, "20\n"),
        ("another history beyond", 422, ""),
        ("no proof", 422, ""),
        ("proof too long", 422, ""),
        ("proof to itself", 422, ""),
    ],
)
def test_what_is_not_cosigned(name: str, status: int, body: str) -> None:
    """Every refusal of the protocol, and nothing stored by any of them."""
    log, fork = Log(), Log(forks=7)
    note = log.note(30)
    path = merkle.consistency_path(20, 30, log.node)
    asked = {
        "unknown log": log.request(20, 30),
        "unknown key": format_request(20, path, log.note(30, seed=CLOCK)),
        "no signature of the log": format_request(20, path, note.replace(ORIGIN + " ", "x.example ")),
        "old above new": format_request(31, (), note),
        "old is not what is known": log.request(19, 30),
        "probe from nothing": format_request(0, (), note),
        "rolled back": log.request(10, 12),
        "another root at the same size": format_request(20, (), fork.note(20)),
        "another history beyond": fork.request(20, 30),
        "no proof": format_request(20, (), note),
        "proof too long": format_request(20, [*path, bytes(32)], note),
        "proof to itself": format_request(20, [bytes(32)], log.note(20)),
    }[name]
    found = answer(asked, log.head(20), () if name == "unknown log" else (KEYS.log,))

    assert status == found.status
    assert found.stored is None
    if body:
        assert (body, SIZE_TYPE) == (found.body, found.media)
    assert found.evidence == (status == 422 or name.startswith("another"))


def test_a_rotated_key_counts_beside_the_old_one() -> None:
    """A log in the overlap of two keys is signed by both; one that is trusted is enough."""
    log, other = Log(), NoteKey(ORIGIN, 1, public_of(CLOCK))

    assert 200 == answer(log.request(0, 5), None, (other, KEYS.log)).status
    assert 403 == answer(log.request(0, 5), None, (other,)).status


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"old 0",
        b"old 00\n\n",
        b"old -1\n\n",
        b"old 1",
        b"new 1\n\n",
        b"old 1\nAAAA\n\n",
        b"old 1\n!\n\n",
        b"old 0\n" + b"A" * 43 + b"=\n" * 64 + b"\n",
        b"old 0\n" + (base64.b64encode(bytes(32)) + b"\n") * 64 + b"\n" + Log().note(5).encode(),
        b"old 0\n\nno note",
        b"old 0\n\n" + Log().note(5).encode()[:-2],
        b"old 0\n\nlog.example\n05\nAAAA\n\n" + Log().note(5).split("\n\n")[1].encode(),
        b"old 0\r\n\r\n" + Log().note(5).encode(),
        b"\xff" + Log().request(0, 5),
        Log().request(0, 5) + b"x" * MAX_REQUEST_BYTES,
    ],
)
def test_what_is_no_request(body: bytes) -> None:
    """400: every line counts, and 63 hashes are the most that a tree can ask for."""
    with pytest.raises(CustodyError):
        parse_request(body)


@given(st.data())
def test_no_bytes_surprise_the_witness(data: st.DataObject) -> None:
    """A witness listens to strangers: bent requests are refused, or are what they were."""
    good = bytearray(Log().request(5, 30))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(good) - 1))
        good[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    try:
        request = parse_request(bytes(good))
    except CustodyError:
        return
    found = add_checkpoint(request, (KEYS.log,), Log().head(5), WITNESS, now_s=NOW_S)
    if found.status == 200:
        assert request.checkpoint == Log().head(30)


def test_what_a_log_makes_of_the_answers() -> None:
    """The line where it verifies; a size where one is said; M04 where the histories differ."""
    log, fork = Log(), Log(forks=7)
    ok = answer(log.request(0, 20))

    def heard(status: int, body: str, old: int = 20) -> tuple[str, int | None, str]:
        found = read_answer(status, body.encode(), note=log.note(20), old=old, key=WITNESS.key)
        assert bool(found.line) != bool(found.reason)
        return found.line, found.size, found.finding

    assert (ok.body, None, "") == heard(200, ok.body)
    assert (ok.body, None, "") == heard(200, answer(log.request(0, 21)).body + ok.body + "rubbish\n")
    assert ("", None, "") == heard(200, answer(fork.request(0, 20)).body)
    assert ("", None, "") == heard(200, "")
    assert ("", 30, "") == heard(409, "30\n")
    assert ("", 20, "M04") == heard(409, "20\n")
    assert ("", None, "") == heard(409, "many\n")
    assert ("", None, "") == heard(409, "9" * 40)
    assert ("", 20, "M04") == heard(422, "no\n")
    assert ("", None, "") == heard(503, "\ufffd" * 5_000)


@given(st.integers(100, 599), st.binary(max_size=200))
def test_no_answer_surprises_the_log(status: int, body: bytes) -> None:
    """A witness is somebody else's machine: what it says never stops the service."""
    found = read_answer(status, body, note=Log().note(3), old=3, key=WITNESS.key)

    assert not found.line


def test_a_note_is_not_opened_under_a_lie() -> None:
    """A cosignature over another checkpoint is not one over ours."""
    log = Log()
    line = answer(log.request(0, 21)).body

    with pytest.raises(ProofError):
        open_note(log.note(20) + line).verify(WITNESS.key)
