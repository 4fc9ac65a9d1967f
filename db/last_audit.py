"""What the last whole audit saw, kept in `DATA/last-audit`, so that the next one need not verify it all again.

It holds a signed checkpoint and sums over the rows that were audited. It is compared, not believed: the log must still
have the checkpoint's root, every body must still hash to its leaf, and every sum must come out again; where one does
not, everything is audited. Who can write this file beside the database can hide a changed column or view from
`--since-last`, never a changed entry, and nothing from a full audit: run one each quarter.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from db.audit_rows import Sum

__all__ = ["NAME", "LastAudit", "Seen"]

NAME: Final = "last-audit"
_FORM: Final = "tram last-audit v1"
_Share = tuple[str, str | None, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What an audit saw that found nothing wrong.

    Attributes:
        size: entries.
        note: the signed checkpoint of that size.
        entries, checkpoints: sums over the rows of `entry` and `checkpoint`, in hexadecimal.
        links: sums over the views by which entries are found, by name.
        shares: (first uid, uid after the last or None, digest of the rows of `item` and `finding`).
    """

    size: int
    note: str
    entries: str
    checkpoints: str
    links: Mapping[str, str]
    shares: tuple[_Share, ...] = field(default=())

    def ranges(self) -> Iterator[tuple[bytes, bytes | None, str]]:
        """Yield the ranges of uids."""
        for first, last, digest in self.shares:
            yield bytes.fromhex(first), None if last is None else bytes.fromhex(last), digest

    def sum_of(self, table: str) -> Sum:
        """Return the sum over a view by which entries are found."""
        return Sum(int(self.links[table], 16))


class LastAudit:
    """The file of one site."""

    def __init__(self, data: Path) -> None:
        """Name the site's directory; nothing is read yet."""
        self.path = data / NAME

    def read(self) -> Seen | None:
        """Return what the last audit saw, or None where there was none or the file is another's."""
        try:
            text = self.path.read_text(encoding="utf-8")
            form, _, body = text.partition("\n")
            return _seen(json.loads(body)) if form == _FORM else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def write(self, seen: Seen) -> None:
        """Keep it, for the service's account alone."""
        part = self.path.with_name(f".{NAME}-{os.getpid()}")
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(f"{_FORM}\n{json.dumps(asdict(seen))}\n")
        part.replace(self.path)


def _seen(body: Mapping[str, Any]) -> Seen:
    """Read the body of the file.

    Raises:
        ValueError: a value is of another form.
    """
    shares = tuple((first, last, digest) for first, last, digest in body["shares"])
    seen = Seen(
        size=int(body["size"]),
        note=str(body["note"]),
        entries=str(body["entries"]),
        checkpoints=str(body["checkpoints"]),
        links={str(name): str(value) for name, value in body["links"].items()},
        shares=shares,
    )
    for value in (seen.entries, seen.checkpoints, *seen.links.values()):
        int(value, 16)
    edges = [(first, last) for first, last, _digest in seen.ranges()]
    whole = bool(edges) and edges[0][0] == b"" and edges[-1][1] is None
    if not whole or any(last != after for (_, last), (after, _) in pairwise(edges)):
        raise ValueError("ranges of uids do not hold every uid")
    return seen
