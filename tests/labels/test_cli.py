import json
from pathlib import Path

import pytest
import zxingcpp
from click.testing import CliRunner
from PIL import Image

from custody.label import parse_digits, verify_label
from labels.cli import label
from labels.printers import PrinterError
from tests.labels.test_printers import Zebra


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


@pytest.mark.parametrize("layout", ["100x70", "100x50", "bag"])
def test_sample_makes_every_layout_and_sheets(tmp_path: Path, layout: str) -> None:
    """Whoever buys paper tries it before."""
    page = {"100x70": "a4-105x74", "100x50": "a4-105x57", "bag": "a4-bag"}[layout]
    command = [
        "sample",
        "--out",
        str(tmp_path),
        "--layout",
        layout,
        "--count",
        "2",
        "--page",
        page,
        "--start",
        "2",
    ]
    for extra in ([], ["--stock"]):
        result = CliRunner().invoke(label, [*command, *extra])
        assert result.exit_code == 0, result.output
    (entry, _) = json.loads((tmp_path / "labels.json").read_text(encoding="utf-8"))
    texts = {symbol.text for symbol in zxingcpp.read_barcodes(Image.open(tmp_path / entry["file"]))}
    assert texts == {entry["digits"], entry["number"]}
    assert (tmp_path / "sheet.pdf").read_bytes().startswith(b"%PDF")


def test_a_printer_is_listed_and_tried(tmp_path: Path) -> None:
    """The test page goes to the printer that the site's file names."""
    made = Zebra()
    (tmp_path / "printers.toml").write_text(
        f'[[printer]]\nname = "quay-1"\nkind = "tcp"\nhost = "127.0.0.1"\nport = {made.port}\n',
        encoding="utf-8",
    )
    runner, site = CliRunner(), {"data": tmp_path}
    listed = runner.invoke(label, ["printers", "--json"], obj=site)
    assert [one["name"] for one in json.loads(listed.stdout)] == ["quay-1"]
    tried = runner.invoke(label, ["printers", "--trial", "quay-1"], obj=site)
    made.stop()
    assert tried.exit_code == 0, tried.output
    assert made.got.count(b"^XA") == 7
    assert isinstance(runner.invoke(label, ["printers", "--trial", "x"], obj=site).exception, PrinterError)


def test_the_test_page_is_written(tmp_path: Path) -> None:
    """For a printer of which the server knows nothing."""
    made = CliRunner().invoke(label, ["trial", "--out", str(tmp_path / "t.pdf"), "--json"])
    assert json.loads(made.stdout)["paper"] == "a4"
    assert (tmp_path / "t.pdf").read_bytes().startswith(b"%PDF")
