"""Numbers of paper slips: one form, and a digit that catches what the pen or the eye got wrong."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kt1.slips import group_slip, read_slip, slip_number

SERIALS = st.integers(0, 10**8 - 1)


@given(serial=SERIALS)
def test_a_number_is_read_however_it_is_typed(serial: int) -> None:
    """Groups, spaces and small letters change nothing."""
    number = slip_number(serial)

    assert number == read_slip(group_slip(number)) == read_slip(f" {number.lower()} ")


@given(serial=SERIALS, place=st.integers(1, 8), digit=st.integers(1, 9))
def test_one_wrong_digit_is_never_another_slip(serial: int, place: int, digit: int) -> None:
    """Modulo 11 with eight different weights: any single digit of the serial, one exception aside."""
    number = slip_number(serial)
    wrong = number[:place] + str((int(number[place]) + digit) % 10) + number[place + 1 :]

    assert read_slip(wrong) is None or number[-1] in "05"  # UPU S10 writes 10 as 0 and 11 as 5


@pytest.mark.parametrize(
    "text", ["", "P", "000000014", "P00000001", "P0000000144", "Q000000014", "P00000001४"]
)
def test_what_is_no_number_of_a_slip_is_none(text: str) -> None:
    """Nor digits of other scripts."""
    assert read_slip(text) is None


def test_a_serial_that_does_not_fit_is_refused() -> None:
    """Rather than cut to another number."""
    with pytest.raises(ValueError, match="8 digits"):
        slip_number(10**8)
