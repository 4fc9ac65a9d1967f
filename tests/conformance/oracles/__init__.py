"""Where the verifiers of other people are, and how they are asked; `make oracles` builds them."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

__all__ = ["ask_go", "ask_node", "ask_python", "needs"]

_HERE = Path(__file__).parent
_ROOT = _HERE.parents[2]
_BUILT = _ROOT / "build/oracles"
_PYTHON = _BUILT / "venv/bin/python"
_GO = _BUILT / "oracle-go"


def needs(kind: str) -> pytest.MarkDecorator:
    """Return the mark that skips a test where the verifiers from "PyPI", "npm" or "Go" are not built."""
    there = {"PyPI": _has_library(), "npm": (_BUILT / "node_modules/cborg").is_dir(), "Go": _GO.is_file()}
    return pytest.mark.skipif(not there[kind], reason=f"verifiers from {kind} are not here: make oracles")


def ask_python(task: str, cases: Sequence[object]) -> list[Any]:
    """Return the answers of a task of oracle.py."""
    answers: list[Any] = _ask([str(_PYTHON), str(_HERE / "oracle.py"), task], cases)
    return answers


def ask_node(task: str, cases: Sequence[object]) -> list[Any]:
    """Return the answers of a task of oracle.mjs."""
    node = shutil.which("node") or str(_ROOT / ".venv/bin/node")
    answers: list[Any] = _ask([node, str(_HERE / "oracle.mjs"), task, str(_BUILT)], cases)
    return answers


def ask_go(folder: Path, question: object) -> dict[str, Any]:
    """Return what golang.org/x/mod says of an exported log."""
    answer: dict[str, Any] = _ask([str(_GO), str(folder)], question)
    return answer


def _has_library() -> bool:
    return any(_BUILT.glob("venv/lib/python3.*/site-packages/pymerkle"))


def _ask(command: list[str], question: object) -> Any:
    done = subprocess.run(command, input=json.dumps(question), capture_output=True, text=True, check=False)
    assert not done.returncode, done.stderr
    return json.loads(done.stdout)
