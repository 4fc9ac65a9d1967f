"""Words: every msgid of Python, templates, TypeScript and tables has its Vietnamese, with the same places in it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir

from custody.findings import CATALOGUE
from kt1.province import PERSONAS
from web.i18n import catalogue, date_of, moment_of

ROOT = Path(__file__).parent.parent.parent
METHODS = [
    ("web/**.py", "python"),
    ("web/templates/**.html", "jinja2"),
    ("web/client/src/**.ts", "javascript"),
]
KEYWORDS = {"_": None, "_l": None, "t": None, "gettext": None}
PLACES = re.compile(r"%\((\w+)\)s|\{(\w+)\}")


def _acceptance_texts() -> set[str]:
    """Read the refusals of kt1.acceptance: constants that become messages of its problems."""
    tree = ast.parse((ROOT / "kt1" / "acceptance.py").read_text(encoding="utf-8"))
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Problem" and len(node.args) > 2:
            found |= {node.args[2].value} if isinstance(node.args[2], ast.Constant) else set()  # type: ignore[arg-type]
        elif isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "text":
            found |= {node.value.value} if isinstance(node.value, ast.Constant) else set()  # type: ignore[arg-type]
    return found


def _wanted() -> set[str]:
    options = {"web/client/src/**.ts": {"parse_template_string": "false"}}
    found = {
        message
        for _file, _line, message, _comments, _context in extract_from_dir(
            str(ROOT),
            METHODS,
            options,
            keywords=KEYWORDS,
            directory_filter=lambda path: "node_modules" not in path,
        )
        if isinstance(message, str)
    }
    found |= {text for kind in CATALOGUE.values() for text in (kind.text, kind.advice)}
    return found | {persona.part for persona in PERSONAS} | _acceptance_texts()


def test_every_text_has_its_vietnamese() -> None:
    """Vietnamese is the first language; English words on a page would mean nothing to a clerk."""
    assert sorted(_wanted() - set(catalogue("vi"))) == []


def test_the_extraction_finds_all_four_sources() -> None:
    """The test above would pass on nothing."""
    wanted = _wanted()
    assert "Accept an envelope" in wanted  # template
    assert "Delivered" in wanted  # Python
    assert "Misread" in wanted  # TypeScript
    assert "the seal number is missing" in wanted  # kt1


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
