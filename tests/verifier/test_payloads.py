"""Both verifiers on what fuzzing makes: events that nobody would sign, and files that nobody would write."""

from __future__ import annotations

from random import Random

from custody.errors import CustodyError
from tests.fuzz import folding, seeds
from tests.fuzz.engine import mutated
from tests.verifier.node import differences, needs_node

_COUNT = 150


def test_any_payload_is_judged_alike() -> None:
    """A drill's log with one more entry, its payload bent and well signed: one judgement from both."""
    needs_node()
    rng, pool = Random(11), folding.payloads_to_start() + seeds.kept("fold")
    files: dict[str, bytes] = {}
    while len(files) < _COUNT:
        data = mutated("cbor_after_3", rng.choice(pool), rng, pool)
        try:
            item = folding.logged(data)
        except CustodyError:
            continue  # the log refuses it, and so no dossier has it
        if item:
            files[data.hex()] = item.dossier()

    assert differences(files) == []


def test_every_kept_dossier_is_read_alike() -> None:
    """What the long fuzzing kept of dossiers: the same step fails, with the same finding."""
    files = {
        f"{name} {n}": data
        for name in ("dossier", "dossier_steps")
        for n, data in enumerate(seeds.kept(name))
    }

    assert differences(files) == []
