"""Fixtures of the core's tests."""

from __future__ import annotations

import pytest

from tests.custody.world import World


@pytest.fixture
def world() -> World:
    """Return a fresh network."""
    return World()
