"""The desk station against a real service: what it asks, what it signs, and what it does while nobody answers."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from flask import Flask
from werkzeug.serving import BaseWSGIServer, make_server

from custody.cose import kid_of
from custody.ed25519 import public_of
from custody.event import EventType, parse_event
from custody.fields import Field
from custody.label import parse_digits
from scanner.station.clock import UNKNOWN_MS, HonestClock, Moment, Sources
from scanner.station.outbox import Outbox
from scanner.station.sources import CAMERA, HAND, WEDGE, Scan
from tests.web.conftest import PASSWORD, Clock
from tests.web.hands import Hand, Walk, begin
from web.station.client import Client, DownError, RefusedError, SignedOutError
from web.station.courier import Courier, deliver
from web.station.desk import Desk, Signer
from web.station.folder import Folder
from web.station.register import Register
from web.station.terminal import words_of

Hands = Callable[[str], Hand]


@dataclass(slots=True)
class Paper:
    """A screen that remembers what it was told, and answers what it was given."""

    answers: list[str] = field(default_factory=list)
    told: list[tuple[str, str]] = field(default_factory=list)

    def tell(self, kind: str, text: str) -> None:
        """Remember it."""
        self.told.append((kind, text))

    def ask(self, question: str) -> str:
        """Give the next answer."""
        self.told.append(("ask", question))
        return self.answers.pop(0) if self.answers else ""

    @property
    def last(self) -> tuple[str, str]:
        """What was told last."""
        return self.told[-1]


class Served:
    """A service on one port, that can be stopped and begun again."""

    def __init__(self, app: Flask) -> None:
        self._app, self._port = app, 0
        self._server: BaseWSGIServer | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Listen."""
        self._server = make_server("127.0.0.1", self._port, self._app, threaded=False)
        self._port = self._server.port
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Be gone."""
        if self._server and self._thread:
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()
            self._server = None


@pytest.fixture
def served(app: Flask) -> Iterator[Served]:
    """Give the application behind a port."""
    made = Served(app)
    made.start()
    yield made
    made.stop()


@dataclass(slots=True)
class Station:
    """An enrolled station of the courier, and what belongs to it."""

    desk: Desk
    paper: Paper
    courier: Courier
    outbox: Outbox

    def answer(self, *answers: str) -> None:
        """Put answers ready."""
        self.paper.answers, self.paper.told = list(answers), []

    def events(self) -> list[EventType]:
        """List what was signed."""
        return [parse_event(one.raw).type for one in self.outbox.all()]


@pytest.fixture
def station(served: Served, hand: Hands, clock: Clock, tmp_path: Path) -> Iterator[Station]:
    """Give a station of the courier buuta1, certified by itself as a demonstration does."""
    hand("buuta1")
    folder, seed = Folder(tmp_path / "desk"), secrets.token_bytes(32)
    folder.make(seed, None)
    client = Client(served.url, lang="en")
    client.sign_in("buuta1", PASSWORD)
    kid = kid_of(public_of(seed))
    assert client.enrol(public_of(seed), "desk") == "active"
    paper = Paper()
    with Outbox(folder.outbox) as outbox:
        register = Register(folder, client, outbox)
        register.refresh(kid)
        me = register.me["person"]
        signer = Signer(
            seed=seed,
            net=bytes.fromhex(register.me["net"]),
            actor=bytes.fromhex(me["id"]),
            place=me["office"]["code"],
            now=lambda: Moment(clock(), 40, 3, 1),
            nonce=lambda: secrets.token_bytes(8),
        )
        courier = Courier(outbox, client, lambda: register.refresh(kid), chance=lambda: 0.0)
        courier.start()
        yield Station(Desk(signer, register, outbox, courier, paper, words_of("en")), paper, courier, outbox)
        courier.stop()


def offered(hand: Hands) -> Walk:
    """Accept an envelope and offer it to the courier."""
    walk = begin(hand("giaodich1"))
    assert walk.offer(hand("giaodich1"), hand("buuta1"))["status"] == "stored"
    return walk


def kid(station: Station) -> bytes:
    """Name the station's key."""
    return kid_of(public_of(station.desk.signer.seed))


def test_what_is_offered_is_received_with_the_seal_typed_blind(station: Station, hand: Hands) -> None:
    """The job of a desk: scan, read the seal, same, signed; nothing to find."""
    walk = offered(hand)
    station.answer("r", walk.seal.lower(), "i", "y")
    station.desk.take(Scan(walk.digits, CAMERA))

    item = hand("giaodich1").item(walk.number)
    assert station.paper.last[0] == "good", station.paper.told
    assert (item["state"], item["verdict"]) == ("HELD", "INTACT")
    assert item["custodian"]["id"] == hand("buuta1").id.hex()
    assert station.outbox.waiting() == []
    assert not any(walk.seal.replace(" ", "") in text.replace(" ", "") for _, text in station.paper.told)


def test_another_seal_is_signed_only_on_purpose_and_leaves_a_finding(station: Station, hand: Hands) -> None:
    """The difference is said before anything is signed; what is signed all the same is marked (X01)."""
    walk = offered(hand)
    station.answer("r", "XX999", "i", "")
    station.desk.take(Scan(walk.digits, CAMERA))
    assert station.events() == []
    station.answer("r", "XX999", "i", "a", walk.seal, "d", "w")
    station.desk.take(Scan(walk.digits, CAMERA))

    assert station.events() == [EventType.ACCEPT]
    assert station.paper.last[0] == "warn"
    assert "X0" in station.paper.last[1]


def test_the_number_of_the_envelope_is_no_seal(station: Station, hand: Hands) -> None:
    """A reader that reads into the question about the seal answers nothing."""
    walk = offered(hand)
    station.answer("r", walk.digits, walk.number, "NP/1!", "")
    station.desk.take(Scan(walk.digits, CAMERA))

    assert station.events() == []
    assert [kind for kind, _ in station.paper.told].count("warn") == 3


def test_a_read_amid_a_question_is_not_followed(station: Station, hand: Hands) -> None:
    """The second envelope is not taken for an answer about the first."""
    walk = offered(hand)
    station.answer(walk.digits, "")
    station.desk.take(Scan(walk.digits, CAMERA))

    assert station.events() == []
    assert "Not taken" in station.paper.told[-2][1]


def test_a_sighting_is_signed_and_puts_nothing_in_question(station: Station, hand: Hands) -> None:
    """Third persons who saw an envelope are what two who conspire cannot buy."""
    walk = begin(hand("giaodich1"))
    station.answer("s")
    station.desk.take(Scan(walk.digits, CAMERA))
    station.answer("p", "c", "wet at one corner")
    station.desk.take(Scan(walk.digits, CAMERA))

    assert station.events() == [EventType.SIGHT, EventType.SIGHT]
    assert [one.answer.status for one in station.outbox.all() if one.answer] == ["stored", "stored"]
    fields = parse_event(station.outbox.all()[1].raw).fields
    assert (fields[Field.REASON], fields[Field.REASON_TEXT]) == (3, "wet at one corner")
    assert fields[Field.CLOCK] == [3, 40, 1]
    assert hand("giaodich1").item(walk.number)["state"] == "HELD"


def test_a_forged_label_is_said_and_reported_once(station: Station, hand: Hands) -> None:
    """It never becomes an item, and the report carries its bytes."""
    walk = begin(hand("giaodich1"))
    forged = replace(parse_digits(walk.digits), nonce=b"forged").digits
    for _ in range(2):
        station.answer()
        station.desk.take(Scan(forged, CAMERA))

    assert station.events() == [EventType.SIGHT]
    assert station.paper.told[0][0] == "bad"
    fields = parse_event(station.outbox.all()[0].raw).fields
    assert fields[Field.REASON] == 6
    assert len(fields[Field.LABEL_RAW]) == 92


def test_what_an_input_method_damaged_is_taken_where_the_register_confirms(
    station: Station, hand: Hands
) -> None:
    """A typed number is marked as typed; a label that lost its first digits is known by its signature."""
    walk = offered(hand)
    station.answer("")
    station.desk.take(Scan(f"{walk.digits[2:]}\n", WEDGE))
    assert station.paper.told[0][0] == "good"
    station.answer("s")
    station.desk.take(Scan(f"]C1{walk.number.lower()}\r\n", WEDGE))
    assert parse_event(station.outbox.all()[0].raw).fields[Field.METHOD] == HAND
    station.answer()
    station.desk.take(Scan(walk.number[:2] + "\u00f4" + walk.number[4:], WEDGE))

    assert station.paper.last == ("warn", "Misread. Hold the reader still and scan again.")


def test_a_guess_of_the_camera_is_nothing_unless_the_register_has_it(station: Station, hand: Hands) -> None:
    """Of the bars' likeliest numbers one in a hundred was wrong; those are not even shown."""
    walk = offered(hand)
    station.answer()
    station.desk.take(Scan("ZK473124829VN", CAMERA, is_guess=True))
    assert station.paper.told == []
    station.desk.take(Scan(walk.number, CAMERA, is_guess=True))

    assert station.paper.told[0][0] == "info"


def test_with_the_service_down_work_goes_on_and_is_delivered_once(
    station: Station, served: Served, hand: Hands, clock: Clock
) -> None:
    """The day's list answers; nothing is shown as confirmed; later everything is in the log, and once."""
    walk, other = offered(hand), begin(hand("giaodich1"))
    station.desk.register.refresh(kid(station))
    served.stop()
    station.answer("r", walk.seal, "i", "y")
    station.desk.take(Scan(walk.digits, CAMERA))
    assert (station.paper.last[0], "not yet confirmed" in station.paper.last[1]) == ("info", True)
    station.answer("s")
    station.desk.take(Scan(walk.digits, CAMERA))
    assert not any("[r]" in text for _, text in station.paper.told)  # it is held now, as far as is known here
    station.answer("s")
    station.desk.take(Scan(other.digits, CAMERA))
    assert len(station.outbox.waiting()) == 3

    served.start()
    size = station.desk.register.client.me(kid(station))["anchor"]["size"]
    last = station.outbox.all()[-1].id
    for _ in range(5):
        station.courier.go()
        if station.courier.answered(last, 10):
            break
    assert station.outbox.waiting() == []
    again = station.desk.register.client.send(station.outbox.all())
    assert {answer.status for answer in again.values()} == {"duplicate"}
    assert station.desk.register.client.me(kid(station))["anchor"]["size"] == size + 3
    item = hand("giaodich1").item(walk.number)
    assert (item["state"], item["verdict"]) == ("HELD", "INTACT")


def test_an_answer_that_was_lost_makes_no_second_event(station: Station, hand: Hands) -> None:
    """Sent, recorded, and the line cut before the answer came: the id says it is the same."""
    station.courier.stop()
    walk = begin(hand("giaodich1"))
    station.answer("s")
    station.desk.take(Scan(walk.digits, CAMERA))
    client = station.desk.register.client
    client.send(station.outbox.waiting())  # the answer never reaches the outbox

    assert deliver(station.outbox, client) == 1
    assert [one.answer.status for one in station.outbox.all() if one.answer] == ["duplicate"]


def test_a_session_that_ended_keeps_the_event_waiting(station: Station, hand: Hands) -> None:
    """Twelve hours later somebody has to sign in; what was signed is still there."""
    walk = begin(hand("giaodich1"))
    station.desk.register.client.session = "gone"
    station.answer("s")
    station.desk.take(Scan(walk.digits, CAMERA))
    assert len(station.outbox.waiting()) <= 1
    with pytest.raises(SignedOutError):
        station.desk.register.client.day()
    station.desk.register.client.sign_in("buuta1", PASSWORD)

    assert deliver(station.outbox, station.desk.register.client) == len(station.outbox.waiting()) + 1


def test_a_refused_event_stays_on_the_list_until_it_was_read(station: Station, hand: Hands) -> None:
    """An event of another network is no business of this log."""
    walk = begin(hand("giaodich1"))
    station.desk.signer = replace(station.desk.signer, net=bytes(8))
    station.answer("s")
    station.desk.take(Scan(walk.digits, CAMERA))

    assert station.paper.last[0] == "bad"
    (refused,) = station.outbox.refused()
    assert refused.answer is not None
    assert refused.answer.problem
    station.outbox.mark_read(refused.id)
    assert station.outbox.refused() == []


def test_what_is_not_shown_can_be_reported(station: Station, hand: Hands) -> None:
    """Whoever has an envelope in hand that is not theirs says so, with the label's bytes."""
    walk = begin(hand("giaodich1"))
    station.desk.register.facts["day"]["items"] = []
    station.desk.register.client.url = "http://127.0.0.1:1"  # nobody there
    station.courier.stop()
    station.answer("s")
    station.desk.take(Scan(walk.digits, CAMERA))

    assert "not in the day's list" in station.paper.told[0][1]
    assert parse_event(station.outbox.all()[0].raw).fields[Field.LABEL_RAW] == bytes.fromhex(
        f"{int(walk.digits[:-2]):0184x}"
    )


def test_a_service_that_hangs_is_waited_for_once(station: Station, hand: Hands) -> None:
    """A damaged number has dozens of candidates; eight seconds for each would be minutes."""
    walk = offered(hand)
    register, asked = station.desk.register, []
    register.refresh(kid(station))

    def hang(number: str, label: bytes | None) -> dict[str, object]:
        asked.append(number)
        raise DownError("timed out")

    station.courier.stop()
    register.client = cast("Client", SimpleNamespace(item=hang))
    assert [register.confirms(walk.number), register.confirms("ZK473124829VN")] == [True, False]
    assert asked == [walk.number]


def test_each_answer_of_the_service_sets_the_clock(served: Served, clock: Clock) -> None:
    """A refusal too; a machine ten days behind signs the service's time, to the second."""
    behind = Sources(lambda: clock() - 864_000_000.0, lambda: 1_000.0)
    honest = HonestClock(behind, str, lambda _: None)
    assert honest.now().uncertainty_ms == UNKNOWN_MS
    with pytest.raises(SignedOutError):
        Client(served.url, clock=honest).me(bytes(16))
    now = honest.now()
    assert abs(now.ms - clock()) <= now.uncertainty_ms < 1_000


def test_a_wrong_password_and_a_dead_service_are_told_apart(served: Served) -> None:
    """One is to be typed again, the other waited for."""
    with pytest.raises(RefusedError, match="not signed in"):
        Client(served.url).sign_in("buuta1", "wrong")
    served.stop()
    with pytest.raises(DownError):
        Client(served.url).sign_in("buuta1", PASSWORD)
