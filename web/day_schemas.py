"""The answer of `GET /api/v1/day`: what a device keeps for a shift without a network."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from web.schemas import Anchor, ItemAnswer, Kid, Taker

__all__ = ["DayAnswer"]


class DayItem(ItemAnswer):
    """An item that a device keeps for a shift."""

    why: Literal["held", "offered", "office", "agency"]
    before: Annotated[str, Field(description="state to which a refused or withdrawn offer leads back")]


class DayPerson(Taker):
    """Somebody who may take or give, with the keys that sign for them now."""

    kids: list[Kid]


class DayCheckpoint(Anchor):
    """Newest checkpoint, signed."""

    note: str


class KeyEntry(BaseModel):
    """An entry of the log about keys."""

    index: int
    logged_ms: int
    entry: Annotated[str, Field(description="base64url without padding of COSE_Sign1")]


class KeyEntries(BaseModel):
    """Entries about keys from an index on, oldest first; 2,000 at most."""

    since: int
    entries: list[KeyEntry]


class DayAnswer(BaseModel):
    """What a shift needs where there is no network; what was cut off stands in `more`."""

    now_ms: int
    items: list[DayItem]
    more: bool
    people: list[DayPerson]
    label_keys: list[dict[str, Any]]
    checkpoint: DayCheckpoint
    roots: Annotated[list[Kid], Field(description="root keys that no other key certified")]
    system: KeyEntries
