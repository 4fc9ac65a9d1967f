"""Read an item number off bars that no general reader can: 13 characters of UPU S10 in Code 128, 156 modules.

Sets are switched at known places, the digits have a check digit and the symbol a check character. So of all numbers
the one is sought whose bars, blurred as the picture is, come nearest to what is seen. The nearest need not be the
right one: it is a suggestion, to be confirmed against the register.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from custody.s10 import check_digit
from scanner.code128 import CODE_B, CODE_C, MODULES, START_B, STOP, SYMBOL_MODULES, check_value, modules_of
from scanner.engines import Finding, Picture
from scanner.pictures import cv2
from scanner.reading import CODE_128, Corners

__all__ = ["suggest_number"]

Line = NDArray[np.float64]
Lies = NDArray[np.float64]
"""K x 3; how bars may lie on a profile: pixels of the left end, of the right end, and of how far the middle is off."""

_FINE: Final = 4  # samples a module
_QUIET: Final = 6  # modules of paper looked at on each side
_PAD: Final = 5  # modules into which a symbol's blur reaches on each side
_BLURS: Final = (0.4, 0.7, 1.0, 1.3, 1.6, 2.0)  # modules, standard deviation
_BEAM: Final = 200
_OUTLINE: Final = 0.55  # correlation of what all numbers share with what is seen, to begin at all
_LIKE: Final = 0.92  # correlation of the number's bars with what is seen
_AHEAD: Final = 15.0  # by how much the number's logarithm of likelihood must exceed the next one's
_STEPS: Final = (0.8, 0.4, 0.2, 0.1)  # modules, while the bars are laid on the profile
_COUNTRY: Final = "VN"

_LETTERS: Final = tuple(range(33, 59))  # A to Z in set B
_PLACES: Final[tuple[tuple[int, ...], ...]] = (
    (START_B,), _LETTERS, _LETTERS, (CODE_C,), *(tuple(range(100)),) * 4, (CODE_B,),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Guess:
    """A number, how well its bars fit (correlation), and how far it is ahead of the next."""

    values: tuple[int, ...]
    like: float
    ahead: float


def _places(lies: Lies, modules: Line) -> Line:
    """Return pixels of places in modules, for each way to lay the bars."""
    share = modules / MODULES
    left, right, bend = (lies[:, column, None] for column in range(3))
    return np.asarray(left + (right - left) * share + bend * (4 * share * (1 - share)))


def suggest_number(strip: Picture) -> list[Finding]:
    """Suggest the number of a strip in which bars lie level.

    Returns:
        One finding marked as suggested, or nothing.
    """
    profile = _profile(strip)
    laid = [(_lay(profile), False), (_lay(profile[::-1]), True)]
    (likeness, lie), upside_down = max(laid, key=lambda one: one[0][0])
    if likeness < _OUTLINE:
        return []
    guess, lie = _solve(profile[::-1] if upside_down else profile, lie)
    if guess is None or guess.like < _LIKE or guess.ahead < _AHEAD:
        return []
    height, width = strip.shape
    left, right = float(lie[0]), float(lie[1])
    corners: Corners = ((left, 0.0), (right, 0.0), (right, float(height)), (left, float(height)))
    if upside_down:
        corners = tuple((width - x, height - y) for x, y in corners)
    return [Finding(_text(guess.values), CODE_128, corners, suggested=True)]


def _profile(strip: Picture) -> Line:
    """Return how dark the strip's columns are, along the slant at which they differ most."""
    rows = strip[strip.shape[0] // 5 : max(strip.shape[0] * 4 // 5, strip.shape[0] // 5 + 1)]
    best, sharpest = rows.mean(axis=0), -1.0
    height = rows.shape[0]
    for slant in (0.0, 0.03, -0.03, 0.06, -0.06):
        lean = np.array(((1.0, slant, -slant * height / 2), (0.0, 1.0, 0.0)))
        leant = cv2.warpAffine(
            rows, lean, rows.shape[::-1], flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        column = leant.mean(axis=0)
        sharpness = float(np.square(np.diff(column)).sum())
        if sharpness > sharpest:
            best, sharpest = column, sharpness
    return np.asarray(_even(255.0 - best), np.float64)


def _even(dark: Line) -> Line:
    """Take away what changes slowly: shadow, the envelope's colour."""
    window = max(3, len(dark) // 12) | 1
    low = cv2.blur(cv2.erode(dark[None], np.ones((1, window))), (window, 1))[0]
    high = cv2.blur(cv2.dilate(dark[None], np.ones((1, window))), (window, 1))[0]
    return np.asarray((dark - low) / np.maximum(high - low, 12.0))


@cache
def _blurred(value: int, blur: float) -> Line:
    """Return a symbol's samples, dark 1, with the pad on each side."""
    dark = np.pad(np.repeat(modules_of(value).astype(np.float64), _FINE), _PAD * _FINE)
    return _soften(dark, blur)


def _soften(samples: Line, blur: float) -> Line:
    reach = _PAD * _FINE
    steps = np.arange(-reach, reach + 1)
    kernel = np.exp(-0.5 * (steps / (blur * _FINE)) ** 2)
    return np.convolve(samples, kernel / kernel.sum(), mode="same")


@cache
def _grid() -> Line:
    count = (MODULES + 2 * _QUIET) * _FINE
    return (np.arange(count) + 0.5) / _FINE - _QUIET


def _bars(values: tuple[int, ...], blur: float) -> Line:
    """Return the samples of a whole symbol with its quiet zones."""
    dark = np.concatenate([modules_of(value) for value in values]).astype(np.float64)
    return _soften(np.repeat(np.pad(dark, _QUIET), _FINE), blur)


@cache
def _outline(blur: float) -> tuple[Line, NDArray[np.bool_]]:
    """Return the samples of what all numbers share, and where that is."""
    known: list[int | None] = [START_B, None, None, CODE_C, *(None,) * 4, CODE_B, None]
    known += [ord(letter) - 32 for letter in _COUNTRY] + [None, STOP]
    parts = [
        np.full(SYMBOL_MODULES, -1) if value is None else modules_of(value).astype(int) for value in known
    ]
    modules = np.repeat(np.pad(np.concatenate(parts), _QUIET), _FINE)
    return _soften(np.where(modules < 0, 0.5, modules), blur), modules >= 0


def _likeness(line: Line, lies: Lies, bars: Line, where: NDArray[np.bool_]) -> Line:
    """Return the correlation of the bars with the profile, for each way to lay them."""
    seen = np.interp(_places(lies, _grid()[where]), np.arange(len(line)) + 0.5, line)
    wanted = bars[where] - bars[where].mean()
    spread = np.sqrt(np.square(seen).sum(axis=1) - seen.shape[1] * np.square(seen.mean(axis=1)) + 1e-9)
    return np.asarray(seen @ wanted / (spread * np.linalg.norm(wanted)))


def _lay(line: Line) -> tuple[float, Line]:
    """Return the correlation of what all numbers share, and how the bars lie for that."""
    bars, where = _outline(0.8)
    sparse = where & (np.arange(len(where)) % 3 == 0)
    ends = np.arange(0.0, 0.24, 0.007) * len(line)
    left, right = np.meshgrid(ends, len(line) - ends)
    lies = np.stack((left.ravel(), right.ravel(), np.zeros(left.size)), axis=1)
    likeness = _likeness(line, lies, bars, sparse)
    found = np.stack([_settle(line, lie, bars, where) for lie in _apart(lies, likeness)])
    settled = _likeness(line, found, bars, where)
    best = int(np.argmax(settled))
    return float(settled[best]), found[best]


def _apart(lies: Lies, likeness: Line, count: int = 3) -> list[Line]:
    """Return the best few that are not neighbours of one another."""
    chosen: list[Line] = []
    for lie in lies[np.argsort(-likeness)[:60]]:
        near = 2.5 * (lie[1] - lie[0]) / MODULES
        if all(np.abs(lie - other).sum() > near for other in chosen):
            chosen.append(lie)
    return chosen[:count]


def _settle(line: Line, lie: Line, bars: Line, where: NDArray[np.bool_]) -> Line:
    """Move the bars while the correlation grows."""
    moves = np.array(((0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 0)), np.float64)
    moves = np.concatenate((moves, -moves[1:]))
    for step in _STEPS:
        size = step * (lie[1] - lie[0]) / MODULES
        for _ in range(8):
            lies = lie + moves * size
            best = int(np.argmax(_likeness(line, lies, bars, where)))
            if best == 0:
                break
            lie = lies[best]
    return lie


def _solve(line: Line, lie: Line) -> tuple[_Guess | None, Line]:
    """Find the nearest number; lay its bars better; find again."""
    everywhere = np.ones((MODULES + 2 * _QUIET) * _FINE, np.bool_)
    blur = max(_BLURS, key=lambda one: float(_likeness(line, lie[None], *_outline(one))[0]))
    best: _Guess | None = None
    for _ in range(3):
        guess = _nearest(line, lie, blur)
        if guess is None or (best is not None and guess.like <= best.like):
            break
        best = guess
        lie = _settle(line, lie, _bars(guess.values, blur), everywhere)
        bars = {one: _bars(guess.values, one) for one in _BLURS}
        blur = max(_BLURS, key=lambda one: float(_likeness(line, lie[None], bars[one], everywhere)[0]))
    return best, lie


def _nearest(line: Line, lie: Line, blur: float) -> _Guess | None:
    """Return the number whose bars are nearest under one blur."""
    seen = np.interp(_places(lie[None], _grid())[0], np.arange(len(line)) + 0.5, line)
    bars, where = _outline(blur)
    # Ink and paper, and their change along the bars, by the modules that are known.
    known = where & (np.abs(bars - 0.5) > 0.3)
    slope = np.linspace(-1, 1, len(seen))
    basis = np.stack((bars[known], np.ones(int(known.sum())), slope[known]), axis=1)
    ink, paper, tilt = np.linalg.lstsq(basis, seen[known], rcond=None)[0]
    if ink < 0.1:
        return None
    level = (seen - paper - tilt * slope) / ink
    paths, costs = _paths(level, blur)
    first, second = np.argsort(costs)[:2]
    values = tuple(int(value) for value in (*paths[first], STOP))
    expected = _bars(values, blur)
    noise = max(float(np.square(level - expected).mean()), 1e-4)
    ahead = float(costs[second] - costs[first]) / (2 * noise * _FINE)
    return _Guess(values, float(np.corrcoef(expected, seen)[0, 1]), ahead)


def _window(level: Line, place: int) -> Line:
    """Return the samples that the symbol at a place reaches into."""
    first = (_QUIET + place * SYMBOL_MODULES - _PAD) * _FINE
    return level[first : first + (SYMBOL_MODULES + 2 * _PAD) * _FINE]


@cache
def _symbols(blur: float) -> tuple[Line, Line]:
    """Return the blurred symbols 0 to 105, and what each two in a row have in common."""
    symbols = np.stack([_blurred(value, blur) for value in range(STOP)])
    reach = 2 * _PAD * _FINE
    return symbols, 2 * symbols[:, -reach:] @ symbols[:, :reach].T


def _paths(level: Line, blur: float) -> tuple[NDArray[np.intp], Line]:
    """Return the likeliest values from start to check character, and how far they are off (without a constant)."""
    symbols, common = _symbols(blur)
    squares = np.square(symbols).sum(axis=1)
    own = [squares - 2 * symbols @ _window(level, place) for place in range(len(_PLACES) + 4)]
    paths = np.full((1, 1), START_B, np.intp)
    costs = np.zeros(1)
    for place, choice in enumerate(_PLACES[1:], start=1):
        options = np.array(choice)
        joined = costs[:, None] + own[place][options] + common[paths[:, -1]][:, options]
        flat = joined.ravel()
        order = np.argpartition(flat, _BEAM)[:_BEAM] if flat.size > _BEAM else np.arange(flat.size)
        rows, columns = np.unravel_index(order, joined.shape)
        paths = np.column_stack((paths[rows], options[columns]))
        costs = joined[rows, columns]
    tail = [_tail(path) for path in paths.tolist()]
    for place, values in enumerate(np.array(tail).T, start=len(_PLACES)):
        costs = costs + own[place][values] + common[paths[:, -1], values]
        paths = np.column_stack((paths, values))
    stop = np.repeat(modules_of(STOP).astype(np.float64), _FINE)
    head = _soften(np.pad(stop, _PAD * _FINE), blur)[: 2 * _PAD * _FINE]
    return paths, costs + 2 * symbols[paths[:, -1], -2 * _PAD * _FINE :] @ head


def _tail(path: list[int]) -> list[int]:
    """Return check digit, country and check character of the values so far."""
    serial = "".join(f"{pair:02d}" for pair in path[4:8])
    rest = [16 + check_digit(serial), *(ord(letter) - 32 for letter in _COUNTRY)]
    return [*rest, check_value([*path, *rest])]


def _text(values: tuple[int, ...]) -> str:
    letters = "".join(chr(value + 32) for value in values[1:3])
    serial = "".join(f"{pair:02d}" for pair in values[4:8])
    return f"{letters}{serial}{values[9] - 16}{_COUNTRY}"
