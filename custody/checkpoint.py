"""The signed head of a log (C2SP tlog-checkpoint): origin, size and root, with the time signed beside it.

A log's plain signature says nothing of time. Ours carries a second line, a cosignature/v1 by the log's clock
key, so that "logged at" is signed too (ADR 7). Witnesses add lines of the same kind. Which keys they are at what
size: `logkeys`.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from custody.errors import ProofError
from custody.logkeys import LogKeys, clock_name
from custody.merkle import HASH_BYTES
from custody.note import from_base64, open_note, sign_note

__all__ = ["Checkpoint", "LogKeys", "clock_name", "open_checkpoint", "parse_checkpoint", "sign_checkpoint"]

_LINES: Final = 3


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A log's head.

    Attributes:
        origin: the log's name.
        size: number of entries.
        root: 32 bytes.
    """

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The note text."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def sign_checkpoint(
    checkpoint: Checkpoint,
    *,
    log_seed: bytes,
    clock_seed: bytes,
    time_ms: int,
    also: Iterable[tuple[bytes, bytes]] = (),
) -> str:
    """Return the signed note of *checkpoint*; the time is signed in whole seconds, rounded down.

    Args:
        checkpoint: what is signed.
        log_seed: the log's key.
        clock_seed: its clock's.
        time_ms: unix ms UTC.
        also: the pair before, while keys change.
    """
    text = checkpoint.text
    note = text + "\n"
    for log, clock in ((log_seed, clock_seed), *also):
        note += sign_note(text, name=checkpoint.origin, seed=log)
        note += sign_note(text, name=clock_name(checkpoint.origin), seed=clock, time_s=time_ms // 1000)
    return note


def open_checkpoint(note: str, keys: LogKeys) -> tuple[Checkpoint, int]:
    """Return a verified checkpoint and its signed time in ms.

    Raises:
        ProofError: malformed, another origin, or a signature missing or wrong (M02).
    """
    opened = open_note(note)
    checkpoint = parse_checkpoint(opened.text)
    if checkpoint.origin != keys.log.name:
        raise ProofError(f"checkpoint of {checkpoint.origin!r}, not {keys.log.name!r}", finding="M02")
    return checkpoint, keys.verify(opened, checkpoint.size) * 1000


def parse_checkpoint(text: str) -> Checkpoint:
    """Return the checkpoint of a note's text; further lines are left to their extensions.

    Raises:
        ProofError: not origin, decimal size without leading zeros, root of 32 bytes (M02).
    """
    lines = text.split("\n")
    if len(lines) <= _LINES or not all(lines[:-1]) or lines[-1]:  # an extension is a line that says something
        raise ProofError("checkpoint is not origin, size, root", finding="M02")
    origin, size, root = lines[:_LINES]
    if not (size.isascii() and size.isdigit()) or (size != "0" and size[0] == "0") or len(size) > 19:
        raise ProofError(f"checkpoint size {size[:20]!r} is not a plain decimal", finding="M02")
    try:
        digest = from_base64(root)
    except ValueError as error:
        raise ProofError("checkpoint root is not base64", finding="M02") from error
    if len(digest) != HASH_BYTES:
        raise ProofError(f"checkpoint root has {len(digest)} bytes, not 32", finding="M02")
    return Checkpoint(origin, int(size), digest)
