"""Deterministic CBOR (RFC 8949 4.2.1), the only file that knows cbor2.

Our maps have unsigned integer keys only, where cbor2's canonical order and RFC 8949's are the same. What is
decoded is encoded again and compared, so that one meaning has one form.
"""

from __future__ import annotations

import io
from typing import Any, Final

import cbor2

from custody.errors import FormatError

__all__ = ["MAX_DEPTH", "decode", "encode"]

MAX_DEPTH: Final = 8


def encode(value: Any) -> bytes:
    """Return the deterministic encoding of ints, bytes, text, lists and maps with integer keys."""
    return cbor2.dumps(value, canonical=True)


def decode(data: bytes) -> Any:
    """Return the value of exactly one deterministic CBOR item.

    Raises:
        FormatError: not CBOR, too deep or of a type we do not use (E01), or not in the one deterministic form (E02).
    """
    stream = io.BytesIO(data)
    try:
        value = cbor2.CBORDecoder(
            stream, max_depth=MAX_DEPTH, allow_indefinite=False, allow_duplicate_keys=False
        ).decode()
    except Exception as error:
        message = str(error).splitlines()[0] if str(error) else type(error).__name__
        kind = "E02" if "ndefinite" in message or "uplicate" in message else "E01"
        raise FormatError(f"not readable as CBOR: {message}", finding=kind) from error
    _admit(value)
    if encode(value) != data:
        raise FormatError("not in deterministic CBOR form", finding="E02")
    return value


def _admit(value: Any) -> None:
    """Refuse every type that our formats do not use: floats, tags, simple values, big integers."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if type(key) is not int or key < 0:
                raise FormatError(f"map key {key!r} is not an unsigned integer", finding="E01")
            _admit(inner)
    elif isinstance(value, list):
        for inner in value:
            _admit(inner)
    elif type(value) is int:
        if not -(1 << 63) <= value < 1 << 64:
            raise FormatError("integer beyond 64 bits", finding="E01")
    elif value is not None and not isinstance(value, bytes | str):  # null stands for a detached payload
        raise FormatError(f"type {type(value).__name__} is not allowed", finding="E01")
