"""The folder of a witness: its key, the logs it watches, and the newest checkpoint it has cosigned of each.

    keys/witness.key      its seed
    name                  as it stands on its signature lines
    logs                  one `log <vkey>` line a key of a log (C2SP tlog-policy)
    seen/<hash>           of each log, the newest note it has cosigned; empty where it has cosigned none
    evidence/<...>        signed checkpoints that contradict what it has cosigned
    journal               what its operators did, one line each

A note is on the disk before anybody reads the cosignature: written beside, flushed, renamed, and the folder flushed.
A witness that has lost what it saw must not go on as if it had seen nothing; so a log that is watched and has no
file is an error, never an empty beginning.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import threading
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from custody.checkpoint import Checkpoint, parse_checkpoint
from custody.errors import CustodyError, ProofError
from custody.note import COSIGNATURE, ED25519, NoteKey, check_name, open_note, parse_vkey
from custody.quorum import TrustPolicy, parse_policy
from custody.witness import Answer, Signer, add_checkpoint, parse_request
from db.engine import DATABASE_NAME
from db.errors import WitnessError
from db.keybox import Passphrase
from db.keystore import KeyStore, public_in, read_key
from db.private import make_private, put_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import IO

__all__ = ["WitnessStore", "create_witness", "forget_log", "open_witness", "opened", "watch_log"]

_KEY: Final = "witness"
_LOGS_FORM: Final = "quorum none\n"
_EVIDENCE: Final = 1_000  # files at most: only the log's own key can make one
_LOST: Final = (
    "A witness that has forgotten must not cosign: find the folder as it was, or have the log's readers strike this "
    "witness from their policies and begin with a new name and key."
)


class WitnessStore:
    """An opened folder; one process at a time may hold it."""

    def __init__(
        self, data: Path, key: NoteKey, seed: bytes | None, logs: TrustPolicy, lock: IO[bytes]
    ) -> None:
        """Take what `open_witness` has read; without a *seed* it is looked at, and cosigns nothing."""
        self.data = data
        self.key = key
        self._signer = Signer(key.name, seed) if seed else None
        self.logs = logs
        self._lock = lock
        self._one = threading.Lock()

    def answer(self, body: bytes, *, now_s: int) -> Answer:
        """Answer an add-checkpoint request; what is to be kept is on the disk when this returns.

        Args:
            body: of the request.
            now_s: the clock, unix seconds.

        Raises:
            WitnessError: the folder does not hold together, or the disk does not take it.
        """
        if self._signer is None:
            raise WitnessError("opened without its key")
        try:
            request = parse_request(body)
        except CustodyError as error:
            return Answer(status=400, body=f"{error}\n")
        origin = request.checkpoint.origin
        keys = self.logs.keys_of(origin)
        with self._one:  # looking at what is known and replacing it are one step
            known = self._known(origin) if keys else None
            answer = add_checkpoint(request, keys, known, self._signer, now_s=now_s)
            if answer.stored is not None:
                self._write(_seen(self.data, origin), answer.stored)
            elif answer.evidence:
                self._keep(request.checkpoint, request.text)
        return answer

    def newest(self, origin: str) -> str | None:
        """Return the newest note cosigned of a log, or None."""
        if not self.logs.keys_of(origin):
            return None
        return _read(_seen(self.data, origin)) or None

    @staticmethod
    def hash_of(origin: str) -> str:
        """Return the SHA-256 of a log's origin, 64 hex digits: its name in addresses."""
        return hashlib.sha256(origin.encode()).hexdigest()

    def origins(self) -> list[str]:
        """List the logs that are watched."""
        return sorted({key.name for key in self.logs.logs})

    def close(self) -> None:
        """Let another process have the folder."""
        self._lock.close()

    def _known(self, origin: str) -> Checkpoint | None:
        return _checkpoint_in(_seen(self.data, origin), self.key)

    def _write(self, path: Path, text: str) -> None:
        try:
            put_file(path, text)
        except OSError as error:
            raise WitnessError(f"{path} cannot be written: {error}") from error

    def _keep(self, signed: Checkpoint, text: str) -> None:
        """Keep a checkpoint that contradicts ours; the same one once."""
        folder = self.data / "evidence"
        name = f"{_hash_of(signed.origin)}-{signed.size}-{signed.root.hex()[:16]}"
        if (folder / name).exists() or len(list(folder.iterdir())) >= _EVIDENCE:
            return
        self._write(folder / name, text)


def create_witness(data: Path, *, name: str, seed: bytes, passphrase: Passphrase | None = None) -> NoteKey:
    """Make a witness's folder; return its public key.

    Args:
        data: must not hold one yet.
        name: a host name or path that is yours, for ever; no blanks, no plus.
        seed: 32 random bytes.
        passphrase: under which the key file is sealed; None leaves it readable to the account.

    Raises:
        WitnessError: there is one already, or nobody can be called so.
    """
    try:
        check_name(name)
    except ProofError as error:
        hint = "for instance kiemsat.example.vn/w1"
        raise WitnessError(f"{name!r} is no name for a key: {error}", hint=hint) from None
    if (data / DATABASE_NAME).exists() or (data / "last-checkpoint").exists():
        hint = "Give an empty folder with --data."
        raise WitnessError(f"{data} is a site: a log cannot witness itself", hint=hint)
    if (data / "name").exists():
        raise WitnessError(f"{data} is a witness already", hint="Its key and its memory belong together.")
    make_private(data, None)
    for folder in ("seen", "evidence"):
        make_private(data / folder, None)
    KeyStore(data / "keys", passphrase).write(_KEY, seed)
    put_file(data / "logs", _LOGS_FORM)
    put_file(data / "name", name + "\n")
    return Signer(name, seed).key


def open_witness(data: Path, passphrase: Passphrase | None = None, *, signs: bool = True) -> WitnessStore:
    """Open a witness's folder and check that it has forgotten nothing.

    Args:
        data: the folder.
        passphrase: opens its key file, where that is sealed.
        signs: False to look at it without its key.

    Raises:
        WitnessError: none there, another process holds it, or what it saw is missing or unreadable.
        KeyFileError: its key is missing, or others may read it.
        PassphraseError: the key is sealed, and the passphrase is missing or another.
    """
    name = _read(data / "name")
    if name is None:
        raise WitnessError(f"no witness in {data}", hint="Run `tram witness init`, or name it with --data.")
    file = data / "keys" / f"{_KEY}.key"
    key = NoteKey(name.strip(), COSIGNATURE, public_in(file))
    seed = read_key(file, passphrase) if signs else None
    lock = (data / "name").open("rb")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        logs = parse_policy((data / "logs").read_bytes())
        for log in logs.logs:
            _checkpoint_in(_seen(data, log.name), key)
    except BlockingIOError:
        lock.close()
        hint = "Stop `tram witness serve` first."
        raise WitnessError(f"{data} is held by another process", hint=hint) from None
    except BaseException:
        lock.close()
        raise
    return WitnessStore(data, key, seed, logs, lock)


@contextmanager
def opened(data: Path) -> Iterator[WitnessStore]:
    """Hold a witness's folder for one command, without its key."""
    store = open_witness(data, signs=False)
    try:
        yield store
    finally:
        store.close()


def watch_log(data: Path, vkey: str, *, now_ms: int) -> NoteKey:
    """Watch another log, or a further key of one that is watched (its key is rotated).

    Raises:
        WitnessError: that key is watched already, or it is no log's.
        ProofError: not a vkey.
    """
    key = parse_vkey(vkey)
    if key.kind != ED25519:
        raise WitnessError(f"key of kind {key.kind} is not one that a log signs with")
    with opened(data) as store:
        if any(key.public == other.public for other in store.logs.logs):
            raise WitnessError(f"the key of {key.name} is watched already")
        seen = _seen(data, key.name)
        if not store.logs.keys_of(key.name):
            if seen.exists():
                raise WitnessError(f"{seen} is there although {key.name} is not watched", hint=_LOST)
            put_file(seen, "")
        text = (data / "logs").read_text(encoding="utf-8")
        _journal(data, f"watch {key.vkey}", now_ms)
        put_file(data / "logs", f"log {key.vkey}\n{text}")
    return key


def forget_log(data: Path, origin: str, *, reason: str, now_ms: int) -> Path:
    """Begin anew with a log that has lost entries; what was cosigned before stays as evidence.

    Returns:
        Where the note lies that contradicts the log.

    Raises:
        WitnessError: that log is not watched, or nothing of it was cosigned yet.
    """
    with opened(data) as store:
        seen = _seen(data, origin)
        note = store.newest(origin)
        if note is None:
            raise WitnessError(f"nothing of {origin} was ever cosigned here")
        size = parse_checkpoint(open_note(note).text).size
        aside = data / "evidence" / f"{_hash_of(origin)}-forgotten-{size}"
        _journal(data, f"forget {origin} of {size} entries: {reason}", now_ms)
        put_file(aside, note)
        put_file(seen, "")
    return aside


def _checkpoint_in(path: Path, key: NoteKey) -> Checkpoint | None:
    text = _read(path)
    if text is None:
        raise WitnessError(f"{path} is missing: what was cosigned is forgotten", finding="M06", hint=_LOST)
    if not text:
        return None
    try:
        note = open_note(text)
        note.verify(key)
        return parse_checkpoint(note.text)
    except CustodyError as error:
        raise WitnessError(f"{path}: {error}", finding=error.finding, hint=_LOST) from error


def _hash_of(origin: str) -> str:
    return WitnessStore.hash_of(origin)[:32]


def _seen(data: Path, origin: str) -> Path:
    return data / "seen" / _hash_of(origin)


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None


def _journal(data: Path, what: str, now_ms: int) -> None:
    at = datetime.fromtimestamp(now_ms / 1000, UTC).isoformat(timespec="seconds")
    with (data / "journal").open("a", encoding="utf-8") as file:
        file.write(f"{at} {' '.join(what.split())}\n")
        file.flush()
        os.fsync(file.fileno())
