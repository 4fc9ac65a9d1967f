"""Faces to print, and every format turned back into dots by a program that is not ours."""

import io
import random
import re

import numpy as np
import pypdfium2 as pdfium
import resvg_py
from numpy.typing import NDArray
from PIL import Image

from custody.label import UNSEALED, Label, issue_label
from custody.s10 import CONTAINER_SERVICE, make_number
from labels import BagFace, LabelFace, StockFace, face_of, render
from labels.face import Face

Dots = NDArray[np.uint8]

LONG = "Ban Quản lý dự án đầu tư xây dựng công trình giao thông và nông nghiệp tỉnh Tuyên Quang - Chi nhánh 2"
CAPITALS = "ỦY BAN NHÂN DÂN XÃ THƯỢNG LÂM, TỈNH TUYÊN QUANG"
SHORT = "Sở Y tế"
PARAGRAPH = "Học viện Kỹ thuật Mật mã, Ban Cơ yếu Chính phủ"


def make_label(serial: int, *, seed: int = 7, service: str = "ZK") -> Label:
    """A signed label, the same for the same serial and seed."""
    chance = random.Random(f"{seed}/{serial}")
    return issue_label(
        number=make_number(serial, service),
        instance=0,
        day=1056,
        nonce=chance.randbytes(6),
        kid4=chance.randbytes(4),
        seal_commitment=UNSEALED,
        seed=chance.randbytes(32),
    )


def make_face(
    serial: int = 47312482,
    *,
    sender: str = "Sở Nội vụ tỉnh Tuyên Quang",
    recipient: str = "Ủy ban nhân dân xã Sơn Thủy",
    secrecy: int = 0,
    urgency: int = 0,
    due_ms: int | None = None,
) -> LabelFace:
    """A face with what matters to the test, the rest ordinary."""
    return face_of(
        make_label(serial),
        sender=sender,
        recipient=recipient,
        secrecy=secrecy,
        urgency=urgency,
        due_ms=due_ms,
    )


def faces() -> dict[str, LabelFace]:
    """The faces that every format must survive."""
    return {
        "plain": make_face(1),
        "short": make_face(2, sender=SHORT, recipient=SHORT, secrecy=3),
        "long": make_face(3, sender=LONG, recipient=LONG, secrecy=1, urgency=1),
        "capitals": make_face(99_999_999, sender=CAPITALS, recipient=CAPITALS, secrecy=2),
        "appointed": make_face(4, recipient=PARAGRAPH, urgency=2, due_ms=1_795_161_600_000),
    }


def make_bag(serial: int = 12, *, origin: str = SHORT, destination: str = SHORT, count: int = 7) -> BagFace:
    """A bag's face with what matters to the test, the rest ordinary."""
    made = make_label(serial, service=CONTAINER_SERVICE)
    return BagFace(
        digits=made.digits, number=made.number, origin=origin, destination=destination, count=count
    )


def make_stock(serial: int = 5, *, service: str = "ZK") -> StockFace:
    """A label printed in advance."""
    made = make_label(serial, service=service)
    return StockFace(digits=made.digits, number=made.number)


def in_layouts() -> dict[str, tuple[Face, str]]:
    """Every layout with what it must survive: the longest names, every mark, and nothing at all."""
    cases: dict[str, tuple[Face, str]] = {
        f"{layout}-{name}": (face, layout)
        for layout in ("100x70", "100x50")
        for name, face in faces().items()
    }
    for layout in ("100x70", "100x50"):
        cases[f"{layout}-stock"] = (make_stock(), layout)
    cases["bag-short"] = (make_bag(count=1), "bag")
    cases["bag-long"] = (make_bag(99_999_999, origin=LONG, destination=LONG, count=9_999), "bag")
    cases["bag-capitals"] = (make_bag(3, origin=CAPITALS, destination=CAPITALS, count=128), "bag")
    cases["bag-stock"] = (make_stock(service=CONTAINER_SERVICE), "bag")
    return cases


VIEWS = ("png-203", "png-300", "pdf-203", "pdf-300", "svg-203", "svg-300", "zpl-203", "zpl-300")


def press(face: Face, view: str, layout: str = "") -> Dots:
    """Print *face* and return what the printer or screen would show, grey, 0 is black."""
    fmt, dpi = view[:3], int(view[4:])
    data = render(face, fmt, dpi=dpi, layout=layout)
    if fmt == "png":
        return np.asarray(Image.open(io.BytesIO(data)).convert("L"), np.uint8)
    if fmt == "pdf":
        return rasterise_pdf(data, dpi)[0]
    if fmt == "svg":
        png = resvg_py.svg_to_bytes(svg_string=data.decode(), dpi=dpi, skip_system_fonts=True)
        return np.asarray(Image.open(io.BytesIO(bytes(png))).convert("L"), np.uint8)
    return parse_zpl(data)


def rasterise_pdf(data: bytes, dpi: int) -> list[Dots]:
    """Every page by PDFium."""
    document = pdfium.PdfDocument(data)
    pages = []
    for page in document:
        bitmap = page.render(scale=dpi / 72, grayscale=True)
        pages.append(np.array(bitmap.to_numpy(), np.uint8).reshape(bitmap.height, bitmap.width, -1)[..., 0])
        page.close()
    document.close()
    return pages


def parse_zpl(data: bytes) -> Dots:
    """Decode ^GFA with its run lengths, written from Zebra's manual, not from our writer."""
    text = data.decode("ascii")
    assert text.startswith("^XA")
    assert text.rstrip().endswith("^XZ")
    width, height = (int(re.search(rf"\^{name}(\d+)", text)[1]) for name in ("PW", "LL"))  # type: ignore[index]
    field = re.search(r"\^FO0,0\^GFA,(\d+),(\d+),(\d+),([^^]*)\^FS", text)
    assert field is not None
    total, row_bytes = int(field[2]), int(field[3])
    rows: list[str] = []
    row, count = "", 0
    for char in field[4]:
        if "G" <= char <= "Y":
            count += ord(char) - ord("F")
        elif "g" <= char <= "z":
            count += (ord(char) - ord("f")) * 20
        elif char == ":":
            rows.append(rows[-1])
        elif char in ",!":
            row = row.ljust(row_bytes * 2, "0" if char == "," else "F")
        else:
            row, count = row + char * max(1, count), 0
        if len(row) == row_bytes * 2:
            rows.append(row)
            row = ""
    packed = bytes.fromhex("".join(rows))
    assert not row
    assert len(packed) == total == row_bytes * height
    bits = np.unpackbits(np.frombuffer(packed, np.uint8)).reshape(height, row_bytes * 8)
    return np.where(bits[:, :width], 0, 255).astype(np.uint8)
