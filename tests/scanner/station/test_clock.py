"""The station's clock; the cases of web/client/test/dayclock.test.ts, and what a process that ends has besides."""

import json

import pytest

from scanner.station.clock import UNKNOWN_MS, HonestClock, Moment, Sources, machine_sources

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR


class Machine:
    """A machine with its two clocks; `true_ms` is what neither can see."""

    def __init__(self, boot: str = "") -> None:
        self.true_ms = 1_795_309_200_000.0
        self.wall_off_ms = self.asleep_ms = 0.0
        self.begun_ms = self.true_ms
        self.boot = boot
        self.kept = ""
        self.clock = self.run()

    def run(self) -> HonestClock:
        """Begin a run of the program."""
        if not self.boot:
            self.begun_ms, self.asleep_ms = self.true_ms, 0.0
        return HonestClock(Sources(self.wall_ms, self.steady_ms, self.boot), lambda: self.kept, self.keep)

    def keep(self, text: str) -> None:
        """Keep a text for the next run."""
        self.kept = text

    def wall_ms(self) -> float:
        """The machine's clock."""
        return self.true_ms + self.wall_off_ms

    def steady_ms(self) -> float:
        """The steady one, which stands still in sleep."""
        return self.true_ms - self.begun_ms - self.asleep_ms

    def beacon(self, trip_ms: float = 200) -> None:
        """Ask the service."""
        asked = self.clock.read()
        self.true_ms += trip_ms / 2
        service_ms = self.true_ms
        self.true_ms += trip_ms / 2
        self.clock.beacon(service_ms, asked)

    def work(self, ms: float) -> None:
        """Work on, looking at the clock now and then."""
        for _ in range(int(ms // 10_000)):
            self.true_ms += 10_000
            self.clock.now()

    def sleep(self, ms: float) -> None:
        """Close the lid."""
        self.true_ms += ms
        self.asleep_ms += ms

    def look(self) -> Moment:
        """The claimed time, once it has been held against the true one."""
        now = self.clock.now()
        assert abs(now.ms - self.true_ms) <= now.uncertainty_ms
        return now


def test_a_station_that_never_heard_the_service_says_that_it_knows_nothing() -> None:
    """It signs its machine's clock, with 34 years of doubt."""
    machine = Machine()
    machine.wall_off_ms = -3 * DAY
    assert machine.clock.now() == Moment(round(machine.wall_ms()), UNKNOWN_MS, 0, 0)
    assert machine.clock.now().field == [0, UNKNOWN_MS, 0]


def test_a_machine_whose_clock_is_an_hour_off_signs_the_services_time() -> None:
    """And says how exactly it knows it, eight hours later too."""
    machine = Machine()
    machine.wall_off_ms = -HOUR
    machine.beacon(300)
    machine.work(8 * HOUR)
    now = machine.look()
    assert now.uncertainty_ms < 5_000
    assert (now.since_s, now.epoch) == (8 * 3600, 1)


@pytest.mark.parametrize("jump_ms", [DAY, -DAY, 3 * DAY, -HOUR, 20 * MINUTE])
def test_a_clock_that_is_set_changes_no_signed_time_by_more_than_is_stated(jump_ms: float) -> None:
    """It cannot know whether it slept or was set, and says so; its guess is not taken in by a day."""
    machine = Machine()
    machine.beacon()
    machine.work(HOUR)
    machine.wall_off_ms += jump_ms
    machine.work(10 * MINUTE)
    now = machine.look()
    assert now.uncertainty_ms >= abs(jump_ms)
    if abs(jump_ms) >= DAY or jump_ms < 0:
        assert abs(now.ms - machine.true_ms) < 5_000


def test_sleep_counts() -> None:
    """The guess is the time after it, and what it might be is stated."""
    machine = Machine()
    machine.beacon()
    machine.work(5 * MINUTE)
    machine.sleep(40 * MINUTE)
    now = machine.look()
    assert abs(now.ms - machine.true_ms) < 1_000
    assert 39 * MINUTE < now.uncertainty_ms < 42 * MINUTE


@pytest.mark.parametrize("jump_ms", [0, DAY, -DAY])
def test_the_next_run_goes_on_from_the_last_one(jump_ms: float) -> None:
    """Over a jump of the machine's clock as well."""
    machine = Machine()
    machine.beacon()
    machine.work(HOUR)
    machine.true_ms += 800
    machine.wall_off_ms += jump_ms
    machine.clock = machine.run()
    now = machine.look()
    assert abs(now.ms - machine.true_ms) < 30_000
    assert now.epoch == 2
    assert now.uncertainty_ms >= DAY - 30_000 if jump_ms else now.uncertainty_ms < 30_000


def test_runs_of_one_start_of_the_machine_share_its_steady_clock() -> None:
    """A night between two runs is no doubt where a clock went on that nobody can set; a new start is."""
    machine = Machine("boot-1")
    machine.beacon()
    machine.true_ms += 12 * HOUR
    machine.clock = machine.run()
    assert machine.look().uncertainty_ms < 6_000
    assert machine.clock.now().epoch == 1
    machine.boot, machine.begun_ms = "boot-2", machine.true_ms
    machine.clock = machine.run()
    assert machine.look().epoch == 2
    machine.true_ms += HOUR
    machine.begun_ms = machine.true_ms
    machine.boot = "boot-3"
    machine.clock = machine.run()
    assert machine.look().uncertainty_ms >= HOUR - 1_000


def test_a_new_beacon_ends_all_doubt() -> None:
    """A slow one does not replace what is known better, unless that was wrong: the service is right by definition."""
    machine = Machine()
    machine.beacon()
    machine.wall_off_ms += DAY
    machine.work(MINUTE)
    machine.beacon()
    assert machine.look().uncertainty_ms < 1_000
    machine.beacon(20_000)
    assert machine.look().uncertainty_ms < 1_000
    steady_ms, wall_ms = machine.clock.read()
    machine.clock.beacon(machine.true_ms + HOUR, (steady_ms - 5_000, wall_ms - 5_000))
    assert machine.clock.now().ms - machine.true_ms > HOUR - 5_000


def test_an_answer_that_was_slept_through_is_no_exact_beacon() -> None:
    """Half of half an hour, either way."""
    machine = Machine()
    asked, service_ms = machine.clock.read(), machine.true_ms
    machine.sleep(30 * MINUTE)
    machine.clock.beacon(service_ms, asked)
    machine.look()


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"beacon_ms": 1}', "7", json.dumps(dict.fromkeys(("a", "b"))), '"x"']
)
def test_what_was_kept_and_is_damaged_is_as_good_as_nothing(text: str) -> None:
    """A file that was edited makes no time."""
    machine = Machine()
    machine.kept = text
    assert machine.run().now().uncertainty_ms == UNKNOWN_MS
    machine.beacon()
    state = json.loads(machine.kept)
    for broken in (
        {"doubt_ms": "0"},
        {"elapsed_ms": float("nan")},
        {"boot": 3},
        {"wall_ms": None},
        {"doubt_ms": -9},
        {"beacon_ms": -5},
        {"beacon_ms": 1e300},
        {"beacon_ms": 10**400},
        {"elapsed_ms": -1e15},
    ):
        machine.kept = json.dumps(state | broken)
        assert machine.run().now().uncertainty_ms == UNKNOWN_MS


def test_a_full_disk_stops_no_clock() -> None:
    """The next run knows less, and says so."""

    def refuse(_: str) -> None:
        raise OSError(28, "no space left")

    sources = Sources(lambda: 5_000.0, lambda: 1_000.0)
    clock = HonestClock(sources, str, refuse)
    clock.beacon(9_000, clock.read())
    assert clock.now().ms == 9_000


def test_this_machine_has_a_steady_clock() -> None:
    """Of milliseconds, and not that of the day."""
    sources = machine_sources()
    first = sources.steady_ms()
    assert 0 < first <= sources.steady_ms() < sources.wall_ms()
