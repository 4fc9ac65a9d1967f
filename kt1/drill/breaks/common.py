"""What a break and a near miss are, and the beginnings that many of them share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Final

from custody import label
from custody.fields import EventType as E
from custody.roles import Role
from kt1.drill.world import Parcel, Person, World

__all__ = [
    "HOUR_MS",
    "MINUTE_MS",
    "Break",
    "NearMiss",
    "breaks",
    "breaks_of",
    "near",
    "near_misses_of",
    "offered",
    "officer",
    "relabel",
]

MINUTE_MS: Final = 60_000
HOUR_MS: Final = 60 * MINUTE_MS
_Make = Callable[[World], Parcel]


@dataclass(frozen=True, slots=True)
class Break:
    """A named way to break a chain.

    Attributes:
        make: does it in a world, and returns the item.
        codes: the findings that must be there, sorted, no more and no fewer.
        wait_ms: how long after it they show, for those that time alone makes.
    """

    make: _Make
    codes: tuple[str, ...]
    wait_ms: int = 0

    def __call__(self, world: World) -> tuple[Parcel, list[str]]:
        """Do it; return the item and the codes."""
        return self.make(world), list(self.codes)

    @property
    def text(self) -> str:
        """What happens, one sentence or two."""
        return self.make.__doc__ or ""


@dataclass(frozen=True, slots=True)
class NearMiss:
    """Something honest that comes close to a break.

    Attributes:
        make: does it in a world, and returns the item.
        codes: the findings that it comes close to, and must not give.
        wait_ms: as of how long after it nothing may be found.
    """

    make: _Make
    codes: tuple[str, ...]
    wait_ms: int = 0

    def __call__(self, world: World) -> Parcel:
        """Do it; return the item."""
        return self.make(world)

    @property
    def text(self) -> str:
        """What happens, one sentence or two."""
        return self.make.__doc__ or ""


def breaks(*codes: str, wait_ms: int = 0) -> Callable[[_Make], Break]:
    """Make a break of a function that does it."""
    return lambda make: Break(make, tuple(sorted(codes)), wait_ms)


def near(*codes: str, wait_ms: int = 0) -> Callable[[_Make], NearMiss]:
    """Make a near miss of a function that does it."""
    return lambda make: NearMiss(make, tuple(sorted(codes)), wait_ms)


def breaks_of(*modules: ModuleType) -> dict[str, Break]:
    """Return the breaks of modules by name."""
    return {name: one for m in modules for name, one in vars(m).items() if isinstance(one, Break)}


def near_misses_of(*modules: ModuleType) -> dict[str, NearMiss]:
    """Return the near misses of modules by name, without their `near_`."""
    return {
        name.removeprefix("near_"): one
        for m in modules
        for name, one in vars(m).items()
        if isinstance(one, NearMiss)
    }


def offered(world: World, to: Person | None = None) -> Parcel:
    """Register an item and offer it to somebody, the courier where nobody is named."""
    item = world.register()
    item.event(E.OFFER, by=world.clerk, offeree=(to or world.courier).id, expiry=3600)
    return item


def officer(world: World) -> Person:
    """A second officer of security, certified."""
    colleague = Person("second officer", (Role.SECURITY,), world.security.office)
    world.certify(colleague)
    return colleague


def relabel(world: World, item: Parcel, **other: Any) -> None:
    """Put a new label on under witness; *other* are parts of it that are not as they should be."""
    fields: dict[str, Any] = {
        "number": item.label.number,
        "instance": item.label.instance + 1,
        "day": item.label.day,
        "nonce": item.label.nonce,
        "kid4": world.kid4,
        "seal_commitment": item.label.seal_commitment,
    }
    seal = item.seal()
    item.label = label.issue_label(**(fields | other), seed=world.labels.seed)
    item.event(
        E.RELABEL, by=world.clerk, second=world.witness, label_raw=item.label.raw, label=None, seal=seal
    )
