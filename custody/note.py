"""Signed notes (C2SP signed-note v1.0): a text and signature lines, each naming its key.

Three kinds of signature are written here: Ed25519 (type 0x01) over the text, and the two of C2SP tlog-cosignature,
which sign a time together with a checkpoint: cosignature/v1 by Ed25519 (0x04), subtree/v1 by ML-DSA-44 (0x06).
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from custody import ed25519, mldsa
from custody.errors import ProofError

__all__ = [
    "COSIGNATURE",
    "ED25519",
    "MLDSA44",
    "Note",
    "NoteKey",
    "add_lines",
    "check_name",
    "from_base64",
    "open_note",
    "parse_vkey",
    "sign_note",
]

ED25519: Final = 0x01
COSIGNATURE: Final = 0x04
MLDSA44: Final = 0x06
_PUBLIC_BYTES: Final = {
    ED25519: ed25519.PUBLIC_BYTES,
    COSIGNATURE: ed25519.PUBLIC_BYTES,
    MLDSA44: mldsa.PUBLIC_BYTES,
}
_DASH: Final = "\u2014"
_CONTROL: Final = re.compile(r"[\x00-\x09\x0b-\x1f]")  # all but the newline
_MAX_BYTES: Final = 1_000_000
_MAX_LINES: Final = 100
_HASH_BYTES: Final = 32
_MAX_NAME: Final = 255


@dataclass(frozen=True, slots=True)
class NoteKey:
    """A key that signs notes.

    Attributes:
        name: as it stands on signature lines; no blanks, no plus.
        kind: `ED25519`, `COSIGNATURE` or `MLDSA44`.
        public: 32 bytes, 1,312 of ML-DSA-44.
    """

    name: str
    kind: int
    public: bytes

    @property
    def id(self) -> bytes:
        """4-byte key id: SHA-256(name || 0x0A || kind || key)[:4]."""
        return hashlib.sha256(self.name.encode() + b"\n" + self._typed).digest()[:4]

    @property
    def vkey(self) -> str:
        """The text form `name+id+key`."""
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(self._typed).decode()}"

    @property
    def _typed(self) -> bytes:
        return bytes((self.kind,)) + self.public


@dataclass(frozen=True, slots=True)
class Note:
    """A parsed note; its signatures are not yet verified.

    Attributes:
        text: the signed text, with its final newline.
        lines: (name, key id 4 bytes, signature bytes) of every signature line.
    """

    text: str
    lines: tuple[tuple[str, bytes, bytes], ...]

    def verify(self, key: NoteKey) -> int:
        """Check *key*'s signature; return the time it signed in unix seconds, 0 for plain Ed25519.

        Raises:
            ProofError: no line by that key, or it does not verify (M02).
        """
        for name, key_id, signature in self.lines:
            if name == key.name and key_id == key.id:
                return self._verify_line(key, signature)
        raise ProofError(f"note is not signed by {key.name}", finding="M02")

    def _verify_line(self, key: NoteKey, signature: bytes) -> int:
        time_s, message, verify = 0, self.text.encode(), ed25519.verify
        if key.kind != ED25519:
            time_s, signature = int.from_bytes(signature[:8], "big"), signature[8:]
            message = _cosigned(key, time_s, self.text)
            verify = mldsa.verify if key.kind == MLDSA44 else ed25519.verify
        if not verify(key.public, message, signature):
            raise ProofError(f"signature of {key.name} does not verify", finding="M02")
        return time_s


def from_base64(text: str) -> bytes:
    """Return the bytes of base64 in its one form: no blanks, and nothing in the bits that padding leaves over.

    Raises:
        ValueError: anything else.
    """
    data = base64.b64decode(text, validate=True)
    if base64.b64encode(data).decode() != text:
        raise ValueError("base64 is not in its one form")
    return data


def check_name(name: str) -> None:
    """Refuse what no key may be called, before a key is made for it.

    Raises:
        ProofError: empty, with blanks or a plus, or not to be written as UTF-8 (C2SP signed-note).
    """
    if not _is_name(name):
        raise ProofError(f"key name {name[:40]!r} is empty, has blanks or a plus, or cannot be written")


def parse_vkey(text: str) -> NoteKey:
    """Return the key of a vkey text.

    Raises:
        ProofError: not a vkey of a kind we know, or its id does not match.
    """
    try:
        name, key_id, encoded = text.strip().split("+", 2)
        typed = from_base64(encoded)
    except ValueError as error:
        raise ProofError(f"vkey {text[:40]!r} is not name+id+key") from error
    check_name(name)
    if not typed or len(typed) != 1 + _PUBLIC_BYTES.get(typed[0], 0):
        raise ProofError(f"vkey of {name} is of a kind we do not know")
    key = NoteKey(name, typed[0], typed[1:])
    if key.id.hex() != key_id:
        raise ProofError(f"vkey id {key_id[:20]!r} of {name} does not match its key")
    return key


def sign_note(
    text: str, *, name: str, seed: bytes, time_s: int | None = None, kind: int = COSIGNATURE
) -> str:
    """Return one signature line over *text*: Ed25519, or a cosignature where *time_s* (unix seconds) is given.

    Args:
        text: a checkpoint, with its final newline.
        name: of the key.
        seed: 32 bytes.
        time_s: when it is cosigned.
        kind: `COSIGNATURE` or `MLDSA44`.
    """
    if time_s is None:
        key = NoteKey(name, ED25519, ed25519.public_of(seed))
        blob = ed25519.sign(seed, text.encode())
    else:
        scheme = mldsa if kind == MLDSA44 else ed25519
        key = NoteKey(name, kind, scheme.public_of(seed))
        blob = time_s.to_bytes(8, "big") + scheme.sign(seed, _cosigned(key, time_s, text))
    return f"{_DASH} {name} {base64.b64encode(key.id + blob).decode()}\n"


def open_note(data: str) -> Note:
    """Return the parts of a signed note. Does not verify: ask `Note.verify` for each key that matters.

    Raises:
        ProofError: not of the form text, blank line, signature lines.
    """
    text, gap, tail = data.rpartition("\n\n")
    if not gap or len(data) > _MAX_BYTES or not data.endswith("\n"):
        raise ProofError("note is not a text, a blank line and signature lines", finding="M02")
    if any(ord(c) < 0x20 and c != "\n" for c in data):
        raise ProofError("note has control characters", finding="M02")
    if not _is_unicode(data):
        raise ProofError("note cannot be written as UTF-8", finding="M02")
    lines = tail.removesuffix("\n").split("\n")
    if not 0 < len(lines) <= _MAX_LINES:
        raise ProofError(f"note has {len(lines)} signature lines", finding="M02")
    return Note(text + "\n", tuple(_parse_line(line) for line in lines))


def add_lines(note: str, lines: Iterable[str]) -> str:
    """Return *note* with further signature lines, each ending in a newline; a line that is there is not added."""
    have = set(note.rpartition("\n\n")[2].splitlines(keepends=True))
    return note + "".join(line for line in dict.fromkeys(lines) if line not in have)


def _parse_line(line: str) -> tuple[str, bytes, bytes]:
    parts = line.split(" ")
    try:
        dash, name, encoded = parts
        blob = from_base64(encoded)
    except ValueError as error:
        raise ProofError(f"signature line {line[:40]!r} is malformed", finding="M02") from error
    if dash != _DASH or not _is_name(name) or len(blob) < 5:
        raise ProofError(f"signature line {line[:40]!r} is malformed", finding="M02")
    return name, blob[:4], blob[4:]


def _is_name(name: str) -> bool:
    """Say whether a key may be called so (C2SP signed-note: UTF-8, not empty, neither blanks nor plus)."""
    return bool(name) and _is_unicode(name) and "+" not in name and not any(map(str.isspace, name))


def _is_unicode(text: str) -> bool:
    """Say whether *text* has no lone surrogates, which JSON lets through and no signature can cover."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _cosigned(key: NoteKey, time_s: int, text: str) -> bytes:
    """Return what a cosignature is over (C2SP tlog-cosignature)."""
    if key.kind == COSIGNATURE:
        return b"cosignature/v1\ntime " + str(time_s).encode() + b"\n" + text.encode()
    origin, size, root = _head(text)
    name = key.name.encode()
    if len(name) > _MAX_NAME:
        raise ProofError(f"key name of {len(name)} bytes is above {_MAX_NAME}", finding="M02")
    return b"".join(
        (
            b"subtree/v1\n\0",
            bytes((len(name),)),
            name,
            time_s.to_bytes(8, "big"),
            bytes((len(origin),)),
            origin,
            bytes(8),
            size.to_bytes(8, "big"),
            root,
        )
    )


def _head(text: str) -> tuple[bytes, int, bytes]:
    """Return origin, size and root of a checkpoint, where subtree/v1 can sign them."""
    try:
        origin, size, root = text.split("\n")[:3]
        found = origin.encode(), int(size), from_base64(root)
    except ValueError as error:
        raise ProofError("a note that is no checkpoint cannot be cosigned", finding="M02") from error
    if not 0 < len(found[0]) <= _MAX_NAME or not 0 <= found[1] < 1 << 63 or len(found[2]) != _HASH_BYTES:
        raise ProofError("a checkpoint of this form cannot be cosigned", finding="M02")
    return found
