"""Item numbers of 13 characters in the form of UPU S10, and the 8-byte uid under which events know an item.

The default service indicator is the domestic "ZK": S10 reserves KA-KZ and JA-JZ, so "KT" would be wrong.
"""

from __future__ import annotations

import re
from typing import Final

from custody.errors import NumberError

__all__ = [
    "CONTAINER_SERVICE",
    "DAY_MS",
    "ITEM_BYTES",
    "UID_BYTES",
    "check_digit",
    "day_of",
    "group_number",
    "is_container",
    "make_number",
    "number_of_uid",
    "pack_number",
    "uid_of",
    "unpack_number",
]

ITEM_BYTES: Final = 6
CONTAINER_SERVICE: Final = "ZB"
"""Service indicator of containers: no label of an item can begin one, nor the other way round."""
UID_BYTES: Final = 8
DAY_MS: Final = 86_400_000
_EPOCH_MS: Final = 1_704_067_200_000  # 2024-01-01T00:00:00Z
_OFFSET_MS: Final = 7 * 3_600_000  # days turn over at +07:00
_WEIGHTS: Final = (8, 6, 4, 2, 3, 5, 9, 7)  # UPU S10, check digit
_SERIALS: Final = 10**8
_LETTERS: Final = 26 * 26
_FORM: Final = re.compile(r"([A-Z]{2})([0-9]{8})([0-9])([A-Z]{2})")


def check_digit(serial: str) -> int:
    """Return the check digit of an 8-digit *serial*: C = 11 - (S mod 11), with 10 -> 0 and 11 -> 5."""
    if len(serial) != len(_WEIGHTS) or not (serial.isascii() and serial.isdigit()):
        raise NumberError(f"serial {serial!r} is not 8 digits")
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, serial, strict=True))
    return {10: 0, 11: 5}.get(11 - total % 11, 11 - total % 11)


def make_number(serial: int, service: str = "ZK", country: str = "VN") -> str:
    """Return the 13-character number of *serial* (0 to 99,999,999).

    Raises:
        NumberError: the serial is out of range, or the letters are not two of A-Z.
    """
    if not 0 <= serial < _SERIALS:
        raise NumberError(f"serial {serial} is not 0 to 99999999")
    digits = f"{serial:08d}"
    number = f"{service}{digits}{check_digit(digits)}{country}"
    if not _FORM.fullmatch(number):
        raise NumberError(f"service {service!r} and country {country!r} are not two capital letters each")
    return number


def pack_number(number: str) -> bytes:
    """Return *number* in 6 bytes: (service * 676 + country) * 10^8 + serial; the check digit is recomputed.

    Raises:
        NumberError: not 13 characters of the S10 form, or the check digit is wrong.
    """
    match = _FORM.fullmatch(number)
    if not match:
        raise NumberError(f"{number!r} is not two letters, nine digits, two letters")
    service, serial, check, country = match.groups()
    if check_digit(serial) != int(check):
        raise NumberError(f"check digit of {number} should be {check_digit(serial)}")
    packed = (_pair(service) * _LETTERS + _pair(country)) * _SERIALS + int(serial)
    return packed.to_bytes(ITEM_BYTES, "big")


def unpack_number(item: bytes) -> str:
    """Return the 13-character number of 6 packed bytes.

    Raises:
        NumberError: not 6 bytes, or a value that no number packs to.
    """
    if len(item) != ITEM_BYTES:
        raise NumberError(f"item of {len(item)} bytes, not {ITEM_BYTES}")
    letters, serial = divmod(int.from_bytes(item, "big"), _SERIALS)
    service, country = divmod(letters, _LETTERS)
    if service >= _LETTERS:
        raise NumberError(f"item {item.hex()} is above the last number")
    return make_number(serial, _letters(service), _letters(country))


def group_number(number: str) -> str:
    """Return *number* in groups for the eye: "ZK 4731 2482 9 VN"."""
    return f"{number[:2]} {number[2:6]} {number[6:10]} {number[10:11]} {number[11:]}"


def day_of(ms: int) -> int:
    """Return the days from 2024-01-01 to *ms* (unix, UTC) as the calendar stands at +07:00."""
    return (ms + _OFFSET_MS - _EPOCH_MS) // DAY_MS


def uid_of(item: bytes, day: int) -> bytes:
    """Return the 8-byte uid: numbers come back after their reuse period, a number and its issue day do not."""
    return item + day.to_bytes(2, "big")


def is_container(uid: bytes) -> bool:
    """Say whether an 8-byte *uid* is of the numbers that containers have."""
    return int.from_bytes(uid[:ITEM_BYTES], "big") // (_LETTERS * _SERIALS) == _pair(CONTAINER_SERVICE)


def number_of_uid(uid: bytes) -> str:
    """Return the 13-character number inside an 8-byte *uid*."""
    return unpack_number(uid[:ITEM_BYTES])


def _pair(letters: str) -> int:
    return (ord(letters[0]) - 65) * 26 + ord(letters[1]) - 65


def _letters(pair: int) -> str:
    return chr(65 + pair // 26) + chr(65 + pair % 26)
