"""The log's side of witnessing: hands the newest checkpoint to every witness, keeps what comes back, and minds it.

A witness that is silent stops nothing (fail open): what is missing is shown (M03, M10). A witness that has more of
this log than we have, or another one, stops the start (M06, M04): only somebody who has looked may go on.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from custody import mldsa
from custody.note import MLDSA44, NoteKey, open_note, sign_note
from custody.quorum import NO_QUORUM, Group, TrustPolicy, Witness, parse_policy
from custody.witness import format_request, read_answer
from db import schema
from db.cosignatures import add_cosignature, largest_by, newest_cosigned
from db.desk import ACCEPTED_LOSS, get_setting, log_access, put_setting
from db.engine import reading
from db.errors import LedgerError, SiteError, WitnessError
from db.keystore import SECOND
from db.site import Site
from db.store import CheckpointRow
from db.witness_client import Reply, post_checkpoint

__all__ = [
    "POLICY_NAME",
    "Contact",
    "Feed",
    "SecondKey",
    "Seen",
    "feed_of",
    "go_round",
    "read_policy",
    "seen_by",
]

_LOG = logging.getLogger(__name__)
POLICY_NAME: Final = "witnesses"
_TRIES: Final = 4
_QUORUM_MS: Final = 5 * 60_000
"""M03 where what was logged so long ago is not cosigned by a quorum: a few rounds may fail."""
_SECOND_MS: Final = 60 * 60_000
_STALE_MS: Final = 60 * 60_000
"""M10 where what was logged so long ago is cosigned by nobody."""

Post = Callable[[str, bytes], Reply]


@dataclass(frozen=True, slots=True)
class Contact:
    """How it went with one witness the last time.

    Attributes:
        name: as the policy calls it.
        size: the largest size it has cosigned.
        claims: the size it says it has, where that is more than we have.
        finding: M06 or M04 where its view and ours do not go together, else "".
        trouble: what did not work, or "".
    """

    name: str
    size: int = 0
    claims: int = 0
    finding: str = ""
    trouble: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """How far the log is witnessed.

    Attributes:
        size: of the log.
        cosigned: largest size that anybody has cosigned.
        quorum: largest size that a quorum has cosigned.
        quorum_since_ms: signed time of the first checkpoint beyond `quorum`, None where there is none.
        cosigned_since_ms: the same beyond `cosigned`.
    """

    size: int
    cosigned: int
    quorum: int
    quorum_since_ms: int | None
    cosigned_since_ms: int | None

    def findings(self, now_ms: int) -> list[str]:
        """Return M03 and M10 where they hold at *now_ms*."""
        late = (("M03", self.quorum_since_ms, _QUORUM_MS), ("M10", self.cosigned_since_ms, _STALE_MS))
        return [
            code for code, since_ms, limit_ms in late if since_ms is not None and now_ms - since_ms > limit_ms
        ]


@dataclass(frozen=True, slots=True)
class SecondKey:
    """The log's own ML-DSA-44 cosigner.

    Attributes:
        key: its public key, named after the log.
        seed: 32 bytes.
    """

    key: NoteKey
    seed: bytes = field(repr=False)

    @classmethod
    def of(cls, origin: str, seed: bytes) -> SecondKey:
        """Return the cosigner of the log *origin*."""
        return cls(NoteKey(f"{origin}/ml-dsa", MLDSA44, mldsa.public_of(seed)), seed)

    def line(self, head: CheckpointRow) -> str:
        """Return the cosignature of a checkpoint, at its own signed time."""
        text, time_s = open_note(head.note).text, head.time_ms // 1000
        return sign_note(text, name=self.key.name, seed=self.seed, time_s=time_s, kind=MLDSA44)


@dataclass(slots=True)
class Feed:
    """Feeds the witnesses of one site.

    Attributes:
        site: whose log.
        policy: whom it is fed to; those without an address are not asked.
        post: how; `db.witness_client.post_checkpoint` but for tests.
        second: the log's own post-quantum cosigner, or None.
        contacts: by name, of the last round.
    """

    site: Site
    policy: TrustPolicy
    post: Post = post_checkpoint
    second: SecondKey | None = None
    contacts: dict[str, Contact] = field(default_factory=dict)
    _round: threading.Lock = field(default_factory=threading.Lock)

    def submit(self) -> list[Contact]:
        """Hand the newest checkpoint to every witness that has an address; returns when each has answered or not."""
        asked = [one for one in self.policy.witnesses.values() if one.url]
        head = self.site.ledger.head()
        if head is not None and self.second:
            self._cosign(head, self.second)
        if head is None or not asked:
            return []
        with self._round, ThreadPoolExecutor(min(len(asked), 8)) as pool:
            found = list(pool.map(self._submit, asked))
        for contact in found:
            before = self.contacts.get(contact.name)
            if contact.trouble and (before is None or before.trouble != contact.trouble):
                _LOG.warning("witness %s: %s", contact.name, contact.trouble)
            self.contacts[contact.name] = contact
        return found

    def check_start(self, *, accept_loss: bool = False) -> list[str]:
        """Compare the log with what its witnesses have, before anything is served.

        Args:
            accept_loss: an operator has looked and goes on; it is written down, once for what was lost.

        Returns:
            Warnings: witnesses that could not be asked.

        Raises:
            LedgerError: a witness has more of this log than the database (M06), or another one (M04).
        """
        found = self.submit()
        bad = [contact for contact in found if contact.finding]
        claimed = max((contact.claims for contact in bad), default=0)
        accepted = int(get_setting(self.site.engine, ACCEPTED_LOSS) or "0")
        if bad and accept_loss:
            said = "; ".join(contact.trouble for contact in bad)
            log_access(
                self.site.engine, person=None, action="witness-loss", subject=said, at_ms=self.site.now()
            )
            put_setting(self.site.engine, ACCEPTED_LOSS, str(max(claimed, accepted)))
        elif claimed > accepted or any(contact.claims == 0 for contact in bad):
            worst = min(bad, key=lambda contact: (contact.finding != "M04", -contact.claims))
            raise LedgerError(worst.trouble, finding=worst.finding, hint=_ADVICE[worst.finding])
        return [f"witness {contact.name}: {contact.trouble}" for contact in found if contact.trouble]

    def seen(self) -> Seen:
        """Return how far the log is witnessed, from the database alone."""
        with reading(self.site.engine) as conn:
            return seen_by(conn, self.policy)

    def findings(self, now_ms: int) -> list[str]:
        """Return what there is to say now: M03, M10, and M04 or M06 of the last round; sorted."""
        seen = self.seen() if self.policy.witnesses else None
        found = set(seen.findings(now_ms)) if seen else set()
        return sorted(found | {contact.finding for contact in self.contacts.values() if contact.finding})

    def _cosign(self, head: CheckpointRow, second: SecondKey) -> None:
        """Sign with the log's second key, once an hour at most: a line of 3 kB, for the far future."""
        with reading(self.site.engine) as conn:
            last = largest_by(conn, second.key)
            before = conn.execute(
                sa.select(schema.checkpoint.c.time_ms).where(schema.checkpoint.c.size == last)
            ).scalar()
        if before is None or head.time_ms - before >= _SECOND_MS:
            add_cosignature(self.site.engine, head.size, second.key, second.line(head))

    def _submit(self, witness: Witness) -> Contact:
        with reading(self.site.engine) as conn:
            cosigned = largest_by(conn, witness.key)
        try:
            return self._exchange(witness, Contact(witness.name, cosigned))
        except WitnessError as error:
            return Contact(witness.name, cosigned, trouble=str(error))

    def _exchange(self, witness: Witness, contact: Contact) -> Contact:
        """Ask with the size we think it has; where it names another, once more with that."""
        ledger, head = self.site.ledger, self.site.ledger.newest()
        old, went_back = min(contact.size, head.size), ""
        for _ in range(_TRIES):
            request = format_request(old, ledger.consistency(old, head.size), head.note)
            reply = self.post(witness.url, request)
            heard = read_answer(reply.status, reply.body, note=head.note, old=old, key=witness.key)
            if heard.line:
                add_cosignature(self.site.engine, head.size, witness.key, heard.line)
                return replace(contact, size=max(head.size, contact.size), trouble=went_back)
            if heard.finding or heard.size is None:
                return replace(contact, claims=heard.size or 0, finding=heard.finding, trouble=heard.reason)
            if heard.size > head.size:
                head = ledger.newest()  # another process may have signed meanwhile
                if heard.size > head.size:
                    return replace(
                        contact, claims=heard.size, finding="M06", trouble=_behind(heard.size, head)
                    )
            if heard.size < contact.size:
                went_back = f"it has gone back from {contact.size} entries to {heard.size}: ask who runs it"
            old = heard.size
        return replace(contact, trouble="it names another size each time")


_LOST: Final = (
    "`tram serve --accept-loss` goes on and writes down what was lost; that witness must agree to begin anew."
)
_ADVICE: Final = {
    "M06": f"Stop and look for the newer database. If there is none: {_LOST}",
    "M04": f"Stop: two histories of this log are signed. Ask the witness for the checkpoint it has; then {_LOST}",
}


def _behind(size: int, head: CheckpointRow) -> str:
    return f"database is rolled back: the log has {head.size} entries, a witness has cosigned {size}"


def feed_of(site: Site, post: Post = post_checkpoint) -> Feed:
    """Return the feed of a site, by the policy in its folder.

    Raises:
        FormatError: the file is not a tlog-policy.
        SiteError: it names logs, and this site's is not among them.
    """
    policy = read_policy(site.data)
    keys = {pair.log.public for pair in site.log_keys.pairs}
    if policy.logs and not keys & {key.public for key in policy.logs}:
        hint = f"This log's line: log {site.log_keys.log.vkey}"
        raise SiteError(f"{site.data / POLICY_NAME} does not name this log", hint=hint)
    second = SecondKey.of(site.origin, site.keys.read(SECOND)) if site.keys.has(SECOND) else None
    return Feed(site, policy, post, second)


def read_policy(data: Path) -> TrustPolicy:
    """Return the site's witness policy, from its file `witnesses`; without one, no quorum is asked for.

    Raises:
        FormatError: the file is not a tlog-policy.
    """
    try:
        return parse_policy((data / POLICY_NAME).read_bytes())
    except FileNotFoundError:
        return TrustPolicy(quorum=NO_QUORUM)


def seen_by(conn: sa.Connection, policy: TrustPolicy) -> Seen:
    """Return how far a log is witnessed under a policy."""
    head = conn.execute(sa.select(sa.func.max(schema.checkpoint.c.size))).scalar() or 0
    anybody = newest_cosigned(conn, _anybody(policy)) if policy.witnesses else None
    enough = newest_cosigned(conn, policy) if policy.quorum != NO_QUORUM else None
    cosigned, quorum = (row.size if row else 0 for row in (anybody, enough))
    is_watched = bool(policy.witnesses)
    return Seen(
        size=head,
        cosigned=cosigned,
        quorum=quorum,
        quorum_since_ms=_first_beyond(conn, quorum) if policy.quorum != NO_QUORUM else None,
        cosigned_since_ms=_first_beyond(conn, cosigned) if is_watched else None,
    )


def _anybody(policy: TrustPolicy) -> TrustPolicy:
    """Return the policy by which one witness is enough; the log's own second key, which nobody asks, is none."""
    asked = {name: one for name, one in policy.witnesses.items() if one.url} or policy.witnesses
    return TrustPolicy(witnesses=asked, groups={"anybody": Group(1, tuple(asked))}, quorum="anybody")


def _first_beyond(conn: sa.Connection, size: int) -> int | None:
    query = sa.select(schema.checkpoint.c.time_ms).where(schema.checkpoint.c.size > size)
    return conn.execute(query.order_by(schema.checkpoint.c.size).limit(1)).scalar()


def go_round(
    feed: Feed, every_s: float, stop: threading.Event, daily: Callable[[Site], object] | None = None
) -> None:
    """Feed the witnesses at once and then every *every_s* seconds, until *stop* is set.

    Args:
        feed: of the site.
        every_s: seconds from the end of a round to the next.
        stop: ends it.
        daily: what else is looked after, from the second round on.
    """
    while not stop.is_set():
        try:
            feed.submit()
        except Exception:  # noqa: BLE001 -- the service goes on, and the wall says what is missing
            _LOG.exception("witnesses could not be asked")
        if stop.wait(every_s) or daily is None:
            continue
        try:
            daily(feed.site)
        except Exception:  # noqa: BLE001 -- as above
            _LOG.exception("the daily map was not logged")
