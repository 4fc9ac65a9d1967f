"""Key files: written once, for one account alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from custody.cose import kid_of
from custody.ed25519 import public_of
from db.errors import KeyFileError, PassphraseError
from db.keybox import Passphrase
from db.keystore import KeyStore


def test_a_seed_comes_back(tmp_path: Path) -> None:
    """What was written is read, from a file that is ours alone."""
    store = KeyStore(tmp_path / "keys")
    store.write("log", bytes(range(32)))

    assert store.read("log") == bytes(range(32))
    assert store.names() == ["log"]
    assert (tmp_path / "keys/log.key").stat().st_mode & 0o777 == 0o600


def test_a_key_is_not_overwritten(tmp_path: Path) -> None:
    """A lost key is a lost log."""
    store = KeyStore(tmp_path)
    store.write("log", bytes(32))

    with pytest.raises(KeyFileError, match="exists already") as caught:
        store.write("log", bytes(32))
    assert "never overwritten" in caught.value.hint


def test_a_wrong_passphrase_names_the_file_and_the_key_of_the_list(tmp_path: Path) -> None:
    """`tram keys list` shows the kid, so does the refusal."""
    KeyStore(tmp_path, Passphrase("one two three four")).write("log", bytes(32))

    with pytest.raises(PassphraseError, match=f"log.key.*{kid_of(public_of(bytes(32))).hex()}"):
        KeyStore(tmp_path, Passphrase("five six seven eight")).read("log")


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    """The service does not run with a key that may be stolen already."""
    store = KeyStore(tmp_path)
    store.write("log", bytes(32))
    (tmp_path / "log.key").chmod(0o640)

    with pytest.raises(KeyFileError, match="0640"):
        store.read("log")


@pytest.mark.parametrize("text", ["", "tram-seed-1 zz", "tram-seed-1 00", "0" * 64])
def test_what_is_no_key_is_refused(tmp_path: Path, text: str) -> None:
    """A damaged file is said to be damaged."""
    (tmp_path / "log.key").write_text(text)
    (tmp_path / "log.key").chmod(0o600)

    with pytest.raises(KeyFileError, match="not a key file"):
        KeyStore(tmp_path).read("log")


def test_a_missing_key_is_named(tmp_path: Path) -> None:
    """The message says which key, and where it was looked for."""
    with pytest.raises(KeyFileError, match="key root is not in"):
        KeyStore(tmp_path).read("root")
