"""What a station keeps on its disk, in one folder for its account alone.

`station.key` is the device's key (sealed as `db.keybox` does), `station.json` what the service last said of person and
day, `session` the cookie, `clock` what is known of the time, `outbox.jsonl` the signed events. Who edits `station.json`
can confuse the person at the desk, not forge a scan.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from custody.cose import kid_of
from custody.ed25519 import public_of
from custody.errors import CustodyError
from db.keybox import Passphrase
from db.keystore import read_key, write_key
from db.private import put_file
from scanner.station.clock import HonestClock, machine_sources

__all__ = ["Folder", "NotEnrolledError"]

_FACTS: Final = "station.json"


class NotEnrolledError(CustodyError):
    """The folder is no station's."""

    code = "not-enrolled"
    hint = "Enrol it first: tram station enrol --server URL --login NAME"


@dataclass(frozen=True, slots=True)
class Folder:
    """A station's folder.

    Attributes:
        path: where it is.
    """

    path: Path

    @property
    def key(self) -> Path:
        """The key file."""
        return self.path / "station.key"

    @property
    def outbox(self) -> Path:
        """The file of signed events."""
        return self.path / "outbox.jsonl"

    @property
    def is_there(self) -> bool:
        """Whether a key was made here."""
        return self.key.is_file()

    def make(self, seed: bytes, passphrase: Passphrase | None) -> None:
        """Make the folder with a key; a key that is there stays as it is.

        Raises:
            KeyFileError: there is one.
        """
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_key(self.key, seed, passphrase)

    def open_key(self, passphrase: Passphrase | None) -> tuple[bytes, bytes]:
        """Return the seed and its kid.

        Raises:
            NotEnrolledError: no key.
            PassphraseError: sealed, and the passphrase is missing or another.
        """
        if not self.is_there:
            raise NotEnrolledError(f"{self.path} is no station's folder")
        seed = read_key(self.key, passphrase)
        return seed, kid_of(public_of(seed))

    def facts(self) -> dict[str, Any]:
        """Return what was kept of the service's answers; empty where nothing was."""
        try:
            found = json.loads((self.path / _FACTS).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            raise NotEnrolledError(f"{self.path / _FACTS} cannot be read: {type(error).__name__}") from error
        return found if isinstance(found, dict) else {}

    def keep(self, facts: dict[str, Any]) -> None:
        """Put *facts* in the place of those kept, whole or not at all."""
        put_file(self.path / _FACTS, json.dumps(facts, ensure_ascii=False))

    def session(self) -> str:
        """Return the cookie of the last session, or ""."""
        return self._read("session")

    def keep_session(self, session: str) -> None:
        """Keep the cookie of a session, for this account alone."""
        put_file(self.path / "session", session)

    def clock(self) -> HonestClock:
        """Return the station's clock, which goes on from what was kept here."""
        file = self.path / "clock"
        return HonestClock(
            machine_sources(),
            lambda: self._read(file.name, errors="replace"),
            lambda text: put_file(file, text),
        )

    def _read(self, name: str, *, errors: str = "strict") -> str:
        """Return a small file's text, "" where there is none."""
        try:
            return (self.path / name).read_text(encoding="utf-8", errors=errors)
        except FileNotFoundError:
            return ""
