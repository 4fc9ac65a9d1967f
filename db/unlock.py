"""Where a passphrase comes from: a file of mode 0600, or a person; never the environment or an argument."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from db.errors import PassphraseError
from db.keybox import Passphrase
from db.keystore import KeyStore, passphrase_of

__all__ = ["PASSPHRASE_FILE", "key_passphrase", "new_passphrase", "old_passphrase", "unlock"]

PASSPHRASE_FILE = click.option(
    "--passphrase-file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File (mode 0600) whose first line opens the key files; asked for where it is not given.",
)


def unlock(directory: Path, file: Path | None) -> Passphrase | None:
    """Return what opens the keys in *directory*: None where none of them is sealed and no file is given.

    Raises:
        PassphraseError: some are sealed, and there is neither a file nor a person to ask.
        KeyFileError: others may read a key file, or it is damaged.
    """
    store = KeyStore(directory)
    if file is None and not any(store.is_sealed(name) for name in store.names()):
        return None
    return old_passphrase(file, f"Passphrase of the keys in {directory}")


def old_passphrase(file: Path | None, question: str) -> Passphrase:
    """Return the passphrase of *file*, or as typed in answer to *question*.

    Raises:
        PassphraseError: no file and no terminal, or too short.
    """
    if file is not None:
        return passphrase_of(file)
    if not sys.stdin.isatty():
        raise PassphraseError("key files are sealed, and there is nobody to ask for the passphrase")
    return Passphrase(click.prompt(question, hide_input=True, err=True))


def new_passphrase(file: Path | None, question: str) -> Passphrase:
    """As `old_passphrase`, but typed twice."""
    if file is not None or not sys.stdin.isatty():
        return old_passphrase(file, question)
    return Passphrase(click.prompt(question, hide_input=True, confirmation_prompt=True, err=True))


def key_passphrase(key: Path, file: Path | None) -> Passphrase | None:
    """Return what opens one key file: None where it is not sealed.

    Raises:
        KeyFileError: it is missing, damaged, or others may read it.
        PassphraseError: it is sealed, and there is neither a file nor a person to ask.
    """
    if not KeyStore(key.parent).is_sealed(key.name.removesuffix(".key")):
        return None
    return old_passphrase(file, f"Passphrase of {key.name}")
