"""The lists of the wall and the search: who sees what, and when."""

from __future__ import annotations

from benchmarks.load import Load
from custody.policy import Policy
from db import views
from db.site import Site

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
