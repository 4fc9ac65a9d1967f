"""Receipts (C2SP tlog-proof v1): the proof that one entry is in the log, with the checkpoint it is proven under."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from custody import merkle
from custody.checkpoint import Checkpoint, LogKeys, open_checkpoint
from custody.errors import ProofError
from custody.note import from_base64

__all__ = ["Receipt", "format_receipt", "parse_receipt", "verify_receipt"]

_HEADER: Final = "c2sp.org/tlog-proof@v1"
_MAX_PATH: Final = 63


@dataclass(frozen=True, slots=True)
class Receipt:
    """A parsed receipt, not yet verified.

    Attributes:
        index: position of the entry.
        path: sibling hashes, lowest first.
        note: the signed checkpoint.
    """

    index: int
    path: tuple[bytes, ...]
    note: str


def format_receipt(index: int, path: Sequence[bytes], note: str) -> str:
    """Return the text of a receipt."""
    hashes = "".join(base64.b64encode(node).decode() + "\n" for node in path)
    return f"{_HEADER}\nindex {index}\n{hashes}\n{note}"


def parse_receipt(text: str) -> Receipt:
    """Return the parts of a receipt.

    Raises:
        ProofError: not of the tlog-proof form (M01).
    """
    head, gap, note = text.partition("\n\n")
    lines = head.split("\n")
    if not gap or lines[0] != _HEADER or len(lines) < 2 or not lines[1].startswith("index "):
        raise ProofError("receipt is not a tlog-proof of version 1", finding="M01")
    position = lines[1].removeprefix("index ")
    if (
        not (position.isascii() and position.isdigit())
        or len(position) > 19
        or str(int(position)) != position
    ):
        raise ProofError(f"receipt index {position[:20]!r} is not a plain decimal", finding="M01")
    if len(lines) - 2 > _MAX_PATH:
        raise ProofError(f"receipt has {len(lines) - 2} hashes", finding="M01")
    try:
        path = tuple(map(from_base64, lines[2:]))
    except ValueError as error:
        raise ProofError("receipt hash is not base64", finding="M01") from error
    return Receipt(int(position), path, note)


def verify_receipt(text: str, leaf: bytes, keys: LogKeys) -> tuple[int, Checkpoint, int]:
    """Return (index, checkpoint, signed time in ms) of a receipt that holds for *leaf* (32-byte leaf hash).

    Raises:
        ProofError: malformed or not included (M01), or the checkpoint is not the log's (M02).
    """
    receipt = parse_receipt(text)
    checkpoint, time_ms = open_checkpoint(receipt.note, keys)
    merkle.verify_inclusion(receipt.index, checkpoint.size, leaf, receipt.path, checkpoint.root)
    return receipt.index, checkpoint, time_ms
