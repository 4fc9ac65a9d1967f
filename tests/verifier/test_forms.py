"""Bytes at the door: both implementations read the same, and refuse the rest under the same finding."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Callable
from typing import Any

import pytest

from custody import cbor, checkpoint, cose, dossier, label, merkle, note, receipt
from custody.errors import CustodyError
from custody.event import EventType as E
from custody.event import Field, parse_event
from custody.fields import ADMITTED
from kt1.drill.world import ORIGIN, World, seed_of
from tests.verifier.node import ROOT, ask, differences

_VALUES: tuple[Any, ...] = (
    *(0, 1, 2, 3, 4, 5, 9, 10, 11, 12, 23, 24, 255, 256, 0xFFFF, 1 << 16, 100_000, 999_999_999, 10**9),
    *(10**9 + 1, 1 << 32, 1 << 40, (1 << 40) + 1, 1 << 48, (1 << 48) + 1, 1 << 53, (1 << 53) + 1, (1 << 64) - 1),
    *(-1, -(1 << 63), 4_102_444_800_000, 4_102_444_800_001, 30 * 86_400, 180 * 100_000, 360 * 100_000 + 1, 1_440),
    *(b"", *(bytes(n) for n in (1, 4, 6, 8, 12, 16, 31, 32, 33, 64, 65, 92, 200, 201, 4_000, 4_001))),
    *("", "a", "đã xem", "a" * 500, "a" * 501, "🔒" * 500, "\u200b", "\u00a0", "a\nb", "\U000e0100", "\u0378", "é"),
    *("AB12", "A" * 20, "A" * 21, "Đ", "²", "\ue000", None, [], {}, [0], [bytes(8)], [bytes(8), 0], [bytes(8), 4]),
    *([bytes(32), 1], [0, bytes(32)], [bytes(32)] * 16, [bytes(32)] * 17, [1, 2, 3], [bytes(4)] * 3, [1] * 17),
    *([12], [11, 11], [1, 2], [999_999_999] * 101, [[bytes(8), 0, bytes(32)]], [[bytes(8), 0, bytes(32)]] * 2),
    *([[bytes(8), 65_536, bytes(32)]], [[0, 1_440, 0]], [[7, 0, 0]], [0, bytes(16), []], [0, bytes(16), [bytes(32)]]),
    *([1, 5, 10], [1, 5, 11], [18_000_000, 36_000_000], [18_000_001, 0], [0, 0, 1_000_000], [0, 0, 1_000_001]),
    *({1: 5}, {1: -1}, {1: 1 << 48, 99: 0}, dict.fromkeys(range(65), 0), {1: b""}, [1, bytes(8)], [0, bytes(8)]),
    *([bytes(1)] * 8, [bytes(1)] * 9, [bytes(201)], [65_535] * 400, [65_535] * 401, [65_536], [3, 4_000, 5]),
)  # fmt: skip
_SEED = seed_of("clerk")


def _finding(read: Callable[..., object], *arguments: Any) -> str | None:
    try:
        read(*arguments)
    except CustodyError as error:
        return error.finding
    return None


def _golden() -> dict[int, dict[int, Any]]:
    """Return fields of one valid event of every type that the drill makes, by type."""
    world = World()
    item = world.register()
    item.deliver()
    return {int(entry.event.type): dict(entry.event.fields) for entry in world.entries}


def _signed(fields: dict[int, Any]) -> bytes:
    return cose.sign1(cbor.encode(fields), seed=_SEED)


def test_every_field_in_every_form() -> None:
    """Each field of the vocabulary with some 120 values, in an event that may carry it."""
    known = _golden()
    cases = []
    tried: set[Field] = set()
    for kind in E:
        base = known.get(kind, known[E.OFFER] | {Field.TYPE: int(kind)})
        for field in sorted(ADMITTED[kind] - {Field.TYPE} - tried):
            cases += [_signed(base | {int(field): value}) for value in _VALUES]
        tried |= ADMITTED[kind]
    answers = ask({"event": raw.hex()} for raw in cases)
    wrong = [
        (raw.hex(), answer)
        for raw, answer in zip(cases, answers, strict=True)
        if answer.get("finding") != _finding(parse_event, raw)
    ]

    assert set(Field) - {Field.TYPE} <= tried
    assert len(cases) > 5_000
    assert [] == wrong[:5]


def test_types_and_fields_that_are_missing_or_surplus() -> None:
    """E05 and E06 stand for the same on both sides."""
    base = _golden()[E.OFFER]
    cases = [_signed(base | {Field.TYPE: number}) for number in (0, 22, 31, 32, 63, 75, 255, 256, 1 << 60)]
    cases += [_signed({k: v for k, v in base.items() if k != field}) for field in base]
    cases += [_signed(base | {field: 1}) for field in (4, 9, 25, 24, 80, 1 << 20, (1 << 64) - 1)]
    cases += [_signed(base | {Field.TYPE: int(E.OVERRIDE), Field.FINDINGS: value}) for value in _VALUES]
    cases += [cose.sign1(cbor.encode(value), seed=_SEED) for value in _VALUES]
    answers = ask({"event": raw.hex()} for raw in cases)

    assert [_finding(parse_event, raw) for raw in cases] == [answer.get("finding") for answer in answers]


def test_bent_bytes_of_events() -> None:
    """Random changes of signed bytes: E01, E02 or E03, or an event that only its signature gives away."""
    rng = random.Random(5)
    world = World()
    raws = [
        world.register().sign(E.OFFER, by=world.clerk, offeree=7002, expiry=9),
        world.entries[3].event.raw,
    ]
    cases = [_bent(rng, rng.choice(raws)) for _ in range(4_000)]
    answers = ask({"event": raw.hex()} for raw in cases)
    ours = [_finding(parse_event, raw) for raw in cases]

    assert {None, "E01", "E02", "E03", "E06"} <= set(ours)
    assert (
        []
        == [(c.hex(), a, o) for c, a, o in zip(cases, answers, ours, strict=True) if a.get("finding") != o][
            :5
        ]
    )


_ODD_CBOR = (
    *("8181818181818100", "818181818181818100", "81818181818181818100", "818181818181818180", "a100" * 8 + "00"),
    *("a100" * 9 + "00", "c24101", "d81c81d81d00", "d9d9f701", "f4", "f6", "f7", "f0", "f818", "f820", "ff", "81ff"),
    *("8101ff", "9fff", "5fff", "1c", "1f", "5c", "df", "fc", "f90000", "fa00000000", "fb0000000000000000"),
    *("a201000100", "a2f97e0000f97e0000"),
    *("a20100f93c0000", "a20100f500", "a1f500", "a1810000", "a2410100410100", "61ff", "62c3a9", "63eda080", "190001"),
    *("1800", "5800", "9800", "a202000100", "1b8000000000000000", "3b7fffffffffffffff", "3b8000000000000000"),
    *("1bffffffffffffffff", "", "0000", "5affffffff", "9affffffff", "bbffffffffffffffff", "a10000f6", "a12000"),
    *("1b0020000000000000", "1b001fffffffffffff", "3b001fffffffffffff", "3b0020000000000000", "a11b002000000000000000"),
)  # fmt: skip


def test_odd_cbor() -> None:
    """Every way in which CBOR can say a thing twice, or say what our formats do not."""
    rng = random.Random(6)
    cases = [bytes.fromhex(text) for text in _ODD_CBOR]
    cases += [rng.randbytes(rng.randrange(1, 12)) for _ in range(6_000)]
    cases += [_bent(rng, cbor.encode([1, -5, b"ab", "đ", [], {3: None, 7: [1 << 40]}])) for _ in range(2_000)]
    answers = ask({"cbor": data.hex()} for data in cases)
    ours = [_finding(cbor.decode, data) for data in cases]

    assert (
        []
        == [(c.hex(), a, o) for c, a, o in zip(cases, answers, ours, strict=True) if a.get("finding") != o][
            :5
        ]
    )


def _bent(rng: random.Random, data: bytes) -> bytes:
    bent = bytearray(data)
    for _ in range(rng.choice((1, 1, 2))):
        at = rng.randrange(len(bent))
        match rng.randrange(4):
            case 0:
                bent[at] ^= 1 << rng.randrange(8)
            case 1:
                del bent[at]
            case 2:
                bent.insert(at, rng.randrange(256))
            case _:
                bent[at] = rng.choice((0, 0x18, 0x40, 0x58, 0x80, 0xA0, 0xF6, 0xFF))
        if not bent:
            return b"\0"
    return bytes(bent)


@pytest.fixture(scope="module")
def vectors() -> dict[str, Any]:
    """The golden vectors of docs/spec."""
    folder = ROOT / "docs" / "spec" / "vectors"
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*.json")}


def test_golden_vectors(vectors: dict[str, Any]) -> None:
    """The browser reads the vectors that hold all implementations to the specification."""
    events, labels = vectors["event"]["events"], vectors["label"]["labels"]
    log = vectors["log"]
    answers = ask(
        [
            *({"event": event["raw"]} for event in events),
            *({"label": one["body"] + one["signature"]} for one in labels),
            *({"note": log["checkpoint"], "key": log[key]} for key in ("log_key", "clock_key")),
            *({"receipt": text} for text in log["receipts"]),
        ]
    )
    wanted = [
        *({"id": event["id"]} for event in events),
        *({key: one[key] for key in ("uid", "digest", "number")} for one in labels),
        *({"time": 0}, {"time": log["time_ms"] // 1000}),
        *(
            {"index": n, "path": [h.hex() for h in receipt.parse_receipt(t).path]}
            for n, t in enumerate(log["receipts"])
        ),
    ]

    assert wanted == answers


def test_bent_notes_receipts_and_labels(vectors: dict[str, Any]) -> None:
    """Text formats under random changes: refused by both, or read by both."""
    rng, log = random.Random(7), vectors["log"]
    keys = [note.parse_vkey(log[name]) for name in ("log_key", "clock_key")]
    notes = [_bent_text(rng, log["checkpoint"]) for _ in range(700)]
    receipts = [_bent_text(rng, log["receipts"][5]) for _ in range(1_500)]
    made = bytes.fromhex(vectors["label"]["labels"][0]["body"] + "00" * 64)
    raws = [_bent(rng, made) for _ in range(500)]
    questions: list[dict[str, Any]] = [{"note": text, "key": key.vkey} for text in notes for key in keys]
    questions += [{"receipt": text} for text in receipts] + [{"label": raw.hex()} for raw in raws]
    ours = [_finding(lambda t, k: note.open_note(t).verify(k), text, key) for text in notes for key in keys]
    ours += [_finding(receipt.parse_receipt, text) for text in receipts]
    ours += [_finding(label.parse_label, raw) for raw in raws]
    theirs = [answer.get("finding") for answer in ask(questions)]

    assert {None, "M01", "M02", "L01", "L11"} <= set(ours)
    assert [] == [(q, o, t) for q, o, t in zip(questions, ours, theirs, strict=True) if o != t][:3]


def _bent_text(rng: random.Random, text: str) -> str:
    at = rng.randrange(len(text))
    new = rng.choice((*"0123456789+/=Aa \n-", "", "\t", "\r", "—", "\x00", "đ", "\n\n"))
    rest = at + rng.randrange(2)
    return f"{text[:at]}{new}{text[rest:]}"


def test_malformed_entries_that_the_log_has() -> None:
    """Inclusion holds, so that step 6 is the one that speaks: E01 to E07, E04, K01."""
    rng, world = random.Random(8), World()
    item = world.register()
    item.deliver()
    data = item.dossier()
    parts = dossier.unpack(data)
    own = [index for index, raw in parts.entries.items() if parse_event(raw).items]
    changes: dict[str, dict[int, Any]] = {"net": {Field.NET: bytes(8)}, "type": {Field.TYPE: 250}, "none": {}}
    cases = {"as it was": _logged_again(parts, {})}
    for n in range(150):
        index = rng.choice(sorted(parts.entries))
        cases[f"{n}: entry {index} bent"] = _logged_again(parts, {index: _bent(rng, parts.entries[index])})
    for index in own:
        fields = dict(parse_event(parts.entries[index]).fields)
        for name, more in changes.items():
            cases[f"entry {index}, {name}, by the clerk"] = _logged_again(
                parts, {index: _signed(fields | more)}
            )
            stranger = cose.sign1(cbor.encode(fields | more), seed=bytes(32))
            cases[f"entry {index}, {name}, by a stranger"] = _logged_again(parts, {index: stranger})

    assert [] == differences(cases)


def _logged_again(parts: dossier.Dossier, change: dict[int, bytes]) -> bytes:
    """Return the dossier as a log would give it that has other bytes in some places, and nothing in the gaps."""
    entries = {**parts.entries, **change}
    size = checkpoint.parse_checkpoint(note.open_note(parts.checkpoint).text).size
    leaves = [merkle.leaf_hash(entries.get(n, b"gap %d" % n)) for n in range(size)]

    def hash_of(level: int, n: int) -> bytes:
        return merkle.root_of(leaves[n << level : (n + 1) << level])

    def head(at: int) -> str:
        return checkpoint.sign_checkpoint(
            checkpoint.Checkpoint(ORIGIN, at, merkle.root_of(leaves[:at])),
            log_seed=seed_of("log"),
            clock_seed=seed_of("clock"),
            time_ms=1_790_000_000_000 + 60_000 * at,
        )

    sizes = {*parts.checkpoints, *(index + 1 for index in entries)} - {size}
    return dossier.pack(
        dossier.Dossier(
            **{
                key: getattr(parts, key)
                for key in ("number", "uid", "origin", "log_key", "clock_key", "roots")
            },
            checkpoint=head(size),
            entries=entries,
            proofs={
                n: receipt.format_receipt(n, merkle.inclusion_path(n, n + 1, hash_of), head(n + 1))
                for n in entries
            },
            checkpoints={at: head(at) for at in sizes},
            consistency={at: dossier.proof_text(merkle.consistency_path(at, size, hash_of)) for at in sizes},
            claimed=parts.claimed,
        )
    )


def test_base64_has_one_form() -> None:
    """Unused bits and padding that is not due are no second way to write a hash."""
    world = World()
    item = world.register()
    text = receipt.format_receipt(3, [bytes(32)], world.notes[4])
    good = base64.b64encode(bytes(32)).decode()
    bent = [
        good,
        good[:-1],
        good[:-2] + "B=",
        good + "=",
        good[:-1] + "==",
        good[:-2] + "\u0661=",
        " " + good,
        "",
        "====",
    ]
    texts = [text.replace(good, other, 1) for other in bent]
    ours = [_finding(receipt.parse_receipt, one) for one in texts]

    assert item.uid
    assert ours == [answer.get("finding") for answer in ask({"receipt": one} for one in texts)]
