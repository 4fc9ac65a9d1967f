"""Free text: what it may hold is a list, the same for every program."""

from __future__ import annotations

import sys
import unicodedata

import pytest

from custody.text import UNPRINTABLE, is_printable


@pytest.mark.parametrize("text", ["đã kiểm tra", "ư", "e\u0323\u0302", "封", "🔒", "\u0e01", "\U000e0100"])
def test_what_people_write_is_printable(text: str) -> None:
    """Vietnamese in either form, other scripts, and what a phone's keyboard offers beside letters."""
    assert is_printable(text)


@pytest.mark.parametrize(
    "text", ["a\nb", "\u202etxt", "\u200b", "\u00a0", "\ud800", "\ufeff", "\ue000", "\U0010ffff"]
)
def test_what_changes_the_look_of_a_line_is_not(text: str) -> None:
    """Breaks, turned writing, invisible and private characters: what is read must be what was signed."""
    assert not is_printable(text)


def test_nothing_that_this_python_calls_unprintable_gets_through() -> None:
    """The list has every control, format and separator of this Unicode; only what is not given out yet may differ."""
    listed = {point for first, last in UNPRINTABLE for point in range(first, last + 1)}
    assigned = [p for p in range(sys.maxunicode + 1) if unicodedata.category(chr(p)) != "Cn"]

    assert [p for p in assigned if not chr(p).isprintable() and p not in listed] == []
    assert [p for p in assigned if chr(p).isprintable() and p in listed] == []
