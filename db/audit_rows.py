"""What an audit says, and how rows are compared: each row that is not what the log makes it has a name."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

__all__ = ["Problem", "Sum", "compare_rows", "show"]


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that does not hold.

    Attributes:
        table: where it is.
        row: which row, by its key.
        code: finding code: M02 checkpoint, M07 entry, M08 tile or root, M11 view, or the code of an entry's fault.
        detail: what differs.
    """

    table: str
    row: str
    code: str
    detail: str

    def __str__(self) -> str:
        """One line for people."""
        return f"{self.code} {self.table} {self.row}: {self.detail}"


@dataclass(slots=True)
class Sum:
    """A sum over rows in which order does not matter: two tables with equal sums have equal rows."""

    value: int = 0

    def add(self, row: Iterable[Any]) -> None:
        """Add a row's values: bytes, integers and text, whose repr is unambiguous."""
        self.value += int.from_bytes(hashlib.sha256(repr(tuple(row)).encode()).digest())

    def merge(self, other: Sum) -> None:
        """Add another sum."""
        self.value += other.value


def compare_rows(table: sa.Table, wanted: Iterable[Any], stored: Iterable[Any]) -> list[Problem]:
    """Name the rows and columns in which what is *stored* in a table differs from what is *wanted*."""
    name, columns = table.name, [column.name for column in table.c]
    keys = [column.name for column in table.primary_key]
    at = [columns.index(key) for key in keys]
    mine = {tuple(row[i] for i in at): row for row in wanted}
    theirs = {tuple(row[i] for i in at): row for row in stored}
    problems = []
    for key in sorted(mine.keys() | theirs.keys(), key=repr):
        where = ", ".join(f"{k}={show(v)}" for k, v in zip(keys, key, strict=True))
        if key not in theirs:
            problems.append(Problem(name, where, "M11", "row is missing"))
        elif key not in mine:
            problems.append(Problem(name, where, "M11", "row is surplus"))
        else:
            problems += [
                Problem(name, where, "M11", f"{column} is {show(b)}, the log says {show(a)}")
                for column, a, b in zip(columns, mine[key], theirs[key], strict=True)
                if a != b
            ]
    return problems


def show(value: object) -> str:
    """Write a value for people."""
    return value.hex() if isinstance(value, bytes) else repr(value)
