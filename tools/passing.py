"""The handover from phone to phone (docs/spec/pass.md), written a second time for its vectors and tests.

    python -m tools.passing docs/spec/vectors

The browser's own code is `web/client/src/pass/`; nothing of it is used here.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from custody import cbor, ed25519
from custody.event import EventType, Field, parse_event, sign_event
from kt1.drill.world import CENTRE, ORIGIN, Parcel, Person, World

__all__ = [
    "FRAME_BYTES",
    "message_of",
    "play",
    "read_frames",
    "tag_of",
    "to_frames",
    "unpack",
    "vectors",
    "word_numbers",
]

FRAME_BYTES = 396
_CHUNK, _DIGITS = 12, (0, 3, 5, 8, 10, 13, 15, 17, 20, 22, 25, 27, 29)
_FRAME = re.compile(r"951(\d{10})(\d{2})(\d{2})(\d+)\d{2}")
_SCREEN = 2
_EXPIRY_S = 8 * 3_600
_DAMAGED = 2


def tag_of(wire: bytes) -> str:
    """Return the ten digits by which frames of one message know each other."""
    return f"{int.from_bytes(hashlib.sha256(wire).digest()[:8], 'big') % 10**10:010}"


def to_frames(wire: bytes, *, most: int = FRAME_BYTES) -> list[str]:
    """Cut a message into the texts of its QR codes."""
    count = max(1, -(-len(wire) // most))
    size = -(-len(wire) // count)
    bodies = [
        f"951{tag_of(wire)}{n + 1:02}{count:02}{_digits(wire[n * size : (n + 1) * size])}"
        for n in range(count)
    ]
    return [f"{body}{98 - int(body) * 100 % 97:02}" for body in bodies]


def read_frames(texts: Iterable[str]) -> bytes:
    """Put a message together from all of its frames, in any order.

    Raises:
        ValueError: a frame is misread or missing, or they are of two messages.
    """
    parts: dict[int, bytes] = {}
    heads = set()
    for text in texts:
        found = _FRAME.fullmatch(text)
        if found is None or int(text) % 97 != 1:
            raise ValueError(f"no frame: {text[:20]}")
        heads.add((found[1], int(found[3])))
        parts[int(found[2])] = _bytes(found[4])
    if len(heads) != 1:
        raise ValueError(f"frames of {len(heads)} messages")
    [(tag, count)] = heads
    if sorted(parts) != list(range(1, count + 1)):
        raise ValueError(f"{len(parts)} of {count} frames")
    wire = b"".join(parts[n] for n in sorted(parts))
    if tag_of(wire) != tag:
        raise ValueError("the frames do not give the message of their tag")
    return wire


def message_of(
    kind: int, events: Sequence[bytes], certificate: bytes | None, covers: Sequence[Sequence[Any]] = ()
) -> bytes:
    """Return the CBOR of a message, not yet deflated."""
    fields: dict[int, Any] = {1: 1, 2: kind, 3: list(events)}
    if certificate:
        fields[4] = certificate
    if covers:
        fields[5] = [list(cover) for cover in covers]
    return cbor.encode(fields)


def deflate(message: bytes) -> bytes:
    """Return the bytes that are cut into frames."""
    packer = zlib.compressobj(9, wbits=-15)
    return packer.compress(message) + packer.flush()


def unpack(wire: bytes) -> dict[int, Any]:
    """Return the fields of a message."""
    fields: dict[int, Any] = cbor.decode(zlib.decompress(wire, wbits=-15))
    return fields


def word_numbers(ids: Iterable[bytes]) -> list[int]:
    """Return which of the 256 words the check phrase has."""
    return list(hashlib.sha256(b"KT1-PASS-v1\0" + b"".join(ids)).digest()[:4])


def offer(
    world: World, parcels: Sequence[Parcel], giver: Person, taker: Person, covers: list[list[Any]]
) -> bytes:
    """Sign one OFFER of all *parcels*, and with it what is said of their covers."""
    refs = [[one.uid, one.seq + 1, one.head] for one in parcels]
    said = hashlib.sha256(cbor.encode(covers)).digest()
    more: dict[int, Any] = {Field.OFFEREE: taker.id, Field.EXPIRY: _EXPIRY_S, Field.ATTACH: [said]}
    return _sign(world, EventType.OFFER, giver, refs, more)


def answer(
    world: World,
    parcel: Parcel,
    raw_offer: bytes,
    taker: Person,
    kind: EventType,
    more: dict[int, Any],
    *,
    nonce: bytes | None = None,
) -> bytes:
    """Sign what the taker says of one of the items offered; *nonce* is the one read, if not the offer's."""
    offered = parse_event(raw_offer)
    fields: dict[int, Any] = {Field.CITES: offered.id} | more
    if kind is not EventType.REFUSE:
        fields |= {
            Field.PRESENCE: [_SCREEN, nonce or offered.fields[Field.NONCE]],
            Field.SEAL: parcel.seal(),
            Field.LABEL: parcel.label.digest,
            Field.METHOD: 1,
        }
    return _sign(world, kind, taker, [[parcel.uid, parcel.seq + 2, offered.id]], fields)


def _sign(world: World, kind: EventType, by: Person, refs: list[list[Any]], more: dict[int, Any]) -> bytes:
    size = world.size
    fields = world.common(kind) | {
        Field.ITEMS: refs,
        Field.PLACE: by.office,
        Field.ACTOR: by.id,
        Field.DEVICE: [by.dseq, by.dprev],
        Field.ANCHOR: [size, world.heads[size][0]],
    }
    raw = sign_event(fields | more, seed=by.seed)
    by.dseq, by.dprev = by.dseq + 1, parse_event(raw).id
    return raw


def cover_of(world: World, parcel: Parcel) -> list[Any]:
    """Return what a giver says of an item."""
    registered = next(e.event for e in world.entries if e.event.id == parcel.head)
    names = (Field.KIND, Field.SECRECY, Field.URGENCY, Field.DUE, Field.SENDER, Field.RECIPIENT)
    return [parcel.label.raw, parcel.seal()[0], *(registered.fields.get(name, 0) for name in names), 0]


def play(world: World) -> dict[str, Any]:
    """Let the clerk pass two items to the courier, who takes one and refuses the other; neither has a network."""
    parcels = [world.register(seal="A000001"), world.register(seal="A000002", secrecy=2, urgency=1)]
    giver, taker = world.clerk, world.courier
    certificates = {
        e.event.fields[Field.PUBLIC]: e.event.raw for e in world.entries if Field.PUBLIC in e.event.fields
    }
    by_name = {one.name: certificates[_public(one)] for one in (giver, taker)}
    covers = [cover_of(world, one) for one in parcels]
    raw_offer = offer(world, parcels, giver, taker, covers)
    made_ms = world.now_ms
    world.now_ms += 30_000
    taken = answer(world, parcels[0], raw_offer, taker, EventType.ACCEPT, {})
    refused = answer(world, parcels[1], raw_offer, taker, EventType.REFUSE, {Field.REASON: _DAMAGED})
    return {
        "made_ms": made_ms,
        "parcels": parcels,
        "offer": message_of(1, [raw_offer], by_name[giver.name], covers),
        "answer": message_of(2, [taken, refused], by_name[taker.name]),
        "events": [raw_offer, taken, refused],
    }


def _public(person: Person) -> bytes:
    return ed25519.public_of(person.seed)


def vectors() -> dict[str, Any]:
    """Return the worked example of docs/spec/pass.md."""
    world = World()
    played = play(world)
    ids = [parse_event(raw).id for raw in played["events"]]
    system = [one for one in world.entries if not one.event.items]
    return {
        "origin": ORIGIN,
        "net": world.net.hex(),
        "roots": [world.root.kid.hex()],
        "system": [{"index": e.index, "logged_ms": e.logged_ms, "raw": e.event.raw.hex()} for e in system],
        "made_ms": played["made_ms"],
        "giver": {
            "person": world.clerk.id.hex(),
            "kid": world.clerk.kid.hex(),
            "seed": world.clerk.seed.hex(),
        },
        "taker": {
            "person": world.courier.id.hex(),
            "kid": world.courier.kid.hex(),
            "seed": world.courier.seed.hex(),
        },
        "place": CENTRE,
        "items": [
            {"uid": one.uid.hex(), "number": one.label.number, "seal": one.serial, "head": one.head.hex()}
            for one in played["parcels"]
        ],
        "offer": _shown(played["offer"], ids[:1]),
        "answer": _shown(played["answer"], ids),
    }


def _shown(message: bytes, ids: Sequence[bytes]) -> dict[str, Any]:
    wire = deflate(message)
    return {
        "message": message.hex(),
        "wire": wire.hex(),
        "frames": to_frames(wire),
        "ids": [id_.hex() for id_ in ids],
        "words": word_numbers(ids),
    }


def _digits(data: bytes) -> str:
    parts = [data[at : at + _CHUNK] for at in range(0, len(data), _CHUNK)]
    return "".join(f"{int.from_bytes(part, 'big'):0{_DIGITS[len(part)]}}" for part in parts)


def _bytes(digits: str) -> bytes:
    most = _DIGITS[_CHUNK]
    parts = [digits[at : at + most] for at in range(0, len(digits), most)]
    try:
        return b"".join(int(part).to_bytes(_DIGITS.index(len(part)), "big") for part in parts)
    except OverflowError as error:
        raise ValueError("digits that no bytes give") from error


def main() -> None:
    """Write the example below the folder named on the command line."""
    text = json.dumps(vectors(), indent=1, ensure_ascii=False) + "\n"
    (Path(sys.argv[1]) / "pass.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
