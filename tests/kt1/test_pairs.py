"""No break hides another: all ordered pairs of them on one item, every one in CI and a seventh of them elsewhere."""

from __future__ import annotations

import os

import pytest

from custody.findings import Severity
from custody.judge import Judgement
from custody.verdict import Verdict
from kt1.drill.breaks import BREAKS
from kt1.drill.pairs import both, start

_STEP = 1 if os.environ.get("CI") else 7
_GRAVE = {Severity.CRITICAL, Severity.HIGH}
_ORDER = [Verdict.INTACT, Verdict.NOTED, Verdict.QUESTIONED, Verdict.BROKEN]


@pytest.mark.parametrize("number, name", list(enumerate(BREAKS)), ids=list(BREAKS))
def test_two_breaks_are_never_intact(number: int, name: str) -> None:
    """Nor is the verdict on both milder than on the first alone, but where two supervisors decided it, which shows."""
    first = start(BREAKS[name])
    alone = first.item.judge(first.wait_ms).verdict
    seconds = [second for n, second in enumerate(BREAKS) if (number + n) % _STEP == 0]
    pairs = {second: both(first, BREAKS[second]) for second in seconds}
    verdicts = {second: judgement.verdict for second, judgement in pairs.items() if judgement}

    assert alone is not Verdict.INTACT
    assert [second for second, verdict in verdicts.items() if verdict is Verdict.INTACT] == []
    milder = {s: pairs[s] for s, verdict in verdicts.items() if _ORDER.index(verdict) < _ORDER.index(alone)}
    assert [s for s, judgement in milder.items() if judgement and not _decided(judgement)] == []


def _decided(judgement: Judgement) -> bool:
    """Whether all that was grave is resolved by a decision that says so itself: noted, never intact."""
    decisions = {finding.index for finding in judgement.findings if finding.code == "A01"}
    grave = [finding for finding in judgement.findings if finding.severity in _GRAVE]
    return judgement.verdict is Verdict.NOTED and bool(grave) and {f.resolved_by for f in grave} <= decisions


def test_most_pairs_can_be_done() -> None:
    """A composition that hardly ever applies would prove nothing: of three firsts, four in five seconds do."""
    firsts = [start(BREAKS[name]) for name in list(BREAKS)[:: len(BREAKS) // 3]]
    done = [both(first, second) is not None for first in firsts for second in BREAKS.values()]

    assert sum(done) > len(done) * 4 // 5
