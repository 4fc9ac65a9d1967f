"""Fixtures of the core's tests."""

from __future__ import annotations

import pytest

from kt1.drill.world import World


@pytest.fixture
def world() -> World:
    """Return a fresh network."""
    return World()
