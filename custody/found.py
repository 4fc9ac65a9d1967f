"""What was found of one item: opened and resolved by entries, never deleted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from custody.event import Entry
from custody.findings import CATALOGUE, Finding, Severity

__all__ = ["Found"]


@dataclass(slots=True)
class Found:
    """The findings of one item, in the order they were opened.

    Attributes:
        uid: 8 bytes.
        all: every one, resolved or not.
    """

    uid: bytes
    all: list[Finding] = field(default_factory=list)

    def open(self, entry: Entry, code: str, detail: str, severity: Severity | None = None) -> None:
        """Open a finding that rests on *entry*, as grave as the catalogue says where no severity is given."""
        self.all.append(
            Finding(
                code=code,
                uid=self.uid,
                index=entry.index,
                event_id=entry.event.id,
                detail=detail,
                severity=severity or CATALOGUE[code].severity,
            )
        )

    def open_once(self, entry: Entry, code: str, detail: str) -> None:
        """Open a finding, unless *entry* has it already."""
        if not any(f.code == code and f.event_id == entry.event.id for f in self.all):
            self.open(entry, code, detail)

    def resolve(self, pick: Callable[[Finding], bool], index: int) -> None:
        """Close what *pick* chooses of the open ones, by the entry at *index*."""
        self.all = [
            replace(f, resolved_by=index) if f.resolved_by is None and pick(f) else f for f in self.all
        ]

    def heal(self, code: str, event_id: bytes, index: int) -> None:
        """Close a finding that the entry at *index* explains: an upload that was late, no break."""
        self.all = [
            replace(f, resolved_by=f.resolved_by or index, severity=Severity.INFO)
            if f.code == code and f.event_id == event_id
            else f
            for f in self.all
        ]
