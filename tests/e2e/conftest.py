"""A site for the tests of this folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Playwright

from tests.e2e.people import Someone, someone
from tests.e2e.phones import without_network
from tests.e2e.site import Site, running_site


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Serve the demonstration province."""
    built = Path(__file__).resolve().parents[2] / "web" / "static" / "build" / "scan.js"
    if not built.is_file():
        pytest.skip("the front end is not built: make build")
    with running_site(tmp_path_factory.mktemp("site") / "data") as made:
        yield made


@pytest.fixture
def phone(playwright: Playwright, site: Site) -> Iterator[Callable[[str], Someone]]:
    """Give phones by login: each at the scan page with its day on the disk, and without a network."""
    with ExitStack() as browsers:
        yield lambda login: without_network(browsers.enter_context(someone(playwright, site, login)))
