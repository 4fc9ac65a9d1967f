"""The work at a desk: a read is understood, shown, asked about, signed, kept, sent, and told.

A station receives what is offered to its person and reports what it sees; everything else is done on the page.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from custody import label
from custody.event import ZERO, EventType, Field, sign_event
from custody.label import Label
from custody.s10 import group_number
from scanner.station.clock import Moment
from scanner.station.outbox import Outbox, Sent
from scanner.station.sources import HAND, WEDGE, Scan
from scanner.text import Kind, classify
from scanner.wedge import read, settle
from web.station.courier import Courier
from web.station.register import Found, Register, Standing, label_of

__all__ = ["Desk", "Screen", "Signer", "Translate"]

_ANSWER_S: Final = 3.0
_SEAL: Final = re.compile(r"[0-9A-Z]{1,32}")
_STRIP_SEAL: Final = 1
_SEAL_REASON, _NOT_MINE, _FORGED = 2, 4, 6  # field REASON
_CONDITIONS: Final = {"i": 0, "d": 1, "b": 2}

Translate = Callable[..., str]


class Screen(Protocol):
    """Who tells the person something, and asks."""

    def tell(self, kind: str, text: str) -> None:
        """Say *text*; kind is good, info, warn or bad, and has its colour, sign and sound."""
        ...

    def ask(self, question: str) -> str:
        """Return what is typed in answer, without blanks at the ends; "" where nobody answers."""
        ...


@dataclass(frozen=True, slots=True)
class Signer:
    """Whose events these are.

    Attributes:
        seed: 32 bytes of the station's key.
        net: 8 bytes naming the network.
        actor: 8 bytes, the person.
        place: office code.
        now: gives the time, and by how much it may be wrong.
        nonce: gives 8 random bytes.
    """

    seed: bytes
    net: bytes
    actor: bytes
    place: int
    now: Callable[[], Moment]
    nonce: Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class _Seen:
    """A read and what it is: the label it bears, if it is one, and how it was read."""

    number: str
    label: Label | None
    method: int


@dataclass(slots=True)
class Desk:
    """One desk at work.

    Attributes:
        signer: whose events these are.
        register: what is known of items.
        outbox: where signed events are kept.
        courier: what sends them.
        screen: what the person sees and answers.
        t: translates.
        sights_only: every genuine label is signed as seen here, without a question.
    """

    signer: Signer
    register: Register
    outbox: Outbox
    courier: Courier
    screen: Screen
    t: Translate
    sights_only: bool = False
    _reported: set[str] = field(default_factory=set)

    def take(self, scan: Scan) -> None:
        """Work through one read."""
        if scan.is_guess and not self.register.confirms(scan.text):
            return  # bars that nobody could read: the next frame may
        text: str | None = scan.text.strip()
        if scan.method == WEDGE:
            text = settle(read(scan.text), self.register.confirms)
        if text is None:
            self.screen.tell("warn", self.t("Misread. Hold the reader still and scan again."))
            return
        seen = classify(text)
        if seen.kind is Kind.MISREAD:
            self.screen.tell("warn", self.t("Misread. Hold the reader still and scan again."))
        elif seen.label is not None:
            self._label(_Seen(seen.number, seen.label, scan.method), text)
        elif seen.kind is Kind.NUMBER:
            self._number(_Seen(seen.number, None, HAND))
        else:
            self.screen.tell("info", self.t("Not a KT1 label. Scan the square code of the KT1 label."))

    def _label(self, seen: _Seen, text: str) -> None:
        assert seen.label is not None  # noqa: S101 - by the caller
        standing = self.register.standing(seen.label)
        if standing in {Standing.FORGED, Standing.UNKNOWN_KEY}:
            self.screen.tell(
                "bad", self.t("Forged label. Keep the envelope apart and tell your supervisor now.")
            )
            if text not in self._reported:
                self._reported.add(text)
                self._sight(seen, None, reason=_FORGED, title=self.t("False label reported"))
            return
        if standing == Standing.OLD_KEY:
            self.screen.tell("warn", self.t("Issuing key out of date. Tell your supervisor."))
        self._number(seen)

    def _number(self, seen: _Seen) -> None:
        found = self.register.find(seen.number, seen.label.digest if seen.label else None)
        item = found.item
        if item is None:
            self._stranger(seen, found)
            return
        if seen.label is not None and seen.label.instance < item["instance"]:
            self.screen.tell(
                "warn", self.t("Old label. A newer one has replaced it: look for it on the cover.")
            )
        self.screen.tell("good" if seen.label else "info", self._line(item, found))
        if self.sights_only:
            self._sight(seen, item, title=self.t("Seen here"))
            return
        may_receive = "receive" in item["actions"] and not item.get("two_couriers")
        if not may_receive and item["actions"]:
            self.screen.tell(
                "info", self.t("For anything but receiving and reporting use the page in the browser.")
            )
        question = (
            self.t("[r] receive  [s] seen here  [p] report a problem  [Enter] next")
            if may_receive
            else self.t("[s] seen here  [p] report a problem  [Enter] next")
        )
        choice = self._choose(question, "rsp" if may_receive else "sp")
        if choice == "r":
            self._receive(seen, item)
        elif choice == "s":
            self._sight(seen, item, title=self.t("Seen here"))
        elif choice == "p":
            self._problem(seen, item)

    def _stranger(self, seen: _Seen, found: Found) -> None:
        """Somebody else's item, or nobody's, or one that cannot be asked about now: it can be reported."""
        words = {
            "unregistered": self.t("Not in the register. Keep the envelope apart and tell your supervisor."),
            "forbidden": self.t(
                "Not shown to you, or not in the register. Hand it to the nearest post office."
            ),
            "offline": self.t("No connection, and not in the day's list."),
        }
        self.screen.tell("warn", f"{group_number(seen.number)}: {words[found.problem]}")
        if seen.label is None:
            return
        if self.sights_only or self._choose(self.t("[s] report that it is here  [Enter] next"), "s"):
            reason = None if found.problem == "offline" else _NOT_MINE
            self._sight(seen, None, reason=reason, title=self.t("Seen here"))

    def _line(self, item: dict[str, Any], found: Found) -> str:
        offer, holder = item["offer"], item["custodian"]
        if offer:
            state = self.t(
                "offered by %(giver)s to %(taker)s",
                giver=offer["giver"]["name"],
                taker=offer["taker"]["name"],
            )
        elif holder:
            state = self.t("held by %(name)s", name=holder["name"])
        else:
            state = item["state"]
        parts = [
            group_number(item["number"]),
            ("", "A", "B", "C")[item["secrecy"] or 0],
            ("", "Hỏa tốc", "Hẹn giờ")[item["urgency"] or 0],
            state,
            self.t("from the day's list") if found.is_local else "",
        ]
        return " · ".join(part for part in parts if part)

    def _choose(self, question: str, keys: str) -> str:
        """Return one of *keys*, or "" for the next envelope; a read amid the question is not taken."""
        while True:
            typed = self.screen.ask(question).lower()
            if typed in {"", *keys}:
                return typed
            self.screen.tell("warn", self.t("Not taken: answer for this envelope first, or press Enter."))

    def _receive(self, seen: _Seen, item: dict[str, Any]) -> None:
        """Ask for the seal unseen, compare, and sign the ACCEPT."""
        bound = seen.label or label_of(item)
        if bound is None or not item["offer"]:
            self.screen.tell(
                "warn", self.t("The seal cannot be compared without the label. Scan the square code.")
            )
            return
        while True:
            seal = self._seal(bound)
            if seal is None:
                return
            same = seal[0].hex() == item["seal_commitment"]
            if same and seal[1] == 0:
                self.screen.tell(
                    "good", self.t("SAME: the seal is the one that was entered, and it is intact.")
                )
                if self._choose(self.t("[y] sign and receive  [Enter] back"), "y") != "y":
                    return
                break
            self.screen.tell(
                "bad",
                self.t(
                    "DIFFERENT, or not intact. Look once more with the deliverer; make a record and report."
                ),
            )
            choice = self._choose(
                self.t(
                    "[a] read again  [w] sign all the same, the difference is recorded  [p] report  [Enter] back"
                ),
                "awp",
            )
            if choice == "w":
                break
            if choice == "p":
                self._sight(seen, item, reason=_SEAL_REASON, seal=seal, title=self.t("Problem reported"))
            if choice != "a":
                return
        extra = self._evidence(seen) | {
            Field.SEAL: list(seal),
            Field.CITES: bytes.fromhex(item["offer"]["id"]),
        }
        self._sign(EventType.ACCEPT, item["number"], item, extra, self.t("Received"))

    def _seal(self, bound: Label) -> tuple[bytes, int] | None:
        """Ask for number and state of the seal; the number that it should bear is not shown. None: back."""
        while True:
            typed = self.screen.ask(
                self.t("Number on the seal, as you read it (the right one is not shown):")
            )
            if not typed:
                return None
            serial = label.normalise_seal(typed)
            if classify(typed).kind is not Kind.FOREIGN:
                self.screen.tell("warn", self.t("That is the number of the envelope, not of its seal."))
            elif not _SEAL.fullmatch(serial):
                self.screen.tell(
                    "warn", self.t("Type the number that stands on the seal: letters and digits.")
                )
            else:
                break
        looks = self._choose(
            self.t("How does the seal look? [i] intact  [d] damaged  [b] broken open"), "idb"
        )
        if not looks:
            return None
        commitment = label.commit_seal(
            nonce=bound.nonce, item=bound.item, seal_type=_STRIP_SEAL, serial=serial
        )
        return commitment, _CONDITIONS[looks]

    def _problem(self, seen: _Seen, item: dict[str, Any]) -> None:
        keys = {"s": 2, "c": 3, "w": 4, "o": 1}
        choice = self._choose(
            self.t("What did you see? [s] seal  [c] cover torn or wet  [w] wrong place  [o] something else"),
            "scwo",
        )
        if choice:
            text = self.screen.ask(self.t("In a few words (never what is inside):"))[:300]
            self._sight(seen, item, reason=keys[choice], words=text, title=self.t("Problem reported"))

    def _sight(
        self,
        seen: _Seen,
        item: dict[str, Any] | None,
        *,
        title: str,
        reason: int | None = None,
        words: str = "",
        seal: tuple[bytes, int] | None = None,
    ) -> None:
        """Sign that the item is seen here; of one that is not shown, the label's own bytes go with it."""
        extra = self._evidence(seen)
        if item is None and seen.label is not None:
            del extra[Field.LABEL]
            extra[Field.LABEL_RAW] = seen.label.raw
        if reason is not None:
            extra[Field.REASON] = reason
        if words:
            extra[Field.REASON_TEXT] = words
        if seal is not None:
            extra[Field.SEAL] = list(seal)
        uid = seen.label.uid.hex() if seen.label else ""
        target = item or {"uid": uid, "seq": -1, "head": ZERO.hex()}
        self._sign(EventType.SIGHT, seen.number, target, extra, title)

    @staticmethod
    def _evidence(seen: _Seen) -> dict[int, Any]:
        if seen.label is None:
            return {Field.METHOD: HAND}
        return {Field.METHOD: seen.method, Field.LABEL: seen.label.digest}

    def _sign(
        self, kind: EventType, number: str, target: dict[str, Any], extra: Mapping[int, Any], title: str
    ) -> None:
        """Sign one event, keep it, send it, and tell what became of it."""
        signer, anchor, moment = self.signer, self.register.anchor, self.signer.now()
        dseq, dprev = self.outbox.place
        fields: dict[int, Any] = {
            Field.TYPE: int(kind),
            Field.ITEMS: [[bytes.fromhex(target["uid"]), target["seq"] + 1, bytes.fromhex(target["head"])]],
            Field.NET: signer.net,
            Field.T_CLAIM: moment.ms,
            Field.CLOCK: moment.field,
            Field.PLACE: signer.place,
            Field.ACTOR: signer.actor,
            Field.DEVICE: [dseq, dprev],
            Field.NONCE: signer.nonce(),
            **extra,
        }
        if anchor:
            fields[Field.ANCHOR] = list(anchor)
        facts = {"uid": target["uid"], "seq": target["seq"] + 1, "type": int(kind)}
        sent = self.outbox.add(
            sign_event(fields, seed=signer.seed),
            number=number,
            title=title,
            at_ms=moment.ms,
            facts=facts,
        )
        self.courier.go()
        self._tell(sent)

    def _tell(self, sent: Sent) -> None:
        """Say what became of an event: only what the service answered is said to be recorded."""
        answer = self.outbox.get(sent.id).answer if self.courier.answered(sent.id, _ANSWER_S) else None
        remarks = set(self.register.me.get("remarks", []))
        if answer is None:
            kind, words = "info", self.t("recorded, not yet confirmed. It is kept here and sent later.")
        elif answer.status == "refused":
            kind, words = "bad", self.t("refused by the service: %(why)s", why=answer.problem)
        elif set(answer.findings) - remarks:
            kind, words = (
                "warn",
                self.t("recorded, with findings: %(codes)s", codes=", ".join(answer.findings)),
            )
        else:
            kind, words = "good", self.t("recorded, entry %(n)s", n=answer.index)
        self.screen.tell(kind, f"{sent.title} · {group_number(sent.number)}: {words}")
