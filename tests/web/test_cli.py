"""The commands that found and serve a site."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from db import people
from db.errors import SiteError
from db.keystore import passphrase_of
from db.serving import served_here
from db.site import open_site
from tests.web.conftest import Clock
from web.accounts import check_password
from web.cli import demo, init, serve
from web.config import Config
from web.demo import PASSWORD, load_demo

REGISTER = {
    "offices": [{"code": 123456, "name": "Bưu điện tỉnh", "province": "X", "is_centre": True}],
    "agencies": [{"code": 1, "name": "Sở Một", "address": "Số 1", "office": 123456}],
    "people": [
        {
            "login": "quay1",
            "name": "Lê Quầy",
            "roles": ["issuer", "clerk"],
            "office": 123456,
            "password": "mat khau quay",
        }
    ],
}


def _run(command: object, data: Path, *args: str, **more: object) -> Result:
    return CliRunner().invoke(command, list(args), obj={"data": data, "database_url": None}, **more)  # type: ignore[arg-type]


def test_demo_is_the_same_for_the_same_seed(tmp_path: Path) -> None:
    """Deterministic: two loads give one root, so a report can name an item."""
    roots = set()
    for name in ("one", "two"):
        load_demo(tmp_path / name, None, items=20, seed=3, now_ms=1_795_000_000_000)
        site = open_site(tmp_path / name)
        head = site.ledger.head()
        assert head is not None
        bodies = site.ledger.bodies(0, head.size)
        roots.add(tuple(bodies[-3:]))
        assert site.is_demo
        site.close()
    assert len(roots) == 1


def test_demo_refuses_a_folder_that_holds_a_site(tmp_path: Path) -> None:
    """A second load must not mix invented mail with anything."""
    load_demo(tmp_path / "site", None, items=20, seed=1, now_ms=1_795_000_000_000)
    result = _run(demo, tmp_path / "site", "--items", "20")
    assert result.exit_code != 0
    assert "site already" in str(result.exception)


def test_demo_reports_in_json(tmp_path: Path) -> None:
    """Programs read what it did."""
    result = _run(demo, tmp_path / "site", "--items", "20", "--json")
    report = json.loads(result.stdout)
    assert report["items"] > 0
    assert report["people"] > 133


def test_serve_refuses_a_demonstration_on_the_network(tmp_path: Path) -> None:
    """Everyone knows its passwords: it listens on loopback alone."""
    load_demo(tmp_path / "site", None, items=20, seed=1, now_ms=1_795_000_000_000)
    result = _run(serve, tmp_path / "site", "--host", "0.0.0.0")  # noqa: S104 - that is what must be refused
    assert result.exit_code == 2
    assert "loopback" in result.output


def test_serve_refuses_a_port_that_is_taken(tmp_path: Path) -> None:
    """Two services behind one port would answer in turn: the second one says so and ends."""
    assert _run(demo, tmp_path, "--items", "20").exit_code == 0
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        answer = _run(serve, tmp_path, "--port", str(taken.getsockname()[1]))
    assert answer.exit_code == 1
    assert "another --port" in answer.output


def test_serve_refuses_a_folder_that_is_served(tmp_path: Path) -> None:
    """A second service on one folder: it says which process has it and ends; afterwards the folder is free."""
    assert _run(demo, tmp_path, "--items", "20").exit_code == 0
    with served_here(tmp_path):
        answer = _run(serve, tmp_path)
    assert isinstance(answer.exception, SiteError)
    assert f"another service serves {tmp_path} (process {os.getpid()})" in str(answer.exception)
    with served_here(tmp_path):
        pass


def test_init_makes_a_site_whose_administrator_can_sign_in(tmp_path: Path) -> None:
    """Password from a file; offices, agencies and people from the register."""
    (tmp_path / "password").write_text("một mật khẩu dài\n", encoding="utf-8")
    (tmp_path / "json_of(register)").write_text(json.dumps(REGISTER), encoding="utf-8")
    arguments = ["--origin", "kt1.example.vn", "--password-file", str(tmp_path / "password")]
    result = _run(
        init, tmp_path / "site", *arguments, "--register", str(tmp_path / "json_of(register)"), "--json"
    )
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["people"] == 2
    site = open_site(tmp_path / "site")
    config = Config(data=tmp_path / "site", clock=Clock())
    assert check_password(site.engine, config, "admin", "một mật khẩu dài", address="127.0.0.1").roles == {
        "admin"
    }
    assert [office.code for office in people.offices(site.engine)] == [123_456]
    assert not site.is_demo
    site.close()


@pytest.mark.parametrize("origin", ["kt1 example", "kt1+vn", "", "kt1\u00a0vn"])
def test_init_refuses_a_name_that_no_log_can_have(tmp_path: Path, origin: str) -> None:
    """The name is in every key and checkpoint for ever; a site under a wrong one would be dead (C2SP signed-note)."""
    (tmp_path / "password").write_text("một mật khẩu dài\n", encoding="utf-8")
    words = ["--origin", origin, "--password-file", str(tmp_path / "password")]
    result = _run(init, tmp_path / "site", *words)

    assert isinstance(result.exception, SiteError)
    assert "no name for a log" in str(result.exception)
    assert not (tmp_path / "site").exists()


def test_init_without_a_terminal_says_that_it_needs_a_file(tmp_path: Path) -> None:
    """A script gets a sentence, not a warning of Python's about echo."""
    result = _run(init, tmp_path / "site", "--origin", "kt1.example.vn")

    assert (result.exit_code, "give --password-file" in result.output) == (2, True)
    assert not (tmp_path / "site").exists()


def test_init_asks_for_the_password_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing secret on the command line."""
    monkeypatch.setattr("web.cli._can_ask", lambda: True)
    result = _run(init, tmp_path / "site", "--origin", "kt1.example.vn", input="mat khau dai\nmat khau dai\n")
    assert result.exit_code == 0, result.output
    assert "mat khau" not in result.output


@pytest.mark.parametrize(
    "register",
    [{"offices": [{"code": 1, "name": "x", "province": "y"}]}, {"people": [{"login": "x"}]}, {"what": []}],
)
def test_init_names_what_is_wrong_in_the_register(
    tmp_path: Path, register: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And makes no site."""
    monkeypatch.setattr("web.cli._can_ask", lambda: True)
    (tmp_path / "json_of(register)").write_text(json.dumps(register), encoding="utf-8")
    result = _run(
        init,
        tmp_path / "site",
        "--origin",
        "x.vn",
        "--register",
        str(tmp_path / "json_of(register)"),
        input="mat khau dai\n" * 2,
    )
    assert "register file" in str(result.exception)
    assert not (tmp_path / "site").exists()


def test_the_password_of_the_demonstration_is_announced_by_serve() -> None:
    """The sign-ins that serve prints are those that work."""
    assert len(PASSWORD) >= 8


def _founding(tmp_path: Path, *more: str) -> Result:
    (tmp_path / "password").write_text("mat khau quan tri\n")
    words = ("--origin", "kt1.example.vn", "--password-file", str(tmp_path / "password"), *more)
    return _run(init, tmp_path / "site", *words)


def test_init_seals_the_keys(tmp_path: Path) -> None:
    """With the passphrase in a file of its owner's; the service then needs it, and says so."""
    words = tmp_path / "words"
    words.write_text("sau chu khong di cung nhau\n")
    words.chmod(0o600)
    result = _founding(tmp_path, "--passphrase-file", str(words))
    assert result.exit_code == 0, result.output
    assert "WARNING" not in result.output
    assert "sau chu" not in result.output
    assert all(key.read_text().startswith("tram-key-2\n") for key in (tmp_path / "site/keys").iterdir())
    refused = _run(serve, tmp_path / "site")
    assert "nobody to ask" in str(refused.exception)
    open_site(tmp_path / "site", passphrase=passphrase_of(words)).close()


def test_init_warns_where_it_cannot_seal(tmp_path: Path) -> None:
    """In a script without a passphrase: loudly, and with the command that mends it."""
    result = _founding(tmp_path)
    assert result.exit_code == 0, result.output
    assert "NOT SEALED" in result.stderr
    assert "keys encrypt" in result.stderr


def test_a_passphrase_that_others_may_read_founds_nothing(tmp_path: Path) -> None:
    """A mistake found now costs nothing."""
    words = tmp_path / "words"
    words.write_text("sau chu khong di cung nhau\n")
    words.chmod(0o644)
    result = _founding(tmp_path, "--passphrase-file", str(words))
    assert "0644" in str(result.exception)
    assert not (tmp_path / "site").exists()
