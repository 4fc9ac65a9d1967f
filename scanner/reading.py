"""What a reader saw. Reading is a value: a symbol that cannot be read is an answer, not an exception."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

__all__ = ["CODE_128", "QR_CODE", "Corners", "ReadError", "Reading"]

QR_CODE = "QRCode"
CODE_128 = "Code128"

Corners = tuple[tuple[float, float], ...]
"""Four points (x, y) in pixels of the picture handed in: the symbol's own top left, then clockwise."""


class ReadError(Enum):
    """Why a symbol that was found has no text."""

    CHECKSUM = "checksum"  # too much damage for the error correction, or check character wrong
    FORMAT = "format"  # found, but its content breaks the symbology's rules
    UNSUPPORTED = "unsupported"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One symbol.

    Attributes:
        text: its content; "hex:" and hexadecimal digits where the content is binary; "" with an error.
        format: `QR_CODE` or `CODE_128`.
        corners: where it is.
        stage: name of the stage of the cascade that read it.
        ms: milliseconds from the start of the cascade until then.
        error: None where the text is good.
        suggested: the text is the likeliest, not a reading: a person or the register must confirm it.
    """

    text: str
    format: str
    corners: Corners
    stage: str
    ms: float
    error: ReadError | None = None
    suggested: bool = False

    @property
    def centre(self) -> tuple[float, float]:
        """The middle of the corners."""
        count = len(self.corners)
        return sum(x for x, _ in self.corners) / count, sum(y for _, y in self.corners) / count

    def as_json(self) -> dict[str, Any]:
        """The symbol as the command and the API show it."""
        shown: dict[str, Any] = {
            "text": self.text,
            "format": self.format,
            "corners": [[round(x, 1), round(y, 1)] for x, y in self.corners],
        }
        return {**shown, "suggested": True} if self.suggested else shown
