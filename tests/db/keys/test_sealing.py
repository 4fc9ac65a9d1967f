"""Keys at rest: sealed, opened with a passphrase, and nothing secret said."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from benchmarks.load import Load
from custody.verify import verify_dossier
from db.errors import PassphraseError
from db.keybox import Passphrase
from db.keystore import KeyStore, read_key
from db.site import Site, create_site, open_site
from kt1.register import Register
from tests.db.keys.commands import OTHERS, ROOT, WORDS, refuse, run, secret
from tram import COMMANDS, tram

# -- at rest -------------------------------------------------------------------------------------------


def test_a_site_from_before_is_sealed(tmp_path: Path, province: Register) -> None:
    """Migration: one command; again it finds nothing to do; then the service asks for the passphrase."""
    create_site(tmp_path / "site", origin="x.example/log", register=province).close()
    secret(tmp_path / "words", WORDS)
    sealed = run(tmp_path, "encrypt")["sealed"]
    assert {"enrolment", "log", "log-clock", "root"} < set(sealed)
    assert run(tmp_path, "encrypt")["sealed"] == []
    with pytest.raises(PassphraseError, match="is sealed"):
        open_site(tmp_path / "site")
    site = open_site(tmp_path / "site", passphrase=Passphrase(WORDS))
    Load.of(site, actors=1)
    site.close()

    assert all("(sealed)" in key["file"] for key in run(tmp_path, "list", opens=False)["keys"] if key["file"])


def test_the_passphrase_is_changed_also_after_a_break(folder: Path) -> None:
    """Broken off half way, some files open with the old words and some with the new ones."""
    other = secret(folder / "others", OTHERS)
    KeyStore(folder / "site/keys", Passphrase(WORDS)).reseal("log", Passphrase(OTHERS))
    run(folder, "passphrase", "--new-passphrase-file", other)
    store = KeyStore(folder / "site/keys", Passphrase(OTHERS))

    assert all(len(store.read(name)) == 32 for name in store.names())
    refuse(PassphraseError, "wrong passphrase", folder, "rotate-label")
    run(folder, "new", folder / "b.key", data="nowhere")
    run(folder, "passphrase", "--key", folder / "b.key", "--new-passphrase-file", other)
    assert read_key(folder / "b.key", Passphrase(OTHERS))


def test_a_wrong_old_passphrase_changes_no_file(folder: Path) -> None:
    """Not even the first of them."""
    before = {path.name: path.read_bytes() for path in (folder / "site/keys").iterdir()}
    other = secret(folder / "others", OTHERS)
    refuse(
        PassphraseError, "wrong", folder, "passphrase", "--passphrase-file", other,
        "--new-passphrase-file", secret(folder / "third", OTHERS + "!"), opens=False,
    )  # fmt: skip

    assert before == {path.name: path.read_bytes() for path in (folder / "site/keys").iterdir()}


def test_with_nobody_to_ask_a_sealed_site_says_what_it_needs(folder: Path) -> None:
    """In a script: an error with its hint, not a prompt that waits for ever."""
    refuse(PassphraseError, "nobody to ask", folder, "rotate-label", opens=False)


def test_export_and_list_need_no_passphrase(folder: Path, site: Site) -> None:
    """What only reads is given no secret."""
    load = Load.of(site, actors=1)
    item = load.item()
    site.ledger.append([load.register(item)])
    words = ["--data", str(folder / "site"), "export", "dossier", item.number, "-o", str(folder / "d.zip")]
    result = CliRunner().invoke(tram, words, standalone_mode=False)

    assert result.exception is None
    assert verify_dossier((folder / "d.zip").read_bytes()).passed == 8


def test_no_option_and_no_variable_takes_a_passphrase() -> None:
    """Arguments stand in `ps`, variables in /proc: there is a way to name a file, and none to give the words."""

    def walk(command: click.Command) -> Iterator[click.Parameter]:
        yield from command.params
        if isinstance(command, click.Group):
            for one in command.commands.values():
                yield from walk(one)

    for place in COMMANDS.values():
        module, _, name = place.partition(":")
        for parameter in walk(getattr(import_module(module), name)):
            if "passphrase" in (parameter.name or ""):
                assert parameter.name in {"passphrase_file", "new_passphrase_file"}
                assert isinstance(parameter.type, click.Path)
                assert parameter.envvar is None


def test_nothing_secret_is_said_or_left_behind(roots: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A whole ceremony at the loudest log level: no seed and no passphrase in output, log or any file but the box."""
    caplog.set_level(logging.DEBUG)
    said = json.dumps(run(roots, "rotate-label")) + caplog.text
    seeds = [read_key(path, Passphrase(WORDS)).hex() for path in roots.rglob("*.key")]
    left = b"".join(path.read_bytes() for path in roots.rglob("*") if path.is_file() and path.name != "words")

    assert len(seeds) == 8
    for word in (*seeds, WORDS):
        assert word not in said
        assert word.encode() not in left
    for seed in seeds:
        assert bytes.fromhex(seed) not in left


def test_a_process_shows_the_file_and_not_the_words(folder: Path) -> None:
    """What `ps` and /proc show of a running command."""
    words = [sys.executable, str(ROOT / "tram.py"), "--data", str(folder / "site"), "keys", "rotate-label"]
    process = subprocess.Popen(
        [*words, "--passphrase-file", str(folder / "words")], stdout=subprocess.DEVNULL, cwd=ROOT
    )
    while not Path(f"/proc/{process.pid}/cmdline").read_bytes().startswith(sys.executable.encode()):
        assert process.poll() is None
    shown = b"".join(Path(f"/proc/{process.pid}/{name}").read_bytes() for name in ("cmdline", "environ"))

    assert process.wait(60) == 0
    assert b"passphrase-file" in shown
    assert WORDS.encode() not in shown
