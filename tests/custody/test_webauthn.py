"""Passkey assertions: what counts as one, and what comes close."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest

from custody.errors import SignatureError
from custody.webauthn import challenge_of, passkey_of, sign_assertion, verify_assertion

_CORE = b"the core of an event"
_CHALLENGE = challenge_of(_CORE)
_GOOD = sign_assertion(7, challenge=_CHALLENGE)


def _fault(assertion: Sequence[bytes], public: bytes | None = None) -> str:
    with pytest.raises(SignatureError) as caught:
        verify_assertion(assertion, public=passkey_of(7) if public is None else public, challenge=_CHALLENGE)
    assert "K11" == caught.value.finding
    return str(caught.value)


def test_an_assertion_over_the_event_holds() -> None:
    """What the authenticator of the certified passkey answers to this event's challenge."""
    verify_assertion(_GOOD, public=passkey_of(7), challenge=_CHALLENGE)


@pytest.mark.parametrize(
    "assertion, words",
    [
        (sign_assertion(7, challenge=challenge_of(b"another event")), "something else"),
        (sign_assertion(7, challenge=_CHALLENGE, kind="webauthn.create"), "something else"),
        (sign_assertion(7, challenge=_CHALLENGE, flags=0x01), "did not verify"),
        (sign_assertion(7, challenge=_CHALLENGE, flags=0x04), "did not verify"),
        (sign_assertion(8, challenge=_CHALLENGE), "not signed"),
        ([_GOOD[0][:36], *_GOOD[1:]], "did not verify"),
        ([_GOOD[0], b"{", _GOOD[2]], "something else"),
        ([_GOOD[0], b"[" * 4_000, _GOOD[2]], "something else"),
        ([_GOOD[0], b"\xff", _GOOD[2]], "something else"),
        ([_GOOD[0], b"[]", _GOOD[2]], "something else"),
        ([_GOOD[0], _GOOD[1][:-1] + b', "more": NaN}', _GOOD[2]], "something else"),
        ([_GOOD[0], _GOOD[1].decode().encode("utf-16"), _GOOD[2]], "something else"),
        ([_GOOD[0], json.dumps({"type": ["webauthn.get"]}).encode(), _GOOD[2]], "something else"),
        ([_GOOD[0], _GOOD[1], b"\x30\x00"], "not signed"),
        ([_GOOD[0], _GOOD[1] + b" ", _GOOD[2]], "not signed"),
    ],
)
def test_what_is_not_this_users_word_on_this_event_is_none(assertion: list[bytes], words: str) -> None:
    """Each fault is K11 with its words, never another exception."""
    assert words in _fault(assertion)


@pytest.mark.parametrize("public", [b"", bytes(65), b"\x04" + b"\1" * 64, passkey_of(7)[:33] + bytes(32)])
def test_a_passkey_that_is_none_verifies_nothing(public: bytes) -> None:
    """No point of the curve, or none certified at all."""
    assert _fault(_GOOD, public)
