"""All walks, in the order of the contact sheet."""

from __future__ import annotations

from typing import Final

from tests.e2e import walks_desk, walks_hand
from tests.e2e.atlas import Walk

__all__ = ["WALKS"]

WALKS: Final[tuple[Walk, ...]] = (*walks_hand.WALKS, *walks_desk.WALKS)
