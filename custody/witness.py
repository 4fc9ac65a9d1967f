"""What a witness answers to a log, and what a log makes of the answer (C2SP tlog-witness, add-checkpoint).

A witness keeps one thing for each log: the newest checkpoint it has cosigned. It cosigns another only where that
one is proven to be a prefix of it, so whoever asks for two histories gets one cosigned. Pure: the state is handed
in and comes back; who stores it must have stored it before anybody reads the answer.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from custody import ed25519, merkle
from custody.checkpoint import Checkpoint, parse_checkpoint
from custody.errors import CustodyError, FormatError, ProofError
from custody.note import COSIGNATURE, Note, NoteKey, add_lines, from_base64, open_note, sign_note

__all__ = [
    "MAX_REQUEST_BYTES",
    "SIZE_TYPE",
    "TEXT_TYPE",
    "Answer",
    "Heard",
    "Signer",
    "add_checkpoint",
    "format_request",
    "parse_request",
    "read_answer",
]

MAX_REQUEST_BYTES: Final = 100_000
SIZE_TYPE: Final = "text/x.tlog.size"
TEXT_TYPE: Final = "text/plain; charset=utf-8"
_MAX_PROOF: Final = 63
_DECIMAL: Final = re.compile(r"0|[1-9][0-9]{0,18}")
_MAX_TIME_S: Final = (1 << 63) - 1


@dataclass(frozen=True, slots=True)
class Signer:
    """A witness's own key.

    Attributes:
        name: as it stands on its signature lines.
        seed: 32 bytes.
    """

    name: str
    seed: bytes

    @property
    def key(self) -> NoteKey:
        """Its public key."""
        return NoteKey(self.name, COSIGNATURE, ed25519.public_of(self.seed))


@dataclass(frozen=True, slots=True)
class Request:
    """A parsed add-checkpoint request.

    Attributes:
        old: the size from which the proof leads.
        proof: consistency proof, at most 63 hashes.
        text: the signed note.
        note: the same, opened; nothing in it is verified yet.
        checkpoint: what it says.
    """

    old: int
    proof: tuple[bytes, ...]
    text: str
    note: Note
    checkpoint: Checkpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a witness answers.

    Attributes:
        status: of HTTP.
        body: its text.
        media: its content type.
        stored: the note to store before the answer is given, with the witness's own line on it, or None.
        evidence: two signed notes that cannot both be true were seen; the submitted one is worth keeping.
    """

    status: int
    body: str
    media: str = TEXT_TYPE
    stored: str | None = None
    evidence: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What a log makes of an answer.

    Attributes:
        line: the witness's cosignature, verified, or "".
        size: the size that the witness says it has, where it says so; else None.
        finding: M04 where the witness holds another history; else "".
        reason: why there is no line, in words.
    """

    line: str = ""
    size: int | None = None
    finding: str = ""
    reason: str = ""


def format_request(old: int, proof: Sequence[bytes], note: str) -> bytes:
    """Return the body of an add-checkpoint request."""
    hashes = "".join(base64.b64encode(node).decode() + "\n" for node in proof)
    return f"old {old}\n{hashes}\n{note}".encode()


def parse_request(body: bytes) -> Request:
    """Return the parts of an add-checkpoint request.

    Raises:
        FormatError: not of that form.
        ProofError: the note in it is not a checkpoint.
    """
    if len(body) > MAX_REQUEST_BYTES:
        raise FormatError(f"request of {len(body)} bytes is above {MAX_REQUEST_BYTES}")
    try:
        head, gap, text = body.decode().partition("\n\n")
    except UnicodeDecodeError as error:
        raise FormatError("request is not UTF-8") from error
    first, *lines = head.split("\n")
    if not gap or not first.startswith("old ") or not _DECIMAL.fullmatch(first[4:]):
        raise FormatError("request does not begin with: old, a size, a proof, an empty line")
    if len(lines) > _MAX_PROOF:
        raise FormatError(f"proof of {len(lines)} hashes is above {_MAX_PROOF}")
    try:
        proof = tuple(map(from_base64, lines))
    except ValueError as error:
        raise FormatError("a hash of the proof is not base64") from error
    if any(len(node) != merkle.HASH_BYTES for node in proof):
        raise FormatError("a hash of the proof is not 32 bytes")
    note = open_note(text)
    return Request(int(first[4:]), proof, text, note, parse_checkpoint(note.text))


def add_checkpoint(
    request: Request, keys: Sequence[NoteKey], known: Checkpoint | None, signer: Signer, *, now_s: int
) -> Answer:
    """Return the answer to a request.

    Args:
        request: from `parse_request`; what that refuses is answered with 400.
        keys: the log's keys; none where its origin is unknown here.
        known: the newest checkpoint cosigned for that origin, or None.
        signer: the witness's key.
        now_s: its clock, unix seconds.
    """
    new = request.checkpoint
    if not keys:
        return _no(404, f"log {new.origin!r} is not one of ours")
    if not any(_is_signed(request.note, key) for key in keys):
        return _no(403, "checkpoint is not signed by a key of that log")
    if request.old > new.size:
        return _no(400, f"old size {request.old} is above {new.size}")
    size, root = (known.size, known.root) if known else (0, merkle.EMPTY_ROOT)
    if request.old != size:
        return Answer(status=409, body=f"{size}\n", media=SIZE_TYPE)
    if new.size == size and new.root != root:
        return Answer(status=409, body=f"{size}\n", media=SIZE_TYPE, evidence=True)
    try:
        _check_prefix(size, root, request)
    except ProofError as error:
        return Answer(status=422, body=f"{error}\n", evidence=True)
    line = sign_note(request.note.text, name=signer.name, seed=signer.seed, time_s=min(now_s, _MAX_TIME_S))
    return Answer(status=200, body=line, stored=add_lines(request.text, [line]))


def _check_prefix(size: int, root: bytes, request: Request) -> None:
    """From nothing, and to itself, there is nothing to prove and no proof; else RFC 6962 2.1.2."""
    if size and size != request.checkpoint.size:
        new = request.checkpoint
        merkle.verify_consistency(size, new.size, request.proof, root, new.root)
    elif request.proof:
        raise ProofError("a proof where none is due", finding="M04")


def _is_signed(note: Note, key: NoteKey) -> bool:
    try:
        note.verify(key)
    except ProofError:
        return False
    return True


def _no(status: int, reason: str) -> Answer:
    return Answer(status=status, body=reason + "\n")


def read_answer(status: int, body: bytes, *, note: str, old: int, key: NoteKey) -> Heard:
    """Return what a witness's answer to a request comes to; never raises for what is in it.

    Args:
        status: of HTTP.
        body: of the answer.
        note: the checkpoint that was submitted, as signed by the log.
        old: the old size that was named with it.
        key: the witness's key.
    """
    text = body.decode("utf-8", "replace")
    said = " ".join(text.split())[:200]
    if status == 200:
        return _cosigned(text, note, key)
    if status == 409 and _DECIMAL.fullmatch(text.removesuffix("\n")):
        size = int(text)
        if size == old:
            reason = f"{key.name} has another root at {size} entries"
            return Heard(size=size, finding="M04", reason=reason)
        return Heard(size=size, reason=f"{key.name} has {size} entries")
    if status == 422:
        return Heard(size=old, finding="M04", reason=f"{key.name} does not find its {old} entries in ours")
    return Heard(reason=f"{key.name} answered {status}: {said}")


def _cosigned(text: str, note: str, key: NoteKey) -> Heard:
    """Find the line of *key* among those in an answer; lines of strangers are passed over."""
    start, named = open_note(note).text + "\n", f"\u2014 {key.name} "
    for line in text.splitlines(keepends=True):
        if not line.startswith(named):  # an answer may be long, and opening a note for each line of it longer
            continue
        try:
            open_note(start + line).verify(key)
        except CustodyError:
            continue
        return Heard(line=line)
    return Heard(reason=f"{key.name} answered without a cosignature that verifies")
