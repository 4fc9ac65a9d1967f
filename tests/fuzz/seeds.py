"""What fuzzing starts from: the golden vectors, and what the people of every drill signed."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from custody import dossier, mldsa, note, tiles
from custody.event import Entry
from kt1.drill.breaks import BREAKS, NEAR_MISSES
from kt1.drill.world import Parcel, World

__all__ = ["CORPUS", "Stage", "dossiers", "kept", "numbers", "payloads", "raws", "stages", "texts"]

CORPUS = Path(__file__).with_name("corpus")
_VECTORS = Path(__file__).resolve().parents[2] / "docs/spec/vectors"


@dataclass(frozen=True, slots=True)
class Stage:
    """One drill, over.

    Attributes:
        world: the network and its log.
        item: the item that the drill was about.
    """

    world: World
    item: Parcel


@cache
def stages() -> tuple[Stage, ...]:
    """Return every break and near miss, played."""
    played = []
    for play in BREAKS.values():
        world = World()
        played.append(Stage(world, play(world)[0]))
    for spare in NEAR_MISSES.values():
        world = World()
        played.append(Stage(world, spare(world)))
    return tuple(played)


@cache
def _entries() -> tuple[Entry, ...]:
    found = {entry.event.id: entry for stage in stages() for entry in stage.world.entries}
    return tuple(found.values())


@cache
def raws() -> tuple[bytes, ...]:
    """Return signed events, one of each shape: type and set of fields."""
    golden = json.loads((_VECTORS / "event.json").read_text("utf-8"))
    shapes = {(entry.event.type, *sorted(entry.event.fields)): entry.event.raw for entry in _entries()}
    return tuple(shapes.values()) + tuple(
        bytes.fromhex(found) for found in _hex(golden) if found.startswith("d28") and len(found) > 200
    )


@cache
def payloads() -> tuple[bytes, ...]:
    """Return the payloads of `raws`."""
    shapes = {(e.event.type, *sorted(e.event.fields)): e.event.message.payload for e in _entries()}
    return tuple(shapes.values())


@cache
def numbers() -> tuple[str, ...]:
    """Return item numbers."""
    golden = json.loads((_VECTORS / "label.json").read_text("utf-8"))
    return tuple(row["number"] for row in golden["labels"])


@cache
def dossiers() -> tuple[bytes, ...]:
    """Return a dossier of a whole chain and of a few breaks."""
    world = World()
    item = world.register()
    item.hand_over(world.courier)
    item.deliver()
    made = [item.dossier()]
    made += [
        BREAKS[name](World())[0].dossier() for name in ("seal_differs", "fork", "key_revoked", "no_genesis")
    ]
    return tuple(made)


@cache
def texts(part: str) -> tuple[bytes, ...]:
    """Return the texts of a dossier: "note", "checkpoint", "receipt", "vkey", "hashes", or "digits"."""
    parts = dossier.unpack(dossiers()[0])
    found: dict[str, list[str]] = {
        "note": [parts.checkpoint, parts.checkpoint + _later(parts.checkpoint), *parts.checkpoints.values()],
        "checkpoint": [parts.checkpoint.rpartition("\n\n")[0] + "\n"],
        "receipt": list(parts.proofs.values()),
        "vkey": [
            parts.log_key,
            parts.clock_key,
            note.NoteKey("pq.invalid", note.MLDSA44, mldsa.public_of(bytes(32))).vkey,
        ],
        "hashes": [text for text in parts.consistency.values() if text],
        "digits": [
            row["digits"] for row in json.loads((_VECTORS / "label.json").read_text("utf-8"))["labels"]
        ],
    }
    return tuple(text.encode() for text in found[part])


def _later(text: str) -> str:
    """Return a line of ML-DSA-44 for a signed note; which one it is matters to nobody here."""
    head = note.open_note(text).text
    return note.sign_note(head, name="pq.invalid", seed=bytes(32), time_s=1_790_000_000, kind=note.MLDSA44)


@cache
def bundles() -> tuple[bytes, ...]:
    """Return entry bundles."""
    return tiles.bundle_of(raws()[:3]), tiles.bundle_of([]), tiles.bundle_of([b"", b"x" * 300])


def kept(name: str) -> list[bytes]:
    """Return the distilled corpus of a target: one base64 line each."""
    path = CORPUS / f"{name}.txt"
    return [base64.b64decode(line) for line in path.read_text("ascii").splitlines()] if path.exists() else []


def _hex(value: object) -> list[str]:
    """Return every text inside a JSON value."""
    if isinstance(value, dict):
        return [found for inner in value.values() for found in _hex(inner)]
    if isinstance(value, list):
        return [found for inner in value for found in _hex(inner)]
    return [value] if isinstance(value, str) else []
