"""How much is read, how fast and how much wrongly: the cascade beside pyzbar, OpenCV and zxing-cpp alone.

On the same pictures in one run: the photographs of ../shared/samples, and photographs of our own labels on
envelopes (tools/photos) in the everyday and the hard mixture. Then each kind of damage by its grade. `--large`
is the long run: many labels of both layouts, four frames of each, by the cascade alone.
"""

from __future__ import annotations

import argparse
import csv
import json
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from benchmarks.photo_run import LAYOUTS, run_large
from benchmarks.readers import BUDGET_MS, READERS, read_by_cascade
from scanner.engines import Picture
from tools.photos.camera import photograph, take
from tools.photos.grades import GRADES, KINDS, MIXTURES, graded_shot
from tools.photos.paper import lay, make_face

OUT = Path("build/bench/scanner.json")
SAMPLES = Path(__file__).parents[2] / "shared" / "samples"
LABELS = 20  # of each mixture and layout
OF_A_GRADE = 1  # of each kind, grade and layout
EASY_MS = 1.2  # how much longer than zxing-cpp alone the cascade may take where that reads everything


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
    """Our labels; the QR code or the bars is a read label."""
    for mixture in MIXTURES:
        for layout in LAYOUTS:
            for seed in range(LABELS):
                photo = take(mixture, layout, seed=1_000_000 + seed)
                yield Case(f"{mixture} {layout}", photo.picture, photo.texts)


def measure(cases: Iterator[Case]) -> tuple[dict[str, dict[str, Tally]], Counter[str]]:
    """Run every reader over every case."""
    tallies: dict[str, dict[str, Tally]] = defaultdict(lambda: defaultdict(Tally))
    sizes: Counter[str] = Counter()
    for case in cases:
        sizes[case.group] += 1
        for name, read in READERS.items():
            answer = read(case.picture)
            tally = tallies[case.group][name]
            tally.ms.append(answer.ms)
            tally.read += bool(answer.texts & case.expected)
            tally.misread += len(answer.texts - case.expected)
    return tallies, sizes


def report(title: str, tallies: dict[str, dict[str, Tally]], sizes: Counter[str]) -> dict[str, float]:
    """Print a table and return its numbers."""
    figures: dict[str, float] = {}
    print(f"\n{title:16}{'':5}" + "".join(f"{name:>31}" for name in READERS))
    print(f"{'':16}{'n':>5}" + f"{'read wrong median  p95   max':>31}" * len(READERS))
    overall: dict[str, Tally] = defaultdict(Tally)
    for group, by_reader in tallies.items():
        print(f"{group:16}{sizes[group]:5}" + "".join(_cells(by_reader[name]) for name in READERS))
        for name, tally in by_reader.items():
            overall[name].read += tally.read
            overall[name].misread += tally.misread
            overall[name].ms += tally.ms
            key = f"{title} {group} {name}".replace(" ", "_")
            figures[f"{key}_read"] = tally.read
            figures[f"{key}_median_ms"] = float(np.median(tally.ms))
            figures[f"{key}_p95_ms"] = float(np.percentile(tally.ms, 95))
    print(f"{'all':16}{sizes.total():5}" + "".join(_cells(overall[name]) for name in READERS))
    for name, tally in overall.items():
        figures[f"{title}_{name}_read"] = tally.read
        figures[f"{title}_{name}_misread"] = tally.misread
        figures[f"{title}_{name}_median_ms"] = float(np.median(tally.ms))
        figures[f"{title}_{name}_p95_ms"] = float(np.percentile(tally.ms, 95))
        figures[f"{title}_{name}_max_ms"] = max(tally.ms)
    figures[f"{title}_pictures"] = sizes.total()
    return figures


def _cells(tally: Tally) -> str:
    median, late = np.median(tally.ms), np.percentile(tally.ms, 95)
    return f"{tally.read:8}{tally.misread:5}{median:6.0f}{late:6.0f}{max(tally.ms):6.0f}"


def by_grade() -> dict[str, Any]:
    """Print how many of each kind and grade are read, one kind at a time, and return the table."""
    count = OF_A_GRADE * len(LAYOUTS)
    print(f"\nread of {count} at each grade{'':9}" + "".join(f"{grade:>5}" for grade in range(6)))
    table: dict[str, list[int]] = {}
    for kind in KINDS:
        row = []
        for grade in range(6):
            read = 0
            for layout in LAYOUTS:
                for seed in range(2_000_000, 2_000_000 + OF_A_GRADE):
                    shot = graded_shot({kind: grade})
                    photo = photograph(lay(make_face(seed), layout, shot, seed=seed), shot, seed=seed)
                    answer = read_by_cascade(photo.picture)
                    assert answer.texts <= photo.texts
                    read += bool(answer.texts)
            row.append(read)
        table[kind] = row
        values = " ".join(f"{value:g}" for value in GRADES[kind])
        print(f"{kind:12}{values:22}" + "".join(f"{read:5}" for read in row))
    return {"by_grade": table, "by_grade_of": count}


def compare() -> dict[str, Any]:
    """Run every reader over the same pictures and print what became of the promises."""
    figures: dict[str, Any] = report("labels", *measure(label_cases()))
    easy, alone = (
        sum(figures[f"labels_everyday_{layout}_{name}_median_ms"] for layout in LAYOUTS)
        for name in ("cascade", "zxing")
    )
    figures["easy_ratio"] = easy / alone
    print(f"median of everyday frames: {figures['easy_ratio']:.2f} times zxing-cpp alone, wanted {EASY_MS}")
    print(f"worst frame: {figures['labels_cascade_max_ms']:.0f} ms, budget {BUDGET_MS:.0f}")
    if SAMPLES.is_dir():
        figures |= report("samples", *measure(sample_cases()))
    else:
        print("no ../shared/samples beside the repository: photographs left out")
    return figures | by_grade()


def main() -> None:
    """Measure, print tables, write the numbers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--large", type=int, nargs="?", const=10_000, metavar="PICTURES", help="the long run")
    parser.add_argument("--processes", type=int, default=1, help="of the long run")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    start = time.perf_counter()
    OUT.parent.mkdir(parents=True, exist_ok=True)
    if arguments.large:
        run_large(arguments.large, arguments.processes, OUT.with_name("scanner-large.json"))
    else:
        OUT.write_text(json.dumps(compare(), indent=1) + "\n", encoding="utf-8")
    print(f"{time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()
