"""Vietnamese text made comparable: small letters without marks, so that `nguyen` finds Nguyễn."""

from __future__ import annotations

import unicodedata

__all__ = ["fold", "pattern"]


def fold(text: str) -> str:
    """Return *text* in small letters, marks and the bar of đ taken off."""
    bare = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return "".join(letter for letter in bare if not unicodedata.combining(letter))


def pattern(text: str) -> str:
    r"""Return a LIKE pattern that finds *text* anywhere in a folded column; escape character `\`."""
    escaped = fold(text.strip()).replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
