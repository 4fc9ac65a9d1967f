"""The verifier of web/verifier without its page, under node: one process reads many questions and answers each."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from custody.verify import Report, Trust, verify_dossier

__all__ = ["ROOT", "ask", "differences", "needs_node"]

ROOT = Path(__file__).resolve().parents[2]
_CLIENT = ROOT / "web" / "client"
_RUNNER = ROOT / "build" / "verifier" / "runner.mjs"


def _node() -> str | None:
    """Return the program: the machine's, or the one that came with requirements.txt."""
    return shutil.which("node") or shutil.which("node", path=Path(sys.executable).parent)


def needs_node() -> None:
    """Skip, saying why, where there is no node or nothing to build with."""
    if _node() is None:
        pytest.skip("node is not installed")
    if not (_CLIENT / "node_modules" / "esbuild").is_dir():
        pytest.skip("the front end's libraries are not installed: make build")


@cache
def _runner() -> Path:
    command = [_node() or "node", str(_CLIENT / "build.mjs"), "--runner"]
    subprocess.run(command, check=True, capture_output=True)
    return _RUNNER


def ask(questions: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the answers of one node process (web/verifier/test/runner.ts says what it can be asked)."""
    needs_node()
    lines = "".join(json.dumps(question) + "\n" for question in questions)
    done = subprocess.run(
        [_node() or "node", "--no-warnings", str(_runner())],
        input=lines,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


def differences(files: dict[str, bytes], trust: Trust | None = None, *, policy: str = "") -> list[str]:
    """Return where the two verifiers say different things of dossier *files*, by name.

    Args:
        files: name -> content.
        trust: what the reader has on paper.
        policy: the text of the policy in *trust*.
    """
    known = trust or Trust()
    answers = ask(
        {
            "dossier": base64.b64encode(data).decode(),
            "log_key": known.log_key,
            "roots": [kid.hex() for kid in known.roots],
            "policy": policy,
        }
        for data in files.values()
    )
    assert len(answers) == len(files)
    return [
        f"{name}: {key} is {ours[key]!r} here, {theirs[key]!r} in the browser ({theirs['failure']})"
        for (name, data), theirs in zip(files.items(), answers, strict=True)
        for ours in [_said(verify_dossier(data, trust))]
        for key in ours
        if ours[key] != theirs[key]
    ]


def _said(report: Report) -> dict[str, Any]:
    judgement = report.judgement
    return {
        "steps_passed": report.passed,
        "finding": report.finding,
        "verdict": judgement.verdict.value if judgement else None,
        "digest": judgement.digest.hex() if judgement else None,
        "rows": judgement.rows() if judgement else [],
        "judged_at_ms": report.judged_at_ms,
        "entries": len(report.entries),
        "compared": list(report.compared),
        "cosigned": sorted(report.cosigned[1]) if report.cosigned else [],
    }
