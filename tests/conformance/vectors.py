"""Where third-party vectors lie: beside the project, never in it."""

from __future__ import annotations

from pathlib import Path

import pytest

_SHARED = Path(__file__).resolve().parents[3] / "shared" / "vectors"


def folder(name: str) -> Path:
    """Return the vector folder *name*, or skip saying that it is absent."""
    path = _SHARED / name
    if not path.is_dir():
        pytest.skip(f"../shared/vectors/{name} is not here", allow_module_level=True)
    return path
