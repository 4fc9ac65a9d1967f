"""What stands on a label: codes, the marks of an outer cover, who sends and who receives. Nothing else."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

from custody import s10
from custody.label import Label, parse_digits
from labels.errors import FaceError

__all__ = ["LabelFace", "face_of"]

MARKS: Final = ("", "A", "B", "C")  # by secrecy code 0-3; an outer cover shows the letter, never the word
URGENCIES: Final = ("", "Hỏa tốc", "Hẹn giờ")  # by urgency code 0-2
_APPOINTED: Final = 2
_HANOI: Final = timezone(timedelta(hours=7))
_NAME_MAX: Final = 300

# The grades of secrecy themselves. "Mật" alone is one only where it stands alone: "Ban Mật mã" is a name.
_GRADES: Final = re.compile(r"\b(?:tuyệt|tối)\s+mật\b|(?:^|[^\w\s])\s*mật\s*(?:$|[^\w\s])", re.IGNORECASE)
_DUE: Final = re.compile(r"\d{2}/\d{2} \d{2}:\d{2}")


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelFace:
    """The face of one label.

    Attributes:
        digits: the 224 digits of the signed label.
        number: its 13-character item number; must be the one inside the digits.
        sender, recipient: names of the offices or agencies, as on the outer cover.
        mark: "", "A", "B" or "C".
        urgency: "", "Hỏa tốc" or "Hẹn giờ".
        due: for "Hẹn giờ" the time, dd/mm HH:MM; otherwise "".

    Raises:
        FaceError: a value that may not stand on a label, or codes that would not agree.
        FormatError, NumberError: digits or number that are not a label's.

    Does not check that the label's signature is good.
    """

    digits: str
    number: str
    sender: str
    recipient: str
    mark: str = ""
    urgency: str = ""
    due: str = ""

    def __post_init__(self) -> None:
        s10.pack_number(self.number)
        inside = parse_digits(self.digits).number
        if inside != self.number:
            raise FaceError(f"digits of {inside} beside the number {self.number}")
        if self.mark not in MARKS:
            raise FaceError(f"mark {self.mark!r} is none of A, B, C")
        if self.urgency not in URGENCIES:
            raise FaceError(f"urgency {self.urgency!r} is neither Hỏa tốc nor Hẹn giờ")
        appointed = self.urgency == URGENCIES[_APPOINTED]
        if appointed != bool(self.due) or (appointed and not _DUE.fullmatch(self.due)):
            raise FaceError(f"due {self.due!r} with urgency {self.urgency!r}")
        _check_name("sender", self.sender)
        _check_name("recipient", self.recipient)


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
