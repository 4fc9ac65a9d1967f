"""The log's keys follow one another: who must have signed a checkpoint of which size, and who may follow whom."""

from __future__ import annotations

from dataclasses import replace

import pytest

from custody import dossier
from custody.checkpoint import LogKeys, clock_name, open_checkpoint, sign_checkpoint
from custody.cose import kid_of
from custody.ed25519 import public_of
from custody.errors import ProofError
from custody.event import EventType, Field, sign_event
from custody.keys import KeyRing
from custody.note import open_note, sign_note
from custody.roles import Role
from custody.verify import Trust, verify_dossier
from kt1.drill.world import ORIGIN, Person, World, seed_of

_OVERLAP_MS = 150_000  # two checkpoints and a half of that world


def rotated() -> World:
    """A log that changed its key, signed twice by both pairs, and now by the new one alone."""
    world = World()
    world.change_log_key("log 2", overlap_ms=_OVERLAP_MS)
    for n in range(4):
        world.certify(Person(f"more {n}", (Role.COURIER,), 0))
    return world


def lines(note: str) -> int:
    """Return how many signatures a checkpoint carries."""
    return len(open_note(note).lines)


def test_both_pairs_sign_while_keys_change() -> None:
    """Two lines, then four from the entry on until its NOT_BEFORE, then two."""
    world = rotated()
    changed = next(e.index for e in world.entries if e.event.type is EventType.LOGKEY)

    assert [2, 4, 4, 4, 2, 2] == [lines(world.notes[size]) for size in range(changed, changed + 6)]
    for size, note in world.notes.items():
        assert open_checkpoint(note, world.keys)[0].size == size


def test_who_has_not_heard_reads_on_until_the_overlap_ends() -> None:
    """A phone with the old key has days to hear of the new one; afterwards it must."""
    world = rotated()
    old = LogKeys.of(ORIGIN, log=public_of(seed_of("log")), clock=public_of(seed_of("clock")))
    heard = [lines(note) < 4 or bool(open_checkpoint(note, old)) for note in world.notes.values()]

    assert all(heard)
    with pytest.raises(ProofError, match="not signed by"):
        open_checkpoint(world.notes[len(world.entries)], old)


@pytest.mark.parametrize("left_out", range(4))
def test_every_signature_of_an_overlap_counts(left_out: int) -> None:
    """M02: a thief of either pair signs for half of it only."""
    world = rotated()
    changed = next(e.index for e in world.entries if e.event.type is EventType.LOGKEY)
    text, _, tail = world.notes[changed + 1].rpartition("\n\n")
    kept = [line for n, line in enumerate(tail.splitlines(keepends=True)) if n != left_out]

    with pytest.raises(ProofError) as caught:
        open_checkpoint(text + "\n\n" + "".join(kept), world.keys)
    assert "M02" == caught.value.finding


def test_the_clocks_of_an_overlap_agree() -> None:
    """M02: both sign this checkpoint, the old clock at another time."""
    world = rotated()
    changed = next(e.index for e in world.entries if e.event.type is EventType.LOGKEY)
    text, _, tail = world.notes[changed + 1].rpartition("\n\n")
    other = sign_note(
        text + "\n", name=clock_name(ORIGIN), seed=seed_of("clock"), time_s=world.now_ms // 1000
    )

    with pytest.raises(ProofError, match="different times"):
        open_checkpoint(text + "\n\n" + "".join(tail.splitlines(keepends=True)[:3]) + other, world.keys)


def test_the_old_key_alone_signs_nothing_that_includes_the_change() -> None:
    """M02: whoever stole it cannot go on with the log as if nothing had been said."""
    world = rotated()
    head, _ = open_checkpoint(world.notes[len(world.entries)], world.keys)
    forged = sign_checkpoint(head, log_seed=seed_of("log"), clock_seed=seed_of("clock"), time_ms=world.now_ms)

    with pytest.raises(ProofError, match="not signed by"):
        open_checkpoint(forged, world.keys)


def test_only_the_key_in_force_names_the_next() -> None:
    """M02: also where somebody let such an entry into a log."""
    world = rotated()
    change = world.ring.log_changes[0]

    with pytest.raises(ProofError, match="not signed by it"):
        world.keys.then(replace(change, index=99))
    world.change_log_key("log 3", overlap_ms=0)
    assert kid_of(world.keys.newest.log.public) == Person("log 3", (), 0).kid


# -- in a dossier --------------------------------------------------------------------------------------


def spanning() -> tuple[World, bytes]:
    """An item accepted under the old key, handed over in the overlap, delivered under the new one."""
    world = World()
    item = world.register()
    world.change_log_key("log 2", overlap_ms=_OVERLAP_MS)
    item.hand_over(world.courier)
    world.certify(Person("somebody", (Role.COURIER,), 0))
    item.deliver()
    return world, item.dossier()


@pytest.mark.parametrize("name", ["log", "log 2", ""])
def test_a_dossier_that_spans_a_change_verifies_from_either_key(name: str) -> None:
    """Whatever the reader has on paper: the key of the foundation, or the one of today."""
    world, data = spanning()
    vkey = next((p.log.vkey for p in world.keys.pairs if p.log.public == public_of(seed_of(name))), "")
    report = verify_dossier(data, Trust(vkey, frozenset((world.root.kid,))))

    assert (report.failure, report.passed) == ("", 8)
    assert {2, 4} == {lines(note) for note in dossier.unpack(data).checkpoints.values()}


@pytest.mark.parametrize(
    "lie, step, finding",
    [
        ("change left out", 3, "M02"),
        ("not by the old key", 2, "M02"),
        ("no root", 6, "K08"),
        ("mine", 2, "M02"),
    ],
)
def test_a_lie_about_the_change_fails_at_its_step(lie: str, step: int, finding: str) -> None:
    """The old key signs the change, the roots approve it, the log includes it; else no checkpoint verifies."""
    world, data = spanning()
    parts = dossier.unpack(data)
    at = world.ring.log_changes[0].index
    fields = {k: v for k, v in world.entries[at].event.fields.items() if k not in (Field.V, Field.APPROVALS)}
    trust = Trust()
    if lie == "change left out":
        parts = replace(
            parts,
            entries={n: raw for n, raw in parts.entries.items() if n != at},
            proofs={n: text for n, text in parts.proofs.items() if n != at},
        )
    elif lie == "not by the old key":
        raw = sign_event(fields, seed=world.enrolment.seed, approvals=[world.root.seed])
        parts = replace(parts, entries={**parts.entries, at: raw})
    elif lie == "no root":
        parts = dossier.unpack(_without_root())
    else:
        stranger = LogKeys.of(ORIGIN, log=public_of(seed_of("mine")), clock=public_of(seed_of("mine")))
        trust = Trust(stranger.log.vkey)
    report = verify_dossier(dossier.pack(parts), trust)

    assert (step, finding) == (report.passed + 1, report.finding), report.failure


def _without_root() -> bytes:
    """A log whose owner took a LOGKEY in that no root approved."""
    world = World()
    item = world.register()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(KeyRing, "_check_approvers", lambda *_: 1)
        patch.setattr(world, "root", world.courier)  # who signs for the roots
        world.certify(Person("log", (Role.LOG,), 0), by=Person("root", (Role.ROOT,), 0))
        world.change_log_key("log 2", overlap_ms=_OVERLAP_MS)
    world.root = Person("root", (Role.ROOT,), 0)
    return item.dossier()
