"""Item numbers: the published check digit, the two exceptions of the formula, and the packing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custody import s10
from custody.errors import NumberError


@pytest.mark.parametrize(
    "serial, digit",
    [
        ("47312482", 9),
        ("12345678", 5),
        ("00000001", 4),
        ("00000012", 0),
        ("00000015", 5),
        ("00000000", 5),
        ("99999999", 5),
    ],
)
def test_check_digit(serial: str, digit: int) -> None:
    """UPU S10: the first is the published example, the others meet 10 -> 0 and 11 -> 5."""
    assert digit == s10.check_digit(serial)


@given(
    st.integers(0, 99_999_999),
    st.from_regex("[A-Z]{2}", fullmatch=True),
    st.from_regex("[A-Z]{2}", fullmatch=True),
)
def test_a_number_packs_into_six_bytes_and_back(serial: int, service: str, country: str) -> None:
    """Every possible number."""
    number = s10.make_number(serial, service, country)

    assert number == s10.unpack_number(s10.pack_number(number))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ZK473124820VN",
        "zk473124829vn",
        "ZK47312482 9VN",
        "KT4731248299N",
        "ZK473124829VN ",
        "ZK４73124829VN",
    ],
)
def test_what_is_no_number_is_refused(text: str) -> None:
    """A wrong check digit, small letters, blanks and look-alike digits."""
    with pytest.raises(NumberError):
        s10.pack_number(text)


@given(st.binary(min_size=6, max_size=6))
def test_six_bytes_are_a_number_or_refused(item: bytes) -> None:
    """Unpacking never gives a number that packs to something else."""
    try:
        assert item == s10.pack_number(s10.unpack_number(item))
    except NumberError:
        assert int.from_bytes(item, "big") >= 26**4 * 10**8


def test_a_day_turns_over_at_midnight_in_viet_nam() -> None:
    """+07:00, also over New Year's Eve."""
    new_year_ms = 1_798_736_400_000  # 2027-01-01T00:00:00+07:00

    assert s10.day_of(new_year_ms) == s10.day_of(new_year_ms - 1) + 1
