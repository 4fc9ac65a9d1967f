"""The state machine of an item, as data: 9 states x 21 events, 50 cells allowed (custody.md 4d, ADR 8).

A cell that is not here is an illegal transition (S01), or S03 once the item is done with.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final

from custody.fields import EventType as E
from custody.roles import CUSTODY_ROLES, Role

__all__ = [
    "AT_HAND",
    "BEFORE",
    "CONTAINER_TRANSITIONS",
    "GENESIS",
    "OBSERVATIONS",
    "ROLES",
    "SAME",
    "TERMINAL",
    "TRANSITIONS",
    "TWO_PERSON",
    "State",
]


class State(IntEnum):
    """Where an item stands between registration and its end, or a container between closing and withdrawal."""

    NONE = 0
    HELD = 1
    OFFERED = 2
    LOADED = 3
    QUAR = 4
    LOST = 5
    DELIVERED = 6
    DESTROYED = 7
    VOID = 8
    EMPTY = 9  # a container that was opened


TERMINAL: Final = frozenset((State.DELIVERED, State.DESTROYED, State.VOID))
_LIVE: Final = tuple(state for state in State if state not in (State.NONE, State.EMPTY))
GENESIS: Final = frozenset((E.REGISTER, E.CLOSE))
"""Events that begin a chain: an item's, and a container's."""

SAME: Final = None  # the event changes no state
BEFORE: Final = State.NONE  # back to the state before the OFFER

OBSERVATIONS: Final = frozenset((E.SIGHT, E.INSPECT, E.CORRECT))
"""Events that cite the head of a chain but that nothing may build upon: they cannot fork it (ADR 6)."""

AT_HAND: Final = frozenset(
    (
        *(
            E.REGISTER,
            E.RELABEL,
            E.RESEAL,
            E.OFFER,
            E.ACCEPT,
            E.CANCEL,
            E.DELIVER,
            E.LOAD,
            E.UNLOAD,
            E.RETURN,
        ),
        *(E.SEIZE, E.RELEASE, E.CLOSE, E.OPEN),
    )
)
"""Custody events of somebody who has the thing in hand: their place is its place. Refusals, and what supervisors
decide, may be signed from afar."""

TRANSITIONS: Final[dict[tuple[State, E], State | None]] = {
    (State.NONE, E.REGISTER): State.HELD,
    (State.HELD, E.RELABEL): SAME,
    (State.QUAR, E.RELABEL): SAME,
    (State.HELD, E.RESEAL): SAME,
    (State.QUAR, E.RESEAL): SAME,
    (State.HELD, E.OFFER): State.OFFERED,
    (State.QUAR, E.OFFER): State.OFFERED,
    (State.OFFERED, E.ACCEPT): State.HELD,
    (State.OFFERED, E.REFUSE): BEFORE,
    (State.OFFERED, E.CANCEL): BEFORE,
    (State.OFFERED, E.DELIVER): State.DELIVERED,
    (State.HELD, E.LOAD): State.LOADED,
    (State.LOADED, E.UNLOAD): State.HELD,
    **{(state, E.SIGHT): SAME for state in _LIVE},
    (State.HELD, E.INSPECT): SAME,
    (State.OFFERED, E.INSPECT): SAME,
    (State.QUAR, E.INSPECT): SAME,
    (State.HELD, E.RETURN): SAME,
    (State.HELD, E.SEIZE): State.QUAR,
    (State.OFFERED, E.SEIZE): State.QUAR,
    (State.LOADED, E.SEIZE): State.QUAR,
    (State.QUAR, E.RELEASE): State.HELD,
    (State.HELD, E.LOSS): State.LOST,
    (State.OFFERED, E.LOSS): State.LOST,
    (State.LOADED, E.LOSS): State.LOST,
    (State.QUAR, E.LOSS): State.LOST,
    (State.LOST, E.FOUND): State.QUAR,
    (State.QUAR, E.DESTROY): State.DESTROYED,
    (State.HELD, E.VOID): State.VOID,
    **{(state, E.CORRECT): SAME for state in _LIVE},
    (State.HELD, E.OVERRIDE): State.HELD,
    (State.OFFERED, E.OVERRIDE): State.HELD,
    (State.LOADED, E.OVERRIDE): State.HELD,
    (State.QUAR, E.OVERRIDE): State.HELD,
    (State.LOST, E.OVERRIDE): State.HELD,
    (
        State.DELIVERED,
        E.OVERRIDE,
    ): SAME,  # what was found at delivery can be decided, the item stays where it is
}

_BOXED: Final = (State.HELD, State.OFFERED, State.LOADED, State.QUAR, State.LOST, State.EMPTY, State.VOID)

CONTAINER_TRANSITIONS: Final[dict[tuple[State, E], State | None]] = {
    (State.NONE, E.CLOSE): State.HELD,
    (State.HELD, E.RELABEL): SAME,
    (State.QUAR, E.RELABEL): SAME,
    (State.HELD, E.RESEAL): SAME,
    (State.QUAR, E.RESEAL): SAME,
    (State.HELD, E.OFFER): State.OFFERED,
    (State.QUAR, E.OFFER): State.OFFERED,
    (State.OFFERED, E.ACCEPT): State.HELD,
    (State.OFFERED, E.REFUSE): BEFORE,
    (State.OFFERED, E.CANCEL): BEFORE,
    (State.HELD, E.LOAD): State.LOADED,
    (State.LOADED, E.UNLOAD): State.HELD,
    (State.HELD, E.OPEN): State.EMPTY,
    (State.QUAR, E.OPEN): State.EMPTY,
    **{(state, E.SIGHT): SAME for state in _BOXED},
    (State.HELD, E.INSPECT): SAME,
    (State.OFFERED, E.INSPECT): SAME,
    (State.QUAR, E.INSPECT): SAME,
    (State.HELD, E.SEIZE): State.QUAR,
    (State.OFFERED, E.SEIZE): State.QUAR,
    (State.LOADED, E.SEIZE): State.QUAR,
    (State.QUAR, E.RELEASE): State.HELD,
    (State.HELD, E.LOSS): State.LOST,
    (State.OFFERED, E.LOSS): State.LOST,
    (State.LOADED, E.LOSS): State.LOST,
    (State.QUAR, E.LOSS): State.LOST,
    (State.LOST, E.FOUND): State.QUAR,
    (State.EMPTY, E.RETIRE): State.VOID,
    **{(state, E.CORRECT): SAME for state in _BOXED},
    (State.HELD, E.OVERRIDE): State.HELD,
    (State.OFFERED, E.OVERRIDE): State.HELD,
    (State.LOADED, E.OVERRIDE): State.HELD,
    (State.QUAR, E.OVERRIDE): State.HELD,
    (State.LOST, E.OVERRIDE): State.HELD,
    (State.EMPTY, E.OVERRIDE): SAME,  # what was found at opening can be decided, the container stays open
    (State.VOID, E.OVERRIDE): SAME,  # also when its label has been withdrawn
}
"""A container's life: closed, handed on as one, opened, and its label withdrawn. It is closed once (ADR 9)."""

_ANY: Final = frozenset(Role)
_SECURITY: Final = frozenset((Role.SECURITY,))
_SUPERVISOR: Final = frozenset((Role.SUPERVISOR,))

ROLES: Final[dict[E, frozenset[Role]]] = {
    E.REGISTER: frozenset((Role.ISSUER,)),
    E.RELABEL: CUSTODY_ROLES,
    E.RESEAL: CUSTODY_ROLES,
    E.OFFER: CUSTODY_ROLES,
    E.ACCEPT: CUSTODY_ROLES,
    E.REFUSE: CUSTODY_ROLES | {Role.RECIPIENT},
    E.CANCEL: CUSTODY_ROLES,
    E.DELIVER: CUSTODY_ROLES | {Role.RECIPIENT},  # the carrier, on the recipient's proof (S06)
    E.LOAD: CUSTODY_ROLES,
    E.UNLOAD: CUSTODY_ROLES,
    E.SIGHT: _ANY,
    E.INSPECT: CUSTODY_ROLES | {Role.INSPECTOR},
    E.RETURN: CUSTODY_ROLES,
    E.SEIZE: _SECURITY,
    E.RELEASE: _SECURITY,
    E.LOSS: _SUPERVISOR,
    E.FOUND: _ANY,
    E.DESTROY: _SECURITY,
    E.VOID: frozenset((Role.ISSUER,)),
    E.CORRECT: _ANY,
    E.OVERRIDE: _SUPERVISOR,
    E.CLOSE: CUSTODY_ROLES,
    E.OPEN: CUSTODY_ROLES,
    E.RETIRE: CUSTODY_ROLES,
}
"""Roles of which a signer needs one (K06)."""

TWO_PERSON: Final[dict[E, frozenset[Role]]] = {
    E.RELABEL: CUSTODY_ROLES,
    E.RESEAL: CUSTODY_ROLES,
    E.LOSS: _SUPERVISOR,
    E.FOUND: _SUPERVISOR,
    E.DESTROY: _SECURITY,
    E.OVERRIDE: _SUPERVISOR,
    E.OPEN: CUSTODY_ROLES,
}
"""Events that need a second person, and the roles of which that one needs one (P04, P07)."""
