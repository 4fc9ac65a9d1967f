import io
import struct
import time
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from scanner import PictureError, open_picture
from scanner.intake import SIZE_MAX


def encode(image: Image.Image, fmt: str, **options: object) -> bytes:
    """The picture's file."""
    buffer = io.BytesIO()
    image.save(buffer, fmt, **options)
    return buffer.getvalue()


def png_header(width: int, height: int) -> bytes:
    """A PNG that claims a size and holds a few bytes."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(bytes(100))), (b"IEND", b"")]
    body = b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + body


def test_colour_is_bgr_and_grey_is_flat() -> None:
    """The order that OpenCV and zxing-cpp expect."""
    red = Image.new("RGB", (32, 20), (250, 10, 20))
    picture = open_picture(encode(red, "PNG"))
    assert picture.shape == (20, 32, 3)
    assert picture.dtype == np.uint8
    assert picture[0, 0].tolist() == [20, 10, 250]
    assert open_picture(encode(red.convert("L"), "PNG")).shape == (20, 32)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_picture_is_turned_upright(orientation: int) -> None:
    """Phones store the sensor's picture and a note which way up it was held."""
    upright = Image.new("L", (40, 24), 255)
    upright.paste(0, (0, 0, 8, 8))
    ways = {
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    way = ways[orientation]
    stored = upright.transpose(way) if way is not None else upright
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture = open_picture(encode(stored, "PNG", exif=exif))
    assert picture.shape == (24, 40)
    assert picture[2, 2] == 0
    assert picture[20, 36] == 255


def test_transparent_is_paper() -> None:
    """A label drawn on nothing is black on white, not black on black."""
    clear = Image.new("RGBA", (20, 20), (0, 0, 0, 0))
    assert (open_picture(encode(clear, "PNG")) == 255).all()


def test_sixteen_bits_are_scaled() -> None:
    """A scanner's deep grey is not cut to its low byte."""
    deep = Image.fromarray(np.linspace(0, 65535, 400).reshape(20, 20).astype(np.uint16))
    picture = open_picture(encode(deep, "PNG"))
    assert (int(picture.min()), int(picture.max())) == (0, 255)


@pytest.mark.parametrize("fmt", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF"])
def test_common_formats_are_opened(fmt: str) -> None:
    """Whatever the phone or scanner of an office saves."""
    assert open_picture(encode(Image.new("RGB", (20, 20), "white"), fmt)).shape[:2] == (20, 20)


@pytest.mark.parametrize("size", [(60_000, 60_000), (2**31 - 1, 1), (10_000, 10_000)])
def test_bomb_is_refused_by_its_header(size: tuple[int, int]) -> None:
    """A kilobyte that claims gigabytes costs no gigabytes."""
    start = time.perf_counter()
    with pytest.raises(PictureError):
        open_picture(png_header(*size))
    assert time.perf_counter() - start < 1


def test_large_file_is_refused_unopened() -> None:
    """The message says the limit."""
    with pytest.raises(PictureError, match=str(SIZE_MAX)) as caught:
        open_picture(bytes(SIZE_MAX + 1))
    assert caught.value.code == "bad-picture"


def test_tiny_picture_is_refused() -> None:
    """OpenCV's filters fail on a single row."""
    with pytest.raises(PictureError, match="3 x 900"):
        open_picture(encode(Image.new("L", (3, 900)), "PNG"))


@pytest.mark.parametrize(
    "data", [b"", b"hello", b"<svg/>", b"%PDF-1.7", b"\xff\xd8\xff", b"GIF89a", b"RIFF0000WEBP"]
)
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    """With an error of ours, so that the service answers 4xx and the command 1."""
    with pytest.raises(PictureError) as caught:
        open_picture(data)
    assert "0x" not in str(caught.value)  # no address of an object inside the process


@settings(max_examples=60, deadline=None)
@given(data=st.data(), fmt=st.sampled_from(["JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP"]))
def test_damaged_files_never_raise_anything_else(data: st.DataObject, fmt: str) -> None:
    """Truncated and flipped bytes give a picture or a PictureError."""
    noise = np.random.default_rng(1).integers(0, 256, (24, 24, 3), np.uint8)
    intact = bytearray(encode(Image.fromarray(noise), fmt))
    for _ in range(data.draw(st.integers(1, 8))):
        intact[data.draw(st.integers(0, len(intact) - 1))] = data.draw(st.integers(0, 255))
    try:
        picture = open_picture(bytes(intact[: data.draw(st.integers(1, len(intact)))]))
    except PictureError:
        return
    assert picture.dtype == np.uint8
