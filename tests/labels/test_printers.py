"""Straight to the printer: a listener on this machine plays it, and a script plays `lp`."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from labels import printers, render, sheet
from labels.printers import Printer, PrinterError, ask_state, open_printer, read_printers
from tests.labels.press import make_face
from tests.labels.test_printstate import HEALTHY

FILE = """
[[printer]]
name = "quay-1"
title = "Máy in nhãn, quầy 1"
kind = "tcp"
host = "192.168.10.31"
dpi = 300
paper = "100x50"
offices = [990100, 990200]

[[printer]]
name = "laser"
kind = "cups"
queue = "Laser_2"
paper = "a4-105x74"
"""


class Zebra:
    """A printer that listens: keeps what it is sent; a way for it to behave is chosen."""

    def __init__(self, *, closes: bool = True, breaks_after: int | None = None) -> None:
        self.got = b""
        self.done = threading.Event()
        self._closes, self._breaks_after = closes, breaks_after
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._server.getsockname()[1])
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while not self.done.is_set():
            try:
                line, _ = self._server.accept()
            except OSError:
                return  # switched off
            with line:
                self._listen(line)

    def _listen(self, line: socket.socket) -> None:
        before = len(self.got)
        while data := line.recv(4096):
            if data == b"~HS" and len(self.got) == before:  # asked how it is; not printed
                line.sendall(HEALTHY)
                return
            self.got += data
            if self._breaks_after is not None and len(self.got) >= self._breaks_after:
                line.setsockopt(
                    socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0"
                )  # a reset, no farewell
                return
        if not self._closes:
            self.done.wait(5)

    def stop(self) -> None:
        """Wait for the last byte."""
        self.done.set()
        with contextlib.suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._thread.join(5)
        self._server.close()


def printer(port: int) -> Printer:
    """A Zebra on this machine."""
    return Printer(name="quay-1", title="Quầy 1", kind="tcp", host="127.0.0.1", port=port)


@pytest.fixture
def zebra() -> Iterator[Zebra]:
    """Give a printer that works."""
    made = Zebra()
    yield made
    made.stop()


def test_the_file_names_printers(tmp_path: Path) -> None:
    """What is left out is as usual: port 9100 and ZPL, or the CUPS of this machine and PDF."""
    (tmp_path / "printers.toml").write_text(FILE, encoding="utf-8")
    label, laser = read_printers(tmp_path)
    assert (label.host, label.port, label.fmt, label.dpi, label.layout) == (
        "192.168.10.31",
        9100,
        "zpl",
        300,
        "100x50",
    )
    assert (label.serves(990100), label.serves(1), label.serves(None)) == (True, False, False)
    assert (laser.host, laser.port, laser.fmt, laser.layout) == ("127.0.0.1", 631, "pdf", "100x70")
    assert (laser.title, laser.serves(None)) == ("laser", True)
    assert read_printers(tmp_path / "elsewhere") == ()


@pytest.mark.parametrize(
    "host",
    [
        "8.8.8.8",
        "192.0.2.1",
        "printer.example",
        "localhost",
        "",
        "100.64.0.1",
        "2001:db8::1",
        "10.1",
        "::ffff:8.8.8.8",
    ],
)
def test_an_address_that_is_not_of_the_house_is_refused(tmp_path: Path, host: str) -> None:
    """Labels go to no address outside, and no name server is asked."""
    (tmp_path / "printers.toml").write_text(FILE.replace("192.168.10.31", host), encoding="utf-8")
    with pytest.raises(PrinterError, match="host") as caught:
        read_printers(tmp_path)
    assert caught.value.code == "printer-settings"


@pytest.mark.parametrize("host", ["10.0.0.9", "172.31.0.1", "127.0.0.1", "::1", "fd00::7", "169.254.3.3"])
def test_addresses_of_the_house_are_taken(tmp_path: Path, host: str) -> None:
    """Private networks, link-local ones, and this machine."""
    (tmp_path / "printers.toml").write_text(FILE.replace("192.168.10.31", host), encoding="utf-8")
    assert read_printers(tmp_path)[0].host == host


@pytest.mark.parametrize(
    "old,new,says",
    [
        ('"quay-1"', '"Quầy 1"', "name"),
        ('"quay-1"', '"laser"', "twice"),
        ('kind = "tcp"', 'kind = "usb"', "usb"),
        ('kind = "tcp"', "", "kind"),
        ("dpi = 300", "dpi = 72", "dpi"),
        ("dpi = 300", "dpi = true", "dpi"),
        ("dpi = 300", 'format = "pdf"', "zpl only"),
        ("dpi = 300", "port = 70000", "port"),
        ('paper = "100x50"', 'paper = "a4"', "pdf only"),
        ('paper = "100x50"', 'paper = "60x40"', "60x40"),
        ('"Laser_2"', '"-o raw"', "queue"),
        ("[990100, 990200]", '["990100"]', "offices"),
        ("dpi = 300", "colour = 3", "colour"),
        ("[[printer]]", "[[printer]", "printers.toml"),
        ("[[printer]]", "[printer]", "printers.toml"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, old: str, new: str, says: str) -> None:
    """An administrator reads which printer and which value."""
    (tmp_path / "printers.toml").write_text(FILE.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(PrinterError, match=says):
        read_printers(tmp_path)


def test_every_byte_arrives(zebra: Zebra) -> None:
    """Three labels, as they were made."""
    data = render(make_face(), "zpl") * 3
    with open_printer(printer(zebra.port)) as line:
        line.send(data)
    zebra.stop()
    assert zebra.got == data


def test_a_printer_that_keeps_the_line_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many never close; they have the label."""
    monkeypatch.setattr(printers, "_CLOSE_S", 0.2)
    made = Zebra(closes=False)
    with open_printer(printer(made.port)) as line:
        line.send(b"^XA^XZ")
    made.stop()
    assert made.got == b"^XA^XZ"


def test_a_printer_that_is_off_says_so_and_nothing_was_printed() -> None:
    """Refused: nobody listens there."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = int(server.getsockname()[1])
    with pytest.raises(PrinterError, match="refuses") as caught, open_printer(printer(port)):
        pytest.fail("it cannot be open")
    assert caught.value.code == "printer-refused"
    assert caught.value.hint


def test_a_printer_that_does_not_answer_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Switched off on the network: no answer at all."""

    def silent(*_: object, **__: object) -> None:
        raise TimeoutError

    monkeypatch.setattr(socket, "create_connection", silent)
    with (
        pytest.raises(PrinterError, match="does not answer: no answer in time") as caught,
        open_printer(printer(1)),
    ):
        pytest.fail("it cannot be open")
    assert caught.value.code == "printer-off"


def test_a_printer_that_breaks_off_may_have_printed_a_part() -> None:
    """Switched off in the middle: whoever stands there must look."""
    made = Zebra(breaks_after=4096)
    with pytest.raises(PrinterError, match="broke off") as caught, open_printer(printer(made.port)) as line:
        line.send(b"x" * 30_000_000)
    made.stop()
    assert caught.value.code == "printer-broke-off"
    assert "destroy" in caught.value.hint


@pytest.fixture
def lp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a folder with an `lp` of our own, which writes down what it was called with and sent."""
    script = tmp_path / "lp"
    script.write_text('#!/bin/sh\nprintf "%s\\n" "$@" > "$0.args"\ncat > "$0.data"\n', encoding="utf-8")
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return tmp_path


LASER = Printer(
    name="laser",
    title="Laser",
    kind="cups",
    host="127.0.0.1",
    port=631,
    queue="Laser_2",
    fmt="pdf",
    paper="a4",
)


def test_cups_gets_the_pdf_in_its_true_size(lp: Path) -> None:
    """No scaling to the page: a ruler on it must be right."""
    data = sheet([make_face()], page="a4")
    with open_printer(LASER) as line:
        line.send(data)
    assert (lp / "lp.data").read_bytes() == data
    said = (lp / "lp.args").read_text(encoding="utf-8").splitlines()
    assert said == [
        "-h",
        "127.0.0.1:631",
        "-d",
        "Laser_2",
        "-t",
        "Tram",
        "-o",
        "media=A4",
        "-o",
        "print-scaling=none",
        "-",
    ]


def test_cups_that_refuses_says_why(lp: Path) -> None:
    """The queue's own words."""
    (lp / "lp").write_text(
        '#!/bin/sh\necho "lp: The printer or class does not exist." >&2\nexit 1\n', encoding="utf-8"
    )
    with pytest.raises(PrinterError, match="does not exist") as caught, open_printer(LASER) as line:
        line.send(b"%PDF")
    assert caught.value.code == "printer-queue"


def test_a_server_without_lp_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Before anything is counted as printed."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(PrinterError, match="lp is missing"), open_printer(LASER):
        pytest.fail("it cannot be open")


class Talker:
    """A printer that answers what it is asked with the bytes of a test."""

    def __init__(self, answer: bytes) -> None:
        self.asked = b""
        self._answer = answer
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._server.getsockname()[1])
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        line, _ = self._server.accept()
        with line:
            self.asked = line.recv(64)
            for start in range(0, len(self._answer), 20):  # in pieces, as a network brings it
                line.sendall(self._answer[start : start + 20])

    def stop(self) -> None:
        """Wait for the end."""
        self._thread.join(5)
        self._server.close()


@pytest.mark.parametrize(
    "answer, troubles",
    [
        (HEALTHY, ()),
        (HEALTHY.replace(b"030,0,0", b"030,1,1"), ("paper", "paused")),
        (b"", None),
        (b"??", None),
    ],
)
def test_a_label_printer_says_how_it_is(answer: bytes, troubles: tuple[str, ...] | None) -> None:
    """Asked by ~HS and nothing else: no label comes out by asking."""
    made = Talker(answer)
    assert ask_state(printer(made.port)) == troubles
    made.stop()
    assert made.asked == b"~HS"


def test_a_printer_that_is_off_is_told_from_one_that_does_not_say() -> None:
    """Off is for the eyes of who stands before it."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = int(server.getsockname()[1])
    with pytest.raises(PrinterError) as caught:
        ask_state(printer(port))
    assert caught.value.code == "printer-refused"


def _lpstat(folder: Path, text: str, status: int = 0) -> None:
    script = folder / "lpstat"
    stream = " >&2" if status else ""
    script.write_text(
        f"#!/bin/sh\nprintf '%s\\n' \"$@\" > \"$0.args\"\ncat{stream} <<'END'\n{text}\nEND\nexit {status}\n",
        encoding="utf-8",
    )
    script.chmod(0o755)


def test_a_queue_of_cups_says_how_it_is(lp: Path) -> None:
    """The queue that the file names, at the server that it names."""
    _lpstat(lp, "printer Laser_2 is idle.  enabled since today\n\tAlerts: media-empty-error")
    assert ask_state(LASER) == ("paper",)
    said = (lp / "lpstat.args").read_text(encoding="utf-8").splitlines()
    assert said == ["-h", "127.0.0.1:631", "-l", "-p", "Laser_2"]


def test_a_queue_that_is_not_there_is_a_fault_and_a_server_without_lpstat_does_not_say(
    lp: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two different things to do: correct the file, or install cups-client."""
    _lpstat(lp, 'lpstat: Invalid destination name in list "Laser_2".', status=1)
    with pytest.raises(PrinterError, match="Invalid destination") as caught:
        ask_state(LASER)
    assert caught.value.code == "printer-queue"
    monkeypatch.setenv("PATH", str(lp / "nowhere"))
    assert ask_state(LASER) is None
