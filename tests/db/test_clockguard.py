"""A server clock that jumps ahead: the log signs nothing it could not take back."""

from __future__ import annotations

import pytest

from benchmarks.load import Load
from db.clockguard import ClockGuard
from db.errors import ClockError
from db.site import Site, open_site

HOUR_MS, DAY_MS = 3_600_000, 86_400_000


def test_a_clock_that_goes_with_time_passes() -> None:
    """A year of uptime, and a correction of a few minutes."""
    passed = [5_000]
    guard = ClockGuard(1_000_000, 999_000, lambda: passed[0])
    for hours in range(0, 24 * 365, 100):
        passed[0] = 5_000 + hours * HOUR_MS
        guard.check(1_000_000 + hours * HOUR_MS + 300_000)


def test_a_jump_ahead_is_refused_until_the_clock_is_back() -> None:
    """More than an hour ahead of the time that passed; a clock set back does no harm."""
    guard = ClockGuard(1_000_000, 0, lambda: 0)

    with pytest.raises(ClockError, match="jumped 3601 seconds ahead"):
        guard.check(1_000_000 + HOUR_MS + 1_000)
    guard.check(1_000_000 + HOUR_MS - 1_000)
    guard.check(1_000)


def test_small_jumps_do_not_add_up() -> None:
    """Fifty minutes at a time would else go anywhere."""
    guard = ClockGuard(1_000_000, 0, lambda: 0)
    guard.check(1_000_000 + 50 * 60_000)

    with pytest.raises(ClockError):
        guard.check(1_000_000 + 100 * 60_000)


def test_a_month_after_the_last_checkpoint_somebody_must_look(caplog: pytest.LogCaptureFixture) -> None:
    """A weekend is nothing; more is warned of; a month is refused until an operator has compared the clock."""
    ClockGuard(10 * DAY_MS, 7 * DAY_MS, lambda: 0)
    assert caplog.text == ""
    ClockGuard(10 * DAY_MS, 5 * DAY_MS, lambda: 0)
    assert "5 days after the last checkpoint" in caplog.text
    with pytest.raises(ClockError, match="31 days after"):
        ClockGuard(40 * DAY_MS, 9 * DAY_MS, lambda: 0)
    ClockGuard(40 * DAY_MS, 9 * DAY_MS, lambda: 0, is_accepted=True)


def test_a_date_beyond_the_calendar_is_refused_in_words() -> None:
    """The message itself must not fail."""
    guard = ClockGuard(1_000_000, 0, lambda: 0)

    with pytest.raises(ClockError, match="281474976710656 ms"):
        guard.check(1 << 48)


def test_a_service_whose_clock_jumped_signs_nothing(site: Site, load: Load) -> None:
    """Nothing is stored, readers go on, and it goes on by itself when the clock is back."""
    now = [site.now()]
    url = site.engine.url.render_as_string(hide_password=False)
    other = open_site(site.data, url, now=lambda: now[0], monotonic=lambda: 0)
    raw, size = load.register(load.item()), site.ledger.newest().size
    now[0] += 400 * DAY_MS

    with pytest.raises(ClockError):
        other.ledger.append([raw])
    assert other.ledger.newest().size == size
    now[0] -= 400 * DAY_MS
    assert other.ledger.append([raw])[0].status == "stored"
    other.close()
