"""The command: what it loads, how it finds the site, and how it says that something went wrong."""

import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

import tram
from custody.errors import FormatError

ROOT = Path(__file__).parent.parent


def run_python(code: str, *, cwd: Path = ROOT) -> str:
    """Run *code* in a fresh interpreter and return what it printed."""
    done = subprocess.run([sys.executable, "-c", code], cwd=cwd, capture_output=True, text=True, check=True)
    return done.stdout


def test_verify_loads_the_core_alone() -> None:
    """An inspector's laptop needs neither database nor service, and no half second to load them."""
    loaded = run_python(
        "import sys, tram, click\n"
        "tram.tram.get_command(click.Context(tram.tram), 'verify')\n"
        "print(*{name.split('.')[0] for name in sys.modules})"
    ).split()

    assert "custody" in loaded
    assert not {"db", "kt1", "labels", "scanner", "web", "sqlalchemy", "flask", "cv2", "PIL"} & set(loaded)


def test_the_group_loads_no_command() -> None:
    """What is not called is not imported."""
    loaded = run_python("import sys, tram\nprint(*{name.split('.')[0] for name in sys.modules})").split()

    assert not {"db", "kt1", "labels", "scanner", "web"} & set(loaded)


@pytest.mark.parametrize(
    "arguments, environment, expected",
    [
        ([], {}, {"data": Path("data"), "database_url": None}),
        ([], {"DATA": "there"}, {"data": Path("there"), "database_url": None}),
        (["--data", "here"], {"DATA": "there"}, {"data": Path("here"), "database_url": None}),
        (
            [],
            {"TRAM_DATABASE_URL": "postgresql:///x"},
            {"data": Path("data"), "database_url": "postgresql:///x"},
        ),
        ([], {"TRAM_DATABASE_URL": ""}, {"data": Path("data"), "database_url": None}),
    ],
)
def test_the_site_is_named_once_for_every_command(
    arguments: list[str],
    environment: dict[str, str],
    expected: dict[str, object],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The option wins over the environment, and an empty variable is as good as none."""
    seen: dict[str, object] = {}

    @click.command()
    @click.pass_obj
    def look(site: dict[str, object]) -> None:
        seen.update(site)

    monkeypatch.setattr(tram, "import_module", lambda _: type("module", (), {"audit": look}))
    clean: dict[str, str | None] = {"DATA": None, "TRAM_DATABASE_URL": None}
    result = CliRunner().invoke(tram.tram, [*arguments, "audit"], env=clean | environment)

    assert result.exit_code == 0, result.output
    assert seen == expected


def test_an_unknown_command_is_a_usage_error() -> None:
    """A typing error must not look like an audit that failed."""
    result = CliRunner().invoke(tram.tram, ["adit"])

    assert result.exit_code == 2
    assert "No such command 'adit'" in result.output


def test_an_error_of_ours_is_a_line_and_a_hint(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """People get a sentence and what to do next, not a traceback; exit status 2 says it could not run."""

    def fail(**_: object) -> None:
        raise FormatError("entry of 70000 bytes is above 60000", hint="send it in two")

    monkeypatch.setattr(tram, "tram", fail)
    with pytest.raises(SystemExit) as stopped:
        tram.main()

    assert stopped.value.code == 2
    assert capsys.readouterr().err == "tram: entry of 70000 bytes is above 60000\n      send it in two\n"


@pytest.mark.parametrize(
    "words",
    [
        "export verifier -o {}/v.html",
        "label trial --out {}/a.pdf",
        "keys new {}/k.key --passphrase-file {}/../words",
    ],
)
def test_a_folder_that_is_missing_is_named(
    words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whichever command it is: one line and what to do, not a traceback."""
    (tmp_path / "words").write_text("sáu chữ không đi cùng nhau\n", encoding="utf-8")
    (tmp_path / "words").chmod(0o600)
    missing = tmp_path / "none"
    words = words.replace("{}/../words", str(tmp_path / "words")).format(missing)
    monkeypatch.setattr(sys, "argv", ["tram", *words.split()])
    with pytest.raises(SystemExit) as stopped:
        tram.main()

    first, hint = capsys.readouterr().err.splitlines()
    assert stopped.value.code == 2
    assert first.startswith(f"tram: {missing}/")
    assert f"no folder {missing}" in hint


@pytest.mark.parametrize(
    "error, said",
    [
        (PermissionError(13, "Permission denied", "/x/y"), "tram: /x/y: Permission denied"),
        (OSError(28, "No space left on device"), "tram: the disk takes no more: No space left on device"),
        (IsADirectoryError(21, "Is a directory", "/"), "tram: /: Is a directory"),
    ],
)
def test_what_the_system_refuses_is_a_line_and_a_hint(
    error: OSError, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Rights, a full disk, a folder in place of a file."""

    def fail(**_: object) -> None:
        raise error

    monkeypatch.setattr(tram, "tram", fail)
    with pytest.raises(SystemExit) as stopped:
        tram.main()

    first, hint = capsys.readouterr().err.splitlines()
    assert (stopped.value.code, first) == (2, said)
    assert hint.startswith("      ")


def test_a_fault_that_is_no_file_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    """What nobody foresaw must not be made to look like a wrong name."""

    def fail(**_: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(tram, "tram", fail)
    with pytest.raises(OSError, match="Input/output"):
        tram.main()
