"""The documents say what the code does: every command, code, field, route and link in them exists."""

import re
import tomllib
from pathlib import Path

import click
import pytest

import tram
from custody.fields import Field
from custody.findings import CATALOGUE
from tools import docs

ROOT = Path(__file__).parent.parent
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")], key=str)
GUIDES = (
    "counter",
    "courier",
    "recipient",
    "supervisor",
    "keys",
    "operator",
    "witness",
    "printing",
    "station",
)
COMMANDS = [(" ".join(path), command) for path, command in docs.walk(tram.tram, ["tram"])]

_LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)")
_BLOCK = re.compile(r"^```\n(.*?)^```", re.DOTALL | re.MULTILINE)
_TARGET = re.compile(r"^([a-z]+):.*## ", re.MULTILINE)


def relative(path: Path) -> str:
    """Name a document from the project's folder."""
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("document", docs.documents(), ids=relative)
def test_generated_parts_are_current(document: Path) -> None:
    """What `make docs` would write is what stands there."""
    text = document.read_text(encoding="utf-8")

    assert text == docs.render(text)


def test_every_part_has_its_place() -> None:
    """A part that no document asks for is a table nobody reads."""
    asked = {
        match["name"]
        for path in docs.documents()
        for match in docs.PART.finditer(path.read_text(encoding="utf-8"))
    }

    assert asked == set(docs.PARTS)


@pytest.mark.parametrize("document", DOCUMENTS, ids=relative)
def test_links_lead_somewhere(document: Path) -> None:
    """A dead link in a guide is a person left standing."""
    targets = _LINK.findall(document.read_text(encoding="utf-8"))

    assert [target for target in targets if not (document.parent / target).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=relative)
def test_commands_in_blocks_exist(document: Path) -> None:
    """Whoever copies a line from a document gets what it promises."""
    lines = [
        line for block in _BLOCK.findall(document.read_text(encoding="utf-8")) for line in block.splitlines()
    ]
    made = {line.split()[1] for line in lines if re.match(r"make [a-z]", line)}
    called = [line.partition("bin/tram")[2].split() for line in lines if line.startswith(".venv/bin/tram")]

    assert made <= set(_TARGET.findall(MAKEFILE))
    assert [words for words in called if not is_command(words)] == []


def is_command(words: list[str]) -> bool:
    """Say whether the words after `tram` name a command, all the way down, and options that it has."""
    while words[0] in {"--data", "--database-url"}:
        words = words[2:]
    known = dict(COMMANDS)
    depth = max((n for n in range(1, len(words) + 1) if " ".join(["tram", *words[:n]]) in known), default=0)
    command = known.get(" ".join(["tram", *words[:depth]]))
    if depth == 0 or command is None or (isinstance(command, click.Group) and words[depth:]):
        return False
    options = {flag for parameter in command.params for flag in parameter.opts}
    return {word for word in words[depth:] if word.startswith("-")} <= options


@pytest.mark.parametrize(
    "line, is_there",
    [
        ("verify item.zip", True),
        ("--data x keys root approve f --key k", True),
        ("keys root sign f", False),
        ("keys list --loud", False),
        ("sing", False),
    ],
)
def test_a_line_that_cannot_be_typed_is_seen(line: str, *, is_there: bool) -> None:
    """A check of commands that misses a wrong word is no check."""
    assert is_command(line.split()) == is_there


def test_the_targets_of_the_contract_have_help() -> None:
    """`make` alone names each of them."""
    assert {"run", "test", "bench", "lint", "help"} <= set(_TARGET.findall(MAKEFILE))


@pytest.mark.parametrize("name, command", COMMANDS, ids=[name for name, _ in COMMANDS])
def test_every_command_explains_itself(name: str, command: click.Command) -> None:
    """Help in plain English for the command and each of its options, and JSON from what ends in an answer."""
    silent = [
        option.name for option in command.params if isinstance(option, click.Option) and not option.help
    ]

    assert command.help, name
    assert silent == []
    assert isinstance(command, click.Group) or "--json" in {flag for p in command.params for flag in p.opts}


@pytest.mark.parametrize("field", Field, ids=lambda field: field.name)
def test_every_field_is_specified(field: Field) -> None:
    """A field that the page does not explain can be read by nobody else."""
    page = (ROOT / "docs/spec/event.md").read_text(encoding="utf-8")

    assert f"\n| {int(field)} | {field.name} | " in page


def test_every_code_that_is_said_is_in_the_catalogue() -> None:
    """A code without an entry is a page that shows a person nothing to do."""
    code = re.compile(r'"([LEKCSPTGBXDAM]\d\d)"')
    said = {
        found for path in (ROOT / "custody").glob("*.py") for found in code.findall(path.read_text("utf-8"))
    }
    page = (ROOT / "docs/spec/findings.md").read_text(encoding="utf-8").partition("<!-- generated")[0]

    assert said | set(re.findall(r"\b[A-Z]\d\d\b", page)) <= set(CATALOGUE)


@pytest.mark.parametrize("record", sorted((ROOT / "docs/adr").glob("0*.md")), ids=relative)
def test_a_decision_fits_a_page_and_names_its_price(record: Path) -> None:
    """A decision without a bad side was not a decision."""
    text = record.read_text(encoding="utf-8")

    assert len(text.splitlines()) <= 60
    assert "\n- Bad: " in text
    assert record.name in (ROOT / "docs/adr/README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("role", GUIDES)
def test_both_languages_have_the_same_steps(role: str) -> None:
    """Who reads English must not be told less, or more."""
    shapes = [
        re.findall(
            r"^(#+|\d+\.) ", (ROOT / f"docs/guide/{lang}/{role}.md").read_text(encoding="utf-8"), re.MULTILINE
        )
        for lang in ("vi", "en")
    ]

    assert shapes[0] == shapes[1]
    assert len(shapes[0]) > 3


def test_ruff_is_told_why() -> None:
    """An ignored rule carries its reason on the same line."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    rules = tomllib.loads(text)["tool"]["ruff"]["lint"]
    ignored = [*rules["ignore"], *(rule for rules in rules["per-file-ignores"].values() for rule in rules)]

    assert [rule for rule in ignored if not re.search(rf'"{rule}",\s+# \w', text)] == []
