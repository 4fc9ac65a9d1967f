"""Seals that were issued: which seal of which lot has a tag (X04).

A lot is a range of numbers under a salt; the log names the lot, an event the tag of one seal. So that a tag can be
found, all tags of a lot are made once and kept: a lot above `MOST` numbers is none, and what comes from it not issued.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final

from custody import label
from custody.directory import SealLot
from custody.errors import CustodyError
from custody.fields import EventType as E
from custody.fields import Field
from custody.step import Hit, Step

__all__ = ["MOST", "find_seal", "is_counted", "issued", "serial_of"]

MOST: Final = 100_000
_KEPT: Final = 256  # lots whose tags are kept, 12 bytes a seal
_LONGEST: Final = 32  # characters of a seal number, `label.commit_seal`
_SEALING: Final = frozenset((E.REGISTER, E.RESEAL, E.CLOSE))


def is_counted(lot: SealLot) -> bool:
    """Say whether a lot's seals can be told: no more than `MOST`, and numbers that fit on a seal."""
    fits = len(lot.prefix) + max(lot.digits, len(str(lot.last))) <= _LONGEST
    return 0 <= lot.last - lot.first < MOST and fits


def serial_of(lot: SealLot, number: int) -> str:
    """Return what is printed on a seal of a lot."""
    return f"{lot.prefix}{number:0{lot.digits}d}"


def find_seal(tag: bytes, lots: Iterable[SealLot]) -> Iterator[tuple[SealLot, str]]:
    """Yield each lot that has a seal of this 8-byte tag, with the seal's serial; of two honest lots never both."""
    wanted = int.from_bytes(tag, "big")
    for lot in lots:
        if is_counted(lot):
            tags, numbers = _tags(lot)
            at = bisect_left(tags, wanted)
            if at < len(tags) and tags[at] == wanted:
                yield lot, serial_of(lot, lot.first + numbers[at])


def issued(step: Step) -> Iterator[Hit]:
    """X04: a seal that is put on comes from a logged lot, and the commitment is to that very seal."""
    if step.event.type not in _SEALING or not step.policy.seal_lots:
        return
    tag = step.event.fields.get(Field.SEAL_TAG)
    if tag is None:
        yield "X04", "no lot is named for the seal"
        return
    seals = list(find_seal(tag, step.directory.lots(step.entry.index)))
    if not seals:
        yield "X04", f"seal {tag.hex()} is of no lot"
    elif not any(_is_committed(step, lot, serial) for lot, serial in seals):
        yield "X04", f"the commitment is to another seal than {tag.hex()}"


def _is_committed(step: Step, lot: SealLot, serial: str) -> bool:
    raw = step.event.fields.get(Field.LABEL_RAW)
    try:
        shown = label.parse_label(raw) if raw else step.item.label
    except CustodyError:
        return True  # L02 says so
    if shown is None or step.event.seal is None:
        return True  # S01 says so
    made = label.commit_seal(nonce=shown.nonce, item=shown.item, seal_type=lot.seal_type, serial=serial)
    return made == step.event.seal[0]


@lru_cache(maxsize=_KEPT)
def _tags(lot: SealLot) -> tuple[array[int], array[int]]:
    """Return all tags of a lot as sorted numbers, and beside each how far it is from the first."""
    make = label.seal_tag
    made = sorted(
        (int.from_bytes(make(salt=lot.salt, seal_type=lot.seal_type, serial=serial_of(lot, n)), "big"), n)
        for n in range(lot.first, lot.last + 1)
    )
    return array("Q", (tag for tag, _ in made)), array("L", (n - lot.first for _, n in made))
