"""A site for the tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.site import Site, running_site


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Serve the demonstration province."""
    built = Path(__file__).resolve().parents[2] / "web" / "static" / "build" / "scan.js"
    if not built.is_file():
        pytest.skip("the front end is not built: make build")
    with running_site(tmp_path_factory.mktemp("site") / "data") as made:
        yield made
