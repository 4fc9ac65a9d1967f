"""The day's checkpoint on paper: what is printed, stamped, signed by hand and filed, and how it is read back.

A sheet proves nothing by itself and needs no computer to be kept. Held against the log years later it shows whether
history is still the same: nobody can reprint, stamp and sign what lies in another authority's drawer.

The root stands as 52 characters of base32 in groups of four, and one more group that says whether they were read
right: a slip of the reader must not look like a rewritten log (M12).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable, Iterator
from typing import Final

from custody import cose
from custody.certificate import Certificate
from custody.checkpoint import Checkpoint
from custody.errors import CustodyError, FormatError
from custody.event import SECOND_CONTEXT, Entry, Event, Field, core_of
from custody.roles import Role

__all__ = ["PREFIX", "anchor_faults", "paper_groups", "paper_text", "read_paper", "read_root"]

PREFIX: Final = "TRAM-ANCHOR-1"
_ROOT_CHARS: Final = 52
_CHECK_CHARS: Final = 4
_LIKE: Final = str.maketrans("018", "OIB")
"""Digits that base32 does not have, and the letters that they were."""


def paper_groups(head: Checkpoint) -> list[str]:
    """Return the root of *head* in 13 groups of four characters, and the group that checks them."""
    root = _base32(head.root)
    return [root[at : at + 4] for at in range(0, _ROOT_CHARS, 4)] + [_check(head.origin, head.size, root)]


def paper_text(head: Checkpoint) -> str:
    """Return one line of text for a machine to read: the prefix, origin, size, and root with its check."""
    return f"{PREFIX} {head.origin} {head.size} {''.join(paper_groups(head))}"


def read_paper(text: str) -> Checkpoint:
    """Return the checkpoint of one line of a sheet, as scanned or typed.

    Raises:
        FormatError: not such a line, or read wrong.
    """
    prefix, *words = text.split() or [""]
    if (
        prefix != PREFIX
        or len(words) < 3
        or not (words[1].isascii() and words[1].isdigit())
        or len(words[1]) > 15
    ):
        raise FormatError(f"a sheet's line is {PREFIX}, origin, size and root")
    return read_root(words[0], int(words[1]), "".join(words[2:]), is_checked=True)


def read_root(origin: str, size: int, root: str, *, is_checked: bool = False) -> Checkpoint:
    """Return the checkpoint of what somebody typed off a sheet.

    Args:
        origin: the log's name.
        size: as it stands on the sheet.
        root: the groups, with or without blanks and with or without the last one, which checks the others.
        is_checked: the last group must be there.

    Raises:
        FormatError: not 52 characters of base32, or they do not match their check.
    """
    typed = "".join(c for c in root if not c.isspace() and c not in "-.").upper().translate(_LIKE)
    if len(typed) not in {_ROOT_CHARS + _CHECK_CHARS, *(() if is_checked else (_ROOT_CHARS,))}:
        raise FormatError(
            f"root has {len(typed)} characters, not {_ROOT_CHARS} and a check of {_CHECK_CHARS}"
        )
    chars, check = typed[:_ROOT_CHARS], typed[_ROOT_CHARS:]
    try:
        digest, wanted = base64.b32decode(chars + "===="), _check(origin, size, chars)
    except (binascii.Error, ValueError) as error:
        raise FormatError("root or origin has characters that do not stand on a sheet") from error
    if _base32(digest) != chars or (check and check != wanted):
        raise FormatError("root, size or origin was read wrong: they do not match their check")
    return Checkpoint(origin, size, digest)


def anchor_faults(
    entry: Entry, certificate_of: Callable[[bytes, int], Certificate | None]
) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with who signed a PAPER_ANCHOR entry, as (code, detail): two supervisors must have.

    Args:
        entry: it.
        certificate_of: `keys.KeyRing.get`.
    """
    event = entry.event
    first = certificate_of(event.kid, entry.index)
    if first is None or Role.SUPERVISOR not in first.roles:
        yield "K06", "a paper anchor needs a supervisor"
    if first and first.person != event.fields[Field.ACTOR]:
        yield "P01", "names another person than its key"
    second = _second(event, entry.index, certificate_of)
    if second is None:
        yield "P04", "second signature is missing or does not verify"
    elif Role.SUPERVISOR not in second.roles or (first and second.person == first.person):
        yield "P07", "second signer is no other supervisor"


def _second(
    event: Event, index: int, certificate_of: Callable[[bytes, int], Certificate | None]
) -> Certificate | None:
    raw = event.fields.get(Field.SECOND)
    if raw is None:
        return None
    try:
        message = cose.parse_sign1(raw, detached=core_of(event.fields), context=SECOND_CONTEXT)
        certificate = certificate_of(message.kid, index)
        if certificate:
            cose.verify_sign1(message, certificate.public)
    except CustodyError:
        return None
    return certificate


def _base32(root: bytes) -> str:
    return base64.b32encode(root).decode().rstrip("=")


def _check(origin: str, size: int, root: str) -> str:
    material = f"{PREFIX}\n{origin}\n{size}\n{root}\n".encode()
    return base64.b32encode(hashlib.sha256(material).digest()).decode()[:_CHECK_CHARS]
