"""The verifier as the service gives it: to anyone, under its own policy and no other."""

from __future__ import annotations

import pytest
from flask import Flask

from web.takeaway import VERIFIER, policy_of


@pytest.fixture
def built() -> bytes:
    """Return the file that `make build` made."""
    if not VERIFIER.is_file():
        pytest.skip("the front end is not built: make build")
    return VERIFIER.read_bytes()


def test_it_is_shown_to_strangers_under_its_own_policy(app: Flask, built: bytes) -> None:
    """The site's policy would stop a script inside a page; this page names the one script that may run."""
    answer = app.test_client().get("/verifier")
    policy = answer.headers["Content-Security-Policy"]

    assert (200, built) == (answer.status_code, answer.data)
    assert policy == f"{policy_of(built.decode())}; frame-ancestors 'none'"
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert "no-store" == answer.headers["Cache-Control"]


def test_it_can_be_taken_along(app: Flask, built: bytes) -> None:
    """The same bytes, as a file with a name."""
    answer = app.test_client().get("/verifier.html")

    assert built == answer.data
    assert "tram-verifier.html" in answer.headers["Content-Disposition"]


def test_a_page_without_a_policy_is_none() -> None:
    """A build that lost the policy must not be shown under a made-up one."""
    with pytest.raises(ValueError, match="names no policy"):
        policy_of("<html></html>")
