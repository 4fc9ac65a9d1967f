"""Ground for the drill: offices with positions, a road between them, and hours.

CENTRE ---- 24 km ---- OUTLYING ---- 28 km ---- FAR        (AWAY lies on no route)

lay_out(world)
runner = runner_of(world)
item.event(EventType.ACCEPT, by=runner, cites=item.offer, place=OUTLYING)
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from custody.event import EventType, Field
from custody.roles import Role
from kt1.drill.world import CENTRE, OUTLYING, RECIPIENT, SENDER, Person, World

__all__ = [
    "AWAY",
    "FAR",
    "MONDAY_MS",
    "WORKING_DAYS",
    "keep_hours",
    "lay_out",
    "move_to",
    "runner_of",
    "spot",
]

FAR, AWAY = 220201, 220301
MONDAY_MS: Final = 1_790_560_800_000
"""Monday 28/09/2026, 09:00 at +07:00."""
WORKING_DAYS: Final = [[day, 480, 1020] for day in range(5)]
"""Monday to Friday, 08:00 to 17:00."""

_OFFICE, _BODY = 1, 2
_SPOTS: Final = {
    CENTRE: (22.00, 105.00),
    OUTLYING: (22.20, 105.10),
    FAR: (22.45, 105.15),
    AWAY: (21.80, 105.50),
    SENDER: (22.02, 105.01),
    RECIPIENT: (22.47, 105.20),
}


def spot(code: int, *, north_m: int = 0) -> list[int]:
    """Return where an office or body is, as a POSITION; *north_m* metres from there."""
    latitude, longitude = _SPOTS[code]
    return [
        round((latitude + 90) * 100_000) + north_m * 100_000 // 111_195,
        round((longitude + 180) * 100_000),
    ]


def lay_out(world: World, *, controls: Iterable[int] = (OUTLYING,)) -> None:
    """Log the offices, the bodies they serve, and the one route; it may not be driven past *controls*."""
    for code in (CENTRE, OUTLYING, FAR, AWAY):
        world.system(EventType.ORG, {Field.ORG_ID: code, Field.ORG_KIND: _OFFICE, Field.POSITION: spot(code)})
    for code, office in ((SENDER, CENTRE), (RECIPIENT, FAR)):
        body: dict[int, Any] = {Field.ORG_ID: code, Field.ORG_KIND: _BODY, Field.POSITION: spot(code)}
        world.system(EventType.ORG, body | {Field.SERVED_BY: office})
    route: dict[int, Any] = {Field.ROUTE_ID: 1, Field.STOPS: [CENTRE, OUTLYING, FAR]}
    if points := list(controls):
        route[Field.MANDATORY] = points
    world.system(EventType.ROUTE, route)


def keep_hours(world: World, *, office: int = CENTRE, holidays: Iterable[int] = ()) -> None:
    """Log the hours of an office: `WORKING_DAYS`, but for *holidays* (days since 2024-01-01)."""
    fields: dict[int, Any] = {Field.ORG_ID: office, Field.HOURS: WORKING_DAYS, Field.HOLIDAYS: list(holidays)}
    world.system(EventType.CALENDAR, fields)


def runner_of(world: World, name: str = "runner") -> Person:
    """Certify a courier whose key counts at every office; say where they sign with `place=`."""
    person = Person(name, (Role.COURIER,), 0)
    world.certify(person)
    return person


def move_to(world: World, at_ms: int) -> None:
    """Let it be *at_ms*, and let somebody register something, so that devices see a checkpoint of then."""
    world.now_ms = max(world.now_ms, at_ms)
    world.register()
