"""Asks verifiers of other people; runs in build/oracles/venv, where nothing of ours is: python oracle.py TASK < JSON.

Each task reads its cases from standard input and writes one answer per case. A case that the other program refuses
with an error of its own is answered with false.
"""

from __future__ import annotations

import base64
import hashlib
import importlib
import json
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

Case = Mapping[str, Any]


def _load(name: str) -> Any:
    """Import a library that only this environment has."""
    return importlib.import_module(name)


def cwt(case: Case) -> bool:
    """python-cwt: does a COSE_Sign1 verify under a key?"""
    lib = _load("cwt")
    key = lib.COSEKey.new(
        {1: 1, 2: bytes.fromhex(case["kid"]), 3: -8, -1: 6, -2: bytes.fromhex(case["public"])}
    )
    payload = lib.COSE.new(verify_kid=True).decode(bytes.fromhex(case["raw"]), keys=[key])
    return bool(payload.hex() == case["payload"])


def scitt(case: Case) -> bool:
    """scitt-cose: the same."""
    message = _load("scitt_cose").verify_sign1(
        bytes.fromhex(case["raw"]),
        public_key_pem=_pem(case["public"]),
        understood_labels=frozenset((1, 2, 4)),
    )
    return bool(message.payload.hex() == case["payload"])


def scitt_inclusion(case: Case) -> bool:
    """scitt-cose: is an entry in a tree?"""
    return bool(
        _load("scitt_cose").verify_inclusion(
            case["entry"], case["index"], case["size"], case["path"], case["root"]
        )
    )


def scitt_consistency(case: Case) -> bool:
    """scitt-cose: is one tree a prefix of another?"""
    return bool(
        _load("scitt_cose").verify_consistency(
            case["root1"], case["root2"], case["size1"], case["size2"], case["path"]
        )
    )


def pymerkle_roots(case: Case) -> list[str]:
    """Pymerkle: the roots over the first 0, 1, 2... entries."""
    tree = _load("pymerkle").InmemoryTree(algorithm="sha256")
    roots = [tree.get_root().hex()]
    for entry in case["entries"]:
        tree.append_entry(bytes.fromhex(entry))
        roots.append(tree.get_root().hex())
    return roots


def pymerkle_inclusion(case: Case) -> bool:
    """Pymerkle: our path in a proof of theirs; of their own proof only the rule is kept, the side of each hash."""
    lib = _load("pymerkle")
    index, size = case["index"], case["size"]
    shape = lib.InmemoryTree(algorithm="sha256")
    for _ in range(size):
        shape.append_entry(b"")
    leaf = hashlib.sha256(b"\0" + bytes.fromhex(case["entry"])).hexdigest()
    theirs = shape.prove_inclusion(index + 1, size).serialize()
    proof = lib.InclusionProof.deserialize(theirs | {"path": [leaf, *case["path"]]})
    proof.verify(bytes.fromhex(leaf), bytes.fromhex(case["root"]), index=index + 1, size=size)
    return True


def aics_inclusion(case: Case) -> bool:
    """aics-tlog: is an entry in a tree?"""
    path = [bytes.fromhex(node) for node in case["path"]]
    return bool(
        _load("aics_tlog").verify_leaf_inclusion(
            bytes.fromhex(case["entry"]), case["index"], case["size"], path, bytes.fromhex(case["root"])
        )
    )


def aics_consistency(case: Case) -> bool:
    """aics-tlog: is one tree a prefix of another?"""
    path = [bytes.fromhex(node) for node in case["path"]]
    roots = bytes.fromhex(case["root1"]), bytes.fromhex(case["root2"])
    return bool(_load("aics_tlog").verify_consistency(case["size1"], case["size2"], *roots, path))


def aics_checkpoint(case: Case) -> bool:
    """aics-tlog: is a checkpoint signed by the log and by enough of its witnesses?"""
    lib = _load("aics_tlog")
    witnesses = [lib.parse_vkey(vkey) for vkey in case["witnesses"]]
    result = lib.verify_checkpoint(
        lib.parse_note(case["note"]), lib.parse_vkey(case["log_key"]), witnesses, case["quorum"]
    )
    return bool(result.ok and result.cosignature_count >= case["quorum"])


def aics_witness(case: Case) -> list[list[Any]]:
    """aics-witness: what it answers to requests, one after the other, as [status, body]."""
    lib, ed25519 = _load("aics_witness"), _load("cryptography.hazmat.primitives.asymmetric.ed25519")
    key = ed25519.Ed25519PrivateKey.from_private_bytes(bytes.fromhex(case["seed"]))
    log = lib.LogConfig(
        case["origin"], (_load("aics_tlog").parse_vkey(case["log_key"]),), extension_lines=True
    )
    answers: list[list[Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        store = lib.WitnessStore(Path(folder) / "witness.db", create=True)
        witness = lib.Witness(case["name"], key, store, [log], clock=lambda: case["now"])
        for body in case["bodies"]:
            try:
                answers.append([200, witness.add_checkpoint(bytes.fromhex(body)).decode()])
            except lib.WitnessError as error:
                answers.append([error.status, (error.body or b"").decode() if error.status == 409 else ""])
    return answers


def aics_log(case: Case) -> bool:
    """aics-tlog: does every tile and entry bundle of an exported log hash to the root that its checkpoint signs?"""
    lib = _load("aics_tlog")
    note = lib.parse_note((Path(case["folder"]) / "checkpoint").read_bytes())
    result = lib.verify_checkpoint(
        note, lib.parse_vkey(case["log_key"]), [lib.parse_vkey(case["clock_key"])], 1
    )
    report = lib.audit_tiles(lib.FileSystemTileReader(case["folder"]), result.size, result.root)
    return bool(result.ok and report is not None)


def scitt_receipt(case: Case) -> bool:
    """scitt-cose: does a receipt of RFC 9942 prove an entry under the log's key?"""
    result = _load("scitt_cose").verify_receipt(
        bytes.fromhex(case["receipt"]), leaf_entry_hex=case["entry"], log_public_key_pem=_pem(case["public"])
    )
    return bool(result.ok and (result.leaf_index, result.tree_size) == (case["index"], case["size"]))


def mldsa44(case: Case) -> bool:
    """cryptography: does an ML-DSA-44 signature verify?"""
    lib = _load("cryptography.hazmat.primitives.asymmetric.mldsa")
    key = lib.MLDSA44PublicKey.from_public_bytes(bytes.fromhex(case["public"]))
    key.verify(
        bytes.fromhex(case["signature"]), bytes.fromhex(case["message"]), bytes.fromhex(case["context"])
    )
    return True


def _pem(public: str) -> str:
    """Return an Ed25519 key as PEM (RFC 8410)."""
    der = bytes.fromhex("302a300506032b6570032100" + public)
    return f"-----BEGIN PUBLIC KEY-----\n{base64.b64encode(der).decode()}\n-----END PUBLIC KEY-----\n"


TASKS: dict[str, Callable[[Case], Any]] = {
    task.__name__: task
    for task in (
        cwt,
        scitt,
        scitt_inclusion,
        scitt_receipt,
        mldsa44,
        scitt_consistency,
        pymerkle_roots,
        pymerkle_inclusion,
        aics_inclusion,
        aics_consistency,
        aics_checkpoint,
        aics_log,
        aics_witness,
    )
}


def _answer(task: Callable[[Case], Any], case: Case) -> Any:
    try:
        return task(case)
    except Exception as error:  # noqa: BLE001 - each library refuses with errors of its own
        return False if not isinstance(error, (ImportError, NameError, AttributeError)) else repr(error)


if __name__ == "__main__":
    chosen = TASKS[sys.argv[1]]
    json.dump([_answer(chosen, case) for case in json.load(sys.stdin)], sys.stdout)
