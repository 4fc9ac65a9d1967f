import subprocess
import sys
from collections.abc import Iterator

import numpy as np
import pytest
import zxingcpp
from pyzbar import pyzbar

import scanner
from scanner import capabilities, engines, read_image
from scanner.engines import OPENCV, PYZBAR, ZXING, pyzbar_read, zxing_read
from scanner.locator import LOCATOR
from scanner.reading import ReadError
from tests.labels.press import make_face, press

BARE = """
import sys
sys.modules["cv2"] = None
sys.modules["pyzbar.pyzbar"] = None
import numpy, scanner
print([(c.name, c.available) for c in scanner.capabilities()])
print(scanner.read_image(numpy.full((64, 64), 255, numpy.uint8)))
"""


@pytest.fixture
def lose(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Names of modules can be changed to ones that are not there; everything is loaded anew after."""
    monkeypatch.setattr(engines, "_MODULES", dict(engines._MODULES))
    engines._load.cache_clear()
    yield monkeypatch
    engines._load.cache_clear()


def symbol(
    content: str | bytes, fmt: zxingcpp.BarcodeFormat = zxingcpp.BarcodeFormat.QRCode
) -> engines.Picture:
    """A clean symbol made by zxing-cpp."""
    made = zxingcpp.create_barcode(content, fmt)
    cells = np.array(zxingcpp.write_barcode_to_image(made, scale=1, add_quiet_zones=False))
    return np.kron(np.pad(cells, 10, constant_values=255), np.ones((5, 5), np.uint8)).astype(np.uint8)


def test_all_engines_run_here() -> None:
    """The machine that tests has everything, or the other tests prove nothing."""
    assert all(capability.available for capability in capabilities())
    assert {capability.name for capability in capabilities()} == {ZXING, PYZBAR, OPENCV, LOCATOR}


@pytest.mark.parametrize("name", [PYZBAR, OPENCV])
def test_a_missing_library_is_a_note_and_the_others_go_on(lose: pytest.MonkeyPatch, name: str) -> None:
    """A bare machine reads clean labels and says what it lacks and what to install."""
    lose.setitem(engines._MODULES, name, "no_such_module")
    lost = next(capability for capability in capabilities() if capability.name == name)
    assert not lost.available
    assert "no_such_module" in lost.note
    assert "apt install" in lost.note
    face = make_face()
    picture = press(face, "png-203")
    assert {reading.text for reading in read_image(picture)} == {face.digits, face.number}


def test_without_zxing_pyzbar_reads(lose: pytest.MonkeyPatch) -> None:
    """Any one decoder is enough for a clean label."""
    lose.setitem(engines._MODULES, ZXING, "no_such_module")
    face = make_face()
    assert face.digits in {reading.text for reading in read_image(press(face, "png-203"), budget_ms=10_000)}


def test_import_survives_a_machine_without_native_libraries() -> None:
    """`import scanner` on a server without libGL must not take the service down."""
    done = subprocess.run([sys.executable, "-c", BARE], capture_output=True, text=True, check=True)
    here = [(ZXING, True), (PYZBAR, False), (OPENCV, False), (LOCATOR, False)]
    assert done.stdout.splitlines() == [f"{here}", "[]"]


def test_unreadable_symbol_comes_with_its_corners() -> None:
    """Where it is, is half of reading it."""
    picture = np.array(press(make_face(), "png-203"))[:400, :420]
    picture[120:300, 120:300] = 255
    findings = zxing_read(np.ascontiguousarray(picture))
    assert {(finding.error, finding.text) for finding in findings} == {(ReadError.CHECKSUM, "")}
    place = np.array(((36, 36), (379, 36), (379, 379), (36, 379)))
    assert min(np.abs(np.array(finding.corners) - place).max() for finding in findings) < 8


def test_binary_content_is_hexadecimal() -> None:
    """Bytes that are no text are not guessed into one."""
    (finding,) = zxing_read(symbol(bytes(range(128, 160)) + b"\xff\x00"))
    assert finding.text == f"hex:{(bytes(range(128, 160)) + bytes((255, 0))).hex()}"


def test_vietnamese_text_is_read_as_it_was_written() -> None:
    """A courier scans other codes too; their text is shown."""
    (finding,) = zxing_read(symbol("Bưu điện Thượng Lâm"))
    assert finding.text == "Bưu điện Thượng Lâm"


def test_zbar_keeps_ascii_only() -> None:
    """ZBar reads half-width katakana as Chinese: no reading is better than a wrong one."""
    assert pyzbar_read(symbol("Bưu điện")) == []
    assert [finding.text for finding in pyzbar_read(symbol("ZK 4731"))] == ["ZK 4731"]


def test_zbar_survives_an_unknown_orientation() -> None:
    """Pyzbar 0.1.9 reads -1 as 4294967295 and raises ValueError; the engine declares the type right."""
    assert scanner.engines.engine(PYZBAR) is pyzbar
    orientation = pyzbar.zbar_symbol_get_orientation
    assert orientation.restype(-1).value == -1


def test_other_symbologies_are_not_looked_for() -> None:
    """A Data Matrix on a parcel is not ours; each further format is a chance to misread."""
    assert zxing_read(symbol("123456", zxingcpp.BarcodeFormat.DataMatrix)) == []
    assert zxing_read(symbol("123456", zxingcpp.BarcodeFormat.Code39)) == []
