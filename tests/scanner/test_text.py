import pytest
from hypothesis import given
from hypothesis import strategies as st

from custody.label import parse_digits
from custody.s10 import group_number, make_number
from scanner import Kind, classify
from tests.labels.press import make_label


def test_label_digits_are_a_label() -> None:
    """224 digits with good check digits; gaps from a wedge or a long line are forgiven."""
    label = make_label(47312482)
    for text in (label.digits, f" {label.digits}\r\n", " ".join((label.digits[:100], label.digits[100:]))):
        scanned = classify(text)
        assert (scanned.kind, scanned.number, scanned.text) == (Kind.LABEL, label.number, label.digits)
        assert scanned.label == parse_digits(label.digits)


@given(place=st.integers(0, 223), step=st.integers(1, 9))
def test_one_wrong_digit_is_a_misread_never_another_label(place: int, step: int) -> None:
    """ISO 7064 MOD 97-10: L01, scan again; not forged."""
    digits = make_label(3).digits
    wrong = digits[:place] + str((int(digits[place]) + step) % 10) + digits[place + 1 :]
    scanned = classify(wrong)
    assert (scanned.kind, scanned.finding, scanned.label, scanned.number) == (Kind.MISREAD, "L01", None, "")


def test_label_of_another_version_says_so() -> None:
    """A label of next year's form is not a misread to be scanned again and again."""
    raw = b"\x21" + make_label(3).raw[1:]
    value = int.from_bytes(raw, "big")
    digits = f"{value:0222d}{98 - value * 100 % 97:02d}"
    assert (classify(digits).kind, classify(digits).finding) == (Kind.MISREAD, "L11")


@pytest.mark.parametrize(
    "typed",
    [
        "ZK473124829VN",
        "zk473124829vn",
        "ZK 4731 2482 9 VN",
        "zk-4731-2482-9-vn",
        " ZK4731\u00a02482–9.VN\t",
        "ＺＫ４７３１２４８２９ＶＮ",
    ],
)
def test_number_is_recognised_as_people_type_it(typed: str) -> None:
    """From the label's groups, from a telephone note, from a full-width keyboard."""
    scanned = classify(typed)
    assert (scanned.kind, scanned.number) == (Kind.NUMBER, "ZK473124829VN")


@given(serial=st.integers(0, 10**8 - 1))
def test_every_number_survives_its_grouping(serial: int) -> None:
    """What is printed in groups can be typed in groups."""
    number = make_number(serial)
    assert classify(group_number(number).lower()).number == number


@given(serial=st.integers(0, 10**8 - 1), place=st.integers(2, 9), step=st.integers(1, 9))
def test_one_wrong_digit_of_a_number_is_a_misread(serial: int, place: int, step: int) -> None:
    """A digit is never guessed, though the check digit would allow it."""
    number = make_number(serial)
    wrong = number[:place] + str((int(number[place]) + step) % 10) + number[place + 1 :]
    scanned = classify(wrong)
    # 10 and 0, and 11 and 5, share a check digit: S10 itself lets some changes through.
    assert scanned.kind is Kind.MISREAD or (scanned.kind is Kind.NUMBER and scanned.number == wrong)
    assert scanned.number != number


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "https://example.invalid/ZK473124829VN",
        "ZK47312482VN",
        "9" * 223,
        "9" * 225,
        "ZK47312482٩VN",
        "x" * 9000,
    ],
)
def test_anything_else_is_foreign(text: str) -> None:
    """Logged as what it is, shortened, and no action offered."""
    scanned = classify(text)
    assert scanned.kind is Kind.FOREIGN
    assert len(scanned.text) <= 4096


@given(text=st.text(max_size=300))
def test_no_text_raises(text: str) -> None:
    """A QR code on the street may hold anything."""
    assert classify(text).kind in Kind
