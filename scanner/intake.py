"""From the bytes of an uploaded picture to an upright array, and what is refused before that."""

from __future__ import annotations

import io
import warnings
from typing import Final

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from custody.errors import CustodyError
from scanner.engines import Picture

__all__ = ["PIXELS_MAX", "SIZE_MAX", "PictureError", "open_picture"]

SIZE_MAX: Final = 12 * 1024 * 1024  # bytes
PIXELS_MAX: Final = 40_000_000
_SIDE_MIN: Final = 16  # pixels; no symbol is smaller
_FORMATS: Final = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "PPM", "AVIF")


class PictureError(CustodyError):
    """Bytes that are not a picture we open."""

    code = "bad-picture"
    hint = "send a JPEG or PNG photograph of at most 12 MB and 40 megapixels"


def open_picture(data: bytes) -> Picture:
    """Return an uploaded picture, upright, as height x width x 3, uint8, BGR; grey ones as height x width.

    The size is read from the header and refused there, before a pixel is unpacked.

    Raises:
        PictureError: too many bytes or pixels, too small, not a picture, or a damaged one.
    """
    if len(data) > SIZE_MAX:
        raise PictureError(f"picture of {len(data)} bytes, more than {SIZE_MAX}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore"
            )  # Pillow's remarks on odd EXIF and on large pictures: we look ourselves
            with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
                _check_size(*image.size)
                upright = ImageOps.exif_transpose(image)
                return _array(upright)
    except PictureError:
        raise
    except UnidentifiedImageError as error:
        raise PictureError("not a picture of a known format") from error
    except (OSError, SyntaxError, ValueError, EOFError, MemoryError, Image.DecompressionBombError) as error:
        raise PictureError(f"not a picture: {str(error)[:80]}") from error
    except Exception as error:
        # A decoder met bytes its author did not foresee (struct.error, IndexError): the bytes are to blame.
        raise PictureError(f"damaged picture: {type(error).__name__}") from error


def _check_size(width: int, height: int) -> None:
    if width * height > PIXELS_MAX:
        raise PictureError(f"picture of {width} x {height} pixels, more than {PIXELS_MAX}")
    if min(width, height) < _SIDE_MIN:
        raise PictureError(f"picture of {width} x {height} pixels, less than {_SIDE_MIN} a side")


def _array(image: Image.Image) -> Picture:
    if image.mode in {"1", "L"}:
        return np.asarray(image.convert("L"), np.uint8)
    if image.mode.startswith("I") or image.mode == "F":
        wide = np.asarray(image, np.float64)
        return (wide / max(1.0, float(wide.max())) * 255).clip(0, 255).astype(np.uint8)
    if "A" in image.getbands() or "transparency" in image.info:
        layered = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", layered.size, "white"), layered)
    return np.ascontiguousarray(np.asarray(image.convert("RGB"), np.uint8)[..., ::-1])
