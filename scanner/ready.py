"""What of the reader runs on this machine."""

from __future__ import annotations

from scanner import engines, locator
from scanner.engines import Capability

__all__ = ["capabilities"]


def capabilities() -> tuple[Capability, ...]:
    """Tell which decoders run here and whether codes are located, and what is lost without the others."""
    return (*engines.capabilities(), locator.capability())
