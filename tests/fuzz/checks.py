"""What each parser is held to: nothing raised but what it says, and written again as it was read."""

from __future__ import annotations

import base64
from collections.abc import Callable

from custody import (
    cbor,
    checkpoint,
    cose,
    cose_receipt,
    dossier,
    label,
    merkle,
    mldsa,
    note,
    paper,
    quorum,
    receipt,
    s10,
    tiles,
    webauthn,
    witness,
)
from custody.errors import FormatError, ProofError
from custody.event import Event, parse_event
from custody.verify import STEPS, verify_dossier
from kt1.drill.world import seed_of
from tests.fuzz import seeds


class ViolationError(AssertionError):
    """A parser did not keep its word, though it raised nothing."""


class RefusedError(Exception):
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


def read_digits(data: bytes) -> None:
    """Read a label's digits."""
    text = text_of(data)
    same(text, label.parse_digits(text).digits)


def read_label(data: bytes) -> None:
    """Read a label's bytes."""
    same(data, label.parse_label(data).raw)


def read_number(data: bytes) -> None:
    """Read an item number."""
    text = text_of(data)
    same(text, s10.unpack_number(s10.pack_number(text)))


def read_item(data: bytes) -> None:
    """Read a packed item number."""
    same(data, s10.pack_number(s10.unpack_number(data)))


def read_seal(data: bytes) -> None:
    """Commit to the number on a seal."""
    label.commit_seal(nonce=b"nonce!", item=bytes(6), seal_type=1, serial=text_of(data))


def read_cbor(data: bytes) -> None:
    """Read with the fast reader and with cbor2: one value, or one refusal."""
    fast, slow = _answer(cbor.decode, data), _answer(cbor._decode_slowly, data)
    same(slow, fast)
    same(data, cbor.encode(cbor.decode(data)))


def _answer(decode: Callable[[bytes], object], data: bytes) -> object:
    try:
        return repr(decode(data))  # so that True is not 1
    except FormatError as error:
        return error.finding, str(error)


def read_cose(data: bytes) -> None:
    """Read a COSE_Sign1 the fast way and the long way."""
    message = cose.parse_sign1(data)
    protected = cbor.decode(message.signed)[1]
    same(repr([protected, {}, message.payload, message.signature]), _answer(cbor._decode_slowly, data[1:]))
    same(message.signed, cbor.encode(["Signature1", protected, b"", message.payload]))
    same(message.kid, cbor.decode(protected)[4])


def read_event(data: bytes) -> None:
    """Read an event, and ask it everything."""
    event = parse_event(data)
    same(event.message.payload, cbor.encode(dict(event.fields)))
    same(event.id, merkle.leaf_hash(data))
    _ask(event)


def _ask(event: Event) -> None:
    """Ask an event everything that can be asked; nothing of it may raise."""
    _ = event.kid, event.actor, event.net, event.place, event.anchor, event.seal, event.device_link
    _ = event.second_kid, event.item(bytes(8)), event.claimed_ms, event.type.name


def read_note(data: bytes) -> None:
    """Read a signed note; no key of zeros has signed it."""
    text = text_of(data)
    opened = note.open_note(text)
    again = opened.text + "\n"
    for name, key_id, signature in opened.lines:
        again += f"\u2014 {name} {base64.b64encode(key_id + signature).decode()}\n"
    same(text, again)
    for kind, size in ((note.ED25519, 32), (note.COSIGNATURE, 32), (note.MLDSA44, mldsa.PUBLIC_BYTES)):
        try:
            opened.verify(note.NoteKey(opened.lines[0][0], kind, bytes(size)))
        except ProofError:
            continue
        raise ViolationError("a key of zeros signed it")


def read_checkpoint(data: bytes) -> None:
    """Read a checkpoint."""
    text = text_of(data)
    same(True, text.startswith(checkpoint.parse_checkpoint(text).text))


def read_opened(data: bytes) -> None:
    """Read a signed checkpoint and verify it."""
    keys = seeds.stages()[0].world.keys
    checkpoint.open_checkpoint(text_of(data), keys)


def read_receipt(data: bytes) -> None:
    """Read a receipt and verify it for another leaf."""
    text = text_of(data)
    parsed = receipt.parse_receipt(text)
    same(text, receipt.format_receipt(parsed.index, parsed.path, parsed.note))
    keys = seeds.stages()[0].world.keys
    receipt.verify_receipt(text, bytes(32), keys)


def read_vkey(data: bytes) -> None:
    """Read a verifier key."""
    text = text_of(data)
    same(text.strip(), note.parse_vkey(text).vkey)


def read_bundle(data: bytes) -> None:
    """Read an entry bundle."""
    same(data, tiles.bundle_of(tiles.entries_of(data)))


def read_proof(data: bytes) -> None:
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


def proofs_to_start() -> list[bytes]:
    """Return good proofs of both kinds."""
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


def read_cose_receipt(data: bytes) -> None:
    """A receipt of RFC 9942, of the entry before the last of a drill's log."""
    parsed = cose_receipt.parse_cose_receipt(data)
    proof = cbor.encode([parsed.size, parsed.index, list(parsed.path)])
    parts = [parsed.protected, {396: {-1: [proof]}}, None, parsed.signature]
    same(data, b"\xd2" + cbor.encode(parts))
    world = seeds.stages()[0].world
    leaf, public = world.entries[-2].event.id, world.keys.log.public
    cose_receipt.verify_cose_receipt(data, leaf, public, origin=world.keys.log.name)


def cose_receipts_to_start() -> list[bytes]:
    """Return two receipts by a drill's log."""
    world = seeds.stages()[0].world
    size = len(world.entries)
    return [
        cose_receipt.sign_cose_receipt(
            index,
            size,
            merkle.inclusion_path(index, size, world.hash_of),
            world.frontier.root(),
            origin=world.keys.log.name,
            seed=seed_of("log"),
        )
        for index in (size - 2, 3)
    ]


def read_sheet(data: bytes) -> None:
    """Read a line of the sheet that is filed on paper; what it says is said again by a sheet of its own."""
    head = paper.read_paper(text_of(data))
    same(head, paper.read_paper(paper.paper_text(head)))
    same(head, paper.read_root(head.origin, head.size, " ".join(paper.paper_groups(head))))


def sheets_to_start() -> list[bytes]:
    """Return the line of a sheet, and as it is typed."""
    head = checkpoint.Checkpoint("log.invalid", 12, bytes(range(32)))
    typed = f"TRAM-ANCHOR-1 log.invalid 12 {' '.join(paper.paper_groups(head)).lower()}"
    return [paper.paper_text(head).encode(), typed.encode()]


def read_passkey(data: bytes) -> None:
    """Read what a passkey answered: authenticator data, client data, signature, of 0 to 255 bytes each."""
    parts = []
    for _ in range(3):
        parts.append(data[1 : 1 + data[0]] if data else b"")
        data = data[1 + data[0] :] if data else b""
    webauthn.verify_assertion(parts, public=webauthn.passkey_of(7), challenge=bytes(32))


def passkeys_to_start() -> list[bytes]:
    """Return a good assertion, and one about something else."""
    good = webauthn.sign_assertion(7, challenge=bytes(32))
    other = webauthn.sign_assertion(7, challenge=bytes(32), kind="webauthn.create")
    return [b"".join(bytes((len(part),)) + part for part in parts) for parts in (good, other)]


def read_request(data: bytes) -> None:
    """A witness reads a stranger's request, and answers it."""
    request = witness.parse_request(data)
    same(data, witness.format_request(request.old, request.proof, request.text))
    signer = witness.Signer("witness.invalid/one", bytes(32))
    keys = [seeds.stages()[0].world.keys.log]
    for known in (None, checkpoint.Checkpoint(request.checkpoint.origin, 1, bytes(32))):
        answer = witness.add_checkpoint(request, keys, known, signer, now_s=1_790_000_000)
        same(True, answer.status in (200, 400, 403, 404, 409, 422))


def requests_to_start() -> list[bytes]:
    """Return requests, with and without a proof."""
    notes, proofs = seeds.texts("note"), seeds.texts("hashes")
    return [b"old 0\n\n" + notes[0]] + [b"old 5\n" + proof + b"\n" + notes[0] for proof in proofs]


def read_answer_of_witness(data: bytes) -> None:
    """A log reads what a witness answers; the first byte chooses the status."""
    key = witness.Signer("witness.invalid/one", bytes(32)).key
    status = (200, 409, 422, 404)[data[0] % 4] if data else 500
    heard = witness.read_answer(status, data[1:], note=seeds.texts("note")[0].decode(), old=5, key=key)
    same(True, heard.finding in ("", "M04"))
    same("", heard.line)  # nobody here has that key


def read_policy(data: bytes) -> None:
    """Read a trust policy and ask it."""
    policy = quorum.parse_policy(data)
    same(True, isinstance(policy.is_met(set(policy.witnesses)), bool))
    policy.cosigners(seeds.texts("note")[0].decode())


def policies_to_start() -> list[bytes]:
    """Return two policies."""
    log, clock = (text.decode() for text in seeds.texts("vkey")[:2])
    witnesses = [witness.Signer(f"witness.invalid/{n}", bytes((n,)) * 32).key.vkey for n in range(3)]
    lines = [
        f"log {log}",
        *(f"witness w{n} {vkey}" for n, vkey in enumerate(witnesses)),
        f"witness c {clock}",
    ]
    lines += ["group two 2 w0 w1 w2", "group all all two c", "# remark", "quorum two", ""]
    return ["\n".join(lines).encode(), f"log {log}\nquorum none\n".encode()]


def read_dossier(data: bytes) -> None:
    """Unpack a dossier and pack it again."""
    same(data, dossier.pack(dossier.unpack(data)))


def read_steps(data: bytes) -> None:
    """Verify a dossier; whatever is in it, a report comes back."""
    report = verify_dossier(data)
    if (report.passed == len(STEPS)) != (report.failure == ""):
        raise ViolationError(f"{report.passed} steps passed, and: {report.failure}")
    if report.failure:
        raise RefusedError(f"step {report.passed + 1} {report.finding} {report.failure}")
    same(True, report.judgement is not None)
