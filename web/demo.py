"""Loading the demonstration province: the same traffic as `tram simulate`, up to now, with names and sign-ins."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from db import desk, people
from db.site import Site, create_site
from kt1.clock import DAY_MS, HOUR_MS, day_start_ms, local_date
from kt1.province import make_province
from kt1.register import Register
from kt1.traffic import Plan, Traffic, keys_of_seed, spread_breaks
from kt1.traffic.times import is_workday
from web.accounts import hash_password

__all__ = ["ORIGIN", "PASSWORD", "load_demo", "write_names"]

ORIGIN = "demo.tram.example/lam-giang"
PASSWORD = "demo-kt1"  # noqa: S105 - shown on the sign-in page of a demonstration, which listens on loopback only
_PER_DAY = 52
_TOGETHER_MS = 60_000  # within the tolerance of clocks


@dataclass(slots=True)
class _Clock:
    """The site's clock while the past is written."""

    now_ms: int

    def __call__(self) -> int:
        return self.now_ms


def load_demo(data: Path, database_url: str | None, *, items: int, seed: int, now_ms: int) -> dict[str, Any]:
    """Make a demonstration site with its traffic up to now.

    Args:
        data: the site's folder; must hold no site yet.
        database_url: a PostgreSQL instead of a file in it.
        items: how many items were accepted.
        seed: of the province and its traffic.
        now_ms: the end of the traffic, unix ms; items that are still on their way then stay there.

    Raises:
        SiteError: there is a site already.
    """
    today = local_date(now_ms)
    start_ms = _workdays_before(day_start_ms(today), max(items // _PER_DAY, 1)) + 7 * HOUR_MS
    register = make_province(seed, day=today)
    clock, keys = _Clock(start_ms), keys_of_seed(seed)
    site = create_site(
        data, origin=ORIGIN, register=register, database_url=database_url, is_demo=True, keys=keys,
        rng=random.Random(f"demo/{seed}"), now=clock,  # noqa: S311 - the demonstration repeats itself
    )  # fmt: skip
    write_names(site, register, hash_password(PASSWORD), now_ms=start_ms)
    desk.put_setting(site.engine, "demo_password", PASSWORD)
    plan = Plan(
        items=items, start_ms=start_ms, until_ms=now_ms, breaks=spread_breaks(items), first_serial=20_000_001
    )
    traffic = Traffic(register, keys, plan, net=site.net, seed=seed, checkpoint=lambda: _newest(site))
    site.ledger.append([step.raw for step in traffic.enrolment()])
    with site.hasty():  # a demonstration that was cut short is simply loaded again
        accepted = _play(site, clock, traffic)
    head = site.ledger.head()
    site.close()
    return {"items": accepted, "entries": head.size if head else 0, "people": len(register.people)}


def _newest(site: Site) -> tuple[int, bytes] | None:
    head = site.ledger.head()
    return (head.size, head.root) if head else None


def _workdays_before(midnight_ms: int, workdays: int) -> int:
    """Return 00:00 +07:00 of the day so many workdays before: also on a Sunday there is something to see."""
    while workdays:
        midnight_ms -= DAY_MS
        workdays -= is_workday(midnight_ms)
    return midnight_ms


def _play(site: Site, clock: _Clock, traffic: Traffic) -> int:
    """Append the traffic, what arrives within a minute together; give the number of items accepted."""
    numbers: set[str] = set()
    waiting: list[bytes] = []
    for step in traffic:
        if waiting and step.at_ms - clock.now_ms > _TOGETHER_MS:
            site.ledger.append(waiting)
            waiting = []
        clock.now_ms = step.at_ms if not waiting else clock.now_ms
        waiting.append(step.raw)
        numbers |= {step.number} - {""}
    site.ledger.append(waiting)
    return len(numbers)


def write_names(site: Site, register: Register, password_hash: str, *, now_ms: int) -> None:
    """Write the names of a register into the side tables."""
    people.add_offices(
        site.engine,
        (people.Office(code=one.code, name=one.name, address=one.address) for one in register.offices),
    )
    people.add_agencies(
        site.engine,
        (
            people.Agency(code=one.code, name=one.name, address=one.address, office=one.office)
            for one in register.agencies
        ),
    )
    people.add_contacts(site.engine, _contacts(register))
    people.add_people(
        site.engine,
        (
            people.Person(
                id=one.id,
                login=one.login,
                name=one.name,
                roles=tuple(sorted(role.name for role in one.roles)),
                office=None if one.agency is not None else one.office,
                agency=one.agency,
                secrecy_max=int(one.secrecy_max) if one.agency is not None else 0,
                password_hash=password_hash,
                created_ms=now_ms,
            )
            for one in register.people
        ),
    )


def _contacts(register: Register) -> Iterable[people.Contact]:
    for agency in register.agencies:
        for one in agency.contacts:
            yield people.Contact(agency=agency.code, name=one.name, phone=one.phone, duty=one.position)
