"""One device's chain of events: what is missing from it, and whether it is heard of (ADR 10).

Every event of a key names its place in the chain of all events of that key. A place that is skipped is an event that
the log does not have: not sent yet, refused, or held back. These findings are about the device and not about any item;
they rest on what is *not* there, so nobody can prove them with a few entries, and they go away when it comes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace

from custody.event import Entry, EventType, Field
from custody.findings import CATALOGUE, Finding
from custody.policy import Policy

__all__ = ["DeviceChain", "Gap", "Sign", "sign_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """What one entry says of its device.

    Attributes:
        index: where it is in the log.
        id: its id, 32 bytes.
        logged_ms: when it was logged.
        place: its place in the device's chain, or None where it names none.
        is_head: whether the device reports by it how far it is (DEVICE_HEAD).
        app: version of the app, or None where it is not said.
    """

    index: int
    id: bytes
    logged_ms: int
    place: int | None
    is_head: bool
    app: int | None = None


def sign_of(entry: Entry) -> Sign:
    """Return what an entry says of its device."""
    event = entry.event
    return Sign(
        index=entry.index,
        id=event.id,
        logged_ms=entry.logged_ms,
        place=event.device_link[0] if event.device_link else None,
        is_head=event.type is EventType.DEVICE_HEAD,
        app=event.fields.get(Field.APP),
    )


@dataclass(frozen=True, slots=True)
class Gap:
    """Places that no entry has taken.

    Attributes:
        first, last: the places, both missing.
        above: what came first from above them, by which they are known to be missing.
    """

    first: int
    last: int
    above: Sign


@dataclass(slots=True)
class DeviceChain:
    """What the log has of one key, grown in log order; which of two entries at one place is right is D01's to say.

    Attributes:
        kid: 8 bytes.
        highest: the highest place taken, -1 where none is.
        newest: the newest entry, or None.
        gaps: what is missing below the highest, in order.
    """

    kid: bytes
    highest: int = -1
    newest: Sign | None = None
    gaps: list[Gap] = field(default_factory=list)

    def add(self, sign: Sign) -> None:
        """Take in the next entry of this key; one that says nothing of its place only shows that the device lives."""
        self.newest, place = sign, sign.place
        if place is None:
            return
        if place > self.highest + 1:
            self.gaps.append(Gap(self.highest + 1, place - 1, sign))
        elif place < self.highest:
            self.gaps = [part for gap in self.gaps for part in _without(gap, place)]
        self.highest = max(self.highest, place)

    def findings(
        self, now_ms: int, policy: Policy, *, holding: bool = False, explained: Collection[int] = ()
    ) -> list[Finding]:
        """Return what is wrong with the device as of a moment; `Finding.uid` is the kid.

        Args:
            now_ms: the moment.
            policy: the limits as of now.
            holding: whether its person answers for items now.
            explained: places of events that were signed by this very key and refused: they were not held back.
        """
        return [
            *self._missing(now_ms, policy, explained),
            *self._silent(now_ms, policy, holding=holding),
            *self._outdated(policy),
        ]

    def _missing(self, now_ms: int, policy: Policy, explained: Collection[int]) -> Iterator[Finding]:
        """D02, D03: places missing for too long; where the device itself reported more, it is its tail."""
        for gap in self.gaps:
            waited_ms = now_ms - gap.above.logged_ms
            count = gap.last - gap.first + 1 - sum(gap.first <= place <= gap.last for place in explained)
            if waited_ms > policy.gap_ms and count > 0:
                detail = f"{count} of places {gap.first} to {gap.last} are missing"
                yield self._finding("D03" if gap.above.is_head else "D02", gap.above, detail)

    def _silent(self, now_ms: int, policy: Policy, *, holding: bool) -> Iterator[Finding]:
        """D04: its person holds items, and nothing has come from it."""
        if holding and self.newest and now_ms - self.newest.logged_ms > policy.silent_ms:
            yield self._finding("D04", self.newest, f"nothing for {now_ms - self.newest.logged_ms} ms")

    def _outdated(self, policy: Policy) -> Iterator[Finding]:
        """D05: the newest entry was made by too old an app."""
        version = self.newest.app if self.newest else None
        if self.newest and version is not None and version < policy.app:
            yield self._finding("D05", self.newest, f"version {version}, least {policy.app}")

    def _finding(self, code: str, sign: Sign, detail: str) -> Finding:
        return Finding(
            code=code,
            uid=self.kid,
            index=sign.index,
            event_id=sign.id,
            detail=detail,
            severity=CATALOGUE[code].severity,
        )


def _without(gap: Gap, place: int) -> Iterator[Gap]:
    """Yield what is left of a gap when one place of it is taken."""
    if not gap.first <= place <= gap.last:
        yield gap
        return
    if gap.first < place:
        yield replace(gap, last=place - 1)
    if place < gap.last:
        yield replace(gap, first=place + 1)
