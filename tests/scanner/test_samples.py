"""Photographs of others, with ground truth. They are beside the repository and not in it."""

import csv
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest

from scanner import read_image

SAMPLES = Path(__file__).parents[3] / "shared" / "samples"

# folder -> pictures with ground truth, and how many of them must be read. What is not there must not be read.
# zxing-cpp alone reads 79, 29, 30, 23, 9 and 4 of them, pyzbar alone 67, 18, 24, 21, 9 and 4.
MINIMA = {
    "zxing-qr": (85, 84),
    "zxingcpp-qr": (30, 30),
    "jsqr": (31, 31),
    "zxing-c128": (24, 23),
    "zxingcpp-c128": (9, 9),
    "quagga-c128": (7, 7),
    "negatives": (62, 0),
}


@dataclass(frozen=True)
class Sample:
    """One row of the manifest."""

    path: str
    expected: str | None


@cache
def manifest() -> dict[str, list[Sample]]:
    """The samples by folder, those without ground truth left out."""
    folders: dict[str, list[Sample]] = {}
    with (SAMPLES / "manifest.tsv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            expected = json.loads(row["expected_json"]) if row["expected_json"] else None
            if expected is not None or row["kind"] == "negative":
                folders.setdefault(row["path"].split("/")[0], []).append(Sample(row["path"], expected))
    return folders


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="no ../shared/samples beside the repository")
@pytest.mark.parametrize("folder", MINIMA)
def test_photographs_are_read_and_none_is_misread(folder: str) -> None:
    """A symbol not read is scanned again; a symbol misread sends an envelope astray."""
    samples = manifest()[folder]
    total, least = MINIMA[folder]
    assert len(samples) == total
    read, misread = 0, []
    for sample in samples:
        picture = cv2.imread(str(SAMPLES / sample.path), cv2.IMREAD_GRAYSCALE)
        assert picture is not None
        texts = {reading.text for reading in read_image(np.asarray(picture, np.uint8), budget_ms=10_000)}
        read += sample.expected in texts
        misread += [(sample.path, text) for text in texts - {sample.expected}]
    assert misread == []
    assert read >= least
