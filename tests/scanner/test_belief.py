import pytest

from custody.s10 import make_number
from scanner.belief import is_believed
from scanner.engines import Finding
from scanner.reading import CODE_128, QR_CODE, Corners, ReadError
from tests.labels.press import make_label

TALL: Corners = ((0.0, 0.0), (320.0, 0.0), (320.0, 50.0), (0.0, 50.0))
THIN: Corners = ((386.0, 632.0), (707.0, 632.0), (707.0, 634.0), (386.0, 634.0))


def test_bars_seen_in_a_few_rows_are_not_believed() -> None:
    """zxing-cpp read ZK000053027VN from two rows of ZK000000028VN, with a good check character."""
    number = make_number(47312482)
    assert is_believed(Finding(number, CODE_128, TALL))
    assert not is_believed(Finding(number, CODE_128, THIN))
    assert is_believed(Finding(number, QR_CODE, THIN))


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_which_side_is_long_does_not_matter(turns: int) -> None:
    """Bars stand upright, lie, or are upside down."""
    assert is_believed(Finding("PARCEL", CODE_128, TALL[turns:] + TALL[:turns]))
    assert not is_believed(Finding("PARCEL", CODE_128, THIN[turns:] + THIN[:turns]))


def test_our_own_check_digits_are_asked() -> None:
    """Of ten misread numbers the S10 digit betrays nine, of labels MOD 97-10 all but one in 97."""
    assert not is_believed(Finding("ZK473124828VN", CODE_128, TALL))
    digits = make_label(1).digits
    assert is_believed(Finding(digits, QR_CODE, TALL))
    assert not is_believed(Finding(digits[1:] + digits[0], QR_CODE, TALL))


def test_errors_are_no_readings() -> None:
    """A symbol with an error has a place, and no text."""
    assert not is_believed(Finding("", QR_CODE, TALL, ReadError.CHECKSUM))
