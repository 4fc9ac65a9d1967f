"""The forms that a field can have, each a test of a decoded value; `fields` says which field has which."""

from __future__ import annotations

from collections.abc import Callable
from operator import call
from typing import Any, Final

from custody.text import is_printable

__all__ = [
    "Form",
    "are_items",
    "between",
    "blob",
    "is_text",
    "list_of",
    "map_of",
    "octets",
    "tuple_of",
    "uint",
]

Form = Callable[[Any], bool]
_TEXT_MAX: Final = 500
_ITEMS_MAX: Final = 1_000
_REF_PARTS: Final = 3  # uid, seq, prev
_UID_BYTES, _ID_BYTES, _SEQ_MAX = 8, 32, 0xFFFF


def uint(limit: int) -> Form:
    """An unsigned integer up to *limit*."""
    return lambda value: type(value) is int and 0 <= value <= limit


def octets(*lengths: int) -> Form:
    """A byte string of one of some lengths."""
    return lambda value: type(value) is bytes and len(value) in lengths


def tuple_of(*forms: Form) -> Form:
    """A list of exactly these parts."""
    size = len(forms)

    def has_form(value: Any) -> bool:
        return type(value) is list and len(value) == size and all(map(call, forms, value))

    return has_form


def list_of(form: Form, most: int, least: int = 1) -> Form:
    """A list of *least* to *most* values of one form."""
    return lambda value: type(value) is list and least <= len(value) <= most and all(map(form, value))


def map_of(form: Form, most: int) -> Form:
    """A map of at most so many values of one form."""
    return lambda value: type(value) is dict and len(value) <= most and all(map(form, value.values()))


def blob(most: int) -> Form:
    """A byte string of 1 to *most* bytes."""
    return lambda value: type(value) is bytes and 0 < len(value) <= most


def is_text(value: Any) -> bool:
    """A short text that can be shown."""
    return type(value) is str and 0 < len(value) <= _TEXT_MAX and is_printable(value)


def _is_ref(value: Any) -> bool:
    if type(value) is not list or len(value) != _REF_PARTS:
        return False
    uid, seq, prev = value
    return (
        type(uid) is bytes
        and len(uid) == _UID_BYTES
        and type(seq) is int
        and 0 <= seq <= _SEQ_MAX
        and type(prev) is bytes
        and len(prev) == _ID_BYTES
    )


def are_items(value: Any) -> bool:
    """1 to 1,000 different items: [uid8, seq, prev32] each."""
    if type(value) is not list or not 1 <= len(value) <= _ITEMS_MAX or not all(map(_is_ref, value)):
        return False
    return len(value) == 1 or len({ref[0] for ref in value}) == len(value)


def between(least: int, most: int) -> Form:
    """An integer from *least* to *most*."""
    return lambda value: type(value) is int and least <= value <= most
