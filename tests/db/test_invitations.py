"""Setting up a device: one code, one device, once, and not after its time."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from db import invitations, migrate
from db.invitations import Claim, Invitation

_CODE = b"c" * 32


def _open(engine: sa.Engine) -> Invitation:
    migrate.upgrade(engine)
    made = Invitation(
        code_hash=_CODE,
        person=b"p" * 8,
        created_by=b"s" * 8,
        created_ms=1_000,
        expires_ms=2_000,
        until_ms=9_000,
        secrecy_max=0,
        checked_on="2026-11-20",
    )
    invitations.add(engine, made)
    return made


def _approve(engine: sa.Engine, *, now_ms: int) -> bool:
    with invitations.approving(engine, _CODE, now_ms=now_ms) as is_waiting:
        return is_waiting


def _claim(mark: bytes) -> Claim:
    return Claim(kid=mark * 8, public=mark * 32, device="x", digits="123456", ticket_hash=mark * 32)


def test_of_two_devices_the_first_has_the_code(engine: sa.Engine) -> None:
    """Whoever photographed the screen comes second, and is told so."""
    _open(engine)
    assert invitations.claim(engine, _CODE, _claim(b"1"), now_ms=1_500)
    assert not invitations.claim(engine, _CODE, _claim(b"2"), now_ms=1_501)
    kept = invitations.invitation_by_ticket(engine, b"1" * 32)
    assert kept is not None
    assert (kept.kid, kept.status) == (b"1" * 8, "claimed")


def test_each_step_follows_its_own_and_only_once(engine: sa.Engine) -> None:
    """Nothing is approved that did not come, nobody is let in unapproved or twice."""
    _open(engine)
    assert not _approve(engine, now_ms=1_500)
    assert invitations.claim(engine, _CODE, _claim(b"1"), now_ms=1_500)
    assert not invitations.finish(engine, _CODE, now_ms=1_500)
    assert _approve(engine, now_ms=1_500)
    assert invitations.finish(engine, _CODE, now_ms=1_500)
    assert not invitations.finish(engine, _CODE, now_ms=1_500)


def test_what_fails_while_approving_can_be_done_again_or_refused(engine: sa.Engine) -> None:
    """A certificate may fail; a device that is called approved without one would wait for ever."""
    _open(engine)
    assert invitations.claim(engine, _CODE, _claim(b"1"), now_ms=1_500)

    def fail() -> None:
        with invitations.approving(engine, _CODE, now_ms=1_500):
            assert not invitations.refuse(engine, _CODE, now_ms=1_500), "two decisions at once"
            assert not _approve(engine, now_ms=1_500), "a second tap"
            raise OSError

    with pytest.raises(OSError):  # noqa: PT011 -- raised two lines above
        fail()
    assert not invitations.finish(engine, _CODE, now_ms=1_500)
    assert _approve(engine, now_ms=1_500)
    assert not invitations.refuse(engine, _CODE, now_ms=1_500)


def test_who_was_being_approved_when_the_service_ended_waits_again(engine: sa.Engine) -> None:
    """Power is lost between the two steps: the supervisor taps once more after the start."""
    _open(engine)
    assert invitations.claim(engine, _CODE, _claim(b"1"), now_ms=1_500)
    with invitations.approving(engine, _CODE, now_ms=1_500) as is_waiting:
        assert is_waiting
        invitations.resume(engine)
        kept = invitations.invitation_of(engine, _CODE)
        assert kept is not None
        assert kept.status == "claimed"


def test_a_code_that_nobody_has_come_with_is_withdrawn(engine: sa.Engine) -> None:
    """Somebody photographed the screen: what is shown must be worth nothing at once."""
    _open(engine)
    assert invitations.refuse(engine, _CODE, now_ms=1_500)
    assert not invitations.claim(engine, _CODE, _claim(b"1"), now_ms=1_500)
    assert not invitations.refuse(engine, _CODE, now_ms=1_500)


@pytest.mark.parametrize("step", ["claim", "approve", "refuse", "finish"])
def test_nothing_happens_after_its_time(engine: sa.Engine, step: str) -> None:
    """A code that lay about is worth nothing."""
    _open(engine)
    if step != "claim":
        assert invitations.claim(engine, _CODE, _claim(b"1"), now_ms=1_500)
    if step == "finish":
        assert _approve(engine, now_ms=1_500)
    late = {
        "claim": lambda: invitations.claim(engine, _CODE, _claim(b"1"), now_ms=2_000),
        "approve": lambda: _approve(engine, now_ms=2_000),
        "refuse": lambda: invitations.refuse(engine, _CODE, now_ms=2_000),
        "finish": lambda: invitations.finish(engine, _CODE, now_ms=2_000),
    }
    assert not late[step]()


def test_a_new_code_ends_the_one_before_on_that_screen(engine: sa.Engine) -> None:
    """One screen, one code: what was shown before lets nobody in."""
    first = _open(engine)
    second = Invitation(
        code_hash=b"d" * 32,
        person=first.person,
        created_by=first.created_by,
        created_ms=1_100,
        expires_ms=2_100,
        until_ms=9_000,
        secrecy_max=0,
        checked_on="2026-11-20",
    )
    invitations.add(engine, second)
    assert not invitations.claim(engine, _CODE, _claim(b"1"), now_ms=1_500)
    assert invitations.claim(engine, b"d" * 32, _claim(b"1"), now_ms=1_500)
