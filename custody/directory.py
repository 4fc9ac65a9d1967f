"""Offices and bodies, routes, hours and seals, as the log names them: the ground on which X-findings stand.

Every answer is as of an index: an entry is judged by what the log said before it, whatever is changed later.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

from custody.event import Entry, EventType, Field

__all__ = [
    "DIRECTORY_TYPES",
    "NEWEST",
    "Calendar",
    "Directory",
    "Org",
    "Route",
    "SealLot",
    "Way",
    "is_between",
    "seal_lot",
]

DIRECTORY_TYPES: Final = frozenset((EventType.ORG, EventType.ROUTE, EventType.CALENDAR, EventType.SEAL_LOT))
NEWEST: Final = 1 << 62
"""As of this index: what the log says now."""
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Org:
    """An office or a body.

    Attributes:
        code: its code.
        position: (latitude + 90, longitude + 180) in 1e-5 degrees, or None.
        served_by: code of the office that serves a body, or None.
    """

    code: int
    position: tuple[int, int] | None
    served_by: int | None


@dataclass(frozen=True, slots=True)
class Route:
    """The offices that an item may pass, in order, and those that it must.

    Attributes:
        number: its number; a later entry of the same number replaces it.
        stops: office codes; one alone is the round of an office that serves both bodies.
        mandatory: office codes among *stops* that may not be skipped.
    """

    number: int
    stops: tuple[int, ...]
    mandatory: frozenset[int]


@dataclass(frozen=True, slots=True)
class Way:
    """How an item may get from one office to another: by any of some routes.

    Attributes:
        nodes: offices between the two on any of the routes, both ends included.
        controls: for each route, those of its offices between the two that may not be skipped.
    """

    nodes: frozenset[int]
    controls: tuple[frozenset[int], ...]


@dataclass(frozen=True, slots=True)
class Calendar:
    """When an office works, at +07:00.

    Attributes:
        hours: weekday (0 = Monday) -> [(from, to) in minutes after midnight...].
        holidays: days since 2024-01-01 on which it is closed.
        workdays: days since 2024-01-01 worked in place of others, with Monday's hours.
    """

    hours: dict[int, tuple[tuple[int, int], ...]]
    holidays: frozenset[int]
    workdays: frozenset[int]


@dataclass(frozen=True, slots=True)
class SealLot:
    """Seals that were issued: PREFIX with numbers from *first* to *last*, zero-padded to *digits*.

    Attributes:
        seal_type: kind of seal, as in its commitment.
        prefix: letters and digits before the number.
        first, last, digits: the numbers.
        salt: 16 bytes under which their tags are made.
    """

    seal_type: int
    prefix: str
    first: int
    last: int
    digits: int
    salt: bytes


@dataclass(slots=True)
class _History(Generic[_T]):
    """Values of one thing over the log, oldest first."""

    indices: list[int] = field(default_factory=list)
    values: list[_T] = field(default_factory=list)

    def add(self, index: int, value: _T) -> None:
        self.indices.append(index)
        self.values.append(value)

    def at(self, index: int) -> _T | None:
        """Return the newest value from an entry before *index*."""
        n = bisect_left(self.indices, index)
        return self.values[n - 1] if n else None


class Directory:
    """Grown entry by entry in log order."""

    def __init__(self) -> None:
        self._orgs: dict[int, _History[Org]] = {}
        self._routes: dict[int, _History[Route]] = {}
        self._calendars: dict[int, _History[Calendar]] = {}
        self._lots: list[tuple[int, SealLot]] = []
        self._route_indices: list[int] = []
        self._ways: dict[tuple[int, int, int, bool], Way | None] = {}

    def apply(self, entry: Entry) -> None:
        """Take in an ORG, ROUTE, CALENDAR or SEAL_LOT entry; other types change nothing."""
        fields, index = entry.event.fields, entry.index
        if entry.event.type is EventType.ORG:
            position = fields.get(Field.POSITION)
            code = fields[Field.ORG_ID]
            org = Org(code, (position[0], position[1]) if position else None, fields.get(Field.SERVED_BY))
            self._orgs.setdefault(code, _History()).add(index, org)
        elif entry.event.type is EventType.ROUTE:
            number = fields[Field.ROUTE_ID]
            route = Route(number, tuple(fields[Field.STOPS]), frozenset(fields.get(Field.MANDATORY, ())))
            self._routes.setdefault(number, _History()).add(index, route)
            self._route_indices.append(index)
        elif entry.event.type is EventType.CALENDAR:
            self._calendars.setdefault(fields[Field.ORG_ID], _History()).add(index, _calendar(entry))
        elif entry.event.type is EventType.SEAL_LOT:
            self._lots.append((index, seal_lot(entry)))

    def org(self, code: int, index: int) -> Org | None:
        """Return an office or body as an entry at *index* finds it."""
        history = self._orgs.get(code)
        return history.at(index) if history else None

    def routes(self, index: int) -> Iterator[Route]:
        """Yield the routes as an entry at *index* finds them."""
        for history in self._routes.values():
            route = history.at(index)
            if route:
                yield route

    def way(self, start: int, end: int, index: int, *, backwards: bool = False) -> Way | None:
        """Return how an entry at *index* finds the way between two offices, or None where no route has both in order.

        Args:
            start: office code where it begins.
            end: office code where it ends.
            index: of the entry.
            backwards: routes count in either direction.
        """
        known = bisect_left(self._route_indices, index)
        key = (known, start, end, backwards)
        if key not in self._ways:
            parts = [p for r in self.routes(index) if (p := _between(r, start, end, backwards=backwards))]
            self._ways[key] = (
                Way(
                    frozenset().union(*(nodes for nodes, _ in parts)),
                    tuple(controls for _, controls in parts),
                )
                if parts
                else None
            )
        return self._ways[key]

    def offices_with_hours(self) -> list[int]:
        """Return the offices of which the log says when they work."""
        return sorted(self._calendars)

    def calendar(self, office: int, index: int = NEWEST) -> Calendar | None:
        """Return an office's hours as an entry at *index* finds them."""
        history = self._calendars.get(office)
        return history.at(index) if history else None

    def lots(self, index: int) -> Iterator[SealLot]:
        """Yield the seal lots issued before *index*."""
        for at, lot in self._lots:
            if at < index:
                yield lot


def is_between(stops: Sequence[int], start: int, end: int, *, backwards: bool) -> bool:
    """Say whether a route leads from one office to another; what stays at one office goes by its own round alone."""
    if start == end:
        return list(stops) == [start]
    if start not in stops or end not in stops:
        return False
    return backwards or stops.index(start) < stops.index(end)


def _between(
    route: Route, start: int, end: int, *, backwards: bool
) -> tuple[frozenset[int], frozenset[int]] | None:
    """Return (offices, mandatory ones) of a route from the first *start* to the first *end* on it, or None."""
    if not is_between(route.stops, start, end, backwards=backwards):
        return None
    first, last = route.stops.index(start), route.stops.index(end)
    nodes = frozenset(route.stops[min(first, last) : max(first, last) + 1])
    return nodes, nodes & route.mandatory


def seal_lot(entry: Entry) -> SealLot:
    """Return the lot of a SEAL_LOT entry."""
    fields = entry.event.fields
    first, last, digits = fields[Field.LOT_RANGE]
    return SealLot(
        fields[Field.SEAL_TYPE], fields[Field.LOT_PREFIX], first, last, digits, fields[Field.LOT_SALT]
    )


def _calendar(entry: Entry) -> Calendar:
    fields = entry.event.fields
    hours: dict[int, tuple[tuple[int, int], ...]] = {}
    for weekday, begin, end in fields[Field.HOURS]:
        hours[weekday] = (*hours.get(weekday, ()), (begin, end))
    return Calendar(
        hours, frozenset(fields.get(Field.HOLIDAYS, ())), frozenset(fields.get(Field.WORKDAYS, ()))
    )
