"""What a scanned or typed text is: one of our labels, an item number, or something foreign."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import Enum
from typing import Final

from custody import s10
from custody.errors import FormatError, NumberError
from custody.label import DIGITS, Label, parse_digits

__all__ = ["Kind", "Scanned", "classify"]

_TEXT_MAX: Final = 4096  # characters; a QR code holds 7,089 digits, none of ours
_GAPS: Final = re.compile(r"[\s\-‐-―._/]+")
_NUMBER: Final = re.compile(r"[A-Z]{2}[0-9]{9}[A-Z]{2}")


class Kind(Enum):
    """The kinds of text a scanner meets."""

    LABEL = "label"  # 224 digits whose check digits hold; the signature is still to be verified
    NUMBER = "number"  # 13 characters whose check digit holds
    MISREAD = "misread"  # the form of one of ours, but the check digits say no: scan again
    FOREIGN = "foreign"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanned:
    """A text, classified.

    Attributes:
        kind: what it is.
        text: normalised: digits without gaps, a number in capitals; a foreign text as it came, shortened.
        number: the item number of a label or number, otherwise "".
        label: the parsed label of 224 digits, otherwise None.
        finding: for a misread or unknown label the finding code (L01, L11), otherwise "".
    """

    kind: Kind
    text: str
    number: str = ""
    label: Label | None = None
    finding: str = ""


def classify(text: str) -> Scanned:
    """Tell what *text* is.

    Spaces, dashes and lower case are forgiven, for people type numbers as they are grouped. Nothing else is:
    a digit is never guessed. Does not verify a label's signature and does not ask the register for a number.
    """
    if len(text) > _TEXT_MAX:
        return Scanned(kind=Kind.FOREIGN, text=text[:_TEXT_MAX])
    dense = _GAPS.sub("", unicodedata.normalize("NFKC", text)).upper()
    if len(dense) == DIGITS and dense.isascii() and dense.isdigit():
        return _label(dense)
    if _NUMBER.fullmatch(dense):
        return _number(dense)
    return Scanned(kind=Kind.FOREIGN, text=text)


def _label(digits: str) -> Scanned:
    try:
        label = parse_digits(digits)
        return Scanned(kind=Kind.LABEL, text=digits, number=label.number, label=label)
    except NumberError:
        return Scanned(kind=Kind.MISREAD, text=digits, finding="L01")
    except FormatError as error:
        return Scanned(kind=Kind.MISREAD, text=digits, finding=error.finding)


def _number(number: str) -> Scanned:
    try:
        s10.pack_number(number)
    except NumberError:
        return Scanned(kind=Kind.MISREAD, text=number)
    return Scanned(kind=Kind.NUMBER, text=number, number=number)
