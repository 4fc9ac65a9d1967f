"""The dossier: verified by a stranger, and changed by nobody."""

from __future__ import annotations

import hashlib
import json
import random
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pytest

from custody import dossier
from custody.event import EventType, parse_event
from custody.verify import STEPS, Trust, verify_dossier
from kt1.drill.breaks import BREAKS
from kt1.drill.world import Parcel, World

V = TypeVar("V")
_ROOT = Path(__file__).resolve().parents[2]


def _delivered() -> tuple[World, bytes]:
    world = World()
    item = world.register()
    world.register().hand_over(world.other)
    item.hand_over(world.courier)
    item.deliver()
    return world, item.dossier()


def test_every_step_holds_for_a_good_one() -> None:
    """INTACT, by the file alone, and with what the reader has on paper."""
    world, data = _delivered()
    trust = Trust(world.keys.log.vkey, frozenset((world.root.kid,)))

    for report in (verify_dossier(data), verify_dossier(data, trust)):
        assert "" == report.failure
        assert len(STEPS) == report.passed
        assert report.judgement is not None
        assert "INTACT" == report.judgement.verdict


def test_any_changed_byte_is_caught() -> None:
    """Every 7th byte of the file, each with one bit changed, and every cut at a random place."""
    _, data = _delivered()
    rng = random.Random(7)
    for at in range(0, len(data), 7):
        bent = bytearray(data)
        bent[at] ^= 1 << rng.randrange(8)
        assert verify_dossier(bytes(bent)).failure
    for _ in range(50):
        assert verify_dossier(data[: rng.randrange(len(data))]).failure
    assert verify_dossier(data + b"\0").failure


@pytest.mark.parametrize(
    "name, step",
    [
        ("other log key", 2),
        ("other root", 2),
        ("older checkpoint dropped", 5),
        ("newest from another log", 3),
        ("entry left out", 8),
        ("key left out", 6),
        ("receipt of another entry", 5),
        ("better verdict claimed", 8),
        ("checkpoint of an anchor left out", 8),
        ("number of another item", 1),
    ],
)
def test_a_repacked_lie_fails_at_its_step(name: str, step: int) -> None:
    """Somebody with our own packer: the evidence still says what it says, and the step names the lie."""
    world = World()
    item, _ = BREAKS["seal_differs"](world)
    parts = dossier.unpack(item.dossier())
    last = max(parts.entries)
    lies = {
        "other log key": replace(parts, log_key=World().keys.clock.vkey),
        "other root": parts,
        "older checkpoint dropped": replace(
            parts,
            checkpoints=_without(parts.checkpoints, last),
            consistency=_without(parts.consistency, last),
        ),
        "newest from another log": replace(
            parts, checkpoint=parts.checkpoint.replace("test.invalid", "evil.invalid")
        ),
        "entry left out": replace(
            parts, entries=_without(parts.entries, last), proofs=_without(parts.proofs, last)
        ),
        "key left out": replace(parts, entries=_without(parts.entries, 1), proofs=_without(parts.proofs, 1)),
        "receipt of another entry": replace(
            parts, proofs={**parts.proofs, last: parts.proofs[min(parts.proofs)]}
        ),
        "checkpoint of an anchor left out": replace(
            parts,
            checkpoints=_without(parts.checkpoints, _idle_anchor(world, item)),
            consistency=_without(parts.consistency, _idle_anchor(world, item)),
        ),
        "better verdict claimed": replace(parts, claimed={**parts.claimed, "verdict": "INTACT"}),
        "number of another item": replace(parts, number="ZK000000029VN"),
    }
    trust = Trust(roots=frozenset((bytes(8),))) if name == "other root" else None
    report = verify_dossier(dossier.pack(lies[name]), trust)

    assert report.failure
    assert step == report.passed + 1


@pytest.mark.parametrize("roots", [(), (bytes(8),)])
def test_a_forged_log_is_not_believed_under_a_trusted_root(roots: tuple[bytes, ...]) -> None:
    """A whole network of the forger's own: no root named, or another; the reader's fingerprint decides."""
    _, data = _delivered()
    forged = dossier.pack(replace(dossier.unpack(data), roots=roots))

    assert 1 == verify_dossier(forged, Trust(roots=frozenset((b"paper!!!",)))).passed
    assert verify_dossier(forged).failure


def test_only_what_was_compared_is_said_to_be() -> None:
    """A reader who knows the log's key alone is not told that the root is right."""
    world, data = _delivered()

    assert ("log key",) == verify_dossier(data, Trust(world.keys.log.vkey)).compared
    assert ("root",) == verify_dossier(data, Trust(roots=frozenset((world.root.kid,)))).compared
    assert () == verify_dossier(data).compared


@pytest.mark.parametrize("field", ["number", "origin", "log_key", "clock_key"])
def test_text_that_is_no_text_is_unreadable(field: str) -> None:
    """Lone surrogates in dossier.json are refused at step 1, not by an exception."""
    _, data = _delivered()
    parts = dossier.unpack(data)
    named = replace(parts, **{field: "AAAA"})  # type: ignore[arg-type]
    bent = dossier.pack(named).replace(b'"AAAA"', b'"\\ud800"')

    assert 0 == verify_dossier(bent).passed


def test_it_shows_its_own_item_only() -> None:
    """No uid, person or office of another item's people who had no part in this one."""
    world, data = _delivered()
    names = [entry.event for entry in world.entries if entry.event.type is EventType.REGISTER]
    other = names[1].items[0].uid

    assert other not in data
    assert world.other.id not in data
    assert world.inspector.id not in data


def test_verify_needs_custody_alone_and_says_so_by_status(tmp_path: Path) -> None:
    """0 intact, 1 broken, 1 for evidence that does not hold, 2 unreadable; nothing else of ours is imported."""
    world, data = _delivered()
    broken, _ = BREAKS["wrong_offeree"](world)
    bent = data[:-9000] + bytes((data[-9000] ^ 1,)) + data[-8999:]
    cases = {"good": (data, 0), "broken": (broken.dossier(), 1), "bent": (bent, 2), "junk": (b"PK junk", 2)}
    script = "import sys; from custody.cli import verify; verify.main(sys.argv[1:])"
    for name, (content, status) in cases.items():
        (tmp_path / name).write_bytes(content)
        done = subprocess.run(
            [sys.executable, "-c", script, str(tmp_path / name), "--json"],
            cwd=_ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        answer = json.loads(done.stdout)
        assert (status, name) == (done.returncode, name)
        assert (answer["verdict"] is None) == (name in ("bent", "junk"))


def _idle_anchor(world: World, item: Parcel) -> int:
    """Return a size that an event of *item* cites and no receipt in its dossier rests on."""
    own = [entry for entry in world.entries if entry.event.item(item.uid)]
    cited = {entry.event.anchor[0] for entry in own if entry.event.anchor}
    return min(cited - {entry.index + 1 for entry in own})


def _without(mapping: Mapping[int, V], key: int) -> dict[int, V]:
    return {k: v for k, v in mapping.items() if k != key}


@pytest.mark.parametrize(
    "claim",
    [
        {"verdict": "INTACT", "digest": ""},
        {"verdict": "INTACT", "digest": "", "findings": [], "more": 1},
        {"verdict": "INTACT", "digest": "", "findings": [[1.0, "X01", "C", -1]]},
        {"verdict": "INTACT", "digest": "", "findings": [[True, "X01", "C", -1]]},
        {"verdict": "INTACT", "digest": "", "findings": [[10**15, "X01", "C", -1]]},
        {"verdict": "INTACT", "digest": "", "findings": {}},
    ],
)
def test_a_claim_has_one_form(claim: dict[str, object]) -> None:
    """No number that two readers could take for different ones."""
    _, data = _delivered()
    bent = dossier.pack(replace(dossier.unpack(data), claimed=claim))

    assert 0 == verify_dossier(bent).passed


@pytest.mark.parametrize("index", [-5, 10**15])
def test_an_index_is_a_plain_number(index: int) -> None:
    """Below 2^53 and without a sign, so that every reader counts alike."""
    _, data = _delivered()
    parts = dossier.unpack(data)
    bent = replace(parts, entries={**parts.entries, index: b""}, proofs={**parts.proofs, index: ""})

    assert 0 == verify_dossier(dossier.pack(bent)).passed


def test_a_file_without_an_event_of_the_item_proves_nothing() -> None:
    """Keys alone, all of them sound: that is no item that is intact."""
    _, data = _delivered()
    parts = dossier.unpack(data)
    keys = {n: raw for n, raw in parts.entries.items() if not parse_event(raw).items}
    claim = {"verdict": "INTACT", "digest": hashlib.sha256(b"\x80").hexdigest(), "findings": []}
    report = verify_dossier(
        dossier.pack(replace(parts, entries=keys, proofs={n: parts.proofs[n] for n in keys}, claimed=claim))
    )

    assert (6, "C01") == (report.passed, report.finding)
