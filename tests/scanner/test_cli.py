import json
from pathlib import Path

import numpy as np
from click.testing import CliRunner
from PIL import Image

from labels import render
from scanner.cli import decode
from tests.labels.press import make_face, press
from tests.scanner.camera import Shot, photograph


def lines(output: str) -> list[dict[str, object]]:
    """One JSON document a line."""
    return [json.loads(line) for line in output.splitlines()]


def test_decode_writes_one_line_a_file(tmp_path: Path) -> None:
    """In the order asked, so that a script can pair them."""
    wanted = [make_face(serial) for serial in (1, 2)]
    files = [tmp_path / f"{face.number}.png" for face in wanted]
    for face, file in zip(wanted, files, strict=True):
        file.write_bytes(render(face, "png"))
    result = CliRunner().invoke(decode, ["--json", *map(str, files)])
    assert result.exit_code == 0
    for line, face, file in zip(lines(result.stdout), wanted, files, strict=True):
        assert set(line) == {"file", "symbols", "ms"}
        assert line["file"] == str(file)
        symbols = line["symbols"]
        assert isinstance(symbols, list)
        assert {(symbol["format"], symbol["text"]) for symbol in symbols} == {
            ("QRCode", face.digits),
            ("Code128", face.number),
        }
        assert all(len(symbol["corners"]) == 4 for symbol in symbols)


def test_unreadable_files_are_named_and_do_not_stop_the_others(tmp_path: Path) -> None:
    """Exit status 1 says that some line has an error."""
    (tmp_path / "text.png").write_text("no picture", encoding="utf-8")
    Image.fromarray(np.full((40, 40), 255, np.uint8)).save(tmp_path / "blank.png")
    names = ["text.png", "missing.png", "blank.png", "."]
    result = CliRunner().invoke(decode, [str(tmp_path / name) for name in names])
    assert result.exit_code == 1
    text, missing, blank, folder = lines(result.stdout)
    assert "error" in text
    assert "error" in missing
    assert "error" in folder
    assert blank["symbols"] == []


def test_picture_without_symbols_is_no_error(tmp_path: Path) -> None:
    """Nothing to see is an answer."""
    Image.fromarray(np.full((40, 40), 255, np.uint8)).save(tmp_path / "blank.png")
    assert CliRunner().invoke(decode, [str(tmp_path / "blank.png")]).exit_code == 0


def test_a_suggestion_is_marked(tmp_path: Path) -> None:
    """A script must not take the likeliest number for one that was read."""
    face = make_face(9)
    dots = np.array(press(face, "png-203"))
    dots[:400, :420] = 255
    file = tmp_path / "blurred.png"
    Image.fromarray(photograph(dots, Shot(defocus=2.0), seed=3)[..., ::-1]).save(file)
    (line,) = lines(CliRunner().invoke(decode, ["--budget-ms", "60000", str(file)]).stdout)
    symbols = line["symbols"]
    assert isinstance(symbols, list)
    assert [(symbol["text"], symbol["suggested"]) for symbol in symbols] == [(face.number, True)]
