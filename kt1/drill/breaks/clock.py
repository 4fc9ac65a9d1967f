"""The time: ways to break it, and what comes close."""

from __future__ import annotations

from custody.fields import EventType as E
from custody.hours import day_number
from custody.roles import Role
from kt1.drill.breaks.common import HOUR_MS, MINUTE_MS, breaks, near, offered
from kt1.drill.terrain import MONDAY_MS, keep_hours, move_to
from kt1.drill.world import Parcel, Person, World

DAY_S = 86_400


@breaks("T01")
def time_regression(world: World) -> Parcel:
    """The courier's clock goes back by ten minutes between taking and offering."""
    item = world.register()
    item.hand_over(world.courier)
    early = world.early
    claimed_ms = world.now_ms - 600_000
    item.event(
        E.OFFER, by=world.courier, offeree=world.other.id, expiry=3600, t_claim=claimed_ms, anchor=early
    )
    return item


@breaks("T11")
def taken_before_offered(world: World) -> Parcel:
    """The taker's clock is ten minutes behind the giver's."""
    item = offered(world)
    early = world.early
    item.event(E.ACCEPT, by=world.courier, cites=item.offer, t_claim=world.now_ms - 600_000, anchor=early)
    return item


@breaks("T07")
def no_anchor(world: World) -> Parcel:
    """The device cites no checkpoint at all."""
    item = offered(world)
    item.event(E.ACCEPT, by=world.courier, cites=item.offer, anchor=None)
    return item


@breaks("K03", "S04", "T07")
def expired_in_hiding(world: World) -> Parcel:
    """The certificate ended two hours ago; the claim is back-dated and no checkpoint is cited to betray it."""
    stale = Person("stale", (Role.COURIER,), world.courier.office)
    world.certify(stale, not_after=world.now_ms + HOUR_MS)
    item = offered(world, stale)
    signed_ms = world.now_ms
    world.now_ms += 3 * HOUR_MS
    item.event(E.ACCEPT, by=stale, cites=item.offer, t_claim=signed_ms, anchor=None)
    return item


@breaks("T02")
def back_dated(world: World) -> Parcel:
    """Claimed before a checkpoint that the device had already seen."""
    item = offered(world)
    world.now_ms += 40 * 60_000
    world.register()
    item.event(E.ACCEPT, by=world.courier, cites=item.offer, t_claim=world.now_ms - 20 * 60_000)
    return item


@breaks("T03")
def future_dated(world: World) -> Parcel:
    """Claimed an hour after the log took it."""
    item = offered(world)
    item.event(E.ACCEPT, by=world.courier, cites=item.offer, t_claim=world.now_ms + HOUR_MS)
    return item


@breaks("M05")
def split_view(world: World) -> Parcel:
    """The device saw another log of the same size."""
    item = offered(world)
    item.event(E.ACCEPT, by=world.courier, cites=item.offer, anchor=[world.size, bytes(32)])
    return item


@breaks("M05")
def from_the_future(world: World) -> Parcel:
    """The device cites a size that this log did not have yet."""
    item = offered(world)
    item.event(E.ACCEPT, by=world.courier, cites=item.offer, anchor=[world.size + 5, bytes(32)])
    return item


@breaks("T04")
def uploaded_late(world: World) -> Parcel:
    """The taker's device sends its acceptance a day and an hour after it was signed."""
    return _uploaded(world, after_ms=25 * HOUR_MS)


@near("T04")
def near_uploaded_late(world: World) -> Parcel:
    """A day in the hills without a network."""
    return _uploaded(world, after_ms=23 * HOUR_MS)


@breaks("T04", "T04")
def uploaded_late_by_an_office_at_work(world: World) -> Parcel:
    """Handed over on Monday morning and sent to the log on Thursday: three days of work without a network."""
    return _uploaded_between(world, MONDAY_MS, MONDAY_MS + 73 * HOUR_MS)


@near("T04")
def near_uploaded_after_the_weekend(world: World) -> Parcel:
    """Handed over on Friday evening by devices without a network, and sent to the log on Monday morning."""
    return _uploaded_between(world, MONDAY_MS - 65 * HOUR_MS, MONDAY_MS)


@breaks("T05")
def old_checkpoint(world: World) -> Parcel:
    """The giver's device has not seen the log for more than a week."""
    return _last_seen(world, before_ms=8 * DAY_S * 1000)


@near("T05")
def near_old_checkpoint(world: World) -> Parcel:
    """The giver's device saw the log before the holidays."""
    return _last_seen(world, before_ms=6 * DAY_S * 1000)


@breaks("T06", "T06")
def clock_in_doubt(world: World) -> Parcel:
    """One device says that its clock may be wrong by a quarter of an hour, another that it was set two days ago."""
    item = world.register()
    unsure = [5, 15 * MINUTE_MS, 1]
    item.event(E.OFFER, by=world.clerk, offeree=world.courier.id, expiry=3600, clock=unsure)
    item.event(E.ACCEPT, by=world.courier, cites=item.offer, clock=[2 * DAY_S, 100, 1])
    return item


@near("T06")
def near_clock_in_doubt(world: World) -> Parcel:
    """Ten minutes of doubt, and a clock set this time yesterday."""
    item = world.register()
    item.event(E.SIGHT, by=world.courier, clock=[DAY_S, 10 * MINUTE_MS, 1])
    return item


@breaks("T09")
def out_of_hours(world: World) -> Parcel:
    """Offered ten minutes after the office has closed."""
    keep_hours(world)
    world.now_ms = MONDAY_MS
    item = world.register()
    world.now_ms = MONDAY_MS + 8 * HOUR_MS + 10 * MINUTE_MS
    item.event(E.OFFER, by=world.clerk, offeree=world.courier.id, expiry=3600)
    return item


@near("T09")
def near_closing_time(world: World) -> Parcel:
    """Offered as the door closes, by a clock that is a minute fast; looked at in the night."""
    keep_hours(world)
    world.now_ms = MONDAY_MS
    item = world.register()
    world.now_ms = MONDAY_MS + 8 * HOUR_MS
    item.event(
        E.OFFER, by=world.clerk, offeree=world.courier.id, expiry=3600, t_claim=world.now_ms + MINUTE_MS
    )
    world.now_ms += HOUR_MS
    item.event(E.SIGHT, by=world.courier)
    return item


@breaks("T10")
def left_lying(world: World) -> Parcel:
    """Accepted on Monday morning, and not given to a courier before Thursday: 27 hours of work."""
    keep_hours(world)
    return _lying(world, until_ms=MONDAY_MS + 72 * HOUR_MS)


@near("T10")
def near_left_lying(world: World) -> Parcel:
    """The same three days, but Tuesday is a holiday."""
    keep_hours(world, holidays=[day_number(MONDAY_MS) + 1])
    return _lying(world, until_ms=MONDAY_MS + 72 * HOUR_MS)


@near("T10", "T08")
def near_left_lying_until_the_agreed_hour(world: World) -> Parcel:
    """Accepted on Monday morning, to be delivered on Thursday at nine."""
    keep_hours(world)
    world.now_ms = MONDAY_MS
    item = world.register(urgency=2, due=MONDAY_MS + 72 * HOUR_MS)
    move_to(world, MONDAY_MS + 72 * HOUR_MS)
    item.deliver()
    return item


@breaks("S05", wait_ms=25 * HOUR_MS)
def forgotten_offer(world: World) -> Parcel:
    """Offered yesterday, and nobody has answered."""
    return offered(world)


@breaks("S07", wait_ms=25 * HOUR_MS)
def forgotten_item(world: World) -> Parcel:
    """With a courier since yesterday, without a word."""
    item = world.register()
    item.hand_over(world.courier)
    return item


@near("S05", "S07", "T10")
def near_weekend(world: World) -> Parcel:
    """Accepted on Friday afternoon, and still there on Monday morning: the office keeps hours."""
    keep_hours(world)
    world.now_ms = MONDAY_MS - 65 * HOUR_MS
    item = world.register()
    move_to(world, MONDAY_MS)
    return item


def _uploaded(world: World, *, after_ms: int) -> Parcel:
    item = offered(world)
    raw = item.sign(E.ACCEPT, by=world.courier, cites=item.offer)
    world.now_ms += after_ms
    world.log(raw)
    return item


def _uploaded_between(world: World, signed_ms: int, sent_ms: int) -> Parcel:
    keep_hours(world)
    world.now_ms = signed_ms
    item = world.register()
    with world.offline() as outbox:
        item.hand_over(world.courier)
    world.now_ms = sent_ms
    for raw in outbox:
        world.log(raw)
    return item


def _last_seen(world: World, *, before_ms: int) -> Parcel:
    size = world.size
    world.now_ms += before_ms
    item = world.register()
    anchor = [size, world.heads[size][0]]
    item.event(E.OFFER, by=world.clerk, offeree=world.courier.id, expiry=3600, anchor=anchor)
    return item


def _lying(world: World, *, until_ms: int) -> Parcel:
    world.now_ms = MONDAY_MS
    item = world.register()
    move_to(world, until_ms)
    item.event(E.OFFER, by=world.clerk, offeree=world.courier.id, expiry=3600)
    return item


@near("T01", "T02", "T03")
def near_clock(world: World) -> Parcel:
    """Clocks that differ by just less than the tolerance."""
    item = offered(world)
    item.event(E.ACCEPT, by=world.courier, cites=item.offer, t_claim=world.now_ms - 119_000)
    item.event(E.OFFER, by=world.courier, offeree=world.other.id, expiry=3600, t_claim=world.now_ms + 119_000)
    return item
