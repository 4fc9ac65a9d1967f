"""Rotation, retirement and loss of keys, and of the log's own: when a key's word counts (K02-K05)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custody import ed25519
from custody.certificate import Certificate, Reason
from custody.errors import SignatureError
from custody.event import EventType, Field
from custody.roles import Role
from tests.custody.keys.keylog import HOUR_MS, Log, kid, refused, seed

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


@pytest.mark.parametrize("reason", [Reason.LOST, Reason.UNQUALIFIED, Reason.SUPERSEDED, 77])
@pytest.mark.parametrize("by", ["office", "authority"])
def test_a_key_revoked_for_cause_is_not_certified_anew(log: Log, reason: int, by: str) -> None:
    """K08: whoever revokes a key need not fear that somebody revives it; by nobody."""
    log.certify("phone", Role.CLERK, by="office", offices=[101], person=b"a clerk.")
    log.revoke("phone", by="office", reason=reason)

    assert "K08" == refused(
        lambda: log.certify("phone", Role.CLERK, by=by, offices=[101], person=b"a clerk."),
        log,
        "not certified anew",
    )


def test_a_retired_key_is_revived_by_who_could_make_it(log: Log) -> None:
    """K08: it is still of the office that it was of, and a root's is still the roots'."""
    log.certify("phone", Role.CLERK, by="authority", offices=[103], person=b"a clerk.")
    log.revoke("phone", by="authority", reason=Reason.RETIRED)
    log.revoke("c", by="a", approvals="b", reason=Reason.RETIRED)
    assert "K08" == refused(
        lambda: log.certify("phone", Role.CLERK, by="office", offices=[101], person=b"a clerk."),
        log,
        "may not write",
    )
    assert "K08" == refused(lambda: log.certify("c", Role.COURIER, by="authority"), log, "may not write")
    log.certify("phone", Role.CLERK, by="authority", offices=[103], person=b"a clerk.")


@pytest.mark.parametrize(
    "first, then", [(b"device 1", b"device 2"), (None, b"device 2"), (b"device 1", None)]
)
def test_a_key_stays_in_its_device(log: Log, first: bytes | None, then: bytes | None) -> None:
    """K09: a private key that is in two devices was copied, or one of the certificates is wrong (P06 rests on it)."""
    named: list[dict[str, Any]] = [{"device_id": one} if one else {} for one in (first, then)]
    log.certify("phone", Role.CLERK, by="office", offices=[101], person=b"a clerk.", **named[0])
    log.certify("phone", Role.CLERK, by="office", offices=[102], person=b"a clerk.", **named[0])

    assert "K09" == refused(
        lambda: log.certify("phone", Role.CLERK, by="office", offices=[101], person=b"a clerk.", **named[1]),
        log,
        "another device",
    )


def test_who_is_known_is_known_from_then_on(log: Log) -> None:
    """What is asked as of an index is answered the same for ever: who was certified, and for which body."""
    before = log.index
    first = log.certify("reader", Role.RECIPIENT, by="authority", agency=7, person=b"registry").index
    then = log.certify("reader", Role.RECIPIENT, by="authority", agency=8, person=b"registry").index
    known = [log.ring.knows(b"registry", index) for index in (before, first, first + 1)]
    bodies = [log.ring.agencies_of(b"registry", index) for index in (first, first + 1, then, then + 1)]

    assert [False, False, True] == known
    assert [set(), {7}, {7}, {8}] == bodies
    assert not log.ring.knows(bytes(8), log.index)


def _codes(certificate: Certificate | None, *, logged_ms: int, signed_ms: int, index: int = 99) -> list[str]:
    assert certificate is not None
    return [
        code
        for code, _ in certificate.faults(
            index=index,
            logged_ms=logged_ms,
            as_of_ms=signed_ms,
            claimed_ms=signed_ms,
            offline_ms=24 * HOUR_MS,
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

    assert codes == _codes(found, logged_ms=at_ms + logged * HOUR_MS, signed_ms=at_ms + signed * HOUR_MS)


def test_a_retired_key_turns_out_to_be_lost(log: Log) -> None:
    """K04, K05: the second revocation makes it worse, never better."""
    log.certify("phone", Role.CLERK, by="office", offices=[101], person=b"a clerk.")
    at_ms = log.revoke("phone", by="office").logged_ms
    log.revoke("phone", by="office", reason=Reason.LOST, since_ms=at_ms - HOUR_MS)
    log.revoke("phone", by="office", reason=Reason.RETIRED)
    found = log.ring.get(kid("phone"))

    assert ["K04"] == _codes(found, logged_ms=at_ms + HOUR_MS, signed_ms=at_ms - HOUR_MS)
    assert ["K05"] == _codes(found, logged_ms=at_ms - 1, signed_ms=at_ms - 1, index=0)
    assert [] == _codes(found, logged_ms=at_ms - HOUR_MS - 1, signed_ms=at_ms - HOUR_MS - 1, index=0)


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
