"""What several folders of tests share: one Playwright a process, for it cannot be started twice in one."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Playwright, sync_playwright

from tests.e2e.people import CHROMIUM


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Start Playwright for the system's Chromium."""
    if not Path(CHROMIUM).is_file():
        pytest.skip(f"{CHROMIUM} is not installed")
    with sync_playwright() as made:
        yield made
    asyncio.set_event_loop(None)
