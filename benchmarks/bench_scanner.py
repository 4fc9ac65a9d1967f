"""How much is read, how fast and how much wrongly: the cascade beside pyzbar alone and zxing-cpp alone.

Two sets: the photographs of ../shared/samples, and modelled photographs of our own labels (tests/scanner/camera).
"""

import csv
import json
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from scanner import read_image
from scanner.engines import Picture, pyzbar_read, zxing_read
from tests.labels.press import make_face, press
from tests.scanner.camera import Shot, photograph

OUT = Path("build/bench/scanner.json")
SAMPLES = Path(__file__).parents[2] / "shared" / "samples"
LABELS = 8
SHOTS = {
    "everyday": Shot(),
    "turned": Shot(roll=45),
    "aslant": Shot(tilt=45, roll=20),
    "far": Shot(scale=4.2),
    "farther": Shot(scale=3),
    "defocus 2.0": Shot(defocus=2.0),
    "defocus 2.6": Shot(defocus=2.6),
    "motion 8": Shot(motion=8),
    "dark": Shot(light=0.1, noise=4),
    "shadow": Shot(shadow=0.8),
    "glare": Shot(glare=0.9),
    "thumb": Shot(occlusion=0.08),
    "faint": Shot(contrast=0.25),
}

Texts = Callable[[Picture], set[str]]
READERS: dict[str, Texts] = {
    "pyzbar": lambda picture: {finding.text for finding in pyzbar_read(picture)},
    "zxing": lambda picture: {finding.text for finding in zxing_read(picture) if finding.error is None},
    "cascade": lambda picture: {reading.text for reading in read_image(picture, budget_ms=1500)},
}


@dataclass
class Tally:
    """What one reader did with one set."""

    read: int = 0
    misread: int = 0
    ms: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class Case:
    """A picture of a set; any of the texts counts as read, any other as misread."""

    group: str
    picture: Picture
    expected: frozenset[str]


def sample_cases() -> Iterator[Case]:
    """The photographs with ground truth and the negatives."""
    with (SAMPLES / "manifest.tsv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            if not row["expected_json"] and row["kind"] != "negative":
                continue
            picture = cv2.imread(str(SAMPLES / row["path"]), cv2.IMREAD_GRAYSCALE)
            assert picture is not None
            expected = {json.loads(row["expected_json"])} if row["expected_json"] else set()
            yield Case(row["path"].split("/")[0], np.asarray(picture, np.uint8), frozenset(expected))


def label_cases() -> Iterator[Case]:
    """Our labels before the modelled camera; a QR code or the bars is a read label."""
    for name, shot in SHOTS.items():
        for serial in range(LABELS):
            face = make_face(serial * 1_234_577)
            picture = photograph(press(face, "png-203"), shot, seed=serial)
            grey = np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), np.uint8)
            yield Case(f"label {name}", grey, frozenset({face.digits, face.number}))


def measure(cases: Iterator[Case]) -> tuple[dict[str, dict[str, Tally]], Counter[str]]:
    """Run every reader over every case."""
    tallies: dict[str, dict[str, Tally]] = defaultdict(lambda: defaultdict(Tally))
    sizes: Counter[str] = Counter()
    for case in cases:
        sizes[case.group] += 1
        for name, read in READERS.items():
            start = time.perf_counter()
            texts = read(case.picture)
            tally = tallies[case.group][name]
            tally.ms.append((time.perf_counter() - start) * 1000)
            tally.read += bool(texts & case.expected)
            tally.misread += len(texts - case.expected)
    return tallies, sizes


def report(title: str, tallies: dict[str, dict[str, Tally]], sizes: Counter[str]) -> dict[str, float]:
    """Print a table and return its numbers."""
    figures: dict[str, float] = {}
    print(f"\n{title:20}{'':6}" + "".join(f"{name:>28}" for name in READERS))
    print(f"{'':20}{'n':>6}" + f"{'read  wrong  median    p95':>28}" * len(READERS))
    overall: dict[str, Tally] = defaultdict(Tally)
    for group, by_reader in tallies.items():
        print(f"{group:20}{sizes[group]:6}" + "".join(_cells(by_reader[name]) for name in READERS))
        for name, tally in by_reader.items():
            overall[name].read += tally.read
            overall[name].misread += tally.misread
            overall[name].ms += tally.ms
    print(f"{'all':20}{sizes.total():6}" + "".join(_cells(overall[name]) for name in READERS))
    key = title.replace(" ", "_")
    for name, tally in overall.items():
        figures[f"{key}_{name}_read"] = tally.read
        figures[f"{key}_{name}_misread"] = tally.misread
        figures[f"{key}_{name}_median_ms"] = float(np.median(tally.ms))
        figures[f"{key}_{name}_p95_ms"] = float(np.percentile(tally.ms, 95))
    figures[f"{key}_pictures"] = sizes.total()
    return figures


def _cells(tally: Tally) -> str:
    median, late = np.median(tally.ms), np.percentile(tally.ms, 95)
    return f"{tally.read:11}{tally.misread:5}{median:6.1f}{late:6.0f}"


def main() -> dict[str, float]:
    """Measure, print tables, write the numbers."""
    figures = report("labels", *measure(label_cases()))
    if SAMPLES.is_dir():
        figures |= report("samples", *measure(sample_cases()))
    else:
        print("no ../shared/samples beside the repository: photographs left out")
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    return figures


if __name__ == "__main__":
    main()
