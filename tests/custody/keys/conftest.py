"""A log with three roots."""

from __future__ import annotations

import pytest

from custody.roles import Role
from tests.custody.keys.keylog import Log


@pytest.fixture
def log() -> Log:
    """Three roots of whom two must sign; an authority, an office's enrolment key, the log's key."""
    made = Log()
    made.certify("a", Role.ROOT, by="a")
    made.certify("b", Role.ROOT, by="a")
    made.certify("c", Role.ROOT, by="a")
    made.require(2, by="a")
    made.certify("authority", Role.ENROL, by="a", approvals="b")
    made.certify("office", Role.ENROL, by="authority", offices=[101, 102])
    made.certify("log", Role.LOG, by="a", approvals="c")
    return made
