"""The one word on a chain, and what it rests on."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from custody import cbor
from custody.findings import Finding, Severity

__all__ = ["Judgement", "Verdict", "judgement_of", "lateness"]


class Verdict(StrEnum):
    """The one word on a chain."""

    INTACT = "INTACT"
    NOTED = "NOTED"
    QUESTIONED = "QUESTIONED"
    BROKEN = "BROKEN"


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict and what it rests on.

    Attributes:
        verdict: the word.
        findings: by (index, code).
        digest: SHA-256 over the canonical list of (index, code, severity, resolved_by), to compare verifiers.
    """

    verdict: Verdict
    findings: tuple[Finding, ...]
    digest: bytes

    def rows(self) -> list[list[object]]:
        """Return the canonical list [index, code, severity, resolved_by or -1] that the digest is over."""
        return _rows(self.findings)


def judgement_of(findings: Iterable[Finding]) -> Judgement:
    """Return the judgement that findings amount to: any C open breaks a chain, an H or two M question it."""
    ordered = tuple(sorted(findings, key=lambda f: (f.index, f.code, f.severity, f.resolved_by or -1)))
    digest = hashlib.sha256(cbor.encode(_rows(ordered))).digest()
    return Judgement(_verdict(ordered), ordered, digest)


def lateness(waited_ms: int, limit_ms: int, factor: int) -> Severity | None:
    """Grade waiting: medium above the limit, high above *factor* times the limit, None within it."""
    if waited_ms <= limit_ms:
        return None
    return Severity.HIGH if waited_ms > factor * limit_ms else Severity.MEDIUM


def _rows(findings: Iterable[Finding]) -> list[list[object]]:
    return [
        [f.index, f.code, f.severity.value, -1 if f.resolved_by is None else f.resolved_by] for f in findings
    ]


def _verdict(findings: Iterable[Finding]) -> Verdict:
    known = list(findings)
    open_ = [f.severity for f in known if f.resolved_by is None]
    if Severity.CRITICAL in open_:
        return Verdict.BROKEN
    if Severity.HIGH in open_ or open_.count(Severity.MEDIUM) > 1:
        return Verdict.QUESTIONED
    if any(f.severity is not Severity.INFO for f in known):
        return Verdict.NOTED
    return Verdict.INTACT
