"""The decoders, and which of them this machine can run.

Each is loaded when first asked for. A missing native library is a note in `capabilities`, never a crash.
OpenCV's own QR decoders are not here: they took up to 34 s for one frame.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from scanner.reading import CODE_128, QR_CODE, Corners, ReadError

__all__ = [
    "OPENCV",
    "PYZBAR",
    "ZXING",
    "Capability",
    "Finding",
    "Picture",
    "capabilities",
    "engine",
    "pyzbar_read",
    "zxing_read",
    "zxing_read_global",
    "zxing_read_linear",
]

Picture = NDArray[np.uint8]

ZXING: Final = "zxing-cpp"
PYZBAR: Final = "pyzbar"
OPENCV: Final = "opencv"

_MODULES: Final = {ZXING: "zxingcpp", PYZBAR: "pyzbar.pyzbar", OPENCV: "cv2"}
_LOSSES: Final = {
    ZXING: "pip install zxing-cpp; most symbols go unread without it",
    PYZBAR: "apt install libzbar0; a few damaged QR codes go unread without it",
    OPENCV: "apt install libgl1 libglib2.0-0 libxcb1; only clean pictures are read without it",
}


@dataclass(frozen=True, slots=True)
class Capability:
    """One decoder: its name, whether it runs here, and otherwise why not and what it costs."""

    name: str
    available: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """What an engine saw in one view, in the view's own pixels.

    Attributes:
        text, format, corners, error, suggested: as in `scanner.reading.Reading`.
        version: of a QR code that was not read, as far as the engine can tell; otherwise 0.
    """

    text: str
    format: str
    corners: Corners
    error: ReadError | None = None
    suggested: bool = False
    version: int = 0


Reader = Callable[[Picture], list[Finding]]


@cache
def _load(name: str) -> ModuleType | ImportError:
    try:
        module = import_module(_MODULES[name])
    except ImportError as error:
        return error
    if name == PYZBAR:
        # pyzbar 0.1.9 declares the orientation unsigned, so that "unknown" (-1) raises a ValueError.
        module.zbar_symbol_get_orientation.restype = ctypes.c_int
    return module


def engine(name: str) -> Any:
    """Return the module behind an engine's name, or None where it cannot be loaded."""
    loaded = _load(name)
    return None if isinstance(loaded, ImportError) else loaded


def capabilities() -> tuple[Capability, ...]:
    """Tell which decoders run on this machine, and what is lost without the others."""
    return tuple(_capability(name) for name in _MODULES)


def _capability(name: str) -> Capability:
    loaded = _load(name)
    if isinstance(loaded, ImportError):
        return Capability(name, available=False, note=f"{loaded}: {_LOSSES[name]}")
    return Capability(name, available=True)


def zxing_read(picture: Picture) -> list[Finding]:
    """Read with zxing-cpp's local threshold; unreadable symbols come with an error and their corners."""
    return _zxing(picture, "LocalAverage", linear=False)


def zxing_read_global(picture: Picture) -> list[Finding]:
    """Read with zxing-cpp's global threshold."""
    return _zxing(picture, "GlobalHistogram", linear=False)


def zxing_read_linear(picture: Picture) -> list[Finding]:
    """Read bars that lie level, with zxing-cpp."""
    return _zxing(picture, "LocalAverage", linear=True)


def _zxing(picture: Picture, binarizer: str, *, linear: bool) -> list[Finding]:
    zxing = engine(ZXING)
    if zxing is None:
        return []
    formats = [zxing.BarcodeFormat.Code128]
    if not linear:
        # Not the whole family: Micro QR, of which no label is one, is "found" in many a damaged QR code.
        formats += [zxing.BarcodeFormat.QRCodeModel1, zxing.BarcodeFormat.QRCodeModel2]
    found = zxing.read_barcodes(
        np.ascontiguousarray(picture),
        formats=zxing.BarcodeFormats(formats),
        try_rotate=not linear,
        binarizer=getattr(zxing.Binarizer, binarizer),
        text_mode=zxing.TextMode.Plain,
        return_errors=True,
    )
    return [_zxing_finding(zxing, symbol) for symbol in found]


def _zxing_finding(zxing: Any, symbol: Any) -> Finding:
    position = symbol.position
    points = (position.top_left, position.top_right, position.bottom_right, position.bottom_left)
    corners = tuple((float(point.x), float(point.y)) for point in points)
    name = CODE_128 if symbol.format == zxing.BarcodeFormat.Code128 else QR_CODE
    if symbol.valid:
        binary = symbol.content_type in {zxing.ContentType.Binary, zxing.ContentType.UnknownECI}
        return Finding(_hex(symbol.bytes) if binary else symbol.text, name, corners)
    kinds = {
        zxing.ErrorType.Checksum: ReadError.CHECKSUM,
        zxing.ErrorType.Unsupported: ReadError.UNSUPPORTED,
    }
    version = str((symbol.extra or {}).get("Version", ""))
    error = kinds.get(symbol.error.type, ReadError.FORMAT)
    return Finding("", name, corners, error, version=int(version) if version.isdecimal() else 0)


def pyzbar_read(picture: Picture) -> list[Finding]:
    """Read with ZBar. It shows no symbol that it cannot read.

    ZBar guesses the character set and guesses wrong (half-width katakana become Big5), so only ASCII is kept.
    """
    zbar = engine(PYZBAR)
    if zbar is None:
        return []
    names = {zbar.ZBarSymbol.QRCODE.name: QR_CODE, zbar.ZBarSymbol.CODE128.name: CODE_128}
    found = zbar.decode(picture, symbols=[zbar.ZBarSymbol.QRCODE, zbar.ZBarSymbol.CODE128])
    return [
        Finding(symbol.data.decode("ascii"), names[symbol.type], _zbar_corners(symbol))
        for symbol in found
        if symbol.type in names and symbol.data and symbol.data.isascii()
    ]


def _zbar_corners(symbol: Any) -> Corners:
    if len(symbol.polygon) == 4:
        return tuple((float(point.x), float(point.y)) for point in symbol.polygon)
    left, top, width, height = symbol.rect
    right, bottom = left + width, top + height
    return tuple(
        (float(x), float(y)) for x, y in ((left, top), (right, top), (right, bottom), (left, bottom))
    )


def _hex(data: bytes) -> str:
    return f"hex:{bytes(data).hex()}"
