"""What a station looks at before it begins, where it sends a password, and how long it waits."""

from __future__ import annotations

from pathlib import Path

import pytest
from click import ClickException, UsageError

from scanner.station.clock import UNKNOWN_MS, HonestClock, Moment, Sources
from web.station.begin import check_standing, signer_of, tell_doubt, tell_skew
from web.station.client import AddressError, Client
from web.station.courier import wait_s
from web.station.folder import Folder, NotEnrolledError
from web.station.terminal import words_of

ME = {
    "net": "00" * 8,
    "person": {"id": "01" * 8, "office": {"code": 990100}, "offices": [{"code": 990200}], "agency": None},
}


class Paper:
    """A screen that remembers."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def tell(self, kind: str, text: str) -> None:
        """Remember it."""
        self.told.append(f"{kind} {text}")

    def ask(self, question: str) -> str:
        """Remember it, and give no answer."""
        self.told.append(question)
        return ""


@pytest.mark.parametrize(
    "device, said",
    [
        ({"status": "pending"}, "waits for a supervisor"),
        ({"status": "none"}, "may not sign"),
        ({}, "may not sign"),
        ({"status": "active", "dseq": 8}, "has 8 events of this device and the outbox 7"),
    ],
)
def test_a_key_that_may_not_sign_or_whose_outbox_is_lost_does_not(
    device: dict[str, object], said: str
) -> None:
    """What it signed would be refused, or would take a place that is taken."""
    with pytest.raises(ClickException, match=said):
        check_standing({"device": device}, 7)


@pytest.mark.parametrize(
    "url",
    [
        "http://tram.example.invalid",
        "ftp://127.0.0.1",
        "http://127.0.0.1/x",
        "https://a@b",
        "http://127.0.0.1:x",
    ],
)
def test_a_password_goes_to_no_odd_address(url: str) -> None:
    """Unencrypted only to this machine; nothing hidden in an address."""
    with pytest.raises(AddressError):
        Client(url).sign_in("a", "b")


def test_the_pause_between_attempts_doubles_and_is_bounded() -> None:
    """A service that comes back is not met by all stations at once."""
    waits = [wait_s(attempt, 0.0) for attempt in range(1, 12)]

    assert waits[:4] == [2, 4, 8, 16]
    assert max(waits) == 120
    assert wait_s(1, 1.0) == pytest.approx(2 * 4 / 3)


def test_a_folder_that_was_never_enrolled_says_what_to_do(tmp_path: Path) -> None:
    """The hint names the command."""
    with pytest.raises(NotEnrolledError) as raised:
        Folder(tmp_path).open_key(None)

    assert "tram station enrol" in raised.value.hint


def test_a_station_signs_at_an_office_of_its_person() -> None:
    """The certificate names the places at which a signature counts."""
    kept: list[str] = []
    clock = HonestClock(Sources(float, float), str, kept.append)
    assert signer_of(bytes(32), ME, None, clock).place == 990100
    assert signer_of(bytes(32), ME, 990200, clock).place == 990200
    with pytest.raises(UsageError, match="990300 is none of yours: 990100, 990200"):
        signer_of(bytes(32), ME, 990300, clock)


@pytest.mark.parametrize("lang, word", [("en", "clock differs"), ("vi", "Đồng hồ")])
def test_a_clock_that_is_wrong_is_said_before_anything_is_signed(lang: str, word: str) -> None:
    """What is signed by it would be remarked on."""
    paper = Paper()
    tell_skew(0, paper, words_of(lang))

    assert paper.told[0].startswith("warn")
    assert word in paper.told[0]


@pytest.mark.parametrize("lang, word", [("en", "time is not known"), ("vi", "Không biết")])
def test_a_time_that_is_not_known_is_said(lang: str, word: str) -> None:
    """What is signed by it says so too; a second of doubt is nothing to tell."""
    paper = Paper()
    tell_doubt(Moment(0, 900, 60, 1), paper, words_of(lang))
    assert paper.told == []
    tell_doubt(Moment(0, 25 * 60_000, 60, 1), paper, words_of(lang))
    assert "25" in paper.told[0]
    tell_doubt(Moment(0, UNKNOWN_MS, 0, 0), paper, words_of(lang))
    assert word in paper.told[1]
