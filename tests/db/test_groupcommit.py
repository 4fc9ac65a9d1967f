"""Leader and followers: nobody waits for ever, nobody is forgotten."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import pytest

from db.groupcommit import GroupCommit, Job


def test_everybody_is_answered_and_groups_keep_the_limit() -> None:
    """Forty callers, groups of at most eight, every answer the caller's own."""
    groups: list[int] = []

    def commit(jobs: Sequence[Job[int, int]]) -> None:
        groups.append(len(jobs))
        for job in jobs:
            job.answer = job.work * 2

    group = GroupCommit(commit, limit=8)
    answers: dict[int, int] = {}
    threads = [
        threading.Thread(target=lambda n=n: answers.update({n: group.submit(n, 1)})) for n in range(40)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)

    assert answers == {n: 2 * n for n in range(40)}
    assert max(groups) <= 8


def test_an_error_reaches_its_group_and_not_the_next() -> None:
    """After a failed commit the queue goes on."""
    calls: list[int] = []

    def commit(jobs: Sequence[Job[str, str]]) -> None:
        calls.append(len(jobs))
        if len(calls) == 1:
            raise OSError("disk full")
        for job in jobs:
            job.answer = job.work

    group = GroupCommit(commit, limit=4)

    with pytest.raises(OSError, match="disk full"):
        group.submit("a", 1)
    assert group.submit("b", 1) == "b"


def test_a_job_heavier_than_a_group_goes_alone() -> None:
    """A bulk upload may be larger than a group."""
    group: GroupCommit[str, str] = GroupCommit(lambda jobs: setattr(jobs[0], "answer", "done"), limit=2)

    assert group.submit("big", 1_000) == "done"
