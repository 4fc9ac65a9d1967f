"""What a reader that types meant: thousands of numbers and labels through the model of the real input method."""

from __future__ import annotations

import json
import unicodedata
from collections import Counter
from pathlib import Path
from random import Random
from string import ascii_uppercase

import pytest

from custody import ed25519
from custody.errors import CustodyError
from custody.label import DIGITS, LABEL_BYTES, issue_label, parse_digits, verify_label
from custody.s10 import check_digit
from scanner.wedge import Read, ReadKind, read, settle
from tests.scanner.unikey import UniKey
from tests.scanner.unikey_rules import METHODS

SEED = bytes(range(32))
PUBLIC = ed25519.public_of(SEED)
NUMBERS = 400  # for each method and each text before
LABELS = 60
LAYOUT = dict(zip("1234567890[]", "ăâêô\u0300\u0309\u0303\u0301\u0323đươ", strict=True))
CASES = Path(__file__).with_name("wedge_cases.json")


def make_number(rng: Random) -> str:
    """Make a number of any two letters, for most at home, with a good check digit."""
    serial = f"{rng.randrange(10**8):08d}"
    country = rng.choice(["VN", "VN", rng.choice(ascii_uppercase) + rng.choice(ascii_uppercase)])
    head = rng.choice(ascii_uppercase) + rng.choice(ascii_uppercase)
    return f"{head}{serial}{check_digit(serial)}{country}"


def make_label(rng: Random) -> str:
    """Make the digits of a label that the key of this file issued."""
    return issue_label(
        number=make_number(rng),
        instance=rng.randrange(3),
        day=rng.randrange(900, 1200),
        nonce=rng.randbytes(6),
        kid4=rng.randbytes(4),
        seal_commitment=rng.randbytes(8),
        seed=SEED,
    ).digits


def is_genuine(digits: str) -> bool:
    """Verify the signature, as a station does with the keys of its bundle."""
    try:
        verify_label(parse_digits(digits), PUBLIC)
    except CustodyError:
        return False
    return True


def scanned(method: str, keys: str, *, before: str, is_cleared: bool, rng: Random) -> str:
    """Give what a field has after a scan; what a program remembers of *before* stays although a field is cleared."""
    engine = UniKey(method, spelling=rng.random() < 0.8, modern=rng.random() < 0.3, w_maps=rng.random() < 0.3)
    for key in before:
        engine.press(key)
    old = engine.shown
    for key in keys:
        engine.press(key)
    if not is_cleared:
        return engine.shown
    same = next((i for i, (a, b) in enumerate(zip(old, engine.shown, strict=False)) if a != b), len(old))
    return engine.shown[same:]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("before", ["", "a", "o", "hoa", "nghie"])
@pytest.mark.parametrize("is_cleared", [True, False])
def test_no_number_is_read_as_another_through_an_input_method(
    method: str, before: str, *, is_cleared: bool
) -> None:
    """A wrong number is another envelope; "scan again" costs two seconds."""
    rng = Random(f"{method} {before}")
    numbers = [make_number(rng) for _ in range(NUMBERS)]
    register = set(numbers)
    outcome: Counter[str] = Counter()
    for number in numbers:
        text = scanned(method, number, before=before, is_cleared=is_cleared, rng=rng)
        found = read(f"{text}\r\n")
        got = settle(found, register.__contains__) if found.kind is not ReadKind.FOREIGN else None
        outcome["right" if got == number else "again" if got is None else "wrong"] += 1

    assert outcome["wrong"] == 0
    if not before:
        assert outcome["right"] >= NUMBERS * 0.85


@pytest.mark.parametrize("method", METHODS)
def test_where_the_register_has_every_number_that_it_could_be_none_is_chosen(method: str) -> None:
    """The worst register: all siblings of a damaged number exist."""
    rng = Random(method)
    for _ in range(NUMBERS):
        number = make_number(rng)
        found = read(scanned(method, number, before="", is_cleared=True, rng=rng))
        got = settle(found, lambda _: True)

        assert found.kind is ReadKind.FOREIGN or got in {None, number}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("before", ["", "a", "o", "hoa"])
@pytest.mark.parametrize("is_cleared", [True, False])
def test_every_label_is_read_through_every_input_method(
    method: str, before: str, *, is_cleared: bool
) -> None:
    """Digits are why the label has digits."""
    rng = Random(f"{method} {before}")
    for _ in range(LABELS):
        label = make_label(rng)
        found = read(f"{scanned(method, label, before=before, is_cleared=is_cleared, rng=rng)}\r")

        assert settle(found, is_genuine) == label


@pytest.mark.parametrize("before", ["hoas", "as", "oo", "a1", "hoa1", "o65"])
def test_a_label_behind_a_marked_word_is_right_or_refused(before: str) -> None:
    """VNI eats the first digits there; what is left over is never another label."""
    rng = Random(before)
    for method in METHODS:
        label = make_label(rng)
        text = scanned(method, label, before=before, is_cleared=False, rng=rng)

        assert settle(read(text), is_genuine) in {label, None}


@pytest.mark.parametrize("form", ["as typed", "NFC"])
def test_the_old_vietnamese_layout_is_undone_for_labels(form: str) -> None:
    """It types letters and combining marks on the digit row, one to one (KBDVNTC, xkb "vn")."""
    label = make_label(Random(1))
    text = "".join(LAYOUT[digit] for digit in label)
    shown = text if form == "as typed" else unicodedata.normalize("NFC", text)
    got = settle(read(f"{shown}\r\n"), is_genuine)

    assert got == label if form == "as typed" else got in {label, None}  # NFC sorts marks: order is lost


def test_the_old_vietnamese_layout_is_undone_for_numbers_where_the_register_confirms() -> None:
    """Letters stay, digits become marks on them: what the check digit and the register say is taken."""
    rng = Random(2)
    numbers = [make_number(rng) for _ in range(NUMBERS)]
    texts = ["".join(LAYOUT.get(key, key) for key in number) for number in numbers]
    got = [settle(read(text), set(numbers).__contains__) for text in texts]

    assert got == numbers


@pytest.mark.parametrize(
    "prefix", ["]C0", "]C1", "]Q1", "\u01afC0", "\u01b0Q1", "\u01a1C\u0111", "\u01a0q\u0103"]
)
@pytest.mark.parametrize("end", ["", "\r", "\r\n", "\t", " ", "\x03"])
def test_prefixes_and_ends_are_taken_off(prefix: str, end: str) -> None:
    """AIM identifiers come through Telex and the old layout as letters."""
    number, label = "ZK473124829VN", make_label(Random(3))

    assert settle(read(prefix + number + end), {number}.__contains__) == number
    assert read(prefix + label + end) == Read(ReadKind.CLEAN, (label,))


@pytest.mark.parametrize(
    "text, expected",
    [
        ("ZK473124829VN", Read(ReadKind.CLEAN, ("ZK473124829VN",))),
        ("zk473124829vn", Read(ReadKind.CLEAN, ("ZK473124829VN",))),  # caps lock turns the case
        ("zk 4731 2482 9 vn", Read(ReadKind.CLEAN, ("ZK473124829VN",))),
        ("ZK473124829VNZK473124829VN", Read(ReadKind.CLEAN, ("ZK473124829VN",))),  # scanned twice
        ("ZK$&#!@$*@(VN", Read(ReadKind.DAMAGED, ("ZK473124829VN",))),  # shift held down
        ("\u01afK473124829VN", Read(ReadKind.DAMAGED, ("WK473124829VN",))),
        ("ZK473124828VN", Read(ReadKind.AGAIN, ())),  # check digit
        ("K473124829VN", Read(ReadKind.AGAIN, ())),  # its first key was lost
        ("NP123456", Read(ReadKind.FOREIGN, ("NP123456",))),  # a seal
        ("4731", Read(ReadKind.FOREIGN, ("4731",))),
        ("https://example.invalid/", Read(ReadKind.FOREIGN, ("https://example.invalid/",))),
        ("", Read(ReadKind.FOREIGN, ("",))),
    ],
)
def test_a_text_is_what_it_is(text: str, expected: Read) -> None:
    """Clean, damaged, broken or foreign."""
    assert read(text) == expected


def test_labels_that_were_split_doubled_or_glued_together() -> None:
    """Twice the same is one; two of them are none; a part is none."""
    rng = Random(4)
    one, other = make_label(rng), make_label(rng)

    assert read(one * 2) == read(one + one[:100]) == read(one[-90:] + one) == Read(ReadKind.CLEAN, (one,))
    assert settle(read(one + other), is_genuine) is None
    assert read(one[:150]).kind is ReadKind.AGAIN
    assert settle(read(one[2:]), is_genuine) == one  # the first keys came while the field was not there yet
    assert settle(read(one[:-2]), is_genuine) is None


def test_the_first_digits_of_every_label_are_those_of_the_table() -> None:
    """The first byte is the version: it says how each label begins."""
    table = json.loads((Path(read.__code__.co_filename).parent / "wedge.json").read_text(encoding="utf-8"))
    least, most = (int.from_bytes(b"\x11" + byte * (LABEL_BYTES - 1), "big") for byte in (b"\0", b"\xff"))

    assert {str(value).zfill(DIGITS - 2)[:3] for value in (least, most)} == set(table["label_starts"])
    assert table["label_digits"] == DIGITS


def test_the_cases_that_the_browser_is_held_to_are_those_of_this_module() -> None:
    """The browser's half reads the same file (web/client/test/wedge.test.ts)."""
    cases = json.loads(CASES.read_text(encoding="utf-8"))

    assert len(cases) >= 300
    assert [
        [text, found.kind.value, list(found.texts)] for text, _, _ in cases for found in [read(text)]
    ] == cases
