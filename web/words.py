"""Codes into words: states, steps, verdicts, severities, marks. One place, so that one thing has one name."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _

from custody.event import EventType

__all__ = [
    "EVENT_ICONS", "VerdictWords", "event_word", "kind_word", "method_word", "mismatch_word", "reason_word",
    "seal_words", "secrecy_word", "severity_tone", "state_word", "urgency_word", "verdict_words",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class VerdictWords:
    """A verdict as shown: its name picks the shape, its tone the colour, and the word stands beside both."""

    name: str
    tone: str
    word: str
    says: str


def verdict_words(name: str, *, is_decided: bool = False) -> VerdictWords:
    """Say a verdict; *is_decided* where two supervisors let a broken chain go on."""
    if is_decided and name == "NOTED":
        says = _("The chain was broken; two supervisors decided to let the item go on.")
        return VerdictWords(name, "warn", _("Noted, after a decision"), says)
    words = {
        "INTACT": (
            "good",
            _("Intact"),
            _("Every hop is signed by both sides, and the seal is the one put on at acceptance."),
        ),
        "NOTED": ("info", _("Noted"), _("The chain holds; something small was written down.")),
        "QUESTIONED": (
            "warn",
            _("Questioned"),
            _("Something does not fit. A supervisor must look before it goes on."),
        ),
        "BROKEN": (
            "bad",
            _("Broken"),
            _("The chain is broken. Keep the envelope apart and report it at once."),
        ),
    }
    tone, word, says = words[name]
    return VerdictWords(name, tone, word, says)


def state_word(state: str, *, is_container: bool = False) -> str:
    """Say the state of an item, or of a bag: that is put away, never cancelled."""
    if is_container and state in {"VOID", "LOADED"}:
        return _("Put away") if state == "VOID" else _("In another bag")
    return {
        "NONE": _("Not registered"),
        "HELD": _("On somebody's hands"),
        "OFFERED": _("Offered, not yet taken"),
        "LOADED": _("In a bag"),
        "QUAR": _("In quarantine"),
        "LOST": _("Declared lost"),
        "EMPTY": _("Opened"),
        "DELIVERED": _("Delivered"),
        "DESTROYED": _("Destroyed"),
        "VOID": _("Cancelled"),
    }[state]


def event_word(kind: int) -> str:
    """Name a step of the chain."""
    return {
        EventType.REGISTER: _("Accepted at the counter"),
        EventType.RELABEL: _("Label replaced"),
        EventType.RESEAL: _("Seal replaced"),
        EventType.OFFER: _("Offered"),
        EventType.ACCEPT: _("Taken over"),
        EventType.REFUSE: _("Refused"),
        EventType.CANCEL: _("Offer withdrawn"),
        EventType.DELIVER: _("Delivered"),
        EventType.LOAD: _("Put into a bag"),
        EventType.UNLOAD: _("Taken out of the bag"),
        EventType.CLOSE: _("Bag closed and sealed"),
        EventType.OPEN: _("Bag opened"),
        EventType.RETIRE: _("Bag label withdrawn"),
        EventType.SIGHT: _("Seen"),
        EventType.INSPECT: _("Inspected"),
        EventType.RETURN: _("Sent back"),
        EventType.SEIZE: _("Seized"),
        EventType.RELEASE: _("Released"),
        EventType.LOSS: _("Declared lost"),
        EventType.FOUND: _("Found again"),
        EventType.DESTROY: _("Destroyed"),
        EventType.VOID: _("Cancelled"),
        EventType.CORRECT: _("Remark"),
        EventType.OVERRIDE: _("Supervisors' decision"),
    }.get(EventType(kind), EventType(kind).name)


EVENT_ICONS = {
    EventType.REGISTER: "counter",
    EventType.RELABEL: "print",
    EventType.RESEAL: "seal",
    EventType.OFFER: "hand",
    EventType.ACCEPT: "check",
    EventType.REFUSE: "cross",
    EventType.CANCEL: "back",
    EventType.DELIVER: "flag",
    EventType.LOAD: "bag",
    EventType.UNLOAD: "bag",
    EventType.CLOSE: "bag",
    EventType.OPEN: "bag",
    EventType.RETIRE: "cross",
    EventType.SIGHT: "eye",
    EventType.INSPECT: "search",
    EventType.RETURN: "back",
    EventType.SEIZE: "lock",
    EventType.RELEASE: "release",
    EventType.LOSS: "warn",
    EventType.OVERRIDE: "release",
    EventType.VOID: "cross",
}


def kind_word(kind: int | None, *, is_container: bool = False) -> str:
    """Say what is posted, or that it is a bag of such things."""
    if is_container:
        return _("Bag")
    return {1: _("Letter"), 2: _("Packet"), 3: _("Parcel")}.get(kind or 0, "")


def secrecy_word(secrecy: int | None) -> str:
    """Give the outer mark A, B or C; never the words of the level."""
    return {1: "A", 2: "B", 3: "C"}.get(secrecy or 0, "")


def urgency_word(urgency: int | None) -> str:
    """Say the urgency mark."""
    return {1: _("Express"), 2: _("Timed")}.get(urgency or 0, "")


def method_word(method: int | None) -> str:
    """Say how the label was read."""
    return {
        1: _("read by phone"),
        2: _("read by camera"),
        3: _("read by scanner"),
        4: _("number typed by hand"),
    }.get(method or 0, "")


def seal_words(*, condition: int | None, is_same: bool | None) -> tuple[str, str]:
    """Give (tone, words) for what a step says of the seal; condition None where nobody looked."""
    if condition is None:
        return "muted", _("seal not looked at")
    if is_same is False:
        return "bad", _("another seal")
    if condition == 0:
        return "good", _("seal checked, the same")
    return "warn", {1: _("seal damaged"), 2: _("seal broken"), 3: _("seal replaced")}[condition]


def mismatch_word(fields: tuple[str, ...]) -> str:
    """Say in what a registration, or a delivery, differs from what was accepted at the counter."""
    if fields == ("draft",):
        return _("Registered without having been accepted at the counter.")
    if fields == ("taker",):
        return _("Received by somebody else than the person who alone may open it.")
    known = {
        "recipient": _("recipient"),
        "sender": _("sender"),
        "secrecy": _("secrecy mark"),
        "urgency": _("urgency mark"),
        "due": _("agreed time"),
        "seal": _("seal number"),
        "label": _("label"),
        "issuer": _("clerk"),
        "office": _("office"),
    }
    shown = sorted({known.get(name, _("other facts")) for name in fields})
    return _("Registered otherwise than accepted at the counter: %(what)s.", what=", ".join(shown))


def severity_tone(severity: str) -> str:
    """Give the tone of a severity: C bad, H and M warn, L and I info."""
    return {"C": "bad", "H": "warn", "M": "warn"}.get(severity, "info")


def reason_word(reason: int | None) -> str:
    """Say a reason code of the client."""
    return {
        1: _("another reason"),
        2: _("the seal"),
        3: _("the cover"),
        4: _("not for me"),
        5: _("nobody there"),
        6: _("forged label"),
        7: _("the named person is absent"),
        8: _("nobody entitled to receive"),
        9: _("they do not take it"),
        10: _("wrong or old address"),
        11: _("no way through"),
        12: _("what was in the bag differs"),
        13: _("the bag was emptied"),
    }.get(reason or 0, "")
