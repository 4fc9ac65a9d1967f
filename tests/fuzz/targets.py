"""The parsers under test: how bytes are handed in, and which errors are documented."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from custody import label, s10
from custody.errors import FormatError, NumberError, ProofError, SignatureError
from db.errors import KeyFileError, RequestError
from tests.fuzz import checks, files, folding, seeds
from tests.fuzz.checks import RefusedError

__all__ = ["TARGETS", "Target"]


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


_FORMAT: Final = (FormatError,)
_PROOF: Final = (ProofError,)

TARGETS: Final[dict[str, Target]] = {
    target.name: target
    for target in (
        Target(
            "label_digits", "digits", checks.read_digits, _FORMAT, lambda: seeds.texts("digits"), 10_000, 0.5
        ),
        Target(
            "label_bytes",
            "bytes",
            checks.read_label,
            _FORMAT,
            lambda: [label.parse_digits(text.decode()).raw for text in seeds.texts("digits")],
            1_000,
            0.3,
        ),
        Target(
            "number",
            "text",
            checks.read_number,
            (NumberError,),
            lambda: [n.encode() for n in seeds.numbers()],
            1_000,
            0.3,
        ),
        Target(
            "item",
            "bytes",
            checks.read_item,
            (NumberError,),
            lambda: [s10.pack_number(n) for n in seeds.numbers()],
            100,
            0.3,
        ),
        Target("seal", "text", checks.read_seal, _FORMAT, lambda: [b"VN 004217-A"], 1_000, 0.3),
        Target("cbor", "cbor", checks.read_cbor, _FORMAT, seeds.payloads, weight=3),
        Target("cose", "cbor", checks.read_cose, _FORMAT, seeds.raws, weight=2),
        Target("event", "cbor", checks.read_event, _FORMAT, seeds.raws, weight=3),
        Target("note", "text", checks.read_note, _PROOF, lambda: seeds.texts("note")),
        Target("checkpoint", "text", checks.read_checkpoint, _PROOF, lambda: seeds.texts("checkpoint")),
        Target("signed_checkpoint", "text", checks.read_opened, _PROOF, lambda: seeds.texts("note")),
        Target("receipt", "text", checks.read_receipt, _PROOF, lambda: seeds.texts("receipt")),
        Target("vkey", "text", checks.read_vkey, _PROOF, lambda: seeds.texts("vkey"), 5_000),
        Target("bundle", "bytes", checks.read_bundle, _PROOF, seeds.bundles),
        Target(
            "cose_receipt",
            "cbor",
            checks.read_cose_receipt,
            (FormatError, ProofError),
            checks.cose_receipts_to_start,
            6_000,
        ),
        Target(
            "witness_request",
            "text",
            checks.read_request,
            (FormatError, ProofError),
            checks.requests_to_start,
        ),
        Target(
            "witness_answer",
            "text",
            checks.read_answer_of_witness,
            (),
            lambda: [bytes((n,)) + text for n, text in enumerate((*seeds.texts("note"), b"12\n", b""))],
        ),
        Target(
            "quorum_policy", "text", checks.read_policy, (FormatError, ProofError), checks.policies_to_start
        ),
        Target("paper", "text", checks.read_sheet, _FORMAT, checks.sheets_to_start, 5_000),
        Target("passkey", "bytes", checks.read_passkey, (SignatureError,), checks.passkeys_to_start, 1_000),
        Target("key_file", "text", files.read_key_file, (KeyFileError,), files.keys_to_start, 5_000),
        Target("root_request", "text", files.read_root_request, (RequestError,), files.requests_to_start),
        Target("proof", "bytes", checks.read_proof, _PROOF, checks.proofs_to_start, 5_000),
        Target("dossier", "zip", checks.read_dossier, _FORMAT, seeds.dossiers, 200_000, 2),
        Target("dossier_steps", "zip", checks.read_steps, (RefusedError,), seeds.dossiers, 200_000, 4),
        Target(
            "fold",
            "cbor_after_3",
            folding.read_payload,
            (FormatError, SignatureError),
            folding.payloads_to_start,
            20_000,
            4,
        ),
    )
}
