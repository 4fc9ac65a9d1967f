"""What stands on a label: codes, the marks of an outer cover, who sends and who receives. Nothing else."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

from custody import s10
from custody.label import Label, parse_digits
from labels.errors import FaceError

__all__ = ["BagFace", "Face", "LabelFace", "StockFace", "face_of"]

MARKS: Final = ("", "A", "B", "C")  # by secrecy code 0-3; an outer cover shows the letter, never the word
URGENCIES: Final = ("", "Hỏa tốc", "Hẹn giờ")  # by urgency code 0-2
_APPOINTED: Final = 2
_HANOI: Final = timezone(timedelta(hours=7))
_NAME_MAX: Final = 300
_COUNT_MAX: Final = 9_999

# The grades of secrecy themselves. "Mật" alone is one only where it stands alone: "Ban Mật mã" is a name.
_GRADES: Final = re.compile(r"\b(?:tuyệt|tối)\s+mật\b|(?:^|[^\w\s])\s*mật\s*(?:$|[^\w\s])", re.IGNORECASE)
_DUE: Final = re.compile(r"\d{2}/\d{2} \d{2}:\d{2}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """The codes of a label, which every face has.

    Attributes:
        digits: the 224 digits of the signed label.
        number: its 13-character number; must be the one inside the digits.

    Raises:
        FaceError: codes that do not agree, or that are of a bag on an item's face, or the other way round.
        FormatError, NumberError: digits or number that are not a label's.

    Does not check that the label's signature is good.
    """

    digits: str
    number: str

    def __post_init__(self) -> None:
        s10.pack_number(self.number)
        inside = parse_digits(self.digits)
        if inside.number != self.number:
            raise FaceError(f"digits of {inside.number} beside the number {self.number}")

    @property
    def is_bag(self) -> bool:
        """Whether the number is of those that containers have."""
        return s10.is_container(parse_digits(self.digits).uid)

    @property
    def words(self) -> Mapping[str, str]:
        """What is written beside the codes, by the name of its place in a layout; "" where nothing is."""
        return _plain_words(self)

    def _must_be_bag(self, *, is_bag: bool) -> None:
        if self.is_bag != is_bag:
            raise FaceError(f"number {self.number} is {'not ' * is_bag}that of a bag")


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelFace(Face):
    """The face of an item's label.

    Attributes:
        sender, recipient: names of the offices or agencies, as on the outer cover.
        mark: "", "A", "B" or "C".
        urgency: "", "Hỏa tốc" or "Hẹn giờ".
        due: for "Hẹn giờ" the time, dd/mm HH:MM; otherwise "".

    Raises:
        FaceError: a value that may not stand on a label, or codes that would not agree.
    """

    sender: str
    recipient: str
    mark: str = ""
    urgency: str = ""
    due: str = ""

    def __post_init__(self) -> None:
        Face.__post_init__(self)
        self._must_be_bag(is_bag=False)
        if self.mark not in MARKS:
            raise FaceError(f"mark {self.mark!r} is none of A, B, C")
        if self.urgency not in URGENCIES:
            raise FaceError(f"urgency {self.urgency!r} is neither Hỏa tốc nor Hẹn giờ")
        appointed = self.urgency == URGENCIES[_APPOINTED]
        if appointed != bool(self.due) or (appointed and not _DUE.fullmatch(self.due)):
            raise FaceError(f"due {self.due!r} with urgency {self.urgency!r}")
        _check_name("sender", self.sender)
        _check_name("recipient", self.recipient)

    @property
    def words(self) -> Mapping[str, str]:
        """What is written beside the codes."""
        return {
            **_plain_words(self),
            "mark": self.mark,
            "sender_caption": "Nơi gửi",
            "sender": self.sender,
            "recipient_caption": "Nơi nhận",
            "recipient": self.recipient,
            "urgency_timed" if self.due else "urgency": self.urgency,
            "due": self.due,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class BagFace(Face):
    """The face of a bag's label: no list of what is inside.

    Attributes:
        origin, destination: names of the offices that close and open it.
        count: how many things are inside, 1 to 9,999.
    """

    origin: str
    destination: str
    count: int

    def __post_init__(self) -> None:
        Face.__post_init__(self)
        self._must_be_bag(is_bag=True)
        if not 1 <= self.count <= _COUNT_MAX:
            raise FaceError(f"count {self.count} is not 1 to {_COUNT_MAX}")
        _check_name("origin", self.origin)
        _check_name("destination", self.destination)

    @property
    def words(self) -> Mapping[str, str]:
        """What is written beside the codes."""
        return {
            **_bag_words(self),
            "origin": self.origin,
            "destination": self.destination,
            "count": str(self.count),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class StockFace(Face):
    """The face of a label printed in advance: its number and codes stand, the rest is written or stamped by hand."""

    @property
    def words(self) -> Mapping[str, str]:
        """What is written beside the codes: the captions of what is not yet known."""
        if self.is_bag:
            return _bag_words(self)
        return {**_plain_words(self), "sender_caption": "Nơi gửi", "recipient_caption": "Nơi nhận"}


def _plain_words(face: Face) -> dict[str, str]:
    return {"service": "KT1", "number": s10.group_number(face.number)}


def _bag_words(face: Face) -> dict[str, str]:
    return {
        **_plain_words(face),
        "bag": "TÚI",
        "origin_caption": "Bưu cục đóng túi",
        "destination_caption": "Bưu cục mở túi",
        "count_caption": "Số bì trong túi",
    }


def face_of(
    label: Label,
    *,
    sender: str,
    recipient: str,
    secrecy: int = 0,
    urgency: int = 0,
    due_ms: int | None = None,
) -> LabelFace:
    """Return the face of a label from the codes of its REGISTER event.

    Args:
        label: the signed label.
        sender: name of the sending office or agency.
        recipient: name of the receiving one.
        secrecy: 0 none, 1 A, 2 B, 3 C.
        urgency: 0 none, 1 Hỏa tốc, 2 Hẹn giờ.
        due_ms: the appointed time, Unix milliseconds; shown only for Hẹn giờ, at +07:00.

    Raises:
        FaceError: a code out of range, Hẹn giờ without a time, or a name that may not be shown.
    """
    if not 0 <= secrecy < len(MARKS) or not 0 <= urgency < len(URGENCIES):
        raise FaceError(f"secrecy {secrecy} or urgency {urgency} out of range")
    due = ""
    if urgency == _APPOINTED and due_ms is not None:
        due = datetime.fromtimestamp(due_ms / 1000, UTC).astimezone(_HANOI).strftime("%d/%m %H:%M")
    return LabelFace(
        digits=label.digits,
        number=label.number,
        sender=sender,
        recipient=recipient,
        mark=MARKS[secrecy],
        urgency=URGENCIES[urgency],
        due=due,
    )


def _check_name(field: str, name: str) -> None:
    composed = unicodedata.normalize("NFC", name)
    if not composed.strip() or len(composed) > _NAME_MAX:
        raise FaceError(f"{field} of {len(composed)} characters, not 1 to {_NAME_MAX}")
    if _GRADES.search(" ".join(composed.split())):
        raise FaceError(f"{field} names a grade of secrecy", hint="an outer cover shows A, B or C only")
