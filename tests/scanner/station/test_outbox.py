"""The outbox: what it says is kept is kept, whatever ends the process."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from custody.event import ZERO
from custody.merkle import leaf_hash
from scanner.station.errors import BusyError, OutboxError
from scanner.station.outbox import Answer, Outbox, Sent

ROOT = Path(__file__).parents[3]
_ADDS = """
import sys
from pathlib import Path
from scanner.station.outbox import Outbox
outbox = Outbox(Path(sys.argv[1]))
while True:
    dseq, dprev = outbox.place
    kept = outbox.add(b"%d " % dseq + dprev, number="ZK473124829VN", title="x", at_ms=dseq, facts={})
    print(kept.id.hex(), flush=True)
"""


def add(outbox: Outbox, raw: bytes) -> Sent:
    """Keep some bytes as an event."""
    return outbox.add(raw, number="ZK473124829VN", title="Seen here", at_ms=5, facts={"seq": 1})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Give the file's name."""
    return tmp_path / "outbox.jsonl"


def test_what_was_kept_is_there_again_with_its_answers(path: Path) -> None:
    """The file is the outbox; the process is not."""
    with Outbox(path) as outbox:
        first, second, third = (add(outbox, raw) for raw in (b"1", b"2", b"3"))
        outbox.answer(first.id, Answer("stored", 7, ("D05",), "receipt"))
        outbox.answer(second.id, Answer("refused", problem="no"))
        outbox.answer(bytes(32), Answer("stored"))

    with Outbox(path) as again:
        assert [one.answer.status if one.answer else None for one in again.all()] == [
            "stored",
            "refused",
            None,
        ]
        assert again.get(first.id).answer == Answer("stored", 7, ("D05",), "receipt")
        assert again.waiting() == [third]
        assert [one.id for one in again.refused()] == [second.id]
        again.mark_read(second.id)

    with Outbox(path) as at_last:
        assert at_last.refused() == []
        assert len(at_last.all()) == 3  # read, not dropped
    assert path.stat().st_mode & 0o077 == 0


def test_each_event_takes_the_next_place_of_the_device(path: Path) -> None:
    """A place taken twice is a fork that the log reports (D01)."""
    with Outbox(path) as outbox:
        assert outbox.place == (0, ZERO)
        add(outbox, b"1")
    with Outbox(path) as again:
        assert again.place == (1, leaf_hash(b"1"))


@pytest.mark.parametrize("torn", [b"{", b'{"op":"add","id":"00', b"\xff" * 40])
def test_a_line_that_a_power_cut_tore_is_cut_away(path: Path, torn: bytes) -> None:
    """It was never acknowledged to anybody."""
    with Outbox(path) as outbox:
        add(outbox, b"1")
    whole = path.read_bytes()
    path.write_bytes(whole + torn)

    with Outbox(path) as again:
        assert len(again.all()) == 1
        add(again, b"2")
    with Outbox(path) as last:
        assert len(last.all()) == 2


@pytest.mark.parametrize(
    "change", [(b'"1"', b'"x"'), (b'"raw":"MQ=="', b'"raw":"Mg=="'), (b'"op":"add"', b'"op":')]
)
def test_a_file_that_was_changed_is_not_gone_on_with(path: Path, change: tuple[bytes, bytes]) -> None:
    """A signed event that is no longer what was signed must not vanish quietly."""
    with Outbox(path) as outbox:
        add(outbox, b"1")
    data = path.read_bytes()
    path.write_bytes(data.replace(*change) if change[0] in data else data.replace(b'"id":"', b'"id":"0'))

    with pytest.raises(OutboxError, match="line 1"):
        Outbox(path)


def test_two_stations_do_not_share_a_folder(path: Path) -> None:
    """They would take the same place in the device's chain."""
    with Outbox(path), pytest.raises(BusyError):
        Outbox(path)


def test_a_full_disk_keeps_nothing_and_says_so(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half an event on the disk is none; the next one finds the file whole."""

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    with Outbox(path) as outbox:
        add(outbox, b"1")
        with monkeypatch.context() as patched:
            patched.setattr("os.fsync", full)
            with pytest.raises(OSError, match="No space"):
                add(outbox, b"2")
        assert outbox.place == (1, leaf_hash(b"1"))
        add(outbox, b"3")
    with Outbox(path) as again:
        assert [one.raw for one in again.all()] == [b"1", b"3"]


def test_what_was_acknowledged_survives_kill_9(path: Path) -> None:
    """Five processes are killed in the middle of their work; each goes on where the last one ended."""
    acknowledged: list[str] = []
    for _ in range(5):
        command = [sys.executable, "-c", _ADDS, str(path)]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            acknowledged += [process.stdout.readline().strip() for _ in range(7)]
            process.send_signal(signal.SIGKILL)

    with Outbox(path) as outbox:
        kept = [one.id.hex() for one in outbox.all()]
        chain = [one.raw.partition(b" ")[2] for one in outbox.all()]
    assert [identity for identity in acknowledged if identity not in kept] == []
    assert chain == [ZERO, *(bytes.fromhex(identity) for identity in kept[:-1])]
