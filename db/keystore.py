"""Key files of a site: one seed a file under DATA/keys, mode 0600, refused when others may read them.

Not encrypted at rest: the directory is as secret as the machine. The root key is needed only to certify
enrolment, log and label keys; move `root.key` to a medium that is locked away: the service runs without it.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from db.errors import KeyFileError

__all__ = ["CLOCK", "ENROLMENT", "LABEL_PREFIX", "LOG", "ROOT", "KeyStore"]

LOG = "log"  # signs checkpoints
CLOCK = "log-clock"  # cosigns them with the time
ROOT = "root"  # certifies enrolment, log and label keys
ENROLMENT = "enrolment"  # certifies people's devices
LABEL_PREFIX = "label-"  # label-<kid4 in hex>: signs labels

_HEADER = "tram-seed-1 "
_SEED_BYTES = 32
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class KeyStore:
    """The seeds of one site."""

    def __init__(self, directory: Path) -> None:
        """Name the directory; nothing is read or made yet."""
        self.directory = directory

    def write(self, name: str, seed: bytes) -> None:
        """Store a new seed, durably.

        Raises:
            KeyFileError: the name is taken; a key is never overwritten.
        """
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._path(name)
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            raise KeyFileError(f"key {name} exists already in {self.directory}") from None
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(f"{_HEADER}{seed.hex()}\n")
            file.flush()
            os.fsync(file.fileno())

    def read(self, name: str) -> bytes:
        """Return a seed, 32 bytes.

        Raises:
            KeyFileError: no such file, others may read it, or it holds something else.
        """
        path = self._path(name)
        try:
            mode = path.stat().st_mode
        except FileNotFoundError:
            raise KeyFileError(f"key {name} is not in {self.directory}") from None
        if os.name == "posix" and mode & _OTHERS:
            raise KeyFileError(f"{path} may be used by others (mode {stat.S_IMODE(mode):04o})")
        text = path.read_text(encoding="ascii").strip()
        try:
            seed = bytes.fromhex(text.removeprefix(_HEADER))
        except ValueError:
            seed = b""
        if not text.startswith(_HEADER) or len(seed) != _SEED_BYTES:
            raise KeyFileError(f"{path} is not a key file")
        return seed

    def has(self, name: str) -> bool:
        """Whether the file is there."""
        return self._path(name).exists()

    def names(self, prefix: str = "") -> list[str]:
        """List the names that begin with *prefix*, sorted."""
        return sorted(path.stem for path in self.directory.glob(f"{prefix}*.key"))

    def _path(self, name: str) -> Path:
        return self.directory / f"{name}.key"
