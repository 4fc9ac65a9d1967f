"""The audit's many hands: tasks over ranges of rows, done by this process and by helpers, answered in order.

A helper opens the database once and reads the system entries itself, so that a task carries nothing but a range.
Never more tasks are handed out than are about to be done: memory does not grow with the log.
"""

from __future__ import annotations

import multiprocessing
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Self, TypeVar

import sqlalchemy as sa

from custody.admission import verify_event
from custody.errors import CustodyError
from custody.event import Entry
from db.audit_rows import Problem
from db.chains import Anchors, Rules, entry_of
from db.engine import open_engine, reading
from db.schema import entry as _entry
from db.settle import settle
from db.store import EntryRow

__all__ = ["Crew", "Desk", "rules_of"]

_T = TypeVar("_T")
_AHEAD = 2  # tasks handed out to each helper
_SYSTEM = sa.select(_entry).where(_entry.c.type >= 64).order_by(_entry.c.idx)


@dataclass(frozen=True, slots=True)
class Desk:
    """What a task works with.

    Attributes:
        conn: a snapshot; a helper's is newer than that of the audit, so rows from `stop` on are left alone.
        rules: keys and policy of the first `stop` entries.
        anchors: checkpoints, for judging.
        stop: how many entries are audited.
    """

    conn: sa.Connection
    rules: Rules
    anchors: Anchors
    stop: int

    @classmethod
    def at(cls, conn: sa.Connection, rules: Rules, stop: int) -> Desk:
        """Begin without any checkpoint at hand."""
        return cls(conn, rules, _Readable(conn), stop)


def rules_of(conn: sa.Connection, stop: int, since: int = 0) -> tuple[Rules, list[Problem], bool]:
    """Return keys and policy of the first *stop* entries, and what is wrong with the system entries.

    Returns:
        Rules, problems, and whether a system entry from *since* on says something new about entries before it.
    """
    rules, problems, retold = Rules(), [], False
    for row in conn.execute(_SYSTEM):
        if row.idx >= stop:
            break
        try:
            entry = entry_of(EntryRow(row.idx, row.id, row.body, row.t_int))
            verify_event(entry.event, rules.ring.public_of(entry.event))
            reach = rules.apply(entry)
            retold |= row.idx >= since and (reach.everything or bool(reach.kids))
        except CustodyError as error:
            problems.append(Problem("entry", f"idx={row.idx}", error.finding or "M07", str(error)))
    return rules, problems, retold


class _Readable(Anchors):
    """As `Anchors`; an entry that cannot be read is as good as missing here, and named elsewhere."""

    def find_entry(self, id_: bytes) -> Entry | None:
        """Return an entry by id, or None."""
        try:
            return super().find_entry(id_)
        except CustodyError:
            return None


class Crew:
    """This process and its helpers."""

    def __init__(self, engine: sa.Engine, desk: Desk, *, helpers: int) -> None:
        """Engage *helpers* processes beside this one; they begin when there is something to do."""
        self._desk = desk
        self._url = engine.url.render_as_string(hide_password=False)
        self._limit = helpers * _AHEAD
        spawn = multiprocessing.get_context("spawn")
        self._pool = ProcessPoolExecutor(helpers, mp_context=spawn) if helpers > 0 else None

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_error: object) -> None:
        """Let the helpers go."""
        if self._pool:
            self._pool.shutdown(cancel_futures=True)

    def run(self, task: Callable[..., _T], ranges: Iterable[tuple[Any, ...]]) -> Iterator[_T]:
        """Yield `task(desk, *range)` for each range, in order; where no helper can be had, all are done here."""
        waiting: deque[tuple[tuple[Any, ...], Future[_T]]] = deque()
        for given in ranges:
            busy = sum(not future.done() for _, future in waiting)
            waiting.append(
                (given, self._hand_out(task, given) if busy < self._limit else self._do(task, given))
            )
            while waiting and waiting[0][1].done():
                yield self._result(task, *waiting.popleft())
        while waiting:
            yield self._result(task, *waiting.popleft())

    def _hand_out(self, task: Callable[..., _T], given: tuple[Any, ...]) -> Future[_T]:
        if self._pool is None:
            return self._do(task, given)
        try:
            return self._pool.submit(_help, task, self._url, self._desk.stop, given)
        except (BrokenProcessPool, OSError):
            return self._do(task, given)

    def _do(self, task: Callable[..., _T], given: tuple[Any, ...]) -> Future[_T]:
        done: Future[_T] = Future()
        done.set_result(task(self._desk, *given))
        return done

    def _result(self, task: Callable[..., _T], given: tuple[Any, ...], future: Future[_T]) -> _T:
        try:
            return future.result()
        except BrokenProcessPool:
            self._pool, self._limit = None, 0
            return task(self._desk, *given)


def _help(task: Callable[..., _T], url: str, stop: int, given: tuple[Any, ...]) -> _T:
    engine, desk = _opened(url, stop)
    with reading(engine) as conn:
        desk.anchors.conn = conn
        return task(replace(desk, conn=conn), *given)


@cache
def _opened(url: str, stop: int) -> tuple[sa.Engine, Desk]:
    engine = open_engine(url, pool_size=1)
    settle()
    with reading(engine) as conn:
        return engine, Desk.at(conn, rules_of(conn, stop)[0], stop)
