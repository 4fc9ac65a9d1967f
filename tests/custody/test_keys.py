"""Who may make and end keys: roots together, authorities, offices; and when a key's word counts (K02-K05, K08)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custody import cose, ed25519
from custody.admission import admit, network_of
from custody.certificate import NEVER_MS, Certificate, Reason
from custody.errors import SignatureError
from custody.event import APPROVE_CONTEXT, Entry, EventType, Field, core_of, parse_event, sign_event
from custody.keys import KeyRing
from custody.policy import limit_numbers
from custody.roles import Role
from custody.threshold import approve

_NET = network_of("keys.test.invalid")
_START_MS = 1_790_000_000_000
_HOUR_MS = 3_600_000
_THRESHOLD = limit_numbers()["root_threshold"]


def seed(name: str) -> bytes:
    """Return 32 bytes that depend on *name* only."""
    return name.encode().ljust(32, b".")


def kid(name: str) -> bytes:
    """Return the kid of the key called *name*."""
    return cose.kid_of(ed25519.public_of(seed(name)))


@dataclass
class Log:
    """A log of system entries alone; its clock moves an hour with every entry."""

    ring: KeyRing = field(default_factory=KeyRing)
    index: int = 0
    now_ms: int = _START_MS

    def write(
        self, kind: EventType, fields: dict[int, Any], *, by: str, approvals: Iterable[str] = ()
    ) -> Entry:
        """Sign an entry by the keys called so, and let it in as the log would."""
        return self.take(self.sign(kind, fields, by=by, approvals=approvals))

    def sign(
        self, kind: EventType, fields: dict[int, Any], *, by: str, approvals: Iterable[str] = ()
    ) -> bytes:
        """Sign an entry by the keys called so."""
        return sign_event(
            self.common(kind) | fields, seed=seed(by), approvals=[seed(name) for name in approvals]
        )

    def common(self, kind: EventType) -> dict[int, Any]:
        """Return what every entry carries."""
        return {
            Field.TYPE: kind, Field.NET: _NET, Field.T_CLAIM: self.now_ms,
            Field.NONCE: self.index.to_bytes(8, "big"),
        }  # fmt: skip

    def take(self, raw: bytes) -> Entry:
        """Let signed bytes in."""
        entry = Entry(self.index, admit(raw, ring=self.ring, net=_NET), self.now_ms)
        self.ring.apply(entry)
        self.index += 1
        self.now_ms += _HOUR_MS
        return entry

    def certify(self, name: str, *roles: Role, by: str, approvals: Iterable[str] = (), **more: Any) -> Entry:
        """Certify the key called *name*; *more* overrides fields by lower-case name."""
        fields: dict[int, Any] = {
            Field.PUBLIC: ed25519.public_of(seed(name)),
            Field.PERSON: bytes(8),
            Field.ROLES: sorted(roles),
            Field.OFFICES: [],
            Field.SECRECY_MAX: 0,
            Field.NOT_BEFORE: _START_MS,
            Field.NOT_AFTER: NEVER_MS,
        } | {Field[key.upper()]: value for key, value in more.items()}
        return self.write(EventType.KEY_CERT, fields, by=by, approvals=approvals)

    def revoke(
        self,
        name: str,
        *,
        by: str,
        approvals: Iterable[str] = (),
        reason: int = 0,
        since_ms: int | None = None,
    ) -> Entry:
        """Revoke the key called *name*."""
        fields: dict[int, Any] = {Field.KID: kid(name), Field.REASON: reason}
        if since_ms is not None:
            fields[Field.COMPROMISED] = since_ms
        return self.write(EventType.KEY_REVOKE, fields, by=by, approvals=approvals)

    def require(self, roots: int, *, by: str, approvals: Iterable[str] = ()) -> Entry:
        """Set how many roots must sign."""
        return self.write(EventType.POLICY, {Field.LIMITS: {_THRESHOLD: roots}}, by=by, approvals=approvals)

    def change_log_key(self, new: str, *, by: str, approvals: Iterable[str] = (), **more: Any) -> Entry:
        """Write a LOGKEY."""
        fields: dict[int, Any] = {
            Field.PUBLIC: ed25519.public_of(seed(new)),
            Field.CLOCK_PUBLIC: ed25519.public_of(seed(f"{new} clock")),
            Field.NOT_BEFORE: self.now_ms + 24 * _HOUR_MS,
        } | {Field[key.upper()]: value for key, value in more.items()}
        return self.write(EventType.LOGKEY, fields, by=by, approvals=approvals)


@pytest.fixture
def log() -> Log:
    """Three roots of whom two must sign; an authority, an office's enrolment key, the log's key."""
    made = Log()
    made.certify("a", Role.ROOT, by="a")
    made.certify("b", Role.ROOT, by="a")
    made.certify("c", Role.ROOT, by="a")
    made.require(2, by="a")
    made.certify("authority", Role.ENROL, by="a", approvals="b")
    made.certify("office", Role.ENROL, by="authority", offices=[101, 102])
    made.certify("log", Role.LOG, by="a", approvals="c")
    return made


def refused(write: Callable[[], object], log: Log, match: str) -> str:
    """Return the finding with which the log refuses, and hold it to leaving the ring as it was."""
    before = (list(log.ring), log.ring.threshold, list(log.ring.log_changes))
    with pytest.raises(SignatureError, match=match) as caught:
        write()
    assert before == (list(log.ring), log.ring.threshold, list(log.ring.log_changes))
    return caught.value.finding


# -- the threshold of the roots ----------------------------------------------------------------------


def test_two_roots_make_an_authority(log: Log) -> None:
    """Any two of the three, whoever of them signs the entry."""
    log.certify("second authority", Role.ENROL, by="c", approvals="b")
    log.certify("third authority", Role.ENROL, by="b", approvals="ac")

    assert log.ring.get(kid("third authority")) is not None


@pytest.mark.parametrize(
    "name, roles, more",
    [
        ("new root", [Role.ROOT], {}),
        ("new authority", [Role.ENROL], {}),
        ("new office", [Role.ENROL], {"offices": [101]}),
        ("new log", [Role.LOG], {}),
        ("friend", [Role.SUPERVISOR], {"person": b"somebody"}),
    ],
)
def test_what_one_root_of_two_signs_does_not_count(
    log: Log, name: str, roles: list[Role], more: dict[str, Any]
) -> None:
    """K08: a single stolen root key makes nothing, not even a person's key."""
    assert "K08" == refused(lambda: log.certify(name, *roles, by="a", **more), log, "1 of 2 root keys")


def test_signing_twice_is_signing_once(log: Log) -> None:
    """K08: the entry's own signer, or one approver twice."""
    assert "K08" == refused(lambda: log.certify("x", Role.ENROL, by="a", approvals="a"), log, "signed twice")
    log.require(3, by="a", approvals="b")
    assert "K08" == refused(lambda: log.certify("x", Role.ENROL, by="a", approvals="bb"), log, "signed twice")


def test_only_a_root_approves_for_the_roots(log: Log) -> None:
    """K08: nor a stranger, nor an authority."""
    assert "K08" == refused(
        lambda: log.certify("x", Role.ENROL, by="a", approvals=["stranger"]), log, "no certificate"
    )
    assert "K08" == refused(
        lambda: log.certify("x", Role.ENROL, by="a", approvals=["authority"]), log, "may not approve"
    )


def test_an_approval_is_of_one_entry(log: Log) -> None:
    """K08: taken from another entry, or made for another use, it does not verify."""
    fields = parse_event(log.sign(EventType.KEY_CERT, _authority_fields("x"), by="a", approvals="b")).fields
    other = core_of(dict(fields) | {Field.SECRECY_MAX: 3})
    entry = cose.sign1(core_of(fields), seed=seed("b"), detached=True)
    for wrong in (approve(other, seed("b")), entry, b"\x00", approve(core_of(fields), seed("b"))[:-1]):
        raw = sign_event(
            {k: v for k, v in fields.items() if k != Field.V} | {Field.APPROVALS: [wrong]}, seed=seed("a")
        )
        assert "K08" == refused(lambda raw=raw: log.take(raw), log, "approval does not hold")  # type: ignore[misc]


def test_an_approval_is_no_entry(log: Log) -> None:
    """E04: header, core and signature of an approval put together do not verify as an entry."""
    fields = parse_event(log.sign(EventType.KEY_CERT, _authority_fields("x"), by="a", approvals="b")).fields
    message = cose.parse_sign1(fields[Field.APPROVALS][0], detached=core_of(fields), context=APPROVE_CONTEXT)
    as_entry = cose.parse_sign1(fields[Field.APPROVALS][0], detached=core_of(fields))

    assert ed25519.verify(ed25519.public_of(seed("b")), message.signed, message.signature)
    assert not ed25519.verify(ed25519.public_of(seed("b")), as_entry.signed, as_entry.signature)


def _authority_fields(name: str) -> dict[int, Any]:
    return {
        Field.PUBLIC: ed25519.public_of(seed(name)), Field.PERSON: bytes(8), Field.ROLES: [int(Role.ENROL)],
        Field.OFFICES: [], Field.SECRECY_MAX: 0, Field.NOT_BEFORE: _START_MS, Field.NOT_AFTER: NEVER_MS,
    }  # fmt: skip


def test_a_revoked_or_expired_root_neither_signs_nor_approves(log: Log) -> None:
    """K08: what counts is the key as of the entry, and an earlier approval stays good."""
    made = log.ring.get(kid("authority"))
    log.certify("d", Role.ROOT, by="a", approvals="b", not_after=log.now_ms + 2 * _HOUR_MS)
    log.revoke("b", by="a", approvals="c")
    assert "K08" == refused(
        lambda: log.certify("x", Role.ENROL, by="a", approvals="b"), log, "may not approve"
    )
    assert "K08" == refused(lambda: log.certify("x", Role.ENROL, by="b", approvals="a"), log, "may not write")
    log.certify("x", Role.ENROL, by="d", approvals="a")
    log.now_ms += 2 * _HOUR_MS
    assert "K08" == refused(
        lambda: log.certify("y", Role.ENROL, by="a", approvals="d"), log, "may not approve"
    )
    assert "K08" == refused(lambda: log.certify("y", Role.ENROL, by="d", approvals="a"), log, "not valid")
    assert made == log.ring.get(kid("authority"))


@pytest.mark.parametrize("roots, match", [(4, "4 root keys shall sign, 3"), (0, "0 root keys")])
def test_no_more_roots_are_asked_for_than_there_are(log: Log, roots: int, match: str) -> None:
    """K08: a threshold that nobody can reach locks the network for ever; none at all opens it."""
    assert "K08" == refused(lambda: log.require(roots, by="a", approvals="bc"), log, match)


def test_the_old_threshold_lowers_itself(log: Log) -> None:
    """K08: one stolen root key would otherwise first make itself enough."""
    assert "K08" == refused(lambda: log.require(1, by="a"), log, "1 of 2")
    assert "K08" == refused(lambda: log.require(1, by="authority", approvals="ab"), log, "only root keys")
    log.require(1, by="a", approvals="b")

    assert log.ring.threshold == 1
    log.certify("x", Role.ENROL, by="c")


def test_other_limits_need_no_root(log: Log) -> None:
    """An authority sets hours and grams; it may repeat the threshold, not change it."""
    log.write(EventType.POLICY, {Field.LIMITS: {1: 60_000, _THRESHOLD: 2}}, by="authority")

    assert log.ring.threshold == 2


def test_the_last_roots_are_not_revoked(log: Log) -> None:
    """K08: two must sign, so two stay."""
    log.revoke("c", by="a", approvals="b")

    assert "K08" == refused(lambda: log.revoke("b", by="a", approvals="b"), log, "1 root keys would be left")


def test_a_root_renews_itself_with_the_others(log: Log) -> None:
    """Before its time is up; alone it cannot."""
    assert "K08" == refused(lambda: log.certify("a", Role.ROOT, by="a"), log, "1 of 2")
    log.certify("a", Role.ROOT, by="a", approvals="b", not_after=NEVER_MS - 1)
    found = log.ring.get(kid("a"))

    assert found is not None
    assert found.not_after_ms == NEVER_MS - 1
    assert (kid("a"),) == log.ring.founders


def test_the_first_root_begins_alone() -> None:
    """Bootstrap: it certifies itself, then the others, then raises the threshold; nobody else begins a log."""
    log = Log()
    assert "K08" == refused(lambda: log.certify("a", Role.ENROL, by="a"), log, "certify itself")
    log.certify("a", Role.ROOT, by="a")
    assert "K08" == refused(lambda: log.certify("b", Role.ROOT, by="b"), log, "certify itself")
    assert "K08" == refused(lambda: log.require(2, by="a"), log, "2 root keys shall sign, 1")


# -- authorities and offices ---------------------------------------------------------------------------


def test_an_office_certifies_its_own_people(log: Log) -> None:
    """Within one of its offices or all of them; and takes back what it gave."""
    log.certify("clerk", Role.CLERK, Role.ISSUER, by="office", offices=[102], person=b"a clerk.")
    log.certify("courier", Role.COURIER, by="office", offices=[101, 102], person=b"courier.")
    log.revoke("clerk", by="office", reason=Reason.LOST)

    assert not any(c.lives() for c in log.ring if c.person == b"a clerk.")


@pytest.mark.parametrize(
    "roles, more",
    [
        ([Role.COURIER], {"offices": [101, 103]}),
        ([Role.COURIER], {"offices": []}),
        ([Role.RECIPIENT], {"offices": [], "agency": 7}),
        ([Role.ISSUER], {"offices": [101], "kid4": b"LBL1"}),
        ([Role.ENROL], {"offices": [101]}),
        ([Role.LOG], {"offices": [101]}),
        ([Role.WITNESS], {"offices": [101]}),
        ([Role.ROOT], {"offices": [101]}),
    ],
)
def test_an_office_certifies_nothing_else(log: Log, roles: list[Role], more: dict[str, Any]) -> None:
    """K08: nobody of other offices, nobody of none, no label key, no key that makes keys."""
    assert "K08" == refused(lambda: log.certify("x", *roles, by="office", **more), log, "may not write")


@pytest.mark.parametrize("kind", [EventType.ORG, EventType.POLICY])
def test_an_office_says_nothing_about_the_network(log: Log, kind: EventType) -> None:
    """K08: offices, routes and limits are an authority's."""
    fields: dict[int, Any] = {Field.ORG_ID: 101, Field.ORG_KIND: 1}
    if kind is EventType.POLICY:
        fields = {Field.LIMITS: {1: 1}}

    assert "K08" == refused(lambda: log.write(kind, fields, by="office"), log, "may not write")


def test_an_office_ends_no_key_of_another(log: Log) -> None:
    """K08: nor that of the authority above it."""
    log.certify("far", Role.COURIER, by="authority", offices=[103], person=b"far away")
    for name in ("far", "authority", "office", "a"):
        assert "K08" == refused(lambda name=name: log.revoke(name, by="office"), log, "may not write")  # type: ignore[misc]


def test_an_authority_makes_offices_and_label_keys_but_no_authority(log: Log) -> None:
    """The three steps of the ladder."""
    log.certify("second office", Role.ENROL, by="authority", offices=[103])
    log.certify("labels", Role.ISSUER, by="authority", kid4=b"LBL1")
    for roles in ([Role.ENROL], [Role.ROOT], [Role.LOG], [Role.ENROL, Role.CLERK]):
        assert "K08" == refused(lambda roles=roles: log.certify("x", *roles, by="authority"), log, "may not")  # type: ignore[misc]
    assert "K08" == refused(lambda: log.revoke("log", by="authority"), log, "may not write")


def test_an_authority_does_not_turn_a_root_into_something_less(log: Log) -> None:
    """K08: a new certificate for a living root's key would take its power away."""
    assert "K08" == refused(lambda: log.certify("b", Role.COURIER, by="authority"), log, "may not write")
    log.certify("office", Role.COURIER, by="authority", offices=[101])  # what it made itself, it may change


def test_a_countersigning_or_ordinary_key_makes_no_keys(log: Log) -> None:
    """K08: nor a courier's, nor the log's."""
    log.certify("courier", Role.COURIER, by="office", offices=[101], person=b"courier.")
    for by in ("courier", "log"):
        assert "K08" == refused(
            lambda by=by: log.certify("x", Role.COURIER, by=by, offices=[101]),  # type: ignore[misc]
            log,
            "may not write",
        )


# -- rotation, retirement, loss ------------------------------------------------------------------------


def test_a_device_is_followed_by_the_next_one(log: Log) -> None:
    """The office certifies the new key and the old one signs for it: one person's, without a gap."""
    log.certify("phone", Role.CLERK, by="office", offices=[101], person=b"a clerk.")
    log.certify("new phone", Role.CLERK, by="office", approvals=["phone"], offices=[101], person=b"a clerk.")
    log.certify("third", Role.CLERK, by="office", offices=[101], person=b"a clerk.")
    found = {c.kid: c.replaces for c in log.ring}

    assert (kid("phone"), b"") == (found[kid("new phone")], found[kid("third")])


def test_the_old_key_vouches_for_its_own_person_alone(log: Log) -> None:
    """K08: nor for a colleague, nor once it is revoked."""
    log.certify("phone", Role.CLERK, by="office", offices=[101], person=b"a clerk.")
    assert "K08" == refused(
        lambda: log.certify(
            "x", Role.CLERK, by="office", approvals=["phone"], offices=[101], person=b"another."
        ),
        log,
        "may not approve",
    )
    log.revoke("phone", by="office")
    assert "K08" == refused(
        lambda: log.certify(
            "x", Role.CLERK, by="office", approvals=["phone"], offices=[101], person=b"a clerk."
        ),
        log,
        "may not approve",
    )


def test_a_compromised_key_is_not_certified_anew(log: Log) -> None:
    """K08: a retired one may be."""
    log.certify("phone", Role.CLERK, by="office", offices=[101], person=b"a clerk.")
    log.revoke("phone", by="office")
    log.certify("phone", Role.CLERK, by="office", offices=[101], person=b"a clerk.")
    log.revoke("phone", by="office", reason=Reason.LOST, since_ms=log.now_ms)

    assert "K08" == refused(
        lambda: log.certify("phone", Role.CLERK, by="office", offices=[101], person=b"a clerk."),
        log,
        "not certified anew",
    )


def _codes(certificate: Certificate | None, *, logged_ms: int, signed_ms: int, index: int = 99) -> list[str]:
    assert certificate is not None
    return [
        code
        for code, _ in certificate.faults(
            index=index,
            logged_ms=logged_ms,
            as_of_ms=signed_ms,
            claimed_ms=signed_ms,
            offline_ms=24 * _HOUR_MS,
        )
    ]


@pytest.mark.parametrize(
    "reason, signed, logged, codes",
    [
        (Reason.RETIRED, 0, 24, []),
        (Reason.RETIRED, 0, 25, ["K04"]),
        (Reason.RETIRED, 1, 2, ["K04"]),
        (Reason.LOST, 0, 1, ["K04"]),
        (Reason.UNQUALIFIED, 0, 1, ["K04"]),
        (77, 0, 1, ["K04"]),
    ],
)
def test_a_late_upload_from_before_a_routine_revocation_stands(
    log: Log, reason: int, signed: int, logged: int, codes: list[str]
) -> None:
    """K04: within the limit for uploads, and only where nothing was lost; hours after the revocation."""
    log.certify("phone", Role.CLERK, by="office", offices=[101], person=b"a clerk.")
    at_ms = log.revoke("phone", by="office", reason=reason).logged_ms
    found = log.ring.get(kid("phone"))

    assert codes == _codes(found, logged_ms=at_ms + logged * _HOUR_MS, signed_ms=at_ms + signed * _HOUR_MS)


def test_a_retired_key_turns_out_to_be_lost(log: Log) -> None:
    """K04, K05: the second revocation makes it worse, never better."""
    log.certify("phone", Role.CLERK, by="office", offices=[101], person=b"a clerk.")
    at_ms = log.revoke("phone", by="office").logged_ms
    log.revoke("phone", by="office", reason=Reason.LOST, since_ms=at_ms - _HOUR_MS)
    log.revoke("phone", by="office", reason=Reason.RETIRED)
    found = log.ring.get(kid("phone"))

    assert ["K04"] == _codes(found, logged_ms=at_ms + _HOUR_MS, signed_ms=at_ms - _HOUR_MS)
    assert ["K05"] == _codes(found, logged_ms=at_ms - 1, signed_ms=at_ms - 1, index=0)
    assert [] == _codes(found, logged_ms=at_ms - _HOUR_MS - 1, signed_ms=at_ms - _HOUR_MS - 1, index=0)


def test_what_a_compromised_office_certified_is_in_doubt(log: Log) -> None:
    """K05: and what that certified in turn; a new certificate by another key ends the doubt."""
    log.certify("before", Role.CLERK, by="office", offices=[101], person=b"before..")
    since_ms = log.now_ms
    log.certify("during", Role.CLERK, by="office", offices=[101], person=b"during..")
    log.certify("stolen office", Role.ENROL, by="authority", offices=[105])
    log.certify("below", Role.CLERK, by="stolen office", offices=[105], person=b"below...")
    log.revoke("office", by="authority", reason=Reason.LOST, since_ms=since_ms)
    log.revoke("stolen office", by="authority", reason=Reason.LOST, since_ms=since_ms)
    at_ms = log.now_ms

    def of(name: str) -> list[str]:
        return _codes(log.ring.get(kid(name)), logged_ms=at_ms, signed_ms=at_ms)

    assert ([], ["K05"], ["K05"]) == (of("before"), of("during"), of("below"))
    log.certify("during", Role.CLERK, by="authority", offices=[101], person=b"during..")
    assert [] == of("during")


def test_doubt_follows_the_chain_of_certificates(log: Log) -> None:
    """K05: an authority's key was stolen, and an office made with it, and a clerk made by that office."""
    since_ms = log.now_ms
    log.certify("x office", Role.ENROL, by="authority", offices=[105])
    log.certify("x clerk", Role.CLERK, by="x office", offices=[105], person=b"x clerk.")
    log.revoke("authority", by="a", approvals="b", reason=Reason.LOST, since_ms=since_ms)

    assert [kid("x office"), kid("x clerk")] == [c.kid for c in log.ring if c.tainted]


# -- the log's own keys --------------------------------------------------------------------------------


def test_the_log_changes_its_key_with_the_roots(log: Log) -> None:
    """Signed by the key in force, approved by two roots; then the new key changes it again."""
    log.change_log_key("log 2", by="log", approvals="ab")
    log.change_log_key("log 3", by="log 2", approvals="bc")

    assert [kid("log"), kid("log 2")] == [change.signer for change in log.ring.log_changes]
    assert Role.LOG in getattr(log.ring.get(kid("log 3 clock")), "roles", ())


def test_the_log_does_not_change_its_key_alone(log: Log) -> None:
    """K08: who stole the log's key does not keep it."""
    assert "K08" == refused(lambda: log.change_log_key("x", by="log", approvals="a"), log, "1 of 2")
    assert "K08" == refused(lambda: log.change_log_key("x", by="a", approvals="bc"), log, "may not write")
    assert "K08" == refused(lambda: log.change_log_key("x", by="authority", approvals="ab"), log, "may not")
    log.change_log_key("log 2", by="log", approvals="ab")
    assert "K08" == refused(
        lambda: log.change_log_key("x", by="log", approvals="ab"), log, "not the log's newest"
    )


def test_the_clock_does_not_change_the_logs_key(log: Log) -> None:
    """K08: it has a certificate of the log too, and is another key: the first that was certified is the log's."""
    log.certify("clock", Role.LOG, by="a", approvals="b")

    assert "K08" == refused(lambda: log.change_log_key("x", by="clock", approvals="ab"), log, "not the log's")


def test_the_logs_new_keys_are_new(log: Log) -> None:
    """K09, K10: two sound keys, and nobody else's; nor is one of them certified for somebody later."""
    public = ed25519.public_of(seed("x"))
    for more in ({"public": public, "clock_public": public}, {"public": ed25519.public_of(seed("office"))}):
        assert "K09" == refused(
            lambda more=more: log.change_log_key("y", by="log", approvals="ab", **more),  # type: ignore[misc]
            log,
            "used for nothing else",
        )
    assert "K10" == refused(
        lambda: log.change_log_key("y", by="log", approvals="ab", clock_public=bytes([1]) + bytes(31)),
        log,
        "prime order",
    )
    log.change_log_key("log 2", by="log", approvals="ab")
    assert "K09" == refused(
        lambda: log.certify("log 2", Role.LOG, by="a", approvals="b"), log, "is the log's"
    )


def test_a_device_speaks_for_itself_whatever_became_of_its_key(log: Log) -> None:
    """DEVICE_HEAD is evidence: it comes in after a revocation; a stranger's does not (K01)."""
    log.certify("phone", Role.CLERK, by="office", offices=[101], person=b"a clerk.")
    log.revoke("phone", by="office", reason=Reason.LOST)
    fields: dict[int, Any] = {Field.ACTOR: b"a clerk.", Field.DEVICE: [7, bytes(32)]}
    log.write(EventType.DEVICE_HEAD, fields, by="phone")

    assert "K01" == refused(
        lambda: log.write(EventType.DEVICE_HEAD, fields, by="stranger"), log, "no certificate"
    )


# -- whatever is signed --------------------------------------------------------------------------------


@given(
    signer=st.sampled_from("abcde"),
    approvals=st.lists(st.sampled_from("abcde"), max_size=4),
    threshold=st.integers(1, 3),
)
def test_an_authority_needs_as_many_different_roots_as_the_limit_says(
    signer: str, approvals: list[str], threshold: int
) -> None:
    """Said in one line here, and in no other way in the code: e is nobody, d is revoked."""
    log = Log()
    for name in "abcd":
        log.certify(name, Role.ROOT, by="a")
    log.revoke("d", by="a")
    log.require(threshold, by="a")
    names = [signer, *approvals]
    sound = set(names) <= set("abc") and len(set(names)) == len(names)
    if sound and len(names) >= threshold:
        log.certify("x", Role.ENROL, by=signer, approvals=approvals)
    else:
        with pytest.raises(SignatureError) as caught:
            log.certify("x", Role.ENROL, by=signer, approvals=approvals)
        assert caught.value.finding == ("K01" if signer == "e" else "K08")


def test_a_certificate_can_be_kept_apart(log: Log) -> None:
    """A ring handed to another process is the same ring."""
    found = log.ring.get(kid("office"))

    assert found is not None
    assert replace(found) == found
    assert (found.is_office, found.is_authority, found.issuer) == (True, False, kid("authority"))
