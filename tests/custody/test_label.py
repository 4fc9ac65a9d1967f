"""The label: digits that cannot be mistyped unseen, and a signature that cannot be moved."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custody import ed25519, label, s10
from custody.errors import CustodyError, FormatError, SignatureError

_SEED = bytes(range(32))
_PUBLIC = ed25519.public_of(_SEED)


def _issue(serial: int = 47_312_482, instance: int = 0) -> label.Label:
    return label.issue_label(
        number=s10.make_number(serial),
        instance=instance,
        day=1000,
        nonce=b"nonce!",
        kid4=b"KEY1",
        seal_commitment=b"8 bytes!",
        seed=_SEED,
    )


@given(st.integers(0, 99_999_999), st.integers(0, 255))
def test_what_is_printed_is_read_back(serial: int, instance: int) -> None:
    """224 digits carry the whole label, for every number and instance."""
    made = _issue(serial, instance)
    read = label.parse_digits(made.digits)

    label.verify_label(read, _PUBLIC)
    assert made == read
    assert s10.make_number(serial) == read.number


def test_every_bit_of_the_label_is_signed() -> None:
    """736 labels with one bit changed: refused as another version or as forged, never accepted."""
    raw = _issue().raw
    for bit in range(len(raw) * 8):
        changed = bytearray(raw)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(CustodyError) as caught:
            label.verify_label(label.parse_label(bytes(changed)), _PUBLIC)
        assert caught.value.finding in ("L01", "L02", "L11")


def test_every_single_digit_error_and_adjacent_swap_is_a_misread() -> None:
    """MOD 97-10 tells a misread from a forgery: all 2,016 changed digits and every swap of unequal neighbours."""
    digits = _issue().digits
    wrong = [
        digits[:i] + other + digits[i + 1 :]
        for i in range(224)
        for other in "0123456789"
        if other != digits[i]
    ]
    wrong += [
        digits[:i] + digits[i + 1] + digits[i] + digits[i + 2 :]
        for i in range(223)
        if digits[i] != digits[i + 1]
    ]
    for text in wrong:
        with pytest.raises(FormatError) as caught:
            label.parse_digits(text)
        assert "L01" == caught.value.finding


@pytest.mark.parametrize(
    "text", ["", "1", "9" * 224, "٣" * 224, " " * 224, "0" * 223 + "\n", "0" * 225, "-" + "0" * 223]
)
def test_what_is_not_224_digits_is_a_misread(text: str) -> None:
    """Whatever a scanner hands over is answered with L01, never with another exception."""
    with pytest.raises(FormatError) as caught:
        label.parse_digits(text)
    assert "L01" == caught.value.finding


def test_a_label_signed_by_another_key_is_forged() -> None:
    """L02."""
    with pytest.raises(SignatureError) as caught:
        label.verify_label(_issue(), ed25519.public_of(bytes(32)))
    assert "L02" == caught.value.finding


@given(st.binary(min_size=92, max_size=92))
def test_any_92_bytes_are_read_or_refused(raw: bytes) -> None:
    """No input raises anything but the documented error."""
    try:
        assert raw == label.parse_label(raw).raw
    except FormatError as error:
        assert error.finding in ("L01", "L11")  # noqa: PT017  # either outcome is right, if it is named


@pytest.mark.parametrize(
    "typed, same", [("vn 0042-a", True), ("VN0042A", True), ("VN0042B", False), ("VN042A", False)]
)
def test_a_seal_is_the_same_however_it_is_typed(typed: str, *, same: bool) -> None:
    """Blanks, dashes and small letters do not make another seal; another character does."""
    item = s10.pack_number("ZK473124829VN")
    expected = label.commit_seal(nonce=b"nonce!", item=item, seal_type=1, serial="VN0042A")

    assert same == (expected == label.commit_seal(nonce=b"nonce!", item=item, seal_type=1, serial=typed))


@pytest.mark.parametrize("serial", ["", " - ", "Ă1", "a" * 33, "12/3"])
def test_what_no_seal_carries_is_refused(serial: str) -> None:
    """An empty or impossible seal number is refused before anything is signed."""
    with pytest.raises(FormatError):
        label.commit_seal(nonce=b"nonce!", item=bytes(6), seal_type=1, serial=serial)
