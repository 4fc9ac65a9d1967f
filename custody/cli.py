"""`tram verify`: check a dossier with nothing but this package; the one place of the core that reads a file."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any, Final

import click

from custody.errors import CustodyError
from custody.findings import Finding
from custody.judge import Verdict
from custody.note import parse_vkey
from custody.quorum import parse_policy
from custody.s10 import group_number
from custody.verify import NOT_PROVEN, Report, Trust, verify_dossier

__all__ = ["verify"]

_INTACT, _BROKEN, _UNREADABLE = 0, 1, 2
_GOOD: Final = (Verdict.INTACT, Verdict.NOTED)
_LAST_MS: Final = 253_402_300_800_000  # year 10000
_VIETNAM: Final = dt.timezone(dt.timedelta(hours=7))


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--log-key", default="", help="The log's verification key as you have it on paper (name+id+key)."
)
@click.option(
    "--root", "roots", multiple=True, help="Fingerprint of a root key as you have it on paper (16 hex)."
)
@click.option(
    "--policy",
    "policy_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The witnesses you trust (C2SP tlog-policy): a quorum of them must have cosigned.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_context
def verify(
    context: click.Context,
    file: Path,
    log_key: str,
    roots: tuple[str, ...],
    policy_file: Path | None,
    *,
    as_json: bool,
) -> None:
    """Verify the dossier FILE of an item, without any service or network.

    Exit status: 0 intact or noted, 1 questioned, broken or evidence that does not hold, 2 unreadable.
    """
    try:
        if log_key:
            parse_vkey(log_key)
        policy = parse_policy(policy_file.read_bytes()) if policy_file else None
        trust = Trust(log_key, frozenset(bytes.fromhex(root) for root in roots), policy)
    except (CustodyError, ValueError) as error:
        raise click.UsageError(f"what you trust is not readable: {error}") from error
    report = verify_dossier(file.read_bytes(), trust)
    click.echo(json.dumps(_as_json(file, report), ensure_ascii=False) if as_json else _as_text(file, report))
    context.exit(_status(report))


def _status(report: Report) -> int:
    if report.passed == 0:
        return _UNREADABLE
    good = not report.failure and report.judgement is not None and report.judgement.verdict in _GOOD
    return _INTACT if good else _BROKEN


def _as_json(file: Path, report: Report) -> dict[str, Any]:
    dossier, judgement = report.dossier, report.judgement
    return {
        "file": str(file),
        "number": dossier.number if dossier else None,
        "steps_passed": report.passed,
        "failure": report.failure or None,
        "failed_step": report.passed + 1 if report.failure else None,
        "finding": report.finding or None,
        "verdict": judgement.verdict.value if judgement and not report.failure else None,
        "digest": judgement.digest.hex() if judgement else None,
        "findings": [_finding(f) for f in judgement.findings] if judgement else [],
        "judged_at_ms": report.judged_at_ms or None,
        "entries": len(report.entries),
        "log_key": dossier.log_key if dossier else None,
        "roots": [kid.hex() for kid in dossier.roots] if dossier else [],
        "compared": list(report.compared),
        "cosigned_size": report.cosigned[0] if report.cosigned else None,
        "cosigned_by": sorted(report.cosigned[1]) if report.cosigned else [],
        "not_proven": NOT_PROVEN,
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "index": finding.index,
        "code": finding.code,
        "severity": finding.severity.value,
        "name": finding.kind.name,
        "text": finding.kind.text,
        "advice": finding.kind.advice,
        "detail": finding.detail,
        "resolved_by": finding.resolved_by,
    }


def _as_text(file: Path, report: Report) -> str:
    lines = [f"dossier {file.name}"]
    if report.dossier:
        lines.append(f"item    {group_number(report.dossier.number)}")
    for number, step in enumerate(report.steps, start=1):
        if number <= report.passed:
            lines.append(f"  ({number}) holds: {step}")
        elif number == report.passed + 1:
            lines.append(f"  ({number}) DOES NOT HOLD: {step}")
            lines.append(f"      {report.finding + ' ' if report.finding else ''}{report.failure}")
        else:
            lines.append(f"  ({number}) not reached: {step}")
    lines += _trust(report)
    if report.judgement and not report.failure:
        lines += [_event(entry) for entry in _chain(report)]
        lines += [_finding_text(finding) for finding in report.judgement.findings]
        lines.append(f"verdict {report.judgement.verdict.value} as of {_time(report.judged_at_ms)}")
        lines.append(f"        not proven by this file: {NOT_PROVEN}")
    else:
        lines.append("verdict none: keep this file as it is, it does not prove what it claims")
    return "\n".join(lines)


def _chain(report: Report) -> list[tuple[int, str, int, int, str]]:
    return [
        (e.index, e.event.type.name, e.event.claimed_ms, e.logged_ms, e.event.actor.hex())
        for e in report.entries
    ]


def _event(row: tuple[int, str, int, int, str]) -> str:
    index, name, claimed_ms, logged_ms, actor = row
    return f"  entry {index:>8}  {name:<9} claimed {_time(claimed_ms)}  logged {_time(logged_ms)}  person {actor}"


def _finding_text(finding: Finding) -> str:
    resolved = "" if finding.resolved_by is None else f" (resolved by entry {finding.resolved_by})"
    return (
        f"  {finding.code} {finding.severity.value} entry {finding.index}{resolved}: {finding.kind.text}"
        f"\n      what to do: {finding.kind.advice}"
    )


def _trust(report: Report) -> list[str]:
    if not report.dossier:
        return []
    open_ = "NOT compared: hold it against the paper you have"
    log, root = ("as yours" if name in report.compared else open_ for name in ("log key", "root"))
    return [
        f"log key {report.dossier.log_key}",
        f"        {log}",
        *(f"root    {kid.hex()}" for kid in report.dossier.roots),
        f"        {root}",
    ]


def _time(ms: int) -> str:
    if not 0 <= ms < _LAST_MS:
        return f"{ms} ms"
    return dt.datetime.fromtimestamp(ms / 1000, _VIETNAM).strftime("%d/%m/%Y %H:%M:%S")
