"""Many request threads, one transaction: whoever finds nobody leading commits what all others have queued.

No thread of our own: a follower sleeps until its job is done or the lead is handed to it.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

__all__ = ["GroupCommit", "Job"]

_Work = TypeVar("_Work")
_Answer = TypeVar("_Answer")


class Job(Generic[_Work, _Answer]):
    """One caller's work, waiting for a leader.

    Attributes:
        work: what is to be committed.
        weight: how much of a group it takes.
        answer: set by the commit.
        error: set where the commit failed.
    """

    __slots__ = ("answer", "error", "leads", "signal", "weight", "work")

    def __init__(self, work: _Work, weight: int) -> None:
        self.work = work
        self.weight = weight
        self.answer: _Answer | None = None
        self.error: BaseException | None = None
        self.leads = False
        self.signal = threading.Event()


class GroupCommit(Generic[_Work, _Answer]):
    """A queue whose waiting callers share one commit.

    `commit(jobs)` is called by one thread at a time; it sets every job's `answer`, or raises, and then none of the
    jobs counts as done.
    """

    def __init__(self, commit: Callable[[Sequence[Job[_Work, _Answer]]], None], *, limit: int) -> None:
        self._commit = commit
        self._limit = limit
        self._lock = threading.Lock()
        self._waiting: deque[Job[_Work, _Answer]] = deque()
        self._led = False

    def submit(self, work: _Work, weight: int) -> _Answer:
        """Commit *work*, with that of others where they wait too; returns when it is durable.

        Raises:
            Exception: whatever the commit raised; the work is then not done, as far as this process can tell.
        """
        job: Job[_Work, _Answer] = Job(work, weight)
        with self._lock:
            self._waiting.append(job)
            leads = not self._led
            self._led = True
        if not leads:
            job.signal.wait()
            leads = job.leads
        if leads:
            self._lead()
        if job.error is not None:
            raise job.error
        if job.answer is None:
            raise RuntimeError("the commit left a job without an answer")
        return job.answer

    def _lead(self) -> None:
        jobs = self._take()
        try:
            self._commit(jobs)
        except BaseException as error:  # noqa: BLE001 -- every waiting caller must hear of it
            for job in jobs:
                job.error = error
        with self._lock:
            self._led = bool(self._waiting)
            if self._waiting:
                self._waiting[0].leads = True
                self._waiting[0].signal.set()
        for job in jobs:
            job.signal.set()

    def _take(self) -> list[Job[_Work, _Answer]]:
        """Take jobs from the front until the group is full; a leader's own job is always the first."""
        with self._lock:
            jobs = [self._waiting.popleft()]
            weight = jobs[0].weight
            while self._waiting and weight + self._waiting[0].weight <= self._limit:
                jobs.append(self._waiting.popleft())
                weight += jobs[-1].weight
        return jobs
