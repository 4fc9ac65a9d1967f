"""The bodies of the API about who is there: persons, their devices, a second person, and printers beside them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints

from web.schemas import Anchor, Hex, Key, Kid, Named, Place, Strict

__all__ = [
    "ClaimForm", "CodeForm", "DeviceAnswer", "DeviceForm", "MeAnswer", "PrinterStateAnswer", "PrintersAnswer",
    "TicketForm", "WitnessAnswer", "WitnessForm",
]  # fmt: skip


class DeviceForm(Strict):
    """A browser's new key."""

    public_key: Key
    name: Annotated[str, StringConstraints(min_length=1, max_length=80)]


class WitnessForm(Strict):
    """The second person, before the same browser."""

    login: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    password: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    public_key: Annotated[Key, Field(description="made for this act; it will countersign only")]


class CodeForm(Strict):
    """The code on a supervisor's screen."""

    code: Annotated[str, StringConstraints(min_length=16, max_length=64)]


class ClaimForm(CodeForm):
    """The device that comes with it, and that it is its person's: nobody is set up by a supervisor alone."""

    public_key: Key
    password: Annotated[str, StringConstraints(min_length=1, max_length=1024)]
    name: Annotated[str, StringConstraints(min_length=1, max_length=80)]


class TicketForm(Strict):
    """What the device was given when it came."""

    ticket: Annotated[str, StringConstraints(min_length=16, max_length=64)]


class MePerson(Named):
    """The signed-in person."""

    login: str
    roles: list[str]
    office: Place | None
    agency: Place | None
    offices: list[Place]


class DeviceAnswer(BaseModel):
    """A device key and whether it may sign."""

    kid: Kid
    status: Literal["active", "pending", "none"]


class MeDevice(DeviceAnswer):
    """With the head of its chain as the log knows it."""

    dseq: int
    dprev: Hex
    not_after_ms: Annotated[int | None, Field(description="when its certificate ends")]


class MeAnswer(BaseModel):
    """Who I am and what my device signs on."""

    person: MePerson
    net: Hex
    origin: str
    anchor: Anchor
    demo: bool
    now_ms: int
    device: MeDevice | None


class PrinterAnswer(BaseModel):
    """A printer that the administrator named."""

    name: str
    title: str
    paper: str


class PrintersAnswer(BaseModel):
    """The printers of the office."""

    printers: list[PrinterAnswer]


class PrinterStateAnswer(BaseModel):
    """How a printer is."""

    state: Literal["ready", "trouble", "off", "unknown"]
    words: list[str]


class WitnessAnswer(BaseModel):
    """The second person and the key that countersigns for them in this browser."""

    person: Named
    kid: Kid
    status: Literal["active"]
