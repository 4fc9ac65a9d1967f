"""Key files of a site: one key a file under DATA/keys, mode 0600, refused when others may read them.

Under a passphrase (`keybox`) they are of no use to who copies the disk; without one the directory is as secret as
the machine. Root keys are needed only to certify authorities and the log's keys: move them to media that are
locked away; the service runs without them.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from custody.cose import kid_of
from custody.ed25519 import SEED_BYTES, public_of
from db.errors import KeyFileError, PassphraseError
from db.keybox import Box, Passphrase, read_box, seal
from db.private import put_file, write_new

__all__ = [
    "CLOCK",
    "ENROLMENT",
    "LABEL_PREFIX",
    "LOG",
    "ROOT",
    "SECOND",
    "KeyStore",
    "LogSeeds",
    "passphrase_of",
    "public_in",
    "read_key",
    "write_key",
]

LOG = "log"  # signs checkpoints; log-<8 hex>: those that followed
CLOCK = "log-clock"  # cosigns them with the time
ROOT = "root"  # certifies authorities, log and label keys
ENROLMENT = "enrolment"  # certifies people's devices, offices' enrolment keys, label keys
SECOND = "second"  # cosigns checkpoints by ML-DSA-44, where it is
LABEL_PREFIX = "label-"  # label-<kid4 in hex>: signs labels

_HEADER = "tram-seed-1 "
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_SUFFIX = ".key"


def passphrase_of(file: Path) -> Passphrase:
    """Return the passphrase in a file: its first line.

    Raises:
        PassphraseError: no such file, others may read it, or what it holds is too short.
    """
    try:
        mode = file.stat().st_mode
        text = file.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise PassphraseError(f"passphrase file {file} cannot be read: {type(error).__name__}") from None
    if os.name == "posix" and mode & _OTHERS:
        raise PassphraseError(
            f"passphrase file {file} may be used by others (mode {stat.S_IMODE(mode):04o})",
            hint=f"chmod 600 {file}",
        )
    return Passphrase(text.partition("\n")[0].removesuffix("\r"))


def write_key(path: Path, seed: bytes, passphrase: Passphrase | None, *, replace: bool = False) -> None:
    """Store a key durably, sealed where a passphrase is given.

    Args:
        path: the file.
        seed: 32 bytes.
        passphrase: None leaves it readable.
        replace: put it in the place of the file that is there; a reader sees the old one or the new one.

    Raises:
        KeyFileError: the file is there and is not to be replaced.
    """
    text = seal(seed, passphrase) if passphrase else f"{_HEADER}{seed.hex()}\n"
    if replace:
        put_file(path, text)
        return
    try:
        write_new(path, text)
    except FileExistsError:
        raise KeyFileError(
            f"key {path.stem} exists already in {path.parent}",
            hint="Give another name, or move that file away: a key is never overwritten.",
        ) from None


def read_key(path: Path, passphrase: Passphrase | None = None) -> bytes:
    """Return the 32-byte seed in a key file.

    Raises:
        KeyFileError: no such file, others may read it, it is damaged or holds something else.
        PassphraseError: it is sealed, and the passphrase is missing or another.
    """
    found = _load(path)
    if isinstance(found, bytes):
        return found
    if passphrase is None:
        raise PassphraseError(f"key {path.stem} is sealed with a passphrase")
    try:
        return found.open(passphrase)
    except (PassphraseError, KeyFileError) as error:
        raise type(error)(f"{path}: {error}") from None


def public_in(path: Path) -> bytes:
    """Return the 32-byte public key of a key file, without opening it.

    Raises:
        KeyFileError: as `read_key`.
    """
    found = _load(path)
    return public_of(found) if isinstance(found, bytes) else found.public


class KeyStore:
    """The keys of one site."""

    def __init__(self, directory: Path, passphrase: Passphrase | None = None) -> None:
        """Name the directory and what opens its files; nothing is read or made yet."""
        self.directory = directory
        self._passphrase = passphrase

    @property
    def seals(self) -> bool:
        """Whether what it writes is sealed with a passphrase."""
        return self._passphrase is not None

    def write(self, name: str, seed: bytes) -> None:
        """Store a new key, durably.

        Raises:
            KeyFileError: the name is taken; a key is never overwritten.
        """
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_key(self._path(name), seed, self._passphrase)

    def read(self, name: str) -> bytes:
        """Return a seed, 32 bytes.

        Raises:
            KeyFileError: no such file, others may read it, it is damaged or holds something else.
            PassphraseError: it is sealed, and the passphrase is missing or another.
        """
        return read_key(self._path(name), self._passphrase)

    def public(self, name: str) -> bytes:
        """Return a key's public side, 32 bytes, without a passphrase.

        Raises:
            KeyFileError: as `read`.
        """
        return public_in(self._path(name))

    def is_sealed(self, name: str) -> bool:
        """Say whether a passphrase is needed to read it.

        Raises:
            KeyFileError: as `read`.
        """
        return isinstance(_load(self._path(name)), Box)

    def reseal(self, name: str, passphrase: Passphrase) -> None:
        """Put a key under another passphrase, or under its first.

        Raises:
            KeyFileError, PassphraseError: as `read`; the file is then as it was.
        """
        write_key(self._path(name), self.read(name), passphrase, replace=True)

    def has(self, name: str) -> bool:
        """Whether the file is there."""
        return self._path(name).exists()

    def names(self, prefix: str = "") -> list[str]:
        """List the names that begin with *prefix*, sorted."""
        return sorted(path.stem for path in self.directory.glob(f"{prefix}*{_SUFFIX}"))

    def _path(self, name: str) -> Path:
        return self.directory / f"{name}{_SUFFIX}"


class LogSeeds:
    """The seeds of a log's keys by their public side, read when they must sign: a key may come in while it runs."""

    def __init__(self, keys: KeyStore) -> None:
        """Name the store."""
        self._keys = keys
        self._known: dict[bytes, bytes] = {}

    def __call__(self, public: bytes) -> bytes:
        """Return the seed of a 32-byte *public* key of the log.

        Raises:
            KeyFileError: its file is not here, or as `KeyStore.read`.
            PassphraseError: as `KeyStore.read`.
        """
        if public not in self._known:
            name = next((n for n in self._keys.names(LOG) if self._keys.public(n) == public), None)
            if name is None:
                raise KeyFileError(
                    f"the log's key {kid_of(public).hex()} is in no file {LOG}*{_SUFFIX} of {self._keys.directory}",
                    hint="The log's newest key must be beside the others; put its file back.",
                )
            self._known[public] = self._keys.read(name)
        return self._known[public]


def _load(path: Path) -> bytes | Box:
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        raise KeyFileError(
            f"key {path.stem} is not in {path.parent}", hint=f"Put {path.name} there, or name another file."
        ) from None
    if os.name == "posix" and mode & _OTHERS:
        raise KeyFileError(
            f"{path} may be used by others (mode {stat.S_IMODE(mode):04o})", hint=f"chmod 600 {path}"
        )
    try:
        text = path.read_text(encoding="ascii")
        box = read_box(text)
        seed = bytes.fromhex(text.strip().removeprefix(_HEADER)) if box is None else b""
    except ValueError:
        raise KeyFileError(f"{path} is not a key file") from None
    except KeyFileError as error:
        raise KeyFileError(f"{path}: {error}", hint=error.hint) from None
    if box is not None:
        return box
    if not text.startswith(_HEADER) or len(seed) != SEED_BYTES:
        raise KeyFileError(f"{path} is not a key file")
    return seed
