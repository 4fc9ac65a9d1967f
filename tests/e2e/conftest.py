"""A browser and a site for the tests of this folder."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Playwright, sync_playwright

from tests.e2e.people import CHROMIUM
from tests.e2e.site import Site, running_site


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Serve the demonstration province."""
    built = Path(__file__).resolve().parents[2] / "web" / "static" / "build" / "scan.js"
    if not built.is_file():
        pytest.skip("the front end is not built: make build")
    with running_site(tmp_path_factory.mktemp("site") / "data") as made:
        yield made


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Start Playwright for the system's Chromium."""
    if not Path(CHROMIUM).is_file():
        pytest.skip(f"{CHROMIUM} is not installed")
    with sync_playwright() as made:
        yield made
    asyncio.set_event_loop(None)
