from collections.abc import Callable, Iterator, Sequence
from time import thread_time

import cv2
import numpy as np
import pytest

from scanner import Reading, cascade, read_image
from scanner.engines import Finding, Picture, zxing_read
from scanner.reading import CODE_128, QR_CODE, Corners
from scanner.stages import STAGES, Scene, Stage, View
from tests.labels.press import make_face, press
from tests.scanner.camera import Shot, photograph

# What a label must survive: name -> shot, and of four labels how many QR codes and bar codes must be read.
# Misreads are not in the table: there are none.
SEVERITIES = {
    "everyday": (Shot(), 4, 4),
    "turned 45": (Shot(roll=45), 4, 4),
    "turned 90": (Shot(roll=90), 4, 4),
    "upside down": (Shot(roll=180), 4, 4),
    "aslant 30": (Shot(tilt=30), 4, 4),
    "aslant 45 and turned": (Shot(tilt=45, roll=20), 4, 0),
    "far": (Shot(scale=4.2), 4, 3),
    "farther": (Shot(scale=3), 4, 0),
    "defocused": (Shot(defocus=2.6), 4, 0),
    "moved": (Shot(motion=8), 4, 0),
    "dark": (Shot(light=0.12, noise=4), 4, 4),
    "very dark": (Shot(light=0.07, noise=4), 4, 3),
    "half in shadow": (Shot(shadow=0.8), 4, 4),
    "under a lamp": (Shot(glare=0.9), 4, 4),
    "under a thumb": (Shot(occlusion=0.08), 4, 4),
    "faint": (Shot(contrast=0.3), 4, 4),
    "coarse JPEG": (Shot(jpeg=20), 4, 4),
    "all of it": (Shot(roll=30, tilt=25, defocus=1.4, light=0.4, noise=6, shadow=0.4), 4, 0),
}

SQUARE: Corners = ((0.0, 0.0), (9.0, 0.0), (9.0, 9.0), (0.0, 9.0))
BLANK = np.full((64, 64), 255, np.uint8)


def both(readings: Sequence[Reading]) -> bool:
    """A label's two symbols."""
    return len({reading.format for reading in readings}) == 2


def reader(*texts: str, fmt: str = QR_CODE) -> Callable[[Picture], list[Finding]]:
    """An engine that reads these in every view."""
    return lambda _: [Finding(text, fmt, SQUARE) for text in texts]


def views(count: int) -> Callable[[Scene], Iterator[View]]:
    """A stage's views, all the same picture."""
    return lambda scene: (View(scene.grey) for _ in range(count))


class Slow:
    """A machine whose looks take as long as they are told to; its clock shows nothing else."""

    def __init__(self) -> None:
        self.now_ms = 0.0
        self.begun_ms: list[float] = []

    def clock(self) -> float:
        """Seconds."""
        return self.now_ms / 1000

    def reader(self, *looks_ms: float) -> Callable[[Picture], list[Finding]]:
        """An engine that reads nothing; its looks take these times one after the other, the last for ever."""
        left = list(looks_ms)

        def look(_: Picture) -> list[Finding]:
            self.begun_ms.append(self.now_ms)
            self.now_ms += left.pop(0) if len(left) > 1 else left[0]
            return []

        return look

    def views(self, count: int, making_ms: float) -> Callable[[Scene], Iterator[View]]:
        """A stage's views, each of which takes time to make."""

        def make(scene: Scene) -> Iterator[View]:
            for _ in range(count):
                self.begun_ms.append(self.now_ms)
                self.now_ms += making_ms
                yield View(scene.grey)

        return make


@pytest.mark.parametrize("name", SEVERITIES)
def test_label_is_read_from_an_envelope(name: str) -> None:
    """The counter, the van, the stairwell at night."""
    shot, least_qr, least_bars = SEVERITIES[name]
    qr = bars = 0
    for serial in range(4):
        face = make_face(serial)
        picture = photograph(press(face, "png-203"), shot, seed=serial)
        wanted = both if least_bars else None
        readings = read_image(picture, wanted=wanted, budget_ms=10_000, clock=thread_time)
        texts = {reading.text for reading in readings}
        assert texts <= {face.digits, face.number}
        qr += face.digits in texts
        bars += face.number in texts
    assert qr >= least_qr
    assert bars >= least_bars


def test_bars_at_45_degrees_need_the_strips() -> None:
    """zxing-cpp looks along rows and columns only; the number must be readable when the QR code is torn off."""
    face = make_face(77)
    dots = np.array(press(face, "png-203"))
    dots[:400, :420] = 255
    picture = photograph(dots, Shot(roll=45), seed=1)
    assert zxing_read(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY).astype(np.uint8)) == []
    (reading,) = read_image(picture, budget_ms=10_000)
    assert (reading.text, reading.format, reading.stage) == (face.number, CODE_128, "strips")
    middle = np.array(reading.corners).mean(axis=0)
    assert 400 < middle[0] < 880
    assert 300 < middle[1] < 780


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_corners_start_at_the_symbols_own_top_left(turns: int) -> None:
    """The page draws a frame over the symbol and says which way up the label lies."""
    dots = np.rot90(press(make_face(), "png-203"), -turns)
    (qr,) = (reading for reading in read_image(dots.copy(), wanted=both) if reading.format == QR_CODE)
    height, width = dots.shape
    upright = {0: (36, 36), 1: (width - 36, 36), 2: (width - 36, height - 36), 3: (36, height - 36)}
    assert qr.corners[0] == pytest.approx(upright[turns], abs=4)


def test_damaged_symbol_is_rectified() -> None:
    """A QR code that zxing-cpp only locates is looked at again, straightened and filtered."""
    face = make_face(5)
    picture = photograph(press(face, "png-203"), Shot(defocus=2.6), seed=5)
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY).astype(np.uint8)
    assert not [finding for finding in zxing_read(grey) if finding.error is None]
    readings = read_image(picture, budget_ms=10_000)
    assert [reading.text for reading in readings] == [face.digits]
    assert readings[0].stage != "zxing"


def test_stops_when_what_is_wanted_was_read() -> None:
    """A frame of a clean label must not cost the stages for ruined ones."""
    stages = (
        Stage("first", views(1), (reader("A"),)),
        Stage("second", views(1), (reader("B", fmt=CODE_128),)),
    )
    assert [reading.stage for reading in read_image(BLANK, stages=stages)] == ["first"]
    later = read_image(BLANK, stages=stages, wanted=both)
    assert [(reading.text, reading.stage) for reading in later] == [("A", "first"), ("B", "second")]


def test_budget_ends_the_search() -> None:
    """The service answers in time also for a picture of gravel: seven looks of 40 ms and no eighth."""
    machine = Slow()
    stage = Stage("slow", machine.views(99, 0), (machine.reader(40.0),))
    assert read_image(BLANK, stages=(stage,), budget_ms=300, clock=machine.clock) == []
    assert machine.now_ms == 280


def test_doubtful_views_must_agree() -> None:
    """One strip in five that reads something else is not a reading."""
    texts = iter(["X1", "X2", "X2", "X3"])

    def fickle(_: Picture) -> list[Finding]:
        return [Finding(next(texts), CODE_128, SQUARE)]

    stages = (Stage("strips", views(4), (fickle,), votes=2),)
    assert [reading.text for reading in read_image(BLANK, stages=stages)] == ["X2"]


def test_same_symbol_is_reported_once() -> None:
    """Two engines that agree are one symbol."""
    stages = (Stage("twice", views(2), (reader("A"), reader("A"))),)
    assert len(read_image(BLANK, stages=stages, wanted=lambda _: False)) == 1


def test_names_of_stages_are_distinct() -> None:
    """Readings and measurements tell stages apart by name."""
    names = [stage.name for stage in STAGES]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("shape", [(16, 16), (17, 3000), (3000, 17), (64, 64, 3)])
def test_odd_pictures_are_read_as_nothing(shape: tuple[int, ...]) -> None:
    """A strip one symbol high, a stamp: nothing in them, and no exception."""
    for value in (0, 127, 255):
        assert read_image(np.full(shape, value, np.uint8), budget_ms=10_000) == []
    noise = np.random.default_rng(1).integers(0, 256, shape, np.uint8)
    assert read_image(noise, budget_ms=10_000) == []


@pytest.mark.parametrize("budget_ms", [60.0, 120.0, 300.0, 1500.0])
@pytest.mark.parametrize("slower", [1.0, 1.7, 2.5])
def test_no_stage_begins_what_would_end_after_the_budget(budget_ms: float, slower: float) -> None:
    """Every look of the plan takes all it may, on a machine as measured and on slower ones; gravel, read by nobody."""
    machine = Slow()
    whole_ms = 17.0 * slower
    stages = [Stage("zxing", machine.views(1, 0), (machine.reader(whole_ms),))]
    for stage in STAGES[1:]:
        look_ms = stage.ms * slower + stage.cost * whole_ms
        reader = machine.reader(look_ms / 3)
        stages.append(
            Stage(stage.name, machine.views(6, look_ms * 2 / 3), (reader,), ms=stage.ms, cost=stage.cost)
        )
    assert read_image(BLANK, stages=stages, budget_ms=budget_ms, clock=machine.clock) == []
    assert max(machine.begun_ms) < budget_ms
    # A slower machine is known by its first look that has a fixed time, and not before.
    unknown_ms = max(stage.ms for stage in STAGES) * (slower - 1)
    assert machine.now_ms <= budget_ms + unknown_ms
    if budget_ms >= 300:
        assert machine.now_ms <= budget_ms


def test_a_look_is_not_begun_where_one_like_it_took_too_long() -> None:
    """Candidates of one stage are alike: after one of 80 ms none is begun with 79 left."""
    machine = Slow()
    stage = Stage("quads", machine.views(99, 0), (machine.reader(80.0),), ms=8)
    read_image(BLANK, stages=(stage,), budget_ms=300, clock=machine.clock)
    assert machine.now_ms == 240


def test_making_a_view_is_not_begun_after_the_budget_either() -> None:
    """To lay a strip level takes longer than to read it."""
    machine = Slow()
    stage = Stage("strips", machine.views(99, 70.0), (machine.reader(1.0),), ms=25)
    read_image(BLANK, stages=(stage,), budget_ms=300, clock=machine.clock)
    assert machine.now_ms == 284


def test_a_candidate_that_is_known_to_be_large_waits_for_a_larger_budget() -> None:
    """A crumpled code of version 40 has thirteen times the modules of a label's."""
    for budget_ms, looks in ((100.0, 1), (400.0, 2)):
        machine = Slow()
        reader = machine.reader(10.0, 250.0)

        def make(scene: Scene, reader: Callable[[Picture], list[Finding]] = reader) -> Iterator[View]:
            yield View(scene.grey, readers=(reader,), ms=12)
            yield View(scene.grey, readers=(reader,), ms=270)

        read_image(
            BLANK, stages=(Stage("crumpled", make, (), ms=20),), budget_ms=budget_ms, clock=machine.clock
        )
        assert len(machine.begun_ms) == looks


def test_grey_is_the_same_with_opencv_and_without(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bare machine sees what the others see, to a level or two."""
    picture = np.random.default_rng(2).integers(0, 256, (40, 50, 3), np.uint8)
    fast = cascade._grey(picture).astype(int)
    monkeypatch.setattr(cascade, "cv2", None)
    assert np.abs(fast - cascade._grey(picture)).max() <= 1
