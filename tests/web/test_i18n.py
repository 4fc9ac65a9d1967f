"""Words: every msgid of Python, templates, TypeScript and tables has its Vietnamese, with the same places in it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg

from web.i18n import catalogue, date_of, moment_of

ROOT = Path(__file__).parent.parent.parent
METHODS = [
    ("web/**.py", "python"),
    ("web/templates/**.html", "jinja2"),
    ("web/client/src/**.ts", "javascript"),
]
KEYWORDS = {"_": None, "_l": None, "t": None, "gettext": None}
PLACES = re.compile(r"%\((\w+)\)s|\{(\w+)\}")


def _wanted() -> set[str]:
    """Read what `make messages` reads, by the same table."""
    with (ROOT / "babel.cfg").open(encoding="utf-8") as source:
        methods, options = parse_mapping_cfg(source)  # type: ignore[no-untyped-call]  # Babel types part of itself
    found = extract_from_dir(
        str(ROOT),
        methods,
        options,
        keywords=KEYWORDS,
        directory_filter=lambda path: "node_modules" not in path,
    )
    return {message for _file, _line, message, _comments, _context in found if isinstance(message, str)}


def test_every_text_has_its_vietnamese() -> None:
    """Vietnamese is the first language; English words on a page would mean nothing to a clerk."""
    assert sorted(_wanted() - set(catalogue("vi"))) == []


def test_the_extraction_finds_every_source() -> None:
    """The test above would pass on nothing."""
    wanted = _wanted()
    assert "Accept an envelope" in wanted  # template
    assert "Delivered" in wanted  # Python
    assert "Misread" in wanted  # TypeScript
    assert "the seal number is missing" in wanted  # refusals of acceptance
    assert "courier at the centre" in wanted  # personas
    assert "Clean the label and scan again." in wanted  # findings


def test_translations_keep_their_places() -> None:
    """A place that is lost shows nothing; one that is invented fails the page."""
    for msgid, text in catalogue("vi").items():
        assert set(PLACES.findall(msgid)) == set(PLACES.findall(text)), msgid


def test_no_page_names_a_grade_of_secrecy() -> None:
    """The marks A, B, C may be shown; the words of the levels never."""
    for text in catalogue("vi").values():
        assert not re.search(r"(?i)tuyệt mật|tối mật", text)


@pytest.mark.parametrize(
    "at_ms, shown",
    [(1_798_736_399_000, "31/12/2026 23:59"), (1_798_736_400_000, "01/01/2027 00:00"), (None, "")],
)
def test_times_are_shown_at_plus_seven(at_ms: int | None, shown: str) -> None:
    """A year's rollover is at midnight here, whatever the server's zone."""
    assert moment_of(at_ms) == shown
    assert date_of(at_ms) == shown[:10]
