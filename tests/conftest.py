"""What all tests share: how hypothesis works, and one Playwright a process, for it cannot be started twice in one."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from playwright.sync_api import Playwright

from tests.e2e.people import CHROMIUM, playing

# A machine that is busy is no fault of the code; a machine of CI finds the same things each time.
settings.register_profile(
    "tram", deadline=None, derandomize="CI" in os.environ, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("tram")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what drives a browser, before -m selects."""
    for item in items:
        if "playwright" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Start Playwright for the system's Chromium."""
    if not Path(CHROMIUM).is_file():
        pytest.skip(f"{CHROMIUM} is not installed")
    with playing() as made:
        yield made
    asyncio.set_event_loop(None)
