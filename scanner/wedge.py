"""What a reader that types (keyboard wedge) meant, when a Vietnamese input method stood in between.

Digits come through; letters and marks do not. `wedge.json` holds the rules, and the browser reads the same file
(web/client/src/wedge.ts). What may have been typed is never guessed: damage is undone to *every* number that it can
come from and whose check digit holds, and the register, or for a label its signature, says which of them it is.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any, Final

from scanner.text import Kind, classify

__all__ = ["Read", "ReadKind", "read", "settle"]

_TEXT_MAX: Final = 2048
_JUNK: Final = re.compile(r"[\x00-\x1f\x7f\u200b\ufeff]")
_GAPS: Final = re.compile(r"[\s.\-]+")
_NUMBER: Final = re.compile(r"([^\W\d_]{1,2})([0-9]{3,9})([^\W\d_]{1,2})")
_OURS: Final = re.compile(r"[^\W\d_]{0,3}[0-9]{5,9}[^\W\d_]{1,3}")
_STROKE: Final = "\u0335"  # of Đ, which Unicode does not take apart
_DIGITS: Final = 9
_PLAIN: Final = 2  # letters before and after the digits


class ReadKind(Enum):
    """What is known of a typed text."""

    CLEAN = "clean"  # one of ours, undamaged
    DAMAGED = "damaged"  # one of `texts`, if the register or the signature confirms exactly one
    AGAIN = "again"  # one of ours, not to be recovered: scan again
    FOREIGN = "foreign"  # none of ours


@dataclass(frozen=True, slots=True)
class Read:
    """A typed text, understood: its kind, and what it says or may say (the text itself where it is foreign)."""

    kind: ReadKind
    texts: tuple[str, ...]


def read(text: str) -> Read:
    """Tell what a reader typed; ends (CR, LF, Tab), AIM prefixes (]C0, ]Q1) and blanks are taken off.

    Does not ask the register and verifies no signature: see `settle`.
    """
    plain = _JUNK.sub("", text[:_TEXT_MAX]).strip()
    found: dict[str, bool] = {}  # what it may be -> whether nothing had to be undone for it
    variants = tuple(_variants(plain))
    for variant, is_raw in variants:
        for one, is_whole in (*_labels(variant), *_numbers(variant, is_raw=is_raw)):
            checks_itself = is_raw or len(one) == _table()["label_digits"]
            found[one] = found.get(one, False) or (is_whole and checks_itself)
    if not found or len(found) > _table()["most_candidates"]:
        is_ours = bool(found) or any(_looks_ours(variant) for variant, _ in variants)
        return Read(ReadKind.AGAIN, ()) if is_ours else Read(ReadKind.FOREIGN, (plain,))
    texts = tuple(sorted(found))
    is_clean = len(texts) == 1 and found[texts[0]]
    return Read(ReadKind.CLEAN if is_clean else ReadKind.DAMAGED, texts)


def settle(found: Read, confirm: Callable[[str], bool]) -> str | None:
    """Return what was typed, or None: scan again.

    Args:
        found: what `read` made of it.
        confirm: tells whether a number is in the register, or the signature of 224 digits verifies.
    """
    if found.kind in {ReadKind.CLEAN, ReadKind.FOREIGN}:
        return found.texts[0]
    known = [text for text in found.texts if confirm(text)] if found.kind is ReadKind.DAMAGED else []
    return known[0] if len(known) == 1 else None


@cache
def _table() -> dict[str, Any]:
    rules: dict[str, Any] = json.loads(Path(__file__).with_name("wedge.json").read_text(encoding="utf-8"))
    return rules


def _variants(plain: str) -> Iterator[tuple[str, bool]]:
    """Yield the text as it came, and with each digit row undone: before anything is normalised; with a prefix or not.

    With each comes whether no row was undone for it.
    """
    table = _table()
    seen: set[str] = set()
    rows = table["rows"].values()
    for variant in (plain, *("".join(_undone(row, letter) for letter in plain) for row in rows)):
        for bare in (variant, re.sub(table["prefix"], "", variant)):
            dense = _GAPS.sub("", unicodedata.normalize("NFC", bare)).upper()
            if dense not in seen:
                seen.add(dense)
                yield dense, variant == plain


def _undone(row: dict[str, str], letter: str) -> str:
    """Undo one character of a digit row; one that was composed of two keys becomes both."""
    if letter in row:
        return row[letter]
    parts = unicodedata.normalize("NFD", letter)
    if len(parts) < 2 or not all(part in row for part in parts[1:] if part in _table()["tones"]):
        return letter
    tones = [part for part in parts[1:] if part in _table()["tones"]]
    stem = unicodedata.normalize("NFC", "".join(part for part in parts if part not in tones))
    return row.get(stem, stem) + "".join(row[tone] for tone in tones)


def _labels(dense: str) -> Iterator[tuple[str, bool]]:
    """Yield the labels that a text may be: whole, typed twice, behind other keys, or with its first digits lost."""
    table = _table()
    size = table["label_digits"]
    digits = re.sub(r"^.*\D", "", dense)
    if len(digits) >= size:
        ends = {digits[:size], digits[-size:]}
        yield from ((one, True) for one in ends if _is_label(one))
        return
    lost = size - len(digits)
    for replaced in range(table["longest_loss"] - lost + 1):
        rest, length = digits[replaced:], lost + replaced
        for start in table["label_starts"]:
            for more in product("0123456789", repeat=max(0, length - len(start))):
                label = (start + "".join(more))[:length] + rest
                if label.startswith(start) and _is_label(label):
                    yield label, False


def _is_label(digits: str) -> bool:
    return int(digits) % 97 == 1 and classify(digits).kind is Kind.LABEL


def _numbers(dense: str, *, is_raw: bool) -> Iterator[tuple[str, bool]]:
    """Yield the numbers with a good check digit that a text may be; digits are eaten only of one that came so."""
    half = dense[: len(dense) // 2]
    whole = _NUMBER.fullmatch(half if half * 2 == dense else dense)
    if not whole:
        return
    head, digits, tail = whole.groups()
    if len(digits) == _DIGITS:
        for before, after in product(_keys_of(head), _keys_of(tail)):
            number = before + digits + after
            if classify(number).kind is Kind.NUMBER:
                yield number, number == f"{head}{digits}{tail}"
    elif is_raw and tail.isascii() and len(head) == len(tail) == _PLAIN:
        base, marks = _taken_apart(head)
        for eaten in {*_eaten("vni", base, marks, digits), *_eaten("old", base, marks, digits)}:
            number = base + eaten + digits + tail
            if classify(number).kind is Kind.NUMBER:
                yield number, False


def _taken_apart(letters: str) -> tuple[str, tuple[str, ...]]:
    """Return the bare letters, and the marks that each has."""
    parts = [unicodedata.normalize("NFD", letter.replace("Đ", f"D{_STROKE}")) for letter in letters]
    return "".join(part[0] for part in parts), tuple("".join(sorted(part[1:])) for part in parts)


def _keys_of(letters: str) -> set[str]:
    """Return every pair of keys that Telex may show as *letters*, whatever it remembers of the keys before."""
    table = _table()
    base, marks = _taken_apart(letters)
    every = set("".join(mark["telex"] for mark in table["marks"].values())) | {"Z"}
    if not base.isascii() or not base.isalpha():
        return set()
    if len(base) == _PLAIN:
        if not any(marks):
            first, key = base[0], base[1]
            takes_off = (
                first in table["vowels"] and key in every and key not in table["vowels"] and key != "D"
            )
            return {base, key * 2} if takes_off else {base}
        if letters[0] == "Ư" and not marks[1]:
            return {f"W{base[1]}"}
        return {f"{base[0]}W"} if letters[1] == "Ư" and not marks[0] else set()
    if not marks[0]:
        return {"WW"} if base == "W" else {f"{key}Z" for key in "SFRXJ"} if base in table["vowels"] else set()
    last = {
        key for mark in marks[0] for key in table["marks"][mark]["telex"] if key not in "AEO" or key == base
    }
    pairs = {first + key for first in every | {base} for key in last}
    return pairs | ({"DD"} if letters == "Đ" else set())


@dataclass(frozen=True, slots=True)
class _Head:
    """The letters before the digits as VNI has them by now: one tone for all, and the other mark of each."""

    tone: str
    shapes: tuple[str, ...]


def _eaten(method: str, base: str, marks: tuple[str, ...], digits: str) -> Iterator[str]:
    """Yield the runs of digits that a method may have turned into *marks*: more than it does, never fewer.

    A digit that takes its mark off again is shown: then it is the first of *digits*, those behind the letters.
    """
    table, count = _table(), _DIGITS - len(digits)
    tones = [mark for letter in marks for mark in letter if mark in table["tones"]]
    if count >= table["longest_loss"] or len(tones) > 1:
        return
    shapes = tuple("".join(mark for mark in letter if mark not in table["tones"]) for letter in marks)
    seen = _Head("".join(tones), shapes)
    states = {"": {_Head("", ("",) * len(base))}}
    for _ in range(count):
        states = {
            run + digit: after
            for run, heads in states.items()
            for digit in "0123456789"
            if (after := {new for head in heads for new in _step(method, base, head, digit)})
        }
    for run, heads in states.items():
        if seen in heads or any(seen in _taken_off(method, head, digits[0]) for head in heads):
            yield run


def _step(method: str, base: str, head: _Head, digit: str) -> Iterator[_Head]:
    """Yield what a digit may make of the letters; nothing where it is shown as a digit."""
    shape = _table()["takes"].get(digit) if method == "vni" else None
    if shape:
        mark = shape["mark"]
        places = [place for place, letter in enumerate(base) if letter in shape["letters"]]
        for chosen in (*((place,) for place in places), tuple(places)):
            if any(head.shapes[place] != mark for place in chosen):
                new = tuple(mark if place in chosen else old for place, old in enumerate(head.shapes))
                yield _Head(head.tone, new)
                yield _Head(head.tone, tuple(mark if place in chosen else "" for place in range(len(base))))
    elif any(letter in _table()["vowels"] for letter in base):
        tone = _tone_of(method, digit)
        if tone not in {None, head.tone}:
            yield _Head(tone or "", head.shapes)


def _taken_off(method: str, head: _Head, digit: str) -> Iterator[_Head]:
    """Yield what is left where a digit took its own mark off again, and was shown."""
    shape = _table()["takes"].get(digit) if method == "vni" else None
    if not shape:
        if head.tone and head.tone == _tone_of(method, digit):
            yield _Head("", head.shapes)
        return
    places = [place for place, mark in enumerate(head.shapes) if mark == shape["mark"]]
    for chosen in (*((place,) for place in places), tuple(places)):
        if chosen:
            left = tuple("" if place in chosen else old for place, old in enumerate(head.shapes))
            yield _Head(head.tone, left)


def _tone_of(method: str, digit: str) -> str | None:
    """Return the tone that a digit gives, "" where it takes one off, None where it has to do with none."""
    if method == "vni" and digit == "0":
        return ""
    return next(
        (mark for mark, keys in _table()["marks"].items() if keys.get("old") and keys[method] == digit), None
    )


def _looks_ours(dense: str) -> bool:
    """Tell whether a text that is nothing whole has the length and the digits of one of ours."""
    if sum(letter.isdigit() for letter in dense) * 2 > _table()["label_digits"]:
        return True
    return _OURS.fullmatch(dense) is not None or (len(dense) < 24 and not dense.isascii())
