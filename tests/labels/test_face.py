import pytest

from custody.errors import FormatError, NumberError
from custody.s10 import make_number
from labels import FaceError, LabelFace, face_of
from tests.labels.press import make_face, make_label


def face(**changed: str) -> LabelFace:
    """An ordinary face with some values changed."""
    label = make_label(47312482)
    values = {"digits": label.digits, "number": label.number, "sender": "Sở Y tế", "recipient": "Sở Nội vụ"}
    return LabelFace(**values | changed)


def test_digits_and_number_must_be_of_one_item() -> None:
    """A QR code of one item beside the bars of another is the worst label there is."""
    with pytest.raises(FaceError, match="beside the number"):
        face(number=make_number(47312483))


def test_misprinted_digits_are_refused_before_paper_is_spent() -> None:
    """Check digits are looked at again where the label is drawn."""
    digits = make_label(47312482).digits
    with pytest.raises(FormatError):
        face(digits=digits[:-1] + str((int(digits[-1]) + 1) % 10))
    with pytest.raises(NumberError):
        face(number="ZK473124828VN")


@pytest.mark.parametrize(
    "name",
    [
        "Phòng Tuyệt mật",
        "TỐI  MẬT",
        "Mật",
        "Sở Nội vụ (Mật)",
        "Sở Nội vụ - MẬT",
        "tuyệt\u00a0mật",
        "Tuyệt mật",  # decomposed
        "Tối\u200b mật",
        "[mật] Văn phòng",
    ],
)
def test_a_grade_of_secrecy_is_refused(name: str) -> None:
    """Whoever types it into the name field must not get it onto the cover."""
    with pytest.raises(FaceError, match="grade of secrecy"):
        face(recipient=name)
    with pytest.raises(FaceError, match="grade of secrecy"):
        face(sender=name)


@pytest.mark.parametrize(
    "name", ["Học viện Kỹ thuật Mật mã", "BAN CƠ YẾU, CỤC MẬT MÃ", "Trại ong mật Sơn Dương"]
)
def test_names_with_the_syllable_are_names(name: str) -> None:
    """The Academy of Cryptography must be able to receive mail."""
    assert face(recipient=name).recipient == name


@pytest.mark.parametrize(
    "changed",
    [
        {"mark": "D"},
        {"mark": "Tuyệt mật"},
        {"urgency": "Khẩn"},
        {"urgency": "Hẹn giờ"},
        {"urgency": "Hẹn giờ", "due": "14:00"},
        {"urgency": "Hỏa tốc", "due": "21/11 14:00"},
        {"due": "21/11 14:00"},
        {"sender": "   "},
        {"recipient": "x" * 301},
    ],
)
def test_marks_that_do_not_exist_are_refused(changed: dict[str, str]) -> None:
    """A label shows the marks of the law or none."""
    with pytest.raises(FaceError):
        face(**changed)


def test_codes_of_the_event_become_marks() -> None:
    """1, 2, 3 are A, B, C; the time is that of the office's wall, +07:00."""
    due_ms = 1_795_161_600_000  # 2026-11-20T08:00:00Z
    got = make_face(secrecy=3, urgency=2, due_ms=due_ms)
    assert (got.mark, got.urgency, got.due) == ("C", "Hẹn giờ", "20/11 15:00")
    assert make_face(secrecy=0, urgency=0, due_ms=due_ms).due == ""
    assert make_face(secrecy=1, urgency=1).urgency == "Hỏa tốc"


@pytest.mark.parametrize("codes", [{"secrecy": 4}, {"secrecy": -1}, {"urgency": 3}, {"urgency": 2}])
def test_codes_out_of_range_are_refused(codes: dict[str, int]) -> None:
    """A negative index would print another mark."""
    with pytest.raises(FaceError):
        face_of(make_label(1), sender="Sở Y tế", recipient="Sở Nội vụ", **codes)
