"""The long run of bench_scanner: labels of both layouts and both mixtures, four frames of each, by the cascade.

What became of each label is noted at once, so a run that was stopped tells what it measured and goes on from there;
notes of another scanner or of other pictures are left.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from hashlib import sha256
from itertools import product
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np

from benchmarks.readers import BUDGET_MS, read_by_cascade
from custody.label import DIGITS
from scanner import Stream
from tools.photos.camera import photograph
from tools.photos.grades import GRADES, KINDS, MIXTURES, draw_shot
from tools.photos.paper import lay, make_face

__all__ = ["FRAMES", "LAYOUTS", "run_large"]

LAYOUTS: Final = ("100x70", "100x50")
FRAMES: Final = 4
_PROMISED: Final = {"everyday": (97.0, 99.5), "hard": (60.0, 85.0)}  # per cent in one frame, in four
_REPORT_EVERY: Final = 40  # labels


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outcome:
    """What became of one label.

    Attributes:
        grades: of each of `KINDS`.
        once: the QR code or the bars were read in one frame.
        once_qr: the QR code was.
        streamed: one of them was believed within four frames of a stream.
        wrong: texts that are not on the label.
        suggested: right and wrong suggestions of the one frame.
        ms: of the one frame.
        stream_ms: of the slowest frame of the stream.
    """

    mixture: str
    layout: str
    seed: int
    grades: tuple[int, ...]
    once: bool
    once_qr: bool
    streamed: bool
    wrong: tuple[str, ...]
    suggested: tuple[int, int]
    ms: float
    stream_ms: float


def run_large(pictures: int, processes: int, out: Path) -> None:
    """Read *pictures*, print the tables now and then, and write the last one to *out*."""
    labels = max(1, pictures // FRAMES // len(LAYOUTS) // len(MIXTURES))
    tasks = [
        (mixture, layout, seed) for seed in range(labels) for mixture, layout in product(MIXTURES, LAYOUTS)
    ]
    notes = out.with_name(f"{out.stem}-{_version()}.jsonl")
    noted = _noted(notes)
    outcomes = [noted.pop(task) for task in tasks if task in noted]
    done = {(outcome.mixture, outcome.layout, outcome.seed) for outcome in outcomes}
    left = [task for task in tasks if task not in done]
    print(f"{len(outcomes) * FRAMES} pictures noted in {notes}, {len(left) * FRAMES} to read", flush=True)
    with (
        notes.open("a", encoding="utf-8") as lines,
        ProcessPoolExecutor(processes, initializer=cv2.setNumThreads, initargs=(1,)) as pool,
    ):
        for outcome in pool.map(_read_label, left, chunksize=4):
            outcomes.append(outcome)
            lines.write(json.dumps(asdict(outcome)) + "\n")
            lines.flush()
            if len(outcomes) % _REPORT_EVERY == 0 or len(outcomes) == len(tasks):
                figures = _figures(outcomes)
                out.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
                print(
                    f"{len(outcomes) * FRAMES} of {len(tasks) * FRAMES} pictures: {_short(figures)}",
                    flush=True,
                )
    _print(_figures(outcomes))


def _version() -> str:
    """Return what tells this scanner and these pictures from others: a digest of their files."""
    root, digest = Path(__file__).parents[1], sha256()
    for folder in ("scanner", "tools/photos"):
        for path in sorted((root / folder).iterdir()):
            if path.suffix in {".py", ".onnx"}:
                digest.update(path.read_bytes())
    return digest.hexdigest()[:8]


def _noted(notes: Path) -> dict[tuple[str, str, int], _Outcome]:
    """Return what an earlier run of the same scanner noted; a line that was cut off is left."""
    noted: dict[tuple[str, str, int], _Outcome] = {}
    for line in notes.read_text(encoding="utf-8").split("\n")[:-1] if notes.is_file() else []:
        row = json.loads(line)
        tuples = {name: tuple(row[name]) for name in ("grades", "wrong", "suggested")}
        outcome = _Outcome(**{**row, **tuples})
        noted[outcome.mixture, outcome.layout, outcome.seed] = outcome
    return noted


def _short(figures: dict[str, Any]) -> str:
    rates = [
        f"{mixture} {figures[mixture]['one_frame']:.1f} and {figures[mixture]['four_frames']:.1f} %"
        for mixture in MIXTURES
        if mixture in figures
    ]
    return f"{', '.join(rates)}, {len(figures['wrong'])} wrong"


def _read_label(task: tuple[str, str, int]) -> _Outcome:
    mixture, layout, seed = task
    shot = draw_shot(mixture, np.random.default_rng((seed, 3)))
    paper = lay(
        make_face(seed), layout, shot, seed=seed
    )  # as `tools.photos.camera.take` does, once for all frames
    photos = [photograph(paper, shot, seed=seed, frame=frame) for frame in range(FRAMES)]
    texts = photos[0].texts
    first = read_by_cascade(photos[0].picture)
    stream = Stream(budget_ms=BUDGET_MS, clock=time.thread_time)
    frames, took_ms = [], []
    for photo in photos:
        start = time.thread_time()
        frames.append({reading.text for reading in stream.read(photo.picture)})
        took_ms.append((time.thread_time() - start) * 1000)
    return _Outcome(
        mixture=mixture,
        layout=layout,
        seed=seed,
        grades=tuple(GRADES[kind].index(getattr(shot, kind)) for kind in KINDS),
        once=bool(first.texts & texts),
        once_qr=any(len(text) == DIGITS for text in first.texts & texts),
        streamed=any(frame & texts for frame in frames),
        wrong=tuple(sorted((first.texts | set().union(*frames)) - texts)),
        suggested=(len(first.suggested & texts), len(first.suggested - texts)),
        ms=first.ms,
        stream_ms=max(took_ms),
    )


def _figures(outcomes: list[_Outcome]) -> dict[str, Any]:
    figures: dict[str, Any] = {"pictures": len(outcomes) * FRAMES}
    figures["wrong"] = [text for outcome in outcomes for text in outcome.wrong]
    figures["suggested_right"], figures["suggested_wrong"] = (
        sum(outcome.suggested[which] for outcome in outcomes) for which in (0, 1)
    )
    for mixture in MIXTURES:
        for layout in ("", *LAYOUTS):
            chosen = [o for o in outcomes if o.mixture == mixture and layout in {"", o.layout}]
            if chosen:
                figures[f"{mixture} {layout}".strip()] = _rates(chosen)
        figures[f"{mixture} by grade"] = dict(_by_grade([o for o in outcomes if o.mixture == mixture]))
    return figures


def _rates(chosen: list[_Outcome]) -> dict[str, float]:
    """Return per cent read, and the time of one frame."""
    ms = [outcome.ms for outcome in chosen]
    return {
        "labels": len(chosen),
        "one_frame": round(100 * float(np.mean([outcome.once for outcome in chosen])), 2),
        "one_frame_qr": round(100 * float(np.mean([outcome.once_qr for outcome in chosen])), 2),
        "four_frames": round(100 * float(np.mean([outcome.streamed for outcome in chosen])), 2),
        "median_ms": round(float(np.median(ms)), 1),
        "p95_ms": round(float(np.percentile(ms, 95)), 1),
        "max_ms": round(max(ms), 1),
        "stream_max_ms": round(max(outcome.stream_ms for outcome in chosen), 1),
    }


def _by_grade(chosen: list[_Outcome]) -> Iterator[tuple[str, list[str]]]:
    """Yield each kind with the per cent read in one frame at each grade, beside whatever else was wrong."""
    for index, kind in enumerate(KINDS):
        read: Counter[int] = Counter()
        total: Counter[int] = Counter()
        for outcome in chosen:
            read[outcome.grades[index]] += outcome.once
            total[outcome.grades[index]] += 1
        yield kind, [f"{100 * read[grade] / total[grade]:.0f}" if total[grade] else "" for grade in range(6)]


def _print(figures: dict[str, Any]) -> None:
    print(f"\n{figures['pictures']} pictures, wrong payloads: {len(figures['wrong'])} {figures['wrong'][:3]}")
    print(f"suggestions: {figures['suggested_right']} right, {figures['suggested_wrong']} wrong")
    print(
        f"{'':18}{'labels':>7}{'1 frame':>9}{'QR':>7}{'4 frames':>10}{'median':>8}{'p95':>6}{'max':>6} ms, of a stream"
    )
    for mixture, (one, four) in _PROMISED.items():
        for name in (mixture, *(f"{mixture} {layout}" for layout in LAYOUTS)):
            rates = figures.get(name)
            if rates:
                print(
                    f"{name:18}{rates['labels']:7}{rates['one_frame']:8.1f}%{rates['one_frame_qr']:6.1f}%"
                    f"{rates['four_frames']:9.1f}%{rates['median_ms']:8.0f}{rates['p95_ms']:6.0f}{rates['max_ms']:6.0f}{rates['stream_max_ms']:14.0f}"
                )
        print(f"{'wanted':25}{one:8.1f}%{'':7}{four:9.1f}%")
    for mixture in MIXTURES:
        print(f"\n{mixture}, % in one frame at grade{'':3}" + "".join(f"{grade:>6}" for grade in range(6)))
        for kind, cells in figures[f"{mixture} by grade"].items():
            print(f"{kind:32}" + "".join(f"{cell:>6}" for cell in cells))
