"""Write the golden vectors of docs/spec/vectors: what every implementation of the formats must reproduce.

    python -m tools.golden docs/spec/vectors

The keys in them are published test keys and must never sign anything else.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

from custody import checkpoint, cose, ed25519, label, merkle, receipt, s10
from custody.event import EventType, Field, core_of, parse_event, sign_event

__all__ = ["vectors"]

_ORIGIN = "example.invalid/tram"
_TIME_MS = 1_790_000_000_000


def vectors() -> dict[str, Any]:
    """Return file name -> content."""
    return {"label.json": _labels(), "event.json": _events(), "log.json": _log()}


def _seed(name: str) -> bytes:
    return hashlib.sha256(b"golden " + name.encode()).digest()


def _label(serial: int, instance: int = 0) -> label.Label:
    number, nonce = s10.make_number(serial), serial.to_bytes(6, "big")
    commitment = label.commit_seal(
        nonce=nonce, item=s10.pack_number(number), seal_type=1, serial=f"VN {serial:06d}"
    )
    return label.issue_label(
        number=number,
        instance=instance,
        day=s10.day_of(_TIME_MS),
        nonce=nonce,
        kid4=b"GOLD",
        seal_commitment=commitment,
        seed=_seed("label"),
    )


def _labels() -> dict[str, Any]:
    rows: list[dict[str, Any]] = []
    for serial, instance in ((47_312_482, 0), (0, 0), (99_999_999, 255), (12, 3)):
        made = _label(serial, instance)
        rows.append(
            {
                "number": made.number,
                "instance": instance,
                "day": made.day,
                "kid4": made.kid4.hex(),
                "nonce": made.nonce.hex(),
                "seal_serial": f"VN {serial:06d}",
                "seal_commitment": made.seal_commitment.hex(),
                "uid": made.uid.hex(),
                "body": made.body.hex(),
                "signature": made.signature.hex(),
                "digest": made.digest.hex(),
                "digits": made.digits,
            }
        )
    good = rows[0]["digits"]
    forged = label.parse_digits(good)
    forged_digits = label.Label(
        **{f: getattr(forged, f) for f in ("kid4", "item", "day", "nonce", "seal_commitment", "signature")},
        instance=1,
    ).digits
    return {
        "seed": _seed("label").hex(),
        "public_key": ed25519.public_of(_seed("label")).hex(),
        "labels": rows,
        "misread": [good[:-1] + str((int(good[-1]) + 1) % 10), good[1:] + good[0], good[:-1]],
        "forged": [forged_digits],
    }


def _plain(value: Any) -> Any:
    """Return *value* with bytes as {"hex": ...} and map keys as text."""
    if isinstance(value, bytes):
        return {"hex": value.hex()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if isinstance(value, dict):
        return {str(int(key)): _plain(inner) for key, inner in value.items()}
    return int(value) if isinstance(value, int) else value


def _common(kind: EventType) -> dict[int, Any]:
    return {
        Field.TYPE: kind,
        Field.NET: hashlib.sha256(_ORIGIN.encode()).digest()[:8],
        Field.T_CLAIM: _TIME_MS,
        Field.NONCE: bytes(range(8)),
    }


def _hop(kind: EventType, seq: int, prev: bytes) -> dict[int, Any]:
    return _common(kind) | {
        Field.ITEMS: [[_label(47_312_482).uid, seq, prev]],
        Field.ANCHOR: [12, merkle.leaf_hash(b"anchor")],
        Field.PLACE: 220001,
        Field.ACTOR: bytes.fromhex("0102030405060708"),
        Field.DEVICE: [seq, prev],
        Field.SEAL: [_label(47_312_482).seal_commitment, 0],
        Field.METHOD: 1,
    }


def _events() -> dict[str, Any]:
    made = _label(47_312_482)
    register = _hop(EventType.REGISTER, 0, bytes(32)) | {
        Field.LABEL_RAW: made.raw,
        Field.KIND: 1,
        Field.SECRECY: 3,
        Field.URGENCY: 2,
        Field.DUE: _TIME_MS + 3_600_000,
        Field.SENDER: 7001,
        Field.RECIPIENT: 7002,
        Field.DECLARED: 7,
    }
    raw = sign_event(register, seed=_seed("clerk"))
    offer = _hop(EventType.OFFER, 1, parse_event(raw).id) | {
        Field.OFFEREE: bytes(range(8, 16)),
        Field.EXPIRY: 3600,
    }
    raw_offer = sign_event(offer, seed=_seed("clerk"))
    accept = _hop(EventType.ACCEPT, 2, parse_event(raw_offer).id) | {
        Field.CITES: parse_event(raw_offer).id,
        Field.LABEL: made.digest,
        Field.CLOCK: [12, 250, 3],
    }
    override = _hop(EventType.OVERRIDE, 3, parse_event(raw_offer).id) | {
        Field.OFFEREE: bytes(range(8)),
        Field.FINDINGS: [bytes(range(8))],
        Field.REASON_TEXT: "đã kiểm tra, niêm phong nguyên vẹn",
    }
    return {
        "origin": _ORIGIN,
        "seeds": {name: _seed(name).hex() for name in ("clerk", "courier", "supervisor", "second")},
        "events": [
            _event("REGISTER", register, "clerk"),
            _event("OFFER", offer, "clerk"),
            _event("ACCEPT", accept, "courier"),
            _event("OVERRIDE with a second signature", override, "supervisor", "second"),
        ],
    }


def _event(name: str, fields: dict[int, Any], signer: str, second: str | None = None) -> dict[str, Any]:
    raw = sign_event(fields, seed=_seed(signer), second_seed=_seed(second) if second else None)
    event = parse_event(raw)
    return {
        "name": name,
        "signer": signer,
        "second": second,
        "fields": _plain(fields | {Field.V: 1}),
        "core": core_of(event.fields).hex(),
        "public_key": ed25519.public_of(_seed(signer)).hex(),
        "kid": cose.kid_of(ed25519.public_of(_seed(signer))).hex(),
        "payload": event.message.payload.hex(),
        "sig_structure": event.message.signed.hex(),
        "raw": raw.hex(),
        "id": event.id.hex(),
    }


def _log() -> dict[str, Any]:
    entries = [f"entry {n}".encode() for n in range(7)]
    leaves = [merkle.leaf_hash(entry) for entry in entries]
    keys = checkpoint.LogKeys.of(
        _ORIGIN, log=ed25519.public_of(_seed("log")), clock=ed25519.public_of(_seed("clock"))
    )
    head = checkpoint.Checkpoint(_ORIGIN, len(leaves), merkle.root_of(leaves))
    note = checkpoint.sign_checkpoint(
        head, log_seed=_seed("log"), clock_seed=_seed("clock"), time_ms=_TIME_MS
    )

    def hash_of(level: int, n: int) -> bytes:
        return merkle.root_of(leaves[n << level : (n + 1) << level])

    return {
        "origin": _ORIGIN,
        "log_key": keys.log.vkey,
        "clock_key": keys.clock.vkey,
        "time_ms": _TIME_MS,
        "entries": [entry.hex() for entry in entries],
        "leaves": [leaf.hex() for leaf in leaves],
        "roots": [merkle.root_of(leaves[:size]).hex() for size in range(len(leaves) + 1)],
        "checkpoint": note,
        "receipts": [
            receipt.format_receipt(n, merkle.inclusion_path(n, len(leaves), hash_of), note)
            for n in range(len(leaves))
        ],
        "consistency": {
            str(size): [node.hex() for node in merkle.consistency_path(size, len(leaves), hash_of)]
            for size in range(len(leaves) + 1)
        },
    }


def main() -> None:
    """Write the vectors below the folder named on the command line."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in vectors().items():
        (folder / name).write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
