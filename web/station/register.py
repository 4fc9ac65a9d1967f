"""What a station knows of items, labels and itself: from the service where it answers, else from the day it kept."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from custody import label, s10
from custody.errors import CustodyError, SignatureError
from custody.event import EventType
from custody.label import Label
from scanner.station.outbox import Outbox
from scanner.text import Kind, classify
from web.station.client import Client, DownError, RefusedError, SignedOutError
from web.station.folder import Folder

__all__ = ["Found", "Register", "Standing", "label_of"]

_TAKING: Final = (int(EventType.ACCEPT),)
_QUIET_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class Found:
    """What was found of an item.

    Attributes:
        item: as the API shows it, or None.
        is_local: from the day that was kept, not from the service.
        problem: why there is none: "", "unregistered", "forbidden" or "offline".
    """

    item: dict[str, Any] | None
    is_local: bool = False
    problem: str = ""


class Standing:
    """What a label's signature says."""

    GENUINE = "genuine"
    FORGED = "forged"
    UNKNOWN_KEY = "unknown-key"
    OLD_KEY = "key-window"


@dataclass(slots=True)
class Register:
    """The item register as far as this station sees it.

    Attributes:
        folder: where the day is kept.
        client: the service.
        outbox: what this station signed since.
        facts: what was kept, see `refresh`.
        clock: seconds that no setting of the clock changes.
    """

    folder: Folder
    client: Client
    outbox: Outbox
    facts: dict[str, Any] = field(default_factory=dict)
    clock: Callable[[], float] = time.monotonic
    _quiet_until_s: float = float("-inf")  # a service that hangs is not waited for again and again

    def refresh(self, kid: bytes) -> None:
        """Ask who this is and for the day, and keep both.

        Raises:
            DownError, SignedOutError, RefusedError: they stay as they were.
        """
        me, day = self.client.me(kid), self.client.day()
        self.facts = self.facts | {"me": me, "day": day}
        self._quiet_until_s = float("-inf")
        self.folder.keep(self.facts)

    @property
    def me(self) -> dict[str, Any]:
        """The person and the key as the service last named them."""
        found: dict[str, Any] = self.facts["me"]
        return found

    @property
    def anchor(self) -> tuple[int, bytes] | None:
        """The newest checkpoint seen: (size, root)."""
        newest = max(
            (self.facts["day"]["checkpoint"], self.me["anchor"]), key=lambda one: int(one["size"] or 0)
        )
        return (newest["size"], bytes.fromhex(newest["root"])) if newest["size"] else None

    def standing(self, seen: Label) -> str:
        """Say what a label's signature is worth, by the issuing keys of the day."""
        for key in self.facts["day"]["label_keys"]:
            if key["kid4"] == seen.kid4.hex():
                break
        else:
            return Standing.UNKNOWN_KEY
        try:
            label.verify_label(seen, bytes.fromhex(key["public_key"]))
        except SignatureError:
            return Standing.FORGED
        first, last = s10.day_of(key["not_before_ms"]), s10.day_of(key["not_after_ms"])
        return Standing.GENUINE if first <= seen.day <= last and not key["revoked"] else Standing.OLD_KEY

    def confirms(self, text: str) -> bool:
        """Say whether a number is in the register as far as this person sees it, or a label genuine."""
        seen = classify(text)
        if seen.label is not None:
            return self.standing(seen.label) == Standing.GENUINE
        return seen.kind is Kind.NUMBER and self.find(seen.number, None).item is not None

    def find(self, number: str, digest: bytes | None) -> Found:
        """Return an item, what this station signed since counted in."""
        try:
            if self.clock() >= self._quiet_until_s:
                return Found(self._advanced(self.client.item(number, digest)))
        except RefusedError as error:
            return Found(None, problem="unregistered" if error.status == 404 else "forbidden")
        except (DownError, SignedOutError):
            self._quiet_until_s = self.clock() + _QUIET_S
        kept = next((one for one in self.facts["day"]["items"] if one["number"] == number), None)
        if kept is None:
            return Found(None, is_local=True, problem="offline")
        return Found(self._advanced(kept), is_local=True)

    def _advanced(self, item: dict[str, Any]) -> dict[str, Any]:
        """Return the item after the steps that were signed here and that it does not have yet."""
        for sent in self.outbox.all():
            facts = sent.facts
            refused = sent.answer is not None and sent.answer.status == "refused"
            is_next = facts.get("uid") == item["uid"] and facts.get("seq", 0) > item["seq"]
            if is_next and facts.get("type") in _TAKING and not refused:
                me = {"id": self.me["person"]["id"], "name": self.me["person"]["name"]}
                item = item | {
                    "seq": facts["seq"],
                    "head": sent.id.hex(),
                    "state": "HELD",
                    "custodian": me,
                    "offer": None,
                    "actions": ["report"],
                }
        return item


def label_of(item: dict[str, Any]) -> Label | None:
    """Return the label that the service shows to those whom an item concerns."""
    shown = item.get("label")
    try:
        return label.parse_digits(shown["digits"]) if shown else None
    except CustodyError:
        return None
