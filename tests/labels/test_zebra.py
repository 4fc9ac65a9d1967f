"""ZPL as another program prints it (zpl-renderer-js, Zebrash): `make oracles` installs it."""

import base64
import io
import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from labels import LAYOUTS, render, roll
from labels.trial import trial_page
from tests.labels.press import Dots, in_layouts, make_bag, parse_zpl
from tests.labels.test_render import expected, zbar_texts, zxing_texts

ROOT = Path(__file__).parent.parent.parent
FOLDER = ROOT / "build/oracles/zebra"
NODE = shutil.which("node") or ROOT / ".venv/bin/node"

pytestmark = pytest.mark.skipif(
    not (FOLDER / "node_modules").exists(), reason="no renderer of ZPL; `make oracles` installs it"
)


def rendered(cases: list[tuple[bytes, str, int]]) -> list[list[Dots]]:
    """The labels of each stream of ZPL, for labels of a layout's size and a printer of so many dpi."""
    asked = [
        {
            "zpl": zpl.decode("ascii"),
            "width_mm": LAYOUTS[layout].width_mm,
            "height_mm": LAYOUTS[layout].height_mm,
            "dots_per_mm": {203: 8, 300: 12}[dpi],
        }
        for zpl, layout, dpi in cases
    ]
    command = [NODE, ROOT / "tests/labels/zebra/render.mjs", FOLDER]
    done = subprocess.run(
        command, input=json.dumps(asked).encode(), capture_output=True, check=True, timeout=120
    )
    return [
        [np.asarray(Image.open(io.BytesIO(base64.b64decode(png))).convert("L"), np.uint8) for png in pngs]
        for pngs in json.loads(done.stdout)
    ]


def inked(dots: Dots) -> NDArray[np.bool_]:
    """From the first dark dot to the last: a head of 300 dpi has 11.81 dots a millimetre, the program 12."""
    dark = dots < 128
    (top, left), (bottom, right) = np.argwhere(dark).min(axis=0), np.argwhere(dark).max(axis=0)
    return dark[top : bottom + 1, left : right + 1]


@pytest.mark.parametrize("dpi", [203, 300])
def test_another_program_prints_what_we_drew(dpi: int) -> None:
    """Every layout: both codes read by both decoders, and each dot where we put it."""
    cases = in_layouts()
    streams = [(render(face, "zpl", dpi=dpi, layout=layout), layout, dpi) for face, layout in cases.values()]
    for (face, _), (zpl, _, _), labels in zip(cases.values(), streams, rendered(streams), strict=True):
        (label,) = labels
        assert np.array_equal(inked(label), inked(parse_zpl(zpl)))
        assert zxing_texts(label) == expected(face)
        assert zbar_texts(label) == expected(face)


def test_a_stream_of_labels_is_printed_one_by_one() -> None:
    """Stock comes by the roll; a test page is a label for each size."""
    bags = [make_bag(serial) for serial in range(3)]
    labels, trial = rendered(
        [(roll(bags, "zpl"), "bag", 203), (trial_page("100x70", "zpl", dpi=203), "100x70", 203)]
    )
    assert [zxing_texts(label) for label in labels] == [expected(bag) for bag in bags]
    assert len(trial) == 7
