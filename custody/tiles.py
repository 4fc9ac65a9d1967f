"""Tiles and entry bundles (C2SP tlog-tiles): the paths and bytes by which anyone can read and check the log."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from custody.errors import ProofError

__all__ = ["HEIGHT", "WIDTH", "bundle_of", "bundle_path", "entries_of", "tile_path"]

HEIGHT: Final = 8
WIDTH: Final = 1 << HEIGHT


def tile_path(level: int, n: int, width: int = WIDTH) -> str:
    """Return the path of tile *n* of *level* (0 = leaf hashes), partial where *width* < 256."""
    return f"tile/{level}/{_index(n)}{_partial(width)}"


def bundle_path(n: int, width: int = WIDTH) -> str:
    """Return the path of entry bundle *n* (256 entries each)."""
    return f"tile/entries/{_index(n)}{_partial(width)}"


def bundle_of(entries: Sequence[bytes]) -> bytes:
    """Return entries with their 16-bit big-endian lengths."""
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def entries_of(bundle: bytes) -> list[bytes]:
    """Return the entries of a bundle.

    Raises:
        ProofError: it ends within an entry.
    """
    entries: list[bytes] = []
    at = 0
    while at < len(bundle):
        end = at + 2 + int.from_bytes(bundle[at : at + 2], "big")
        if at + 2 > len(bundle) or end > len(bundle):
            raise ProofError(f"bundle ends within entry {len(entries)}", finding="M08")
        entries.append(bundle[at + 2 : end])
        at = end
    return entries


def _index(n: int) -> str:
    """Return *n* in groups of three digits, all but the last marked with x: 1234067 is x001/x234/067."""
    groups = [f"{n % 1000:03d}"]
    while n >= 1000:
        n //= 1000
        groups.append(f"x{n % 1000:03d}")
    return "/".join(reversed(groups))


def _partial(width: int) -> str:
    return "" if width == WIDTH else f".p/{width}"
