"""Paper slips: what is written by hand where no device works, numbered in advance so that none can be made up later.

A slip has two parts with one number: the giver keeps one, the taker the other (D10 of the requirements).
"""

from __future__ import annotations

from typing import Final

from custody.s10 import check_digit

__all__ = ["PREFIX", "group_slip", "read_slip", "slip_number"]

PREFIX: Final = "P"
_DIGITS: Final = 8
_GROUPS: Final = (1, 5, 9)


def slip_number(serial: int) -> str:
    """Return "P000000013": the letter, eight digits and the check digit of UPU S10.

    Raises:
        ValueError: a serial beyond 8 digits.
    """
    if not 0 <= serial < 10**_DIGITS:
        raise ValueError(f"serial {serial} has more than {_DIGITS} digits")
    digits = f"{serial:0{_DIGITS}d}"
    return f"{PREFIX}{digits}{check_digit(digits)}"


def read_slip(text: str) -> str | None:
    """Return the number that was scanned or typed, in its one form; None where it is none, or misread."""
    number = "".join(text.split()).upper()
    digits = number.removeprefix(PREFIX)
    if (
        len(number) != _DIGITS + 2
        or len(digits) != _DIGITS + 1
        or not (digits.isascii() and digits.isdigit())
    ):
        return None
    return number if check_digit(digits[:_DIGITS]) == int(digits[_DIGITS]) else None


def group_slip(number: str) -> str:
    """Return "P 0000 0001 3", as people read it."""
    first, second, third = _GROUPS
    return f"{number[:first]} {number[first:second]} {number[second:third]} {number[third:]}"
