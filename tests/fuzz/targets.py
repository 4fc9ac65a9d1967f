"""The parsers under test: how bytes are handed in, which errors are documented, and what must come out again."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Final

from custody import cbor, checkpoint, cose, dossier, label, merkle, note, quorum, receipt, s10, tiles, witness
from custody.errors import FormatError, NumberError, ProofError, SignatureError
from custody.event import ZERO, Event, parse_event
from custody.fields import EventType, Field
from custody.machine import State
from custody.verify import STEPS, verify_dossier
from kt1.drill.world import Person
from tests.fuzz import seeds

__all__ = ["TARGETS", "Target", "ViolationError"]


class ViolationError(AssertionError):
    """A parser did not keep its word, though it raised nothing."""


@dataclass(frozen=True, slots=True)
class Target:
    """A parser.

    Attributes:
        name: also the name of its corpus file.
        kind: which mutators suit it.
        run: parses the bytes, checks what came out; raises what the parser raises.
        errors: what it is documented to raise.
        seeds: whole inputs to start from.
        most: bytes of the longest input.
        weight: how much of the time it gets.
    """

    name: str
    kind: str
    run: Callable[[bytes], object]
    errors: tuple[type[Exception], ...]
    seeds: Callable[[], Sequence[bytes]]
    most: int = 60_000
    weight: float = 1.0


class _RefusedError(Exception):
    """A dossier was refused, by a report that says why."""


def text_of(data: bytes) -> str:
    """Return bytes as the text that a JSON body could hand in: lone surrogates included."""
    try:
        return data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def same(read: object, written: object) -> None:
    """Check that what was parsed is written as it was read.

    Raises:
        ViolationError: it is not.
    """
    if read != written:
        raise ViolationError(f"read {read!r:.200}, written {written!r:.200}")


def _digits(data: bytes) -> None:
    text = text_of(data)
    same(text, label.parse_digits(text).digits)


def _label(data: bytes) -> None:
    same(data, label.parse_label(data).raw)


def _number(data: bytes) -> None:
    text = text_of(data)
    same(text, s10.unpack_number(s10.pack_number(text)))


def _item(data: bytes) -> None:
    same(data, s10.pack_number(s10.unpack_number(data)))


def _seal(data: bytes) -> None:
    label.commit_seal(nonce=b"nonce!", item=bytes(6), seal_type=1, serial=text_of(data))


def _cbor(data: bytes) -> None:
    """Read with the fast reader and with cbor2: one value, or one refusal."""
    fast, slow = _answer(cbor.decode, data), _answer(cbor._decode_slowly, data)
    same(slow, fast)
    same(data, cbor.encode(cbor.decode(data)))


def _answer(decode: Callable[[bytes], object], data: bytes) -> object:
    try:
        return repr(decode(data))  # so that True is not 1
    except FormatError as error:
        return error.finding, str(error)


def _cose(data: bytes) -> None:
    message = cose.parse_sign1(data)
    protected = cbor.decode(message.signed)[1]
    same(repr([protected, {}, message.payload, message.signature]), _answer(cbor._decode_slowly, data[1:]))
    same(message.signed, cbor.encode(["Signature1", protected, b"", message.payload]))
    same(message.kid, cbor.decode(protected)[4])


def _event(data: bytes) -> None:
    event = parse_event(data)
    same(event.message.payload, cbor.encode(dict(event.fields)))
    same(event.id, merkle.leaf_hash(data))
    _ask(event)


def _ask(event: Event) -> None:
    """Ask an event everything that can be asked; nothing of it may raise."""
    _ = event.kid, event.actor, event.net, event.place, event.anchor, event.seal, event.device_link
    _ = event.second_kid, event.item(bytes(8)), event.claimed_ms, event.type.name


def _note(data: bytes) -> None:
    text = text_of(data)
    opened = note.open_note(text)
    again = opened.text + "\n"
    for name, key_id, signature in opened.lines:
        again += f"\u2014 {name} {base64.b64encode(key_id + signature).decode()}\n"
    same(text, again)
    for kind in (note.ED25519, note.COSIGNATURE):
        try:
            opened.verify(note.NoteKey(opened.lines[0][0], kind, bytes(32)))
        except ProofError:
            continue
        raise ViolationError("a key of zeros signed it")


def _checkpoint(data: bytes) -> None:
    text = text_of(data)
    same(True, text.startswith(checkpoint.parse_checkpoint(text).text))


def _opened(data: bytes) -> None:
    keys = seeds.stages()[0].world.keys
    checkpoint.open_checkpoint(text_of(data), keys)


def _receipt(data: bytes) -> None:
    text = text_of(data)
    parsed = receipt.parse_receipt(text)
    same(text, receipt.format_receipt(parsed.index, parsed.path, parsed.note))
    keys = seeds.stages()[0].world.keys
    receipt.verify_receipt(text, bytes(32), keys)


def _vkey(data: bytes) -> None:
    text = text_of(data)
    same(text.strip(), note.parse_vkey(text).vkey)


def _bundle(data: bytes) -> None:
    same(data, tiles.bundle_of(tiles.entries_of(data)))


def _proof(data: bytes) -> None:
    """Sizes of eight bytes and hashes of 32, as a proof of each kind."""
    sizes = [int.from_bytes(data[i : i + 8], "big") for i in range(0, 24, 8)]
    path = [data[i : i + 32] for i in range(24, len(data), 32)]
    root = path.pop() if path else bytes(32)
    leaf = path.pop() if path else bytes(32)
    checks: tuple[Callable[[], None], ...] = (
        lambda: merkle.verify_inclusion(sizes[0], sizes[1], leaf, path, root),
        lambda: merkle.verify_consistency(sizes[0], sizes[1], path, leaf, root),
        lambda: merkle.verify_subtree_inclusion(sizes[0], sizes[1], sizes[2], leaf, path, root),
        lambda: merkle.verify_subtree_consistency(sizes[0], sizes[1], sizes[2], path, leaf, root),
    )
    refused: list[ProofError] = []
    for check in checks:
        try:
            check()
        except ProofError as error:
            refused.append(error)
    if len(refused) == len(checks):
        raise refused[0]


def _proofs() -> list[bytes]:
    leaves = [merkle.leaf_hash(bytes((n,))) for n in range(13)]

    def hash_of(level: int, n: int) -> bytes:
        return merkle.root_of(leaves[n << level : (n + 1) << level])

    made = []
    for index in (0, 5, 12):
        path = merkle.inclusion_path(index, 13, hash_of)
        ends = [leaves[index], merkle.root_of(leaves)]
        made.append(_sizes(index, 13, 0) + b"".join([*path, *ends]))
        path = merkle.consistency_path(index or 1, 13, hash_of)
        ends = [merkle.root_of(leaves[: index or 1]), merkle.root_of(leaves)]
        made.append(_sizes(index or 1, 13, 0) + b"".join([*path, *ends]))
    return made


def _sizes(*sizes: int) -> bytes:
    return b"".join(size.to_bytes(8, "big") for size in sizes)


def _request(data: bytes) -> None:
    """A witness reads a stranger's request, and answers it."""
    request = witness.parse_request(data)
    same(data, witness.format_request(request.old, request.proof, request.text))
    signer = witness.Signer("witness.invalid/one", bytes(32))
    keys = [seeds.stages()[0].world.keys.log]
    for known in (None, checkpoint.Checkpoint(request.checkpoint.origin, 1, bytes(32))):
        answer = witness.add_checkpoint(request, keys, known, signer, now_s=1_790_000_000)
        same(True, answer.status in (200, 403, 404, 409, 422))


def _requests() -> list[bytes]:
    notes, proofs = seeds.texts("note"), seeds.texts("hashes")
    return [b"old 0\n\n" + notes[0]] + [b"old 5\n" + proof + b"\n" + notes[0] for proof in proofs]


def _answer_of_witness(data: bytes) -> None:
    """A log reads what a witness answers; the first byte chooses the status."""
    key = witness.Signer("witness.invalid/one", bytes(32)).key
    status = (200, 409, 422, 404)[data[0] % 4] if data else 500
    heard = witness.read_answer(status, data[1:], note=seeds.texts("note")[0].decode(), old=5, key=key)
    same(True, heard.finding in ("", "M04"))
    same("", heard.line)  # nobody here has that key


def _policy(data: bytes) -> None:
    policy = quorum.parse_policy(data)
    same(True, isinstance(policy.is_met(set(policy.witnesses)), bool))
    policy.cosigners(seeds.texts("note")[0].decode())


def _policies() -> list[bytes]:
    log, clock = (text.decode() for text in seeds.texts("vkey"))
    witnesses = [witness.Signer(f"witness.invalid/{n}", bytes((n,)) * 32).key.vkey for n in range(3)]
    lines = [
        f"log {log}",
        *(f"witness w{n} {vkey}" for n, vkey in enumerate(witnesses)),
        f"witness c {clock}",
    ]
    lines += ["group two 2 w0 w1 w2", "group all all two c", "# remark", "quorum two", ""]
    return ["\n".join(lines).encode(), f"log {log}\nquorum none\n".encode()]


def _dossier(data: bytes) -> None:
    same(data, dossier.pack(dossier.unpack(data)))


def _steps(data: bytes) -> None:
    report = verify_dossier(data)
    if (report.passed == len(STEPS)) != (report.failure == ""):
        raise ViolationError(f"{report.passed} steps passed, and: {report.failure}")
    if report.failure:
        raise _RefusedError(f"step {report.passed + 1} {report.finding} {report.failure}")
    same(True, report.judgement is not None)


def _fold(data: bytes) -> None:
    """Let a payload be signed by whom it names, come into a drill's log, and be judged; nothing of it may raise."""
    stages = seeds.stages()
    stage = stages[int.from_bytes(data[:2], "big") % len(stages)]
    payload = cbor.decode(data[3:])
    if not isinstance(payload, dict):
        raise FormatError("payload is not a map", finding="E01")
    shared = {id(entry): entry for entry in stage.world.entries}
    item = deepcopy(stage.item, shared)
    seed = _signer(stage, payload, data[2:3]).seed
    item.world.log(cose.sign1(cbor.encode(payload), seed=seed))
    chain = item.chain()
    _consistent(chain)
    if data[2:3] < b"\x20":  # one in eight: the dossier is slower
        _dossier_agrees(item, chain)


def _signer(stage: seeds.Stage, payload: dict[int, Any], choice: bytes) -> Person:
    """Return the person that the payload names, or one of those who may write system entries."""
    world = stage.world
    people = [person for person in vars(world).values() if isinstance(person, Person)]
    if payload.get(Field.TYPE) not in [kind for kind in EventType if kind < EventType.KEY_CERT]:
        return world.root if choice > b"\xf0" else world.enrolment
    named = payload.get(Field.ACTOR)
    return next((person for person in people if person.id == named), people[choice[0] % len(people)])


def _consistent(chain: Any) -> None:
    item = chain.item
    same(True, isinstance(item.state, State))
    same(item.state is State.NONE, item.head == ZERO)
    if item.state is not State.NONE:
        same(8, len(item.custodian))
    same(chain.judge(1 << 41).digest, chain.judge(1 << 41).digest)


def _dossier_agrees(item: Any, chain: Any) -> None:
    world = item.world
    report = verify_dossier(item.dossier())
    same("", report.failure)
    if report.judgement is None:
        raise ViolationError("no judgement")
    same(chain.judge(world.heads[len(world.entries)][1]).digest, report.judgement.digest)


def _fold_seeds() -> list[bytes]:
    """Return for every drill its entries as payloads: drill, signer, payload."""
    made = []
    for number, stage in enumerate(seeds.stages()):
        last = stage.world.entries[-1]
        made.append(number.to_bytes(2, "big") + b"\x00" + last.event.message.payload)
    shapes = [bytes((0, n % 50, 32 + n)) + payload for n, payload in enumerate(seeds.payloads())]
    return made + shapes


_FORMAT: Final = (FormatError,)
_PROOF: Final = (ProofError,)

TARGETS: Final[dict[str, Target]] = {
    target.name: target
    for target in (
        Target("label_digits", "digits", _digits, _FORMAT, lambda: seeds.texts("digits"), 10_000, 0.5),
        Target(
            "label_bytes",
            "bytes",
            _label,
            _FORMAT,
            lambda: [label.parse_digits(text.decode()).raw for text in seeds.texts("digits")],
            1_000,
            0.3,
        ),
        Target(
            "number",
            "text",
            _number,
            (NumberError,),
            lambda: [n.encode() for n in seeds.numbers()],
            1_000,
            0.3,
        ),
        Target(
            "item",
            "bytes",
            _item,
            (NumberError,),
            lambda: [s10.pack_number(n) for n in seeds.numbers()],
            100,
            0.3,
        ),
        Target("seal", "text", _seal, _FORMAT, lambda: [b"VN 004217-A"], 1_000, 0.3),
        Target("cbor", "cbor", _cbor, _FORMAT, seeds.payloads, weight=3),
        Target("cose", "cbor", _cose, _FORMAT, seeds.raws, weight=2),
        Target("event", "cbor", _event, _FORMAT, seeds.raws, weight=3),
        Target("note", "text", _note, _PROOF, lambda: seeds.texts("note")),
        Target("checkpoint", "text", _checkpoint, _PROOF, lambda: seeds.texts("checkpoint")),
        Target("signed_checkpoint", "text", _opened, _PROOF, lambda: seeds.texts("note")),
        Target("receipt", "text", _receipt, _PROOF, lambda: seeds.texts("receipt")),
        Target("vkey", "text", _vkey, _PROOF, lambda: seeds.texts("vkey"), 5_000),
        Target("bundle", "bytes", _bundle, _PROOF, seeds.bundles),
        Target("witness_request", "text", _request, (FormatError, ProofError), _requests),
        Target(
            "witness_answer",
            "text",
            _answer_of_witness,
            (),
            lambda: [bytes((n,)) + text for n, text in enumerate((*seeds.texts("note"), b"12\n", b""))],
        ),
        Target("quorum_policy", "text", _policy, (FormatError, ProofError), _policies),
        Target("proof", "bytes", _proof, _PROOF, _proofs, 5_000),
        Target("dossier", "zip", _dossier, _FORMAT, seeds.dossiers, 200_000, 2),
        Target("dossier_steps", "zip", _steps, (_RefusedError,), seeds.dossiers, 200_000, 4),
        Target("fold", "cbor_after_3", _fold, (FormatError, SignatureError), _fold_seeds, 20_000, 4),
    )
}
