"""`tram station` as a person runs it: real processes, a real service, a pseudo-terminal, and kill -9."""

from __future__ import annotations

import json
import os
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
import pytest
import qrcode
from click.testing import CliRunner

from custody.errors import CustodyError
from tests.e2e.site import PASSWORD, _free_port, _wait
from web.station.cli import station

ROOT = Path(__file__).parents[2]
TRAM = [sys.executable, "-m", "tram"]


@contextmanager
def serving(data: Path, port: int) -> Iterator[None]:
    """Serve a site on one port."""
    command = [*TRAM, "--data", str(data), "serve", "--port", str(port), "--threads", "4", "--verifiers", "0"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            _wait(f"http://127.0.0.1:{port}/healthz", server)
            yield
        finally:
            server.terminate()
            server.wait(15)


class Desk:
    """A station's folder, and how it is called."""

    def __init__(self, folder: Path, data: Path, port: int) -> None:
        self.folder, self.data, self.port = folder / "desk", data, port
        self.password = folder / "password"
        self.password.write_text(f"{PASSWORD}\n")
        self.password.chmod(0o600)
        self.passphrase = folder / "passphrase"
        self.passphrase.write_text("correct horse battery staple\n")
        self.passphrase.chmod(0o600)
        self.sealed = ("--passphrase-file", str(self.passphrase))

    def words(self, *words: str) -> list[str]:
        """Give the whole command."""
        return [*TRAM, "station", "--dir", str(self.folder), "--lang", "en", *words]

    def call(self, *words: str, text: str = "", code: int = 0) -> str:
        """Run it to its end; give what it said."""
        done = subprocess.run(
            self.words(*words), cwd=ROOT, input=text, capture_output=True, text=True, check=False, timeout=120
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    def enrol(self) -> str:
        """Enrol it as the first courier's."""
        return self.call(
            "enrol", "--server", f"http://127.0.0.1:{self.port}", "--login", "buuta1",
            "--password-file", str(self.password), *self.sealed,
        )  # fmt: skip

    def labels(self) -> list[str]:
        """List the digits of the labels in the day that was kept."""
        items = json.loads((self.folder / "station.json").read_text())["day"]["items"]
        return [item["label"]["digits"] for item in items if item["label"]]

    def outbox(self) -> dict[str, object]:
        """Give what the outbox says of itself."""
        said: dict[str, object] = json.loads(self.call("outbox", "--json"))
        return said


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make one demonstration."""
    data = tmp_path_factory.mktemp("station") / "site"
    made = subprocess.run(
        [*TRAM, "--data", str(data), "demo", "--items", "30", "--json"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    return data


@pytest.fixture
def desk(template: Path, tmp_path: Path) -> Desk:
    """Give a desk that is not enrolled yet."""
    return Desk(tmp_path, template, _free_port())


def video_of(path: Path, text: str) -> Path:
    """Film a label that comes into view and stays."""
    made = qrcode.QRCode(version=8, error_correction=qrcode.ERROR_CORRECT_Q, box_size=8, border=4)
    made.add_data(text)
    cells = np.array(made.get_matrix(), np.uint8)
    square = np.kron(255 * (1 - cells), np.ones((8, 8), np.uint8))
    out = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 10, (720, 560))
    for shown in (False, True, True, True):
        frame = np.full((560, 720, 3), 140, np.uint8)
        if shown:
            frame[30 : 30 + square.shape[0], 80 : 80 + square.shape[1]] = square[..., None]
        out.write(frame)
    out.release()
    return path


def test_a_full_outbox_survives_kill_9_and_is_delivered_once(desk: Desk) -> None:
    """Signed while the service was down, killed in the middle, delivered later: all of it, and nothing twice."""
    with serving(desk.data, desk.port):
        assert "may sign" in desk.enrol()
    label = desk.labels()[0]
    run = desk.words("run", "--stdin", "--sight", "--no-sound", *desk.sealed)
    acknowledged = 0
    with subprocess.Popen(
        run, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as desk_run:
        assert desk_run.stdin is not None
        assert desk_run.stdout is not None
        desk_run.stdin.write(f"{label}\n" * 40)
        desk_run.stdin.flush()
        while acknowledged < 5:
            acknowledged += "not yet confirmed" in desk_run.stdout.readline()
        desk_run.send_signal(signal.SIGKILL)
    kept = desk.outbox()
    waiting = kept["waiting"]
    assert isinstance(waiting, list)
    assert len(waiting) >= acknowledged
    assert "does not answer" in desk.call("send", *desk.sealed, code=1)

    with serving(desk.data, desk.port):
        said = desk.call("send", "--password-file", str(desk.password), *desk.sealed)
        assert f"Recorded: {len(waiting)}. Waiting: 0." in said
        video = video_of(desk.folder / "label.avi", label)
        seen = desk.call("run", "--video", str(video), "--sight", "--no-preview", "--no-sound", *desk.sealed)
        assert seen.count("recorded, entry") == 1
    audit = subprocess.run(
        [*TRAM, "--data", str(desk.data), "audit", "--json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert audit.returncode == 0, audit.stdout + audit.stderr


def test_a_wedge_on_a_terminal_is_asked_and_answered(desk: Desk) -> None:
    """The reader types the label, the person the answer, both into one terminal."""
    with serving(desk.data, desk.port):
        desk.enrol()
        label = desk.labels()[-1]
        master, slave = os.openpty()
        run = desk.words("run", *desk.sealed)
        with subprocess.Popen(run, cwd=ROOT, stdin=slave, stdout=slave, stderr=slave) as desk_run:
            os.close(slave)
            talk = Talk(master)
            talk.until("Scan an envelope")
            os.write(master, f"{label}\r".encode())
            talk.until(r"\[s\] seen here.*next")
            os.write(master, f"{label}\r".encode())
            talk.until("Not taken")
            os.write(master, b"s\r")
            talk.until(r"Seen here.*recorded, entry \d+")
            os.write(master, b"\x04")  # the end of the input
            talk.until(r"Recorded: 1\. Waiting: 0\.")
            assert desk_run.wait(30) == 0
        os.close(master)


class Talk:
    """What a terminal has said so far."""

    def __init__(self, master: int) -> None:
        self._master, self.said, self._from = master, "", 0

    def until(self, pattern: str, timeout_s: float = 60) -> None:
        """Read until *pattern* was said, after what was asked for before."""
        ends = time.monotonic() + timeout_s
        while not (found := re.search(pattern, self.said[self._from :])):
            left = ends - time.monotonic()
            ready = select.select([self._master], [], [], max(0.0, left))[0]
            assert ready, f"{pattern!r} was not said, but:\n{self.said}"
            self.said += os.read(self._master, 4_096).decode("utf-8", "replace")
        self._from += found.end()


def test_what_cannot_be_is_said_in_one_line(tmp_path: Path) -> None:
    """No traceback at a desk: the fault, and what to do."""
    password = tmp_path / "password"
    password.write_text(f"{PASSWORD}\n")
    enrol = ["enrol", "--login", "x", "--password-file", str(password), "--server"]
    for words, said in (
        (["run", "--stdin", "--sight"], "tram station enrol"),
        (["outbox"], "tram station enrol"),
        (["send"], "tram station enrol"),
        (["run", "--stdin"], "add --sight"),
        (["run", "--camera", "0", "--serial", "x"], "one source"),
        ([*enrol, f"http://127.0.0.1:{_free_port()}"], "does not answer"),
        ([*enrol, "http://desk.example.invalid"], "not encrypted"),
    ):
        done = CliRunner().invoke(station, ["--dir", str(tmp_path / "desk"), "--lang", "en", *words])
        error = done.exception
        shown = f"{error} {error.hint}" if isinstance(error, CustodyError) else done.output

        assert done.exit_code != 0
        assert said in shown
