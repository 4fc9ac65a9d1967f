"""Who may make and end keys: roots together, authorities, offices (K08)."""

from __future__ import annotations

from typing import Any

import pytest

from custody import cose, ed25519
from custody.certificate import NEVER_MS, Reason
from custody.event import APPROVE_CONTEXT, EventType, Field, core_of, parse_event, sign_event
from custody.roles import Role
from custody.threshold import approve
from tests.custody.keys.keylog import HOUR_MS, START_MS, THRESHOLD, Log, kid, refused, seed

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
        Field.OFFICES: [], Field.SECRECY_MAX: 0, Field.NOT_BEFORE: START_MS, Field.NOT_AFTER: NEVER_MS,
    }  # fmt: skip


def test_a_revoked_or_expired_root_neither_signs_nor_approves(log: Log) -> None:
    """K08: what counts is the key as of the entry, and an earlier approval stays good."""
    made = log.ring.get(kid("authority"))
    log.certify("d", Role.ROOT, by="a", approvals="b", not_after=log.now_ms + 2 * HOUR_MS)
    log.revoke("b", by="a", approvals="c")
    assert "K08" == refused(
        lambda: log.certify("x", Role.ENROL, by="a", approvals="b"), log, "may not approve"
    )
    assert "K08" == refused(lambda: log.certify("x", Role.ENROL, by="b", approvals="a"), log, "may not write")
    log.certify("x", Role.ENROL, by="d", approvals="a")
    log.now_ms += 2 * HOUR_MS
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
    log.write(EventType.POLICY, {Field.LIMITS: {1: 60_000, THRESHOLD: 2}}, by="authority")

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
        ([Role.RECIPIENT], {"offices": [101], "agency": 7}),
        ([Role.ROOT], {"offices": [101]}),
    ],
)
def test_an_office_certifies_nothing_else(log: Log, roles: list[Role], more: dict[str, Any]) -> None:
    """K08: nobody of other offices, of none, or of a body; no label key, no key that makes keys."""
    assert "K08" == refused(lambda: log.certify("x", *roles, by="office", **more), log, "may not write")


def test_an_office_makes_no_key_for_somebody_of_another(log: Log) -> None:
    """K08: who signs as another's person takes whatever that person holds; zeros are the service."""
    log.certify("far", Role.COURIER, by="authority", offices=[103], person=b"far away")
    log.certify("reader", Role.RECIPIENT, by="authority", offices=[], agency=7, person=b"registry")
    for person in (b"far away", b"registry"):
        assert "K08" == refused(
            lambda person=person: log.certify("x", Role.COURIER, by="office", offices=[101], person=person),  # type: ignore[misc]
            log,
            "outside the offices",
        )
    assert "K08" == refused(
        lambda: log.certify("x", Role.COURIER, by="office", offices=[101]), log, "not the service"
    )


@pytest.mark.parametrize("reason", list(Reason))
def test_nor_once_the_others_key_has_ended(log: Log, reason: Reason) -> None:
    """K08: whoever is between two phones is no less that person."""
    log.certify("far", Role.COURIER, by="authority", offices=[103], person=b"far away")
    log.revoke("far", by="authority", reason=reason)

    assert "K08" == refused(
        lambda: log.certify("x", Role.COURIER, by="office", offices=[101], person=b"far away"),
        log,
        "outside the offices",
    )


def test_a_person_takes_a_key_of_a_second_office_along(log: Log) -> None:
    """K08: with a key that is there already, or by the authority; without, not even for a key that it made."""
    log.certify("far", Role.COURIER, by="authority", offices=[103], person=b"far away")
    log.certify("here", Role.COURIER, by="office", approvals=["far"], offices=[101], person=b"far away")
    log.certify("both", Role.COURIER, by="authority", offices=[101, 103], person=b"far away")

    assert kid("far") == getattr(log.ring.get(kid("here")), "replaces", b"")
    assert "K08" == refused(
        lambda: log.certify("here", Role.CLERK, by="office", offices=[101], person=b"far away"),
        log,
        "outside the offices",
    )


def test_a_person_who_moved_belongs_to_the_new_office(log: Log) -> None:
    """What counts is the newest certificate of each key: the authority certifies the same phone for the new office."""
    log.certify("phone", Role.COURIER, by="authority", offices=[103], person=b"mover...")
    log.certify("phone", Role.COURIER, by="authority", offices=[101], person=b"mover...")

    log.certify("second", Role.COURIER, by="office", offices=[101], person=b"mover...")


def test_an_office_takes_no_body_from_a_key(log: Log) -> None:
    """K08: nor ends one that speaks for a body."""
    log.certify("reader", Role.RECIPIENT, by="authority", offices=[101], agency=7, person=b"registry")
    assert "K08" == refused(
        lambda: log.certify("reader", Role.CLERK, by="office", offices=[101], person=b"registry"),
        log,
        "may not write",
    )
    assert "K08" == refused(lambda: log.revoke("reader", by="office"), log, "may not write")


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
