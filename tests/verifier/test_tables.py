"""What the two verifiers share: data, and data that is current."""

from __future__ import annotations

from tools.tables import TABLES, render


def test_the_tables_are_current() -> None:
    """Written by `make docs`; an old table would judge by old names, limits and transitions."""
    assert render() == TABLES.read_text(encoding="utf-8")
