import json
from pathlib import Path

import pytest
import zxingcpp
from click.testing import CliRunner
from PIL import Image

from custody.label import parse_digits, verify_label
from labels.cli import label


@pytest.mark.parametrize("fmt", ["png", "pdf", "svg", "zpl"])
def test_sample_writes_labels_that_verify(tmp_path: Path, fmt: str) -> None:
    """A printer's buyer needs real labels and the key to check them with, and no site."""
    result = CliRunner().invoke(
        label, ["sample", "--count", "3", "--out", str(tmp_path / "new"), "--format", fmt]
    )
    assert result.exit_code == 0, result.output
    entries = json.loads((tmp_path / "new" / "labels.json").read_text(encoding="utf-8"))
    assert len(entries) == 3
    for entry in entries:
        assert set(entry) == {"number", "digits", "file", "kid4", "public_key"}
        signed = parse_digits(entry["digits"])
        verify_label(signed, bytes.fromhex(entry["public_key"]))
        assert (signed.number, signed.kid4.hex()) == (entry["number"], entry["kid4"])
        assert (tmp_path / "new" / entry["file"]).stat().st_size > 1000


def test_sample_reports_as_json(tmp_path: Path) -> None:
    """What it prints is what it wrote."""
    result = CliRunner().invoke(label, ["sample", "--out", str(tmp_path), "--json"])
    assert json.loads(result.stdout) == json.loads((tmp_path / "labels.json").read_text(encoding="utf-8"))
    (entry,) = json.loads(result.stdout)
    texts = {symbol.text for symbol in zxingcpp.read_barcodes(Image.open(tmp_path / entry["file"]))}
    assert texts == {entry["digits"], entry["number"]}


def test_sample_refuses_an_unknown_format(tmp_path: Path) -> None:
    """Usage errors are exit status 2, with nothing written."""
    result = CliRunner().invoke(label, ["sample", "--out", str(tmp_path), "--format", "gif"])
    assert result.exit_code == 2
    assert not list(tmp_path.iterdir())
