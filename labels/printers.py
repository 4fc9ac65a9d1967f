"""Printers of the house: a file of the administrator names them, and bytes go to them straight.

This is the only file that opens a connection to a printer. The addresses come from the site's file `printers.toml` and
from nowhere else, and must be numbers of this machine or of a private network (ADR 15): no name is looked up, and no
page of the service can point it at an address.
"""

from __future__ import annotations

import ipaddress
import os
import re
import shutil
import socket
import subprocess
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from custody.errors import CustodyError
from labels.layouts import LAYOUTS
from labels.pages import SHEETS
from labels.printstate import StateError, read_host_status, read_lpstat

__all__ = ["FILE", "Line", "Printer", "PrinterError", "ask_state", "open_printer", "read_printers"]

FILE: Final = "printers.toml"
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
_QUEUE: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@-]{0,126}")
_NETWORKS: Final = tuple(
    ipaddress.ip_network(network)
    for network in (
        "127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "::1/128", "fc00::/7",
        "fe80::/10",
    )
)  # fmt: skip
_CONNECT_S: Final = 5.0
_SEND_S: Final = 15.0
_CLOSE_S: Final = 2.0
_STATE_S: Final = 3.0
_STATE_BYTES: Final = 1024  # three strings of less than 40
_RAW_PORT: Final = 9100
_IPP_PORT: Final = 631


class PrinterError(CustodyError):
    """A printer that is named wrongly, or did not take what was sent to it.

    Attributes:
        code: "printer-settings", "printer-off", "printer-refused", "printer-broke-off", "printer-queue".
        may_be_printed: whether a label or a part of one may have come out.
    """

    hint = "look whether the printer is switched on and connected, then print again"

    def __init__(
        self, message: str, *, code: str = "printer-off", hint: str = "", may_be_printed: bool = False
    ) -> None:
        super().__init__(message, hint=hint)
        self.code, self.may_be_printed = code, may_be_printed


@dataclass(frozen=True, slots=True, kw_only=True)
class Printer:
    """One printer, as the administrator named it.

    Attributes:
        name: small letters, digits and dashes.
        title: as people know it.
        kind: "tcp", ZPL to a port of its own; "cups", a queue of CUPS, by `lp`.
        host: address of the printer, or of the CUPS server, by default the one of this machine.
        port: 9100 for "tcp", 631 for "cups", where the file does not say.
        queue: name of the CUPS queue.
        fmt: what it understands, "zpl" or "pdf".
        dpi: dots per inch, for zpl.
        paper: name of a layout, for label printers, or of a sheet, for office printers with pdf.
        offices: codes of the offices that see it; none means all.
    """

    name: str
    title: str
    kind: Literal["tcp", "cups"]
    host: str
    port: int = _RAW_PORT
    queue: str = ""
    fmt: Literal["zpl", "pdf"] = "zpl"
    dpi: int = 203
    paper: str = "100x70"
    offices: frozenset[int] = frozenset()

    @property
    def layout(self) -> str:
        """Name of the layout of its labels."""
        return SHEETS[self.paper].layout if self.paper in SHEETS else self.paper

    def serves(self, office: int | None) -> bool:
        """Whether people of that office may print on it."""
        return not self.offices or office in self.offices


class Line:
    """An open way to a printer: nothing has been printed until `send`."""

    def __init__(self, printer: Printer, connection: socket.socket | None) -> None:
        self._printer, self._connection = printer, connection

    def send(self, data: bytes) -> None:
        """Hand the bytes over.

        That paper and ribbon are there, and that a label came out, is not known here.

        Raises:
            PrinterError: printer-broke-off, when a part may be printed; printer-queue, when CUPS refused.
        """
        if self._connection is None:
            _spool(self._printer, data)
            return
        try:
            self._connection.sendall(data)
            self._connection.shutdown(socket.SHUT_WR)
        except OSError as error:
            raise self._broken(_words(error)) from error
        self._connection.settimeout(_CLOSE_S)
        try:
            while self._connection.recv(4096):  # what it says of itself is of no use here
                pass
        except TimeoutError:
            return  # it has the bytes, and keeps the connection: many do
        except OSError as error:
            raise self._broken(_words(error)) from error

    def _broken(self, why: str) -> PrinterError:
        return PrinterError(
            f"printer {self._printer.name} broke off: {why}",
            code="printer-broke-off",
            hint="a part may be printed: destroy it, look at paper, ribbon and cover, then print again",
            may_be_printed=True,
        )


def read_printers(folder: Path) -> tuple[Printer, ...]:
    """Read the site's file `printers.toml`; no file is no printer.

    Raises:
        PrinterError: printer-settings, with the printer and the value that is wrong.
    """
    try:
        text = (folder / FILE).read_text(encoding="utf-8")
    except FileNotFoundError:
        return ()
    try:
        rows = tomllib.loads(text).get("printer", [])
    except tomllib.TOMLDecodeError as error:
        raise _wrong(f"{FILE}: {error}") from error
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise _wrong(f"{FILE}: printers are tables [[printer]]")
    printers = tuple(_printer(row) for row in rows)
    names = [printer.name for printer in printers]
    for name in names:
        if names.count(name) > 1:
            raise _wrong(f"printer {name} is named twice")
    return printers


def _wrong(text: str) -> PrinterError:
    hint = f"correct {FILE} in the site's folder; the guide on printing says how"
    return PrinterError(text, code="printer-settings", hint=hint)


def _printer(row: Mapping[str, Any]) -> Printer:
    name = row.get("name")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise _wrong(f"printer name {name!r} is not 1 to 32 small letters, digits and dashes")
    for field, value in row.items():
        if type(value) is not _TYPES.get(field):
            raise _wrong(f"printer {name}: {field} = {value!r} is unknown or of the wrong type")
    kind = row.get("kind")
    usual = {"host": "127.0.0.1", "port": _IPP_PORT} if kind == "cups" else {"host": ""}
    values = {"title": name, "kind": "", **usual, **row}
    values["fmt"] = values.pop("format", "pdf" if kind == "cups" else "zpl")
    values["offices"] = frozenset(row.get("offices", []))
    printer = Printer(**values)
    for is_good, what in _faults(printer):
        if not is_good:
            raise _wrong(f"printer {name}: {what}")
    return printer


_TYPES: Final[Mapping[str, type]] = {
    "name": str, "title": str, "kind": str, "host": str, "port": int, "queue": str, "format": str, "dpi": int,
    "paper": str, "offices": list,
}  # fmt: skip


def _faults(printer: Printer) -> Iterator[tuple[bool, str]]:
    is_cups = printer.kind == "cups"
    yield printer.kind in {"tcp", "cups"}, f"kind {printer.kind!r} is neither tcp nor cups"
    where = f"host {printer.host!r} is not the address, in numbers, of a private network or of this machine"
    yield _is_near(printer.host), where
    yield 1 <= printer.port <= 65_535, f"port {printer.port} is not 1 to 65535"
    yield (
        bool(_QUEUE.fullmatch(printer.queue)) or not is_cups,
        f"queue {printer.queue!r} is no name of a CUPS queue",
    )
    yield printer.fmt in {"zpl", "pdf"}, f"format {printer.fmt!r} is neither zpl nor pdf"
    yield printer.fmt == "zpl" or is_cups, "kind tcp takes format zpl only"
    yield 150 <= printer.dpi <= 1200, f"dpi {printer.dpi} is not 150 to 1200"
    yield printer.paper in LAYOUTS or printer.paper in SHEETS, f"paper {printer.paper!r} is unknown"
    yield printer.paper in LAYOUTS or printer.fmt == "pdf", f"paper {printer.paper!r} takes format pdf only"
    yield all(type(code) is int for code in printer.offices), "offices are codes"


def _is_near(host: str) -> bool:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return any(address in network for network in _NETWORKS)


@contextmanager
def open_printer(printer: Printer) -> Iterator[Line]:
    """Open the way to a printer; nothing is sent yet.

    Raises:
        PrinterError: printer-off or printer-refused: for certain nothing was printed.
    """
    if printer.kind == "cups":
        if shutil.which("lp") is None:
            raise PrinterError(
                "command lp is missing on the server",
                code="printer-queue",
                hint="install cups-client, then print again",
            )
        yield Line(printer, None)
        return
    with _connected(printer, _CONNECT_S) as connection:
        connection.settimeout(_SEND_S)
        yield Line(printer, connection)


@contextmanager
def _connected(printer: Printer, timeout_s: float) -> Iterator[socket.socket]:
    where = f"printer {printer.name} ({printer.host} port {printer.port})"
    try:
        connection = socket.create_connection((printer.host, printer.port), timeout=timeout_s)
    except ConnectionRefusedError as error:
        raise PrinterError(
            f"{where} refuses: it is busy with another, or takes no raw data",
            code="printer-refused",
            hint="wait until it has printed and try again; otherwise switch on raw printing on it",
        ) from error
    except OSError as error:
        raise PrinterError(f"{where} does not answer: {_words(error)}") from error
    with connection:
        yield connection


def _words(error: OSError) -> str:
    return "no answer in time" if isinstance(error, TimeoutError) else (error.strerror or str(error)).lower()


def ask_state(printer: Printer) -> tuple[str, ...] | None:
    """Ask a printer how it is; nothing is printed by that.

    Returns:
        What is wrong, words of `labels.printstate.TROUBLES`; none where it is ready. None, where it answers but does
        not say: a printer that knows no ~HS, a server without lpstat.

    Raises:
        PrinterError: printer-off, printer-refused, or printer-queue for a queue that CUPS does not know.
    """
    try:
        return _state_of_queue(printer) if printer.kind == "cups" else _state_by_hs(printer)
    except StateError:
        return None


def _state_by_hs(printer: Printer) -> tuple[str, ...]:
    answer = b""
    with _connected(printer, _STATE_S) as connection:
        try:
            connection.sendall(b"~HS")
            while answer.count(b"\x03") < 3 and len(answer) < _STATE_BYTES:
                data = connection.recv(_STATE_BYTES)
                if not data:
                    break
                answer += data
        except OSError:
            pass  # what has come so far is the answer
    return read_host_status(answer)


def _state_of_queue(printer: Printer) -> tuple[str, ...]:
    if shutil.which("lpstat") is None:
        raise StateError("command lpstat is missing on the server")
    command = ["lpstat", "-h", _authority(printer), "-l", "-p", printer.queue]
    try:
        done = subprocess.run(  # noqa: S603 -- no shell; queue and host were checked when the file was read
            command, capture_output=True, timeout=_STATE_S, check=False, env=_environment()
        )
    except subprocess.TimeoutExpired as error:
        raise PrinterError(f"CUPS of printer {printer.name} does not answer: no answer in time") from error
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise _queue_error(printer, said[-1][:200] if said else f"lpstat ended with status {done.returncode}")
    return read_lpstat(done.stdout.decode("utf-8", "replace"))


def _environment() -> dict[str, str]:
    return {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ} | {"LC_ALL": "C"}


def _spool(printer: Printer, data: bytes) -> None:
    options = ["-o", "raw"] if printer.fmt == "zpl" else _media(printer)
    command = ["lp", "-h", _authority(printer), "-d", printer.queue, "-t", "Tram", *options, "-"]
    try:
        done = subprocess.run(  # noqa: S603 -- no shell; queue and host were checked when the file was read
            command, input=data, capture_output=True, timeout=_SEND_S, check=False, env=_environment()
        )
    except subprocess.TimeoutExpired as error:
        raise _queue_error(printer, "no answer in time", may_be_printed=True) from error
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise _queue_error(printer, said[-1][:200] if said else f"lp ended with status {done.returncode}")


def _queue_error(printer: Printer, why: str, *, may_be_printed: bool = False) -> PrinterError:
    return PrinterError(
        f"queue {printer.queue} of printer {printer.name} refused: {why}",
        code="printer-queue",
        hint="look at the queue with lpstat on the server, then print again",
        may_be_printed=may_be_printed,
    )


def _authority(printer: Printer) -> str:
    host = f"[{printer.host}]" if ":" in printer.host else printer.host
    return f"{host}:{printer.port}"


def _media(printer: Printer) -> list[str]:
    """Say the true size, and that nothing is to be scaled to the page."""
    if printer.paper in SHEETS:
        return ["-o", "media=A4", "-o", "print-scaling=none"]
    layout = LAYOUTS[printer.paper]
    size = f"Custom.{layout.width_mm:g}x{layout.height_mm:g}mm"
    return ["-o", f"media={size}", "-o", "print-scaling=none"]
