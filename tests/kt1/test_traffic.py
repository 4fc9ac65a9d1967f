"""Traffic: honest work raises nothing, every planted break exactly its codes, one seed makes one stream."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from custody.event import EventType, Field, parse_event
from custody.findings import Severity
from custody.machine import State
from kt1.acceptance import check_acceptance
from kt1.clock import DAY_MS, HOUR_MS, day_start_ms
from kt1.register import Register
from kt1.traffic import Plan, Traffic, demonstration, keys_of_seed, spread_breaks
from kt1.traffic.breaks import BREAKS, Break
from kt1.traffic.times import is_workday, until_open

Run = Callable[..., Any]
GRAVE = {Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM}
START_MS = 1_793_466_000_000  # 01/11/2026 00:00 +07:00


@pytest.fixture(scope="module")
def honest(run: Run) -> Any:
    """300 honest items to the end of their journeys."""
    return run(items=300)


@pytest.fixture(scope="module")
def broken(run: Run) -> Any:
    """Every break once, among honest items."""
    return run(items=2 * len(BREAKS), breaks=spread_breaks(2 * len(BREAKS)))


def grave(judgement: Any) -> list[tuple[str, str]]:
    """Code and detail of what is of medium gravity or above."""
    return [(one.code, one.detail) for one in judgement.findings if one.severity in GRAVE]


def test_honest_traffic_raises_nothing_of_medium_gravity(honest: Any) -> None:
    """A judge that cries wolf is switched off within a week."""
    assert {uid.hex(): found for uid in honest.chains if (found := grave(honest.judge(uid)))} == {}
    assert honest.refused == []


def test_nothing_honest_is_overdue_when_it_has_come_to_its_end(honest: Any) -> None:
    """A year later nobody may be called about an envelope that was delivered, or a bag that was emptied."""
    late_ms = honest.entries[-1].logged_ms + 365 * DAY_MS
    assert [found for chain in honest.chains.values() for found in grave(chain.judge(late_ms))] == []


def test_tet_is_crossed_without_a_finding(run: Run) -> None:
    """The offices rest from 16 to 20 February 2026; what is urgent travels, the rest waits without being accused."""
    log = run(items=250, start_ms=day_start_ms(date(2026, 2, 11)))
    rested = {day for e in log.entries if not is_workday(e.logged_ms) for day in [e.logged_ms // DAY_MS]}
    assert len(rested) >= 5
    assert {uid.hex(): found for uid in log.chains if (found := grave(log.judge(uid)))} == {}


def test_honest_traffic_brings_every_item_to_an_end(honest: Any) -> None:
    """Delivered, returned to the sender, or cancelled; bags emptied; the small accidents happen too."""
    items = [chain.item for chain in honest.chains.values() if not chain.item.is_container]
    assert {item.state for item in items} == {State.DELIVERED, State.VOID}
    assert len(items) == 300
    bags = [chain.item for chain in honest.chains.values() if chain.item.is_container]
    assert {bag.state for bag in bags} == {State.VOID}
    assert 30 < len(bags) < 300
    kinds = {entry.event.type for entry in honest.entries}
    accidents = {EventType.REFUSE, EventType.CANCEL, EventType.RELABEL, EventType.RESEAL, EventType.RETURN}
    assert accidents | {EventType.SIGHT, EventType.INSPECT, EventType.VOID} <= kinds
    assert any(item.returning for item in items)


def test_bags_lie_in_bags(honest: Any) -> None:
    """What goes from one outlying office to another stays closed at the centre."""
    bags = {uid for uid, chain in honest.chains.items() if chain.item.is_container}
    nested = [e for e in honest.entries if e.event.type is EventType.LOAD and e.event.items[0].uid in bags]
    assert nested
    sizes = [e.event.fields[Field.MANIFEST][1] for e in honest.entries if e.event.type is EventType.CLOSE]
    assert max(sizes) > 2


def test_devices_lose_the_network_and_come_back(honest: Any) -> None:
    """Entries reach the log before what they cite, in another order, hours late, and twice."""
    found = Counter(
        (one.code, one.resolved_by is not None) for c in honest.chains.values() for one in c.findings
    )
    assert found["C02", True] > 0
    assert found["C02", False] == 0
    assert found["C06", False] > 0
    late = [e for e in honest.entries if e.event.items and e.logged_ms - e.event.claimed_ms > HOUR_MS]
    assert len(late) > 5
    assert honest.repeated == [step for step in honest.steps if step.is_repeat] != []


def test_recipients_sign_in_every_way(honest: Any) -> None:
    """On their own device, by badge, on glass, on paper."""
    ways = {e.event.fields.get(Field.PROOF, 0) for e in honest.entries if e.event.type is EventType.DELIVER}
    assert ways == {0, 1, 2, 3}


def test_every_device_says_how_much_it_signed_and_keys_are_renewed(honest: Any) -> None:
    """DEVICE_HEAD at the end of a shift; a new key certified by the enrolment, the old one retired."""
    heads = [e.event for e in honest.entries if e.event.type is EventType.DEVICE_HEAD]
    signed = {e.event.kid for e in honest.entries if e.event.items}
    assert {event.kid for event in heads} <= signed
    assert len(heads) > 100
    retired = [e.event.fields[Field.KID] for e in honest.entries if e.event.type is EventType.KEY_REVOKE]
    assert retired
    assert all(honest.network.ring.get(kid).retired for kid in retired)


def test_somebody_answers_for_every_item_at_every_moment(province: Register, run: Run) -> None:
    """After every entry that counts, broken ones included, one person of the register holds the item (E16)."""
    log = run(items=40, breaks=spread_breaks(40))
    states = [state for chain in log.chains.values() for state in chain._states.values()]
    assert len(states) > 300
    assert {state.custodian for state in states} <= set(province.person_by_id)


def test_steps_come_in_the_order_of_time_and_of_each_device(run: Run) -> None:
    """The log takes them as they come; a device with a network numbers its events without a gap."""
    log = run(items=60, is_calm=True)
    times = [step.at_ms for step in log.steps]
    assert times == sorted(times)
    heads: dict[bytes, tuple[int, bytes]] = {}
    for entry in log.entries:
        if entry.event.device_link:
            assert entry.event.device_link == heads.get(entry.event.kid, (0, bytes(32)))
            heads[entry.event.kid] = (entry.event.device_link[0] + 1, entry.event.id)


def test_every_form_behind_a_registration_is_a_good_one(honest: Any, province: Register) -> None:
    """The simulated clerks obey the rules of the counter."""
    forms = [(step.acceptance, step.at_ms) for step in honest.steps if step.acceptance]
    assert len(forms) == 300
    assert [
        problem for form, at_ms in forms for problem in check_acceptance(form, province, now_ms=at_ms)
    ] == []


def test_registrations_bring_what_the_side_tables_need(honest: Any) -> None:
    """Label and form travel beside the entry, never inside it."""
    for step in honest.steps:
        if step.acceptance:
            assert step.label.number == step.number
            assert step.acceptance.sender_clerk.encode() not in step.raw
            assert step.acceptance.seal.encode() not in step.raw


@pytest.mark.parametrize("planted", BREAKS.values(), ids=BREAKS)
def test_a_planted_break_shows_exactly_its_codes(broken: Any, planted: Break) -> None:
    """No more and no fewer: a supervisor acts on what is said."""
    uids = [uid for uid, cause in broken.causes.items() if cause == planted.name]
    assert len(uids) == 1
    judgement = broken.judge(uids[0], wait_ms=planted.wait_ms)
    assert {one.code for one in judgement.findings} == planted.codes


def test_a_stranger_is_refused_at_the_door(broken: Any) -> None:
    """An uncertified key leaves nothing in the log (K01)."""
    assert [(step.cause, step.is_refused, code) for step, code in broken.refused] == [
        ("stranger_signs", True, "K01")
    ]


def test_breaks_leave_the_others_alone(broken: Any) -> None:
    """Honest items between the broken ones stay clean."""
    clean = [uid for uid, cause in broken.causes.items() if not cause]
    assert sum(not broken.chains[uid].item.is_container for uid in clean) == len(BREAKS)
    assert [found for uid in clean for found in grave(broken.judge(uid))] == []


def test_one_seed_makes_one_stream_of_bytes(run: Run) -> None:
    """A bug found in simulated traffic must come back when it is looked for."""
    plan = {"items": 30, "breaks": spread_breaks(30)}
    assert run(**plan, seed=7).steps == run(**plan, seed=7).steps


def test_another_seed_makes_another_stream(run: Run) -> None:
    """Otherwise the seed does nothing."""
    first, second = run(items=5, seed=7), run(items=5, seed=8)
    assert not {step.raw for step in first.steps} & {step.raw for step in second.steps}


def test_a_plan_with_an_end_leaves_items_where_they_are(run: Run) -> None:
    """The demonstration shows items on their way, in every state, with honest ones unquestioned."""
    until_ms = START_MS + 8 * DAY_MS + 15 * HOUR_MS
    plan = demonstration(until_ms)
    log = run(**{name: getattr(plan, name) for name in plan.__dataclass_fields__})
    states = {chain.item.state for chain in log.chains.values()}
    assert set(State) - {State.NONE} >= states >= set(State) - {State.NONE, State.LOADED, State.EMPTY}
    assert set(log.causes.values()) == {*BREAKS, ""}
    assert 200 < sum(not chain.item.is_container for chain in log.chains.values()) < 400
    assert max(step.at_ms for step in log.steps) <= until_ms
    questioned = [
        found
        for uid, cause in log.causes.items()
        if not cause
        for found in grave(log.chains[uid].judge(until_ms))
    ]
    assert questioned == []


def test_the_demonstration_leaves_work_for_its_personas(run: Run, province: Register) -> None:
    """A newcomer who signs in as courier or recipient finds something to answer."""
    plan = demonstration(START_MS + 8 * DAY_MS + 15 * HOUR_MS)
    log = run(**{name: getattr(plan, name) for name in plan.__dataclass_fields__})
    people = province.person_by_login
    held = Counter(c.item.custodian for c in log.chains.values() if c.item.state is State.HELD)
    offered = Counter(c.item.offeree for c in log.chains.values() if c.item.offer)
    assert min(held[people[login].id] for login in ("giaodich1", "buuta1")) >= 3
    assert min(offered[people[login].id] for login in ("buuta1", "vanthu1")) >= 3


def test_a_site_with_keys_of_its_own_only_enrols_people(province: Register) -> None:
    """The demonstration founds its site as every site is founded, then certifies simulated devices."""
    plan = Plan(items=0, start_ms=START_MS + 500)
    keys = keys_of_seed(1)
    traffic = Traffic(province, keys, plan, net=bytes(8), seed=1, checkpoint=lambda: None)
    events = [parse_event(step.raw) for step in traffic.enrolment()]
    assert {event.type for event in events} == {EventType.KEY_CERT}
    assert len(events) == len(province.people) == len(traffic.person_seeds())
    assert list(traffic) == []


@pytest.mark.parametrize("items, expected", [(1, 1), (10, 6), (1_000, len(BREAKS))])
def test_breaks_fit_into_small_traffic(items: int, expected: int) -> None:
    """Ten items cannot show thirty breaks; every position is a real one."""
    positions = spread_breaks(items)
    assert len(positions) == expected
    assert all(0 <= position < items for position in positions)


@pytest.mark.parametrize(
    "day, hour, shown",
    [
        (date(2026, 11, 2), 5, (date(2026, 11, 2), 7.5)),
        (date(2026, 11, 2), 10, (date(2026, 11, 2), 10)),
        (date(2026, 11, 6), 17, (date(2026, 11, 9), 7.5)),
        (date(2026, 2, 13), 18, (date(2026, 2, 23), 7.5)),
        (date(2026, 4, 29), 20, (date(2026, 5, 4), 7.5)),
    ],
)
def test_ordinary_envelopes_wait_for_a_workday(day: date, hour: float, shown: tuple[date, float]) -> None:
    """Nights, weekends, Tết and the holidays at the end of April: what is not urgent stays where it is."""
    at_ms = until_open(day_start_ms(day) + round(hour * HOUR_MS))
    assert at_ms == day_start_ms(shown[0]) + round(shown[1] * HOUR_MS)
