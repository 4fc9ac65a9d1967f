"""Several frames of one label."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest

from scanner import Stream
from scanner.engines import Finding, Picture
from scanner.reading import CODE_128, QR_CODE, Corners
from scanner.stages import Scene, Stage, View
from tests.labels.press import make_face, press

SQUARE: Corners = ((0.0, 0.0), (9.0, 0.0), (9.0, 9.0), (0.0, 9.0))
BLANK = np.full((64, 64), 255, np.uint8)


def view(scene: Scene) -> Iterator[View]:
    """The frame itself."""
    yield View(scene.grey)


def told(*answers: list[Finding]) -> Callable[[Picture], list[Finding]]:
    """A reader that answers so, look after look, then nothing."""
    left = list(answers)
    return lambda _: left.pop(0) if left else []


def bars(text: str, *, suggested: bool = False) -> Finding:
    """Bars that an engine read."""
    return Finding(text, CODE_128, SQUARE, suggested=suggested)


def stream(*answers: list[Finding]) -> Stream:
    """A camera whose one engine answers so."""
    return Stream(stages=(Stage("only", view, (told(*answers),)),))


def seen(camera: Stream, frames: int, *, suggest: bool = False) -> list[list[str]]:
    """The texts that each of some frames brings."""
    return [[reading.text for reading in camera.read(BLANK, suggest=suggest)] for _ in range(frames)]


def test_bars_count_when_two_frames_agree() -> None:
    """One check character for any damage: of 103 wrong texts one passes."""
    assert seen(stream([bars("A1")], [], [bars("A1")], [bars("A1")]), 4) == [[], [], ["A1"], ["A1"]]


def test_frames_that_differ_bring_nothing() -> None:
    """Every misreading is another one."""
    assert seen(stream([bars("A1")], [bars("A2")], [bars("A3")]), 3) == [[], [], []]


def test_agreement_is_forgotten() -> None:
    """What was glimpsed a while ago was another envelope."""
    camera = stream([bars("A1")], *([[]] * 12), [bars("A1")])
    assert seen(camera, 14)[-1] == []


def test_a_qr_code_counts_at_once() -> None:
    """Its parity says that it is right."""
    assert seen(stream([Finding("A1", QR_CODE, SQUARE)]), 1) == [["A1"]]


def test_bars_count_at_once_beside_the_label_that_names_them() -> None:
    """Two codes that agree are two looks."""
    face = make_face(8)
    far: Corners = tuple((x + 40, y) for x, y in SQUARE)
    both = [Finding(face.digits, QR_CODE, SQUARE), Finding(face.number, CODE_128, far)]
    other = [Finding(face.digits, QR_CODE, SQUARE), Finding(make_face(9).number, CODE_128, far)]
    assert seen(stream(both), 1) == [[face.digits, face.number]]
    assert seen(stream(other), 1) == [[face.digits]]


def test_a_suggestion_stays_one() -> None:
    """However many frames agree, nobody read it; and one frame alone suggests nothing."""
    camera = Stream(stages=(Stage("s10", view, (told(*([[bars("A1")]] * 3)),), suggests=True),))
    assert camera.read(BLANK, suggest=True) == []
    assert [reading.suggested for reading in camera.read(BLANK, suggest=True)] == [True]
    assert camera.read(BLANK) == []


def test_each_frame_begins_with_another_stage() -> None:
    """In the time of one look, a stream has tried them all; what is steady sees every frame."""
    looks: list[str] = []

    def note(name: str, *, steady: bool = False) -> Stage:
        def look(_: Picture) -> list[Finding]:
            looks.append(name)
            return []

        return Stage(name, view, (look,), steady=steady)

    camera = Stream(
        stages=[note("first", steady=True), *(note(name) for name in "abc")],
        budget_ms=1_500,
        clock=lambda: float(len(looks)),  # a look takes a second
    )
    for _ in range(4):
        camera.read(BLANK)
    assert looks == ["first", "a", "first", "b", "first", "c", "first", "a"]


def test_bars_that_one_frame_shows_do_not_end_its_search() -> None:
    """They are not believed yet, and a later stage may read the QR code; bars of the frame before are enough."""
    looks: list[str] = []

    def later(_: Picture) -> list[Finding]:
        looks.append("later")
        return []

    camera = Stream(
        stages=(Stage("bars", view, (told([bars("A1")], [bars("A1")]),)), Stage("later", view, (later,)))
    )
    assert seen(camera, 1) == [[]]
    assert looks == ["later"]
    camera = Stream(stages=(Stage("bars", view, (told([bars("A1")], [bars("A1")]),), steady=True),))
    assert seen(camera, 2) == [[], ["A1"]]


@pytest.mark.parametrize("layout", ["100x70", "100x50"])
def test_a_clean_label_is_read_in_the_first_frame(layout: str) -> None:
    """Nothing waits for a second frame that needs none."""
    face = make_face(3)
    texts = {reading.text for reading in Stream(budget_ms=60_000).read(press(face, "png-203", layout))}
    assert face.digits in texts
    assert texts <= {face.digits, face.number}
