"""How the tests run `tram keys`, and the words they use."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tram import tram

ROOT = Path(__file__).resolve().parents[3]
WORDS = "sáu chữ không đi cùng nhau"
OTHERS = "những từ khác hẳn thế"


def secret(path: Path, text: str) -> Path:
    """Write a passphrase file."""
    path.write_text(text + "\n", encoding="utf-8")
    path.chmod(0o600)
    return path


def run(folder: Path, *words: str | Path, opens: bool = True, data: str = "site") -> dict[str, Any]:
    """Run `tram keys WORDS --json`; raises what it raises."""
    more = ["--passphrase-file", str(folder / "words")] if opens else []
    result = CliRunner().invoke(
        tram,
        ["--data", str(folder / data), "keys", *map(str, words), *more, "--json"],
        standalone_mode=False,
    )
    if result.exception:
        raise result.exception
    answer: dict[str, Any] = json.loads(result.stdout)
    return answer


def refuse(error: type[Exception], match: str, folder: Path, *words: str | Path, **how: Any) -> None:
    """Run it and hold it to its error."""
    with pytest.raises(error, match=match):
        run(folder, *words, **how)


def new_root(folder: Path, name: str) -> str:
    """Make a root key on a stick, and return its public side."""
    public: str = run(folder, "new", folder / f"{name}.key", data="nowhere")["public"]
    return public


def approve(folder: Path, request: Path, name: str) -> dict[str, Any]:
    """Sign a request with the key of that name."""
    return run(folder, "root", "approve", request, "--key", folder / f"{name}.key", "--yes", data="nowhere")
