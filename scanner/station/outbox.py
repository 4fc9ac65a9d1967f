"""The outbox of a station: a file of lines that is only ever added to, each on the disk before anything is sent.

A line is one JSON object: an event that was signed ("add"), what the service answered ("answer"), or that a person has
read why it was refused ("read"). A line that a power cut tore off at the end is cut away when the file is opened;
everything before it counts. The device's chain (dseq, dprev) is read from it, so no place is used twice.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import threading
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from custody.event import ZERO
from custody.merkle import leaf_hash
from scanner.station.errors import BusyError, OutboxError

__all__ = ["Answer", "Outbox", "Sent"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the service said of one event.

    Attributes:
        status: stored, duplicate or refused.
        index: where it is in the log, or None.
        findings: codes.
        receipt: its proof, or "".
        problem: why it was refused, or "".
    """

    status: str
    index: int | None = None
    findings: tuple[str, ...] = ()
    receipt: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Sent:
    """One signed event on its way.

    Attributes:
        id: 32 bytes, as the log will name it.
        raw: the signed bytes.
        number: of the item, for people.
        title: what was done, for people.
        at_ms: when it was signed, unix ms.
        facts: what the station remembers with it, such as the uid; not signed.
        answer: what the service said, or None while it waits.
        is_read: whether a person has read why it was refused.
    """

    id: bytes
    raw: bytes
    number: str
    title: str
    at_ms: int
    facts: dict[str, Any]
    answer: Answer | None = None
    is_read: bool = False


class Outbox:
    """The file; one process at a time, several threads of it.

    Args:
        path: made where it is not there, for this account alone.

    Raises:
        BusyError: another process has it.
        OutboxError: a line before the last cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self._entries: dict[bytes, Sent] = {}
        self._mutex = threading.RLock()
        is_new = not path.exists()
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._file)
            raise BusyError(f"{path} is in use by another station") from None
        try:
            self._load(path)
        except BaseException:
            os.close(self._file)
            raise
        if is_new:
            _sync_folder(path.parent)

    def __enter__(self) -> Self:
        """Give itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let go of the file."""
        os.close(self._file)

    @property
    def place(self) -> tuple[int, bytes]:
        """The place of the next event in this device's chain: (dseq, dprev)."""
        with self._mutex:
            last = next(reversed(self._entries), ZERO)
            return len(self._entries), last

    def add(self, raw: bytes, *, number: str, title: str, at_ms: int, facts: dict[str, Any]) -> Sent:
        """Keep a signed event; when this returns, it survives a power cut."""
        with self._mutex:
            event = Sent(leaf_hash(raw), raw, number, title, at_ms, facts)
            line = {
                "op": "add",
                "id": event.id.hex(),
                "raw": base64.b64encode(raw).decode(),
                "number": number,
                "title": title,
                "at_ms": at_ms,
                "facts": facts,
            }
            self._write(line)
            self._entries[event.id] = event
            return event

    def answer(self, identity: bytes, answer: Answer) -> None:
        """Keep what the service said of an event; of one that is not here nothing is kept."""
        with self._mutex:
            if identity not in self._entries:
                return
            self._write({"op": "answer", "id": identity.hex(), **asdict(answer)})
            self._entries[identity] = replace(self._entries[identity], answer=answer)

    def mark_read(self, identity: bytes) -> None:
        """Keep that a person has read why an event was refused; the event itself stays."""
        with self._mutex:
            self._write({"op": "read", "id": identity.hex()})
            self._entries[identity] = replace(self._entries[identity], is_read=True)

    def all(self) -> list[Sent]:
        """Return every event, in the order signed."""
        with self._mutex:
            return list(self._entries.values())

    def waiting(self) -> list[Sent]:
        """Return what has no answer yet, oldest first."""
        return [one for one in self.all() if one.answer is None]

    def refused(self) -> list[Sent]:
        """Return what was refused and nobody has read yet."""
        return [
            one for one in self.all() if one.answer and one.answer.status == "refused" and not one.is_read
        ]

    def get(self, identity: bytes) -> Sent:
        """Return one event."""
        with self._mutex:
            return self._entries[identity]

    def _write(self, line: dict[str, Any]) -> None:
        data = json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        before = os.fstat(self._file).st_size
        try:
            left = data
            while left:
                left = left[os.write(self._file, left) :]
            os.fsync(self._file)
        except OSError:
            os.ftruncate(self._file, before)
            raise

    def _load(self, path: Path) -> None:
        data = path.read_bytes()
        whole = data[: data.rfind(b"\n") + 1]
        if len(whole) != len(data):
            os.ftruncate(self._file, len(whole))
            os.fsync(self._file)
        for number, line in enumerate(whole.splitlines(), 1):
            try:
                self._take(json.loads(line))
            except (ValueError, KeyError, TypeError) as error:
                raise OutboxError(
                    f"line {number} of {path} cannot be read: {type(error).__name__}"
                ) from error

    def _take(self, line: dict[str, Any]) -> None:
        identity = bytes.fromhex(line["id"])
        if line["op"] == "add":
            raw = base64.b64decode(line["raw"], validate=True)
            if leaf_hash(raw) != identity:
                raise ValueError("the bytes are not those of the id")
            self._entries[identity] = Sent(
                identity, raw, line["number"], line["title"], line["at_ms"], dict(line["facts"])
            )
        elif line["op"] == "answer":
            answer = Answer(
                line["status"], line["index"], tuple(line["findings"]), line["receipt"], line["problem"]
            )
            self._entries[identity] = replace(self._entries[identity], answer=answer)
        else:
            self._entries[identity] = replace(self._entries[identity], is_read=True)


def _sync_folder(folder: Path) -> None:
    """Make the name of a new file durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
