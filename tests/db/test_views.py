"""The lists of the wall and the search: who sees what, and when."""

from __future__ import annotations

from benchmarks.load import Load
from custody.hours import working_ms
from custody.policy import Policy
from db import views
from db.site import Site
from kt1.drill.terrain import keep_hours
from kt1.drill.world import World

_DAY_MS = 86_400_000


def test_the_wall_lists_what_needs_somebody(site: Site, load: Load) -> None:
    """Broken items, offers that nobody took, items that nobody moved."""
    broken, offered, held = load.item(), load.item(), load.item()
    site.ledger.append([load.register(broken), load.register(offered), load.register(held)])
    site.ledger.append([load.offer(offered, 1)])
    broken.holder = 3
    site.ledger.append([load.offer(broken, 1)])
    now_ms = site.now()
    later_ms = now_ms + 2 * _DAY_MS

    assert [i.uid for i in views.broken_items(site.engine)] == [broken.uid]
    assert views.unaccepted_offers(site.engine, now_ms=now_ms) == []
    assert [i.uid for i in views.unaccepted_offers(site.engine, now_ms=later_ms)] == [offered.uid]
    assert {i.uid for i in views.overdue_items(site.engine, now_ms=later_ms)} == {held.uid, broken.uid}
    strict = Policy(offer_open_ms=0)
    assert [i.uid for i in views.unaccepted_offers(site.engine, now_ms=now_ms, policy=strict)] == [
        offered.uid
    ]


def test_people_see_what_they_hold_and_what_is_offered(site: Site, load: Load) -> None:
    """Home page of giver and taker."""
    item = load.item()
    site.ledger.append([load.register(item), load.offer(item, 1)])

    giver, taker, other = (load.actors[n].person for n in (0, 1, 2))
    assert [i.number for i in views.items_of(site.engine, giver)] == [item.number]
    assert [i.number for i in views.offers_to(site.engine, taker)] == [item.number]
    assert views.items_of(site.engine, taker) == views.offers_to(site.engine, other) == []
    assert views.offers_to(site.engine, other, codes=[990_100]) == []


def test_search_narrows(site: Site, load: Load) -> None:
    """Every condition must hold; a part of the number is enough."""
    site.ledger.append([raw for chain in load.chains(3, hops=1) for raw in chain])
    found = views.search_items(site.engine)
    assert len(found) == 3

    number = found[0].number
    assert [i.number for i in views.search_items(site.engine, number=f" {number[2:11].lower()} ")] == [number]
    assert views.search_items(site.engine, number="%") == []
    assert views.search_items(site.engine, states=["DELIVERED"]) == []
    assert len(views.search_items(site.engine, states=["HELD"], verdicts=["INTACT"], agency=990_002)) == 3
    assert views.search_items(site.engine, office=1) == []
    assert views.search_items(site.engine, since_ms=found[0].last_ms + 1) == []
    assert len(views.search_items(site.engine, limit=2)) == 2
    assert views.uid_of_number(site.engine, number) == found[0].uid
    assert views.uid_of_number(site.engine, "ZK999999999VN") is None
    assert views.state_counts(site.engine) == {("HELD", "INTACT"): 3}
    assert [c["kid"] for c in views.certificates_of(site.engine, load.actors[0].person)] == [
        load.actors[0].kid
    ]


def test_where_an_office_keeps_hours_nights_and_weekends_do_not_count(site: Site, load: Load) -> None:
    """The list asks the database, the finding asks the calendar: they agree at every hour of a week."""
    held = load.item()
    site.ledger.append([load.register(held)])
    row = views.item_by_uid(site.engine, held.uid)
    assert row
    ground = World()
    keep_hours(ground, office=row.office or 0)
    calendar = ground.network.directory.calendar(row.office or 0)
    assert calendar
    moved_ms, found = row.moved_ms or 0, []
    for hour in range(0, 168, 3):
        now_ms = moved_ms + hour * 3_600_000
        lies = bool(views.overdue_items(site.engine, now_ms=now_ms, network=ground.network))
        assert lies == (working_ms(calendar, moved_ms, now_ms) > Policy().held_ms)
        found.append(lies)

    assert found == sorted(found)
    assert set(found) == {False, True}
