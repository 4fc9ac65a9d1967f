"""Deterministic CBOR (RFC 8949 4.2.1), the only file that knows cbor2.

Our maps have unsigned integer keys only, where cbor2's canonical order and RFC 8949's are the same.

One meaning has one form. Whether bytes have it is defined by cbor2: decoded, and encoded again, they are the same
(`_decode_slowly`). What is honest has the form, so it is read by a small strict reader that knows no other one
(`_items`); whatever that reader stumbles over goes the long way, which alone says what is wrong. A property test
holds the two together.
"""

from __future__ import annotations

import io
from typing import Any, Final

import cbor2

from custody.errors import FormatError

__all__ = ["MAX_DEPTH", "decode", "encode"]

MAX_DEPTH: Final = 8
_NULL: Final = 0xF6  # stands for a detached payload
_SHORT_BYTES: Final = 0x40  # major type 2, the length in the same byte
_BYTES_1: Final = 0x58  # major type 2, the length in the next byte
_SHORT_ARRAY, _ARRAY_1 = 0x80, 0x98  # major type 4, likewise
_UINT_1, _UINT_8 = 0x18, 0x1B  # major type 0, in the next 1, 2, 4 or 8 bytes
_UINT, _NEGATIVE, _BYTES, _TEXT, _ARRAY, _MAP = range(6)
_LEAST: Final = (24, 1 << 8, 1 << 16, 1 << 32)  # what an argument of 1, 2, 4 or 8 bytes must reach


def encode(value: Any) -> bytes:
    """Return the deterministic encoding of ints, bytes, text, lists and maps with integer keys."""
    return cbor2.dumps(value, canonical=True)


def decode(data: bytes, *, signed_keys: bool = False) -> Any:
    """Return the value of exactly one deterministic CBOR item.

    Args:
        data: its bytes.
        signed_keys: map keys may be negative too (RFC 9942).

    Raises:
        FormatError: not CBOR, too deep or of a type we do not use (E01), or not in the one deterministic form (E02).
    """
    if signed_keys:
        return _decode_slowly(data, least_key=-1 << 31)
    try:
        values, end = _items(data, 0, 1, MAX_DEPTH)
    except (IndexError, _OtherFormError, UnicodeDecodeError):
        return _decode_slowly(data)
    return values[0] if end == len(data) else _decode_slowly(data)


class _OtherFormError(Exception):
    """Bytes are not in the form that the strict reader knows."""


def _items(data: bytes, at: int, count: int, depth: int) -> tuple[list[Any], int]:
    """Read *count* items of the deterministic form from position *at*, at most *depth* containers deep.

    Returns:
        The items, and where they end: beyond the data where the last byte string or text is cut off.
    """
    found: list[Any] = []
    value: Any
    for _ in range(count):
        head = data[at]
        if head < _LEAST[0]:
            found.append(head)
            at += 1
        elif _SHORT_BYTES <= head < _BYTES_1:
            start = at + 1
            at = start + head - _SHORT_BYTES
            found.append(data[start:at])
        elif head == _BYTES_1:
            if data[at + 1] < _LEAST[0]:
                raise _OtherFormError
            start = at + 2
            at = start + data[at + 1]
            found.append(data[start:at])
        elif _SHORT_ARRAY <= head < _ARRAY_1 and depth:
            value, at = _items(data, at + 1, head - _SHORT_ARRAY, depth - 1)
            found.append(value)
        elif _UINT_1 <= head <= _UINT_8:
            value, at = _long(data, at + 1, head - _UINT_1)
            found.append(value)
        else:
            value, at = _item(data, at, depth)
            found.append(value)
    return found, at


def _item(data: bytes, at: int, depth: int) -> tuple[Any, int]:
    """Read any other item at position *at*; as `_items`."""
    head = data[at]
    if head == _NULL:
        return None, at + 1
    major, argument, at = head >> 5, head & 31, at + 1
    if argument >= _LEAST[0]:
        argument, at = _long(data, at, argument - _LEAST[0])
    if major == _UINT:
        return argument, at
    if major == _NEGATIVE and argument < 1 << 63:
        return -1 - argument, at
    if major == _BYTES:
        return data[at : at + argument], at + argument
    if major == _TEXT:
        return str(data[at : at + argument], "utf-8"), at + argument
    if not depth or argument > len(data) or major > _MAP:
        raise _OtherFormError
    if major == _ARRAY:
        return _items(data, at, argument, depth - 1)
    pairs, at = _items(data, at, 2 * argument, depth - 1)
    return _map(pairs), at


def _long(data: bytes, at: int, size: int) -> tuple[int, int]:
    """Read an argument of 1, 2, 4 or 8 bytes (*size* 0 to 3) that needs them."""
    end = at + (1 << size)
    argument = int.from_bytes(data[at:end])
    if size >= len(_LEAST) or argument < _LEAST[size]:
        raise _OtherFormError
    return argument, end


def _map(pairs: list[Any]) -> dict[int, Any]:
    """Return the map of keys and values by turns; keys are unsigned and ascend."""
    keys, last = pairs[::2], -1
    for key in keys:
        if type(key) is not int or key <= last:
            raise _OtherFormError
        last = key
    return dict(zip(keys, pairs[1::2], strict=True))


def _decode_slowly(data: bytes, least_key: int = 0) -> Any:
    """Decode, and encode again to see whether it is the one form; says what is wrong where it is not."""
    stream = io.BytesIO(data)
    try:
        value = cbor2.CBORDecoder(
            stream,
            tag_hook=_refuse_tag,
            semantic_decoders=_TAGS,
            max_depth=MAX_DEPTH,
            allow_indefinite=False,
            allow_duplicate_keys=False,
        ).decode()
    except Exception as error:
        message = str(error).splitlines()[0] if str(error) else type(error).__name__
        kind = "E02" if "ndefinite" in message or "uplicate" in message else "E01"
        raise FormatError(f"not readable as CBOR: {message}", finding=kind) from error
    _admit(value, least_key)
    if encode(value) != data:
        raise FormatError("not in deterministic CBOR form", finding="E02")
    return value


def _refuse_tag(*_: object) -> None:
    """Refuse a tag where it stands: one that shares values could tie a knot that no walk comes out of."""
    raise FormatError("a tag is not allowed", finding="E01")


_TAGS: Final = dict.fromkeys((*range(64), 100, 256, 258, 260, 261, 1004, 43000, 55799), _refuse_tag)
"""Every tag to which cbor2 gives a meaning of its own."""


def _admit(value: Any, least_key: int) -> None:
    """Refuse every type that our formats do not use: floats, tags, simple values, big integers."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if type(key) is not int or key < least_key:
                raise FormatError(f"map key {key!r} is not an unsigned integer", finding="E01")
            _admit(inner, least_key)
    elif isinstance(value, list):
        for inner in value:
            _admit(inner, least_key)
    elif type(value) is int:
        if not -(1 << 63) <= value < 1 << 64:
            raise FormatError("integer beyond 64 bits", finding="E01")
    elif value is not None and not isinstance(value, bytes | str):  # null stands for a detached payload
        raise FormatError(f"type {type(value).__name__} is not allowed", finding="E01")
