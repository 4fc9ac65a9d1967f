"""transparency-dev/merkle: every probe, most of which must fail; tessera: a log that Go wrote."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from custody import merkle, note, tiles
from custody.checkpoint import parse_checkpoint
from custody.errors import ProofError
from tests.conformance.vectors import folder

_PROBES = folder("merkle") / "testdata"
_LOG = folder("tessera-log") / "testdata" / "log"


def _bytes(text: str | None) -> bytes:
    return base64.b64decode(text) if text else b""


def _holds(kind: str, probe: dict[str, Any]) -> bool:
    proof = [_bytes(node) for node in probe["proof"] or ()]
    try:
        if kind == "inclusion":
            leaf, root = _bytes(probe["leafHash"]), _bytes(probe["root"])
            merkle.verify_inclusion(probe["leafIdx"], probe["treeSize"], leaf, proof, root)
        elif kind == "subtreeinclusion":
            leaf, root = _bytes(probe["leafHash"]), _bytes(probe["root"])
            merkle.verify_subtree_inclusion(probe["leafIdx"], probe["start"], probe["end"], leaf, proof, root)
        elif kind == "consistency":
            roots = _bytes(probe["root1"]), _bytes(probe["root2"])
            merkle.verify_consistency(probe["size1"], probe["size2"], proof, *roots)
        else:
            roots = _bytes(probe["root1"]), _bytes(probe["root2"])
            merkle.verify_subtree_consistency(probe["start"], probe["end"], probe["size"], proof, *roots)
    except ProofError:
        return False
    return True


@pytest.mark.parametrize(
    "kind, count",
    [("inclusion", 98), ("consistency", 98), ("subtreeinclusion", 204), ("subtreeconsistency", 118)],
)
def test_every_probe(kind: str, count: int) -> None:
    """Named mutations of good proofs: each must be told from the good one."""
    files = sorted((_PROBES / kind).rglob("*.json"))
    wrong = [
        str(file.relative_to(_PROBES))
        for file in files
        if _holds(kind, probe := json.loads(file.read_text(encoding="utf-8"))) == probe["wantErr"]
    ]

    assert count == len(files)
    assert [] == wrong


def _entries(size: int) -> list[bytes]:
    bundle = _LOG / tiles.bundle_path(0, size)
    return tiles.entries_of(bundle.read_bytes()) if size else []


@pytest.mark.parametrize("size", range(16))
def test_golden_log(size: int) -> None:
    """The roots, tiles and bundles of a log written by tessera in Go, at every size."""
    opened = note.open_note((_LOG / f"checkpoint.{size}").read_text(encoding="utf-8"))
    head = parse_checkpoint(opened.text)
    entries = _entries(size)
    leaves = [merkle.leaf_hash(entry) for entry in entries]

    assert (size, merkle.root_of(leaves)) == (head.size, head.root)
    if size:
        assert b"".join(leaves) == _tile(size).read_bytes()
        assert tiles.bundle_of(entries) == (_LOG / tiles.bundle_path(0, size)).read_bytes()


def _tile(size: int) -> Path:
    return _LOG / tiles.tile_path(0, 0, size)


def test_golden_log_grows_consistently() -> None:
    """Proofs of ours between any two sizes of the golden log hold; each with one bit changed does not."""
    leaves = [merkle.leaf_hash(entry) for entry in _entries(15)]

    def hash_of(level: int, n: int) -> bytes:
        return merkle.root_of(leaves[n << level : (n + 1) << level])

    for size2 in range(16):
        for size1 in range(1, size2 + 1):
            proof = merkle.consistency_path(size1, size2, hash_of)
            roots = merkle.root_of(leaves[:size1]), merkle.root_of(leaves[:size2])
            merkle.verify_consistency(size1, size2, proof, *roots)
            for at in range(len(proof)):
                bent = [*proof[:at], bytes((proof[at][0] ^ 1,)) + proof[at][1:], *proof[at + 1 :]]
                with pytest.raises(ProofError):
                    merkle.verify_consistency(size1, size2, bent, *roots)
