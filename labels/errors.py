"""What can be wrong with a label that is asked for."""

from __future__ import annotations

from custody.errors import CustodyError

__all__ = ["FaceError"]


class FaceError(CustodyError):
    """The words or marks asked for may not or cannot stand on a label."""

    code = "bad-label-face"
    hint = "correct the names or marks and print again"
