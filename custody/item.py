"""What is known of one item at a point of its chain: the state that the fold carries along."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from custody.event import ZERO, Entry
from custody.fields import Field
from custody.label import Label
from custody.machine import State

__all__ = ["Item"]


@dataclass(slots=True)
class Item:
    """State of one item; changed only by `judge.Chain`.

    Attributes:
        uid: 8 bytes.
        state: cell row of the transition table.
        custodian: 8-byte person id of the one who answers for it; b"" before registration.
        offices: offices of the custodian's certificate when custody began.
        head: id of the last custody event on the main line, `ZERO` before registration.
        seq: its position.
        offer: the OFFER that is open, or None.
        before_offer: state to go back to when it is refused or cancelled.
        returning: whether it is on its way back to the sender.
        seal_commitment: 8 bytes of the seal that should be on the cover.
        labels: digest (16 bytes) -> instance, of every label registered for it; replaced, never changed.
        label: the label that counts, or None before registration.
        registration: the REGISTER entry, or None.
        last: the newest entry on the main line, or None.
    """

    uid: bytes
    state: State = State.NONE
    custodian: bytes = b""
    offices: tuple[int, ...] = ()
    head: bytes = ZERO
    seq: int = -1
    offer: Entry | None = None
    before_offer: State = State.NONE
    returning: bool = False
    seal_commitment: bytes = b""
    labels: dict[bytes, int] = field(default_factory=dict)
    label: Label | None = None
    registration: Entry | None = None
    last: Entry | None = None

    @property
    def instance(self) -> int:
        """The label instance that counts."""
        return self.label.instance if self.label else 0

    def snapshot(self) -> Item:
        """Return the state as it is now, untouched by what comes."""
        return replace(self)

    @property
    def offeree(self) -> bytes | int | None:
        """Person id, or office or agency code, to whom it is offered; None where it is not."""
        return self.offer.event.fields[Field.OFFEREE] if self.offer else None
