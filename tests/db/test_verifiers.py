"""Helpers that verify change the time, never the answer."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from benchmarks.load import Load, interleave
from custody import ed25519
from db.site import Site
from db.verifiers import Claim, Verifiers, verify_all


@pytest.fixture
def helped() -> Iterator[Verifiers]:
    """One helper that runs."""
    verifiers = Verifiers(1)
    verifiers.verify([(b"", b"", b"")] * 40)
    ends = time.monotonic() + 60
    while not verifiers.is_ready and time.monotonic() < ends:
        time.sleep(0.05)
    assert verifiers.is_ready
    yield verifiers
    verifiers.close()


def claims() -> list[Claim]:
    """Sixty claims, each fifth of them false in another way."""
    made: list[Claim] = []
    for n in range(60):
        seed, message = bytes([n]) * 32, b"message %d" % n
        public, signature = ed25519.public_of(seed), ed25519.sign(seed, message)
        false = (
            (public, message + b"x", signature),
            (public[:31], message, signature),
            (public, message, b""),
        )
        made.append(false[n // 5 % 3] if n % 5 == 0 else (public, message, signature))
    return made


def test_helpers_say_what_this_process_says(helped: Verifiers) -> None:
    """True and false, in order."""
    wanted = [n % 5 != 0 for n in range(60)]

    assert verify_all(claims()) == wanted
    assert helped.verify(claims()) == wanted


def test_verifying_goes_on_when_the_helpers_are_gone(helped: Verifiers) -> None:
    """A helper that was killed costs one batch's time."""
    for process in helped.processes():
        process.kill()
        process.join()

    assert helped.verify(claims()) == verify_all(claims())
    assert not helped.is_ready
    assert helped.verify(claims()) == verify_all(claims())


def test_no_helper_is_started_for_little_or_where_none_is_wanted() -> None:
    """The off switch, and what a single event costs."""
    few, none = Verifiers(2), Verifiers(0)

    assert few.verify(claims()[:31]) == verify_all(claims()[:31])
    assert none.verify(claims()) == verify_all(claims())
    assert few.processes() == none.processes() == []


def test_a_large_batch_is_answered_as_without_helpers(site: Site, load: Load, helped: Verifiers) -> None:
    """Stored, refused for a signature, refused for its form: entry by entry the same."""
    good = interleave(load.chains(12, hops=1))
    forged = [raw[:-1] + bytes([raw[-1] ^ 1]) for raw in good[:3]]
    entries = [*good, *forged, b"no entry"]
    site.ledger.verifiers = helped
    results = site.ledger.append(entries)

    assert [r.status for r in results] == ["stored"] * len(good) + ["refused"] * 4
    assert [r.findings for r in results[len(good) :]] == [("E04",)] * 3 + [("E01",)]
    site.ledger.verifiers = None
    assert [r.error for r in site.ledger.append(forged)] == [r.error for r in results[len(good) : -1]]
