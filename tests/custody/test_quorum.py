"""Witness policies: who counts, how often, and what a policy file may not say."""

from __future__ import annotations

import hashlib
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custody.checkpoint import Checkpoint
from custody.ed25519 import public_of
from custody.errors import FormatError, ProofError
from custody.note import COSIGNATURE, ED25519, NoteKey, add_lines, sign_note
from custody.quorum import TrustPolicy, parse_policy


def seed_of(name: str) -> bytes:
    """Return a seed that depends on *name* only."""
    return hashlib.sha256(b"quorum " + name.encode()).digest()


def vkey_of(name: str, kind: int = COSIGNATURE) -> str:
    """Return the vkey of *name*."""
    return NoteKey(f"{name}.example/w", kind, public_of(seed_of(name))).vkey


def cosigned(*names: str) -> str:
    """Return a checkpoint with the cosignatures of *names*."""
    text = Checkpoint("log.example", 3, bytes(32)).text
    note = text + "\n" + sign_note(text, name="log.example", seed=seed_of("log"))
    return add_lines(
        note, (sign_note(text, name=f"{n}.example/w", seed=seed_of(n), time_s=1_790_000_000) for n in names)
    )


def policy_of(*rules: str, names: str = "ABCXY") -> TrustPolicy:
    """Return the policy of witnesses called by single letters, and *rules*."""
    lines = [f"witness {name} {vkey_of(name)} http://{name}.example/" for name in names]
    return parse_policy("\n".join([f"log {vkey_of('log', ED25519)}", *lines, *rules, ""]).encode())


@pytest.mark.parametrize(
    "rules, enough",
    [
        (("quorum none",), lambda _: True),
        (("quorum A",), lambda s: "A" in s),
        (("group g any A B C", "quorum g"), lambda s: bool(s & set("ABC"))),
        (("group g 2 A B C", "quorum g"), lambda s: len(s & set("ABC")) >= 2),
        (("group g all A B C", "quorum g"), lambda s: s >= set("ABC")),
        (
            ("group x 2 A B C", "group y any X Y", "group both all x y", "quorum both"),
            lambda s: len(s & set("ABC")) >= 2 and bool(s & set("XY")),
        ),
        (("group x all A B", "group g 1 x C", "quorum g"), lambda s: s >= set("AB") or "C" in s),
    ],
)
def test_every_subset_of_witnesses(rules: tuple[str, ...], enough: object) -> None:
    """A quorum one signature too low lets one bribed witness decide; all 32 subsets are tried."""
    policy = policy_of(*rules)
    for size in range(6):
        for names in itertools.combinations("ABCXY", size):
            assert policy.is_met(names) == enough(set(names))  # type: ignore[operator]


def test_cosignatures_are_counted_by_key_and_once() -> None:
    """M03: strangers and repeated lines do not make a quorum."""
    policy = policy_of("group g 2 A B C", "quorum g")
    note = cosigned("A", "stranger", "A")

    assert {"A": 1_790_000_000} == policy.cosigners(note)
    with pytest.raises(ProofError, match="cosigned by A; quorum g is not met") as caught:
        policy.check(note)
    assert "M03" == caught.value.finding
    assert {"A", "B"} == set(policy.check(cosigned("A", "B")))


def test_a_false_line_of_a_known_witness_is_refused() -> None:
    """C2SP signed-note: a line under a known key that does not verify condemns the note."""
    policy = policy_of("quorum A")
    other = cosigned("A").replace("\n3\n", "\n4\n")

    with pytest.raises(ProofError) as caught:
        policy.check(other)
    assert "M02" == caught.value.finding


@pytest.mark.parametrize(
    "rules, why",
    [
        ((), "no quorum"),
        (("quorum Z",), "line before"),
        (("quorum A", "quorum A"), "second quorum"),
        (("quorum g", "group g any A"), "line before"),
        (("group g any A A", "quorum g"), "member already"),
        (("group g any A", "group h any A", "quorum h"), "member already"),
        (("group g any h", "group h any A", "quorum g"), "line before"),
        (("group g any none", "quorum g"), "line before"),
        (("group g 3 A B", "quorum g"), "threshold"),
        (("group g 0 A B", "quorum g"), "threshold"),
        (("group g 01 A B", "quorum g"), "threshold"),
        (("group g any", "quorum none"), "no line of a policy"),
        (("group A any B", "quorum none"), "is taken"),
        (("group none any B", "quorum none"), "is taken"),
        ((f"witness Z {vkey_of('A')}", "quorum none"), "second witness"),
        ((f"witness Z {vkey_of('Z', ED25519)}", "quorum none"), "not one that a witness signs with"),
        ((f"log {vkey_of('log', ED25519)}", "quorum none"), "second log"),
        ((f"log {vkey_of('Q')}", "quorum none"), "not one that a log signs with"),
        (("witness Z nonsense", "quorum none"), "name\\+id\\+key"),
        (("quorum none\r",), "control character"),
        (("allow A", "quorum none"), "no line of a policy"),
    ],
)
def test_what_a_policy_may_not_say(rules: tuple[str, ...], why: str) -> None:
    """A policy that means something else than its author thinks is worse than none."""
    with pytest.raises(FormatError, match=why):
        policy_of(*rules)


def test_blanks_comments_and_octets() -> None:
    """The form leaves these free: tabs, empty lines, comments, names in any octets."""
    name = b"\xe2\x84\xaa\xff"
    text = b"# comment\n\n \t witness\t" + name + b"  " + vkey_of("A").encode() + b" \n\tquorum " + name
    policy = parse_policy(text)

    assert policy.is_met(list(policy.witnesses))
    assert not policy.is_met(())


@given(st.binary(max_size=300) | st.text(alphabet="wlgqn \t\n#+AB12", max_size=300).map(str.encode))
def test_no_bytes_surprise_the_parser(data: bytes) -> None:
    """Only the documented error leaves it."""
    try:
        policy = parse_policy(data)
    except FormatError:
        return
    assert policy.quorum
