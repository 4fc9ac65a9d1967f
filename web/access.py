"""Who may see an item, and what they may do with it now (A2, B4, E6; least privilege).

Seeing is by standing towards the item; doing is what the state machine and the roles leave open, so that the page
offers the one or two steps that make sense. The log judges by itself: nothing here is what stops a forger.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from custody.machine import TERMINAL
from custody.policy import Policy
from db import schema
from web.accounts import Viewer
from web.problems import ProblemError

__all__ = [
    "CARRIERS",
    "OVER",
    "OVERSEERS",
    "actions_of",
    "check_standing",
    "is_addressee",
    "knows_as_recipient",
    "pairs_for",
    "standing_of",
    "to_carry",
    "visible_to",
]

CARRIERS = ("issuer", "clerk", "courier", "supervisor", "security")
"""Who may have sealed mail on their hands."""
OVERSEERS = ("supervisor", "inspector", "security")
_OF_ITEMS = frozenset(
    ("attempt", "deliver", "deliver_here", "relabel", "return", "void")
)  # steps that no bag takes
_PAIRS = {0: frozenset[int](), 1: frozenset((1,)), 2: frozenset((1, 2))}  # policy two_couriers -> marks
OVER = tuple(sorted(state.name for state in TERMINAL))
"""States in which nothing more can be done with an item."""
_item = schema.item


def standing_of(who: Viewer, row: sa.RowMapping, *, has_label: bool = False) -> str:
    """Give how much of an item a person sees.

    Returns:
        "part": it is theirs to act on or answer for, all is shown; "oversight": all is shown and the look is written
        down; "hand": a courier of the office where it is now, or whoever of the post has its label before them and
        so perhaps the envelope: they see what a scan needs but no sender and recipient; "": nothing.
    """
    if who.id in {row["custodian"], row["offeree"], row["issuer"]}:
        return "part"
    if row["offeree_code"] is not None and row["offeree_code"] in {who.office, who.agency}:
        return "part"
    if is_addressee(who, row):
        return "part"
    is_here = who.office is not None and who.office == row["office"]
    if who.has("issuer", "clerk") and is_here:
        return "part"
    if who.has(*OVERSEERS):
        return "oversight"
    is_near = (who.has("courier") and is_here) or (has_label and who.has("courier", "clerk", "issuer"))
    return "hand" if is_near else ""


def is_addressee(who: Viewer, row: sa.RowMapping | dict[str, Any]) -> bool:
    """Say whether somebody receives for the agency that an item is for."""
    return who.has("recipient") and who.agency is not None and who.agency == row["recipient"]


def check_standing(who: Viewer, row: sa.RowMapping | None, *, has_label: bool = False) -> str:
    """Give the standing of somebody who has one; an item that is not there looks like one that is not theirs.

    Raises:
        ProblemError: forbidden.
    """
    standing = standing_of(who, row, has_label=has_label) if row is not None else ""
    if not standing:
        raise ProblemError("forbidden")
    return standing


def _concerning(who: Viewer) -> list[sa.ColumnElement[bool]]:
    """Give what makes an item somebody's: on their hands, offered to them or theirs, at their office, on its way."""
    mine = [_item.c.custodian == who.id, _item.c.offeree == who.id]
    codes = [code for code in (who.office, who.agency) if code is not None]
    if codes:
        mine.append(_item.c.offeree_code.in_(codes))
    if who.has("issuer", "clerk") and who.office is not None:
        mine.append(_item.c.office == who.office)
    if who.has("recipient") and who.agency is not None:
        mine.append(_item.c.recipient == who.agency)
    return mine


def visible_to(who: Viewer) -> sa.ColumnElement[bool]:
    """Give the condition of the items a person may list; the redacted view is for single scans only."""
    return sa.true() if who.has(*OVERSEERS) else sa.or_(_item.c.issuer == who.id, *_concerning(who))


def to_carry(who: Viewer) -> sa.ColumnElement[bool]:
    """Give the condition of the items that a device keeps for a shift: those that the person may have to act on.

    Each of them is listed by `visible_to`, for an overseer too, who sees all but carries only their own.
    """
    return sa.and_(_item.c.state.not_in((*OVER, "NONE")), sa.or_(*_concerning(who)))


def knows_as_recipient(who: Viewer) -> sa.ColumnElement[bool]:
    """Give the condition of the people whom a recipient knows: the couriers of the office that serves their body.

    They come to the door; a recipient who has no network must know whose signature an offer bears.
    """
    serving = sa.select(schema.agency.c.office).where(schema.agency.c.code == who.agency)
    return sa.and_(
        schema.person.c.roles.contains('"COURIER"', autoescape=True), schema.person.c.office.in_(serving)
    )


def pairs_for(policy: Policy, marks: set[int]) -> bool:
    """Say whether the policy asks for two couriers where one takes over something of these marks (P04)."""
    return bool(_PAIRS.get(policy.two_couriers, frozenset((1, 2, 3))) & marks)


def actions_of(who: Viewer, row: sa.RowMapping | dict[str, Any], *, held: bool, graver: bool) -> list[str]:
    """Name the steps that are open to a person now.

    Args:
        who: the person.
        row: of the item view.
        held: unresolved grave findings hold the next release (A19, D8).
        graver: there are findings that supervisors can decide on.
    """
    state, found = row["state"], []
    is_mine = row["custodian"] == who.id
    codes = {who.office, who.agency} - {None}
    is_for_me = row["offeree"] == who.id or row["offeree_code"] in codes
    if state == "OFFERED" and is_for_me:
        takes = "deliver" if who.has("recipient") else "receive"
        found += ["refuse"] if held and takes == "deliver" else [takes, "refuse"]
    if state == "OFFERED" and is_mine:
        found.append("cancel")
    if state in {"HELD", "OFFERED"} and is_mine and who.has("courier"):
        found += ["attempt"] if held else ["deliver_here", "attempt"]
    if state in {"HELD", "QUAR"} and is_mine and row["is_container"] and who.has(*CARRIERS):
        found.append("open")
    if state in {"HELD", "QUAR"} and is_mine:
        found += [] if held else ["hand_over"]
        found += ["return"] if state == "HELD" and not row["is_returning"] else []
        found += ["relabel"] if who.has("issuer") else []
        found += ["void"] if row["seq"] == 0 and who.has("issuer") and state == "HELD" else []
    if graver and who.has("supervisor") and row["issuer"] != who.id and state not in OVER:
        found.append("override")
    if state != "NONE":
        found += ["sight", "report"]
    if row["is_container"]:
        found = [step for step in found if step not in _OF_ITEMS]
    return found
