"""Trees, checkpoints and an exported log, read by programs that nobody here wrote."""

from __future__ import annotations

import base64
import datetime as dt
import itertools
import json
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest

from benchmarks.load import Load, interleave
from custody import checkpoint, ed25519, merkle, note
from custody.cose_receipt import sign_cose_receipt
from custody.tiles import WIDTH, bundle_path, entries_of
from db.export import export_log
from db.site import create_site
from kt1.province import make_province
from tests.conformance.oracles import ask_go, ask_node, ask_python, needs

_COUNT = 300
_ENTRIES = [b"entry %d" % n for n in range(260)]
_LEAVES = [merkle.leaf_hash(entry) for entry in _ENTRIES]
_START_MS = 1_772_500_000_000


def _hash_of(level: int, n: int) -> bytes:
    return merkle.root_of(_LEAVES[n << level : (n + 1) << level])


def _inclusion(rng: Random) -> dict[str, Any]:
    size = rng.randrange(1, len(_ENTRIES))
    index = rng.randrange(size)
    path = merkle.inclusion_path(index, size, _hash_of)
    root = merkle.root_of(_LEAVES[:size])
    merkle.verify_inclusion(index, size, _LEAVES[index], path, root)
    return {
        "entry": _ENTRIES[index].hex(),
        "index": index,
        "size": size,
        "path": [node.hex() for node in path],
        "root": root.hex(),
    }


def _consistency(rng: Random) -> dict[str, Any]:
    size2 = rng.randrange(2, len(_ENTRIES))
    size1 = rng.randrange(1, size2)
    return {
        "size1": size1,
        "size2": size2,
        "root1": merkle.root_of(_LEAVES[:size1]).hex(),
        "root2": merkle.root_of(_LEAVES[:size2]).hex(),
        "path": [node.hex() for node in merkle.consistency_path(size1, size2, _hash_of)],
    }


def _bent(case: dict[str, Any], rng: Random) -> dict[str, Any]:
    """Change one thing: a bit of a hash or of the entry, the length of the path, or a position."""
    names = sorted(name for name, value in case.items() if isinstance(value, str))
    match rng.randrange(4):
        case 0 if case["path"]:
            at = rng.randrange(len(case["path"]))
            return case | {"path": [_flip(h, rng) if n == at else h for n, h in enumerate(case["path"])]}
        case 1:
            return case | {"path": [*case["path"], "00" * 32]}
        case 2 if case["path"]:
            return case | {"path": case["path"][:-1]}
        case _:
            name = rng.choice(names)
            return case | {name: _flip(case[name], rng)}


def _flip(text: str, rng: Random) -> str:
    data = bytearray(bytes.fromhex(text))
    data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    return data.hex()


def _both(make: Callable[[Random], dict[str, Any]]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    rng = Random(3)
    good = [make(rng) for _ in range(_COUNT)]
    return good, [_bent(case, rng) for case in good]


@needs("PyPI")
@pytest.mark.parametrize("library", ["scitt", "aics", "pymerkle"])
def test_our_inclusion_proofs_hold_in_python(library: str) -> None:
    """scitt-cose, aics-tlog and pymerkle: 300 proofs of ours accepted, 300 that were tampered with refused."""
    good, bent = _both(_inclusion)

    assert [True] * _COUNT == ask_python(f"{library}_inclusion", good)
    assert [False] * _COUNT == ask_python(f"{library}_inclusion", bent)


@needs("PyPI")
@pytest.mark.parametrize("library", ["scitt", "aics"])
def test_our_consistency_proofs_hold_in_python(library: str) -> None:
    """scitt-cose and aics-tlog: likewise."""
    good, bent = _both(_consistency)

    assert [True] * _COUNT == ask_python(f"{library}_consistency", good)
    assert [False] * _COUNT == ask_python(f"{library}_consistency", bent)


def _receipt(rng: Random) -> dict[str, Any]:
    """Return a receipt of RFC 9942 by a log's key, for one of its entries."""
    case = _inclusion(rng)
    raw = sign_cose_receipt(
        case["index"],
        case["size"],
        [bytes.fromhex(node) for node in case["path"]],
        bytes.fromhex(case["root"]),
        origin="oracle.invalid/log",
        seed=bytes(32),
    )
    named = {name: case[name] for name in ("entry", "index", "size")}
    return named | {"receipt": raw.hex(), "public": ed25519.public_of(bytes(32)).hex(), "path": []}


@needs("PyPI")
def test_our_cose_receipts_hold_in_python() -> None:
    """scitt-cose: 300 receipts of RFC 9942 hold; 300 with a bit changed in receipt, entry or key do not."""
    rng = Random(5)
    good = [_receipt(rng) for _ in range(_COUNT)]
    bent = []
    for case in good:
        name = rng.choice(("receipt", "entry", "public"))
        bent.append(case | {name: _flip(case[name], rng)})

    assert [True] * _COUNT == ask_python("scitt_receipt", good)
    assert [False] * _COUNT == ask_python("scitt_receipt", bent)


@needs("npm")
def test_our_inclusion_proofs_hold_in_javascript() -> None:
    """@sigstore/verify: likewise."""
    good, bent = _both(_inclusion)

    assert [True] * _COUNT == ask_node("sigstore", good)
    assert [False] * _COUNT == ask_node("sigstore", bent)


@needs("PyPI")
def test_our_roots_are_pymerkles() -> None:
    """At every size from nothing to 260."""
    (theirs,) = ask_python("pymerkle_roots", [{"entries": [entry.hex() for entry in _ENTRIES]}])
    ours = [merkle.root_of(_LEAVES[:size]).hex() for size in range(len(_LEAVES) + 1)]

    assert ours == theirs


@needs("PyPI")
def test_our_checkpoints_and_cosignatures_count_elsewhere() -> None:
    """aics-tlog: log signature, clock and two witnesses; a third is missing, a line is bent, a key is another."""
    seeds = {name: name.encode().ljust(32, b".") for name in ("log", "clock", "one", "two", "three")}
    public = {name: ed25519.public_of(seed) for name, seed in seeds.items()}
    keys = checkpoint.LogKeys.of("oracle.invalid/log", log=public["log"], clock=public["clock"])
    head = checkpoint.Checkpoint("oracle.invalid/log", 7, merkle.root_of(_LEAVES[:7]))
    text = checkpoint.sign_checkpoint(
        head, log_seed=seeds["log"], clock_seed=seeds["clock"], time_ms=_START_MS
    )
    for name in ("one", "two"):
        text += note.sign_note(head.text, name=f"{name}.invalid", seed=seeds[name], time_s=_START_MS // 1000)
    witnesses = [note.NoteKey(f"{n}.invalid", note.COSIGNATURE, public[n]) for n in ("one", "two", "three")]
    case: dict[str, Any] = {
        "note": text,
        "log_key": keys.log.vkey,
        "witnesses": [keys.clock.vkey, *(witness.vkey for witness in witnesses)],
        "quorum": 3,
    }
    bent = text[:-10] + ("A" if text[-10] != "A" else "B") + text[-9:]
    other = note.NoteKey(keys.log.name, note.ED25519, public["one"])
    resized = text.replace("\n7\n", "\n8\n")
    wrong: list[dict[str, Any]] = [{"quorum": 4}, {"note": bent}, {"log_key": other.vkey}, {"note": resized}]

    assert [True] + [False] * len(wrong) == ask_python(
        "aics_checkpoint", [case, *(case | one for one in wrong)]
    )


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str], int]:
    """Return the folder that `tram export log` writes of a log of more than two tiles, its keys and its size."""
    folder = tmp_path_factory.mktemp("oracle")
    ticks = itertools.count(_START_MS, 1_000)
    province = make_province(1, day=dt.date(2026, 3, 2))
    site = create_site(
        folder / "site", origin="oracle.invalid/log", register=province, now=lambda: next(ticks)
    )
    try:
        load = Load.of(site)
        site.ledger.append(interleave(load.chains(120, hops=3)))
        size = export_log(site, folder / "log")
    finally:
        site.close()
    keys = json.loads((folder / "log/keys.json").read_text("utf-8"))
    assert size > 2 * WIDTH
    return folder / "log", keys, size


@needs("PyPI")
def test_an_exported_log_is_audited_elsewhere(
    exported: tuple[Path, dict[str, str], int], tmp_path: Path
) -> None:
    """aics-tlog: every tile and bundle hashes to the signed root; with one byte of one bundle changed it does not."""
    folder, keys, size = exported
    case = {"folder": str(folder), "log_key": keys["log_key"], "clock_key": keys["clock_key"]}
    bundle = folder / bundle_path(0, min(WIDTH, size))
    good = bundle.read_bytes()

    assert [True] == ask_python("aics_log", [case])
    bundle.write_bytes(good[:100] + bytes((good[100] ^ 1,)) + good[101:])
    assert [False] == ask_python("aics_log", [case])
    bundle.write_bytes(good)


@needs("Go")
def test_an_exported_log_is_proven_anew_by_go(exported: tuple[Path, dict[str, str], int]) -> None:
    """golang.org/x/mod: 300 + 300 proofs from our tiles, byte for byte those that we make, and they hold."""
    folder, keys, size = exported
    leaves = [
        merkle.leaf_hash(raw)
        for n in range(-(-size // WIDTH))
        for raw in entries_of((folder / bundle_path(n, min(WIDTH, size - n * WIDTH))).read_bytes())
    ]
    rng = Random(4)

    def hash_of(level: int, n: int) -> bytes:
        return merkle.root_of(leaves[n << level : (n + 1) << level])

    def asked(index: int, path: list[bytes]) -> dict[str, Any]:
        return {"Index": index, "Size": size, "Path": [base64.b64encode(node).decode() for node in path]}

    chosen = [rng.randrange(size) for _ in range(_COUNT)]
    question = {
        "log_key": keys["log_key"],
        "Inclusion": [asked(n, merkle.inclusion_path(n, size, hash_of)) for n in chosen],
        "Consistency": [asked(n + 1, merkle.consistency_path(n + 1, size, hash_of)) for n in chosen],
    }
    said = ask_go(folder, question)

    assert [] == said["Faults"]
    assert (size, merkle.root_of(leaves).hex()) == (said["Size"], said["Root"])
    assert (_COUNT, _COUNT, _COUNT, size) == tuple(
        said[part] for part in ("Inclusion", "Consistency", "Bent", "Bundles")
    )
