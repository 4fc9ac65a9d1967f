"""Everything that the log says about the network itself: keys, limits, offices, routes, hours, seals."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field

from custody.directory import Directory
from custody.event import Entry, EventType, Field
from custody.keys import KeyRing
from custody.policy import Policy

__all__ = ["Network"]


@dataclass(slots=True)
class Network:
    """The ground on which chains are judged, grown by system entries in log order.

    An entry is judged by the keys, limits and offices as of its own index: a new limit changes nothing that was.

    Attributes:
        ring: the certificates.
        directory: offices, routes, hours, seals.
        policy: the limits as of the newest entry.
    """

    ring: KeyRing = field(default_factory=KeyRing)
    directory: Directory = field(default_factory=Directory)
    policy: Policy = field(default_factory=Policy)
    _since: list[int] = field(default_factory=list)
    _policies: list[Policy] = field(default_factory=lambda: [Policy()])

    def apply(self, entry: Entry) -> None:
        """Take a system entry in; links of chains change nothing.

        Raises:
            SignatureError: it may not enter the log (K01, K08-K10); nothing has changed.
        """
        self.ring.apply(entry)
        self.directory.apply(entry)
        if entry.event.type is EventType.POLICY:
            self.policy = self.policy.with_limits(entry.event.fields[Field.LIMITS])
            self._since.append(entry.index)
            self._policies.append(self.policy)

    def policy_at(self, index: int) -> Policy:
        """Return the limits as an entry at *index* finds them."""
        return self._policies[bisect_left(self._since, index)]
