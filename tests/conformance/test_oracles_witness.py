"""Our witness beside one that others wrote: the same requests, the same answers, byte for byte."""

from __future__ import annotations

from random import Random

from custody import ed25519, merkle
from custody.checkpoint import Checkpoint, LogKeys, sign_checkpoint
from custody.errors import CustodyError
from custody.witness import Signer, add_checkpoint, format_request, parse_request
from tests.conformance.oracles import ask_python, needs
from tests.fuzz.mutate import mutate

_ORIGIN = "oracle.invalid/log"
_LOG, _CLOCK = b"log".ljust(32, b"."), b"clock".ljust(32, b".")
_KEYS = LogKeys.of(_ORIGIN, log=ed25519.public_of(_LOG), clock=ed25519.public_of(_CLOCK))
_WITNESS = Signer("witness.invalid/one", b"one".ljust(32, b"."))
_NOW_S = 1_790_000_000
_COUNT = 600
_SIZES = 300


def _leaves(forks: int) -> list[bytes]:
    return [merkle.leaf_hash(b"entry %d %d" % (n, n >= forks)) for n in range(_SIZES)]


_HISTORY, _OTHER = _leaves(_SIZES), _leaves(20)


def _note(leaves: list[bytes], size: int, origin: str, seed: bytes) -> str:
    head = Checkpoint(origin, size, merkle.root_of(leaves[:size]))
    return sign_checkpoint(head, log_seed=seed, clock_seed=_CLOCK, time_ms=_NOW_S * 1000)


def _request(rng: Random, known: int) -> bytes:
    """Return a request: the next in order, or one that is too old, of another history, key or log, or bent."""
    size = min(known + rng.choice((0, 1, 1, 2, 9)), _SIZES - 1)
    old = known if rng.random() < 0.7 else rng.randrange(_SIZES)
    leaves = _HISTORY if rng.random() < 0.8 else _OTHER
    seed = _LOG if rng.random() < 0.9 else bytes(32)
    origin = _ORIGIN if rng.random() < 0.95 else "another.invalid/log"
    path = merkle.consistency_path(min(old, size), size, _hash_of(leaves))
    if rng.random() < 0.1:
        path = [*path, bytes(32)] if rng.random() < 0.5 else path[:-1]
    body = format_request(old, path, _note(leaves, size, origin, seed))
    bent = mutate("text", body, rng, [body]) if rng.random() < 0.3 else body
    return body if _is_matter_of_taste(bent) else bent


def _is_matter_of_taste(body: bytes) -> bool:
    """Say whether a body has very many signature lines or one twice: refused there or here, and C2SP leaves it open."""
    lines = [line for line in body.split(b"\n") if line.startswith("\u2014".encode())]
    return len(lines) > 20 or len({line[:60] for line in lines}) < len(lines)


def _hash_of(leaves: list[bytes]) -> merkle.HashOf:
    return lambda level, n: merkle.root_of(leaves[n << level : (n + 1) << level])


def _ours(body: bytes, known: Checkpoint | None) -> tuple[int, str, Checkpoint | None]:
    """Return status and body of our answer, and what the witness knows from then."""
    try:
        request = parse_request(body)
    except CustodyError:
        return 400, "", known
    keys = [_KEYS.log] if request.checkpoint.origin == _ORIGIN else []
    answer = add_checkpoint(request, keys, known, _WITNESS, now_s=_NOW_S)
    said = answer.body if answer.status in (200, 409) else ""
    if answer.status == 409 and request.old == request.checkpoint.size == (known.size if known else 0):
        return 422, "", known  # two roots of one size: 409 in C2SP tlog-witness, 422 in theirs
    return answer.status, said, request.checkpoint if answer.stored else known


@needs("PyPI")
def test_both_witnesses_answer_alike() -> None:
    """aics-witness: 600 requests in one session; statuses, sizes and cosignatures are the same."""
    rng, known = Random(6), None
    bodies, ours = [], []
    for _ in range(_COUNT):
        body = _request(rng, known.size if known else 0)
        status, said, known = _ours(body, known)
        bodies.append(body.hex())
        ours.append([status, said])
    case = {
        "log_key": _KEYS.log.vkey,
        "origin": _ORIGIN,
        "name": _WITNESS.name,
        "seed": _WITNESS.seed.hex(),
        "now": _NOW_S,
        "bodies": bodies,
    }
    (theirs,) = ask_python("aics_witness", [case])
    different = [
        (bytes.fromhex(body), mine, other)
        for body, mine, other in zip(bodies, ours, theirs, strict=True)
        if mine != other
    ]

    assert [] == different
    assert {200, 400, 403, 404, 409, 422} == {status for status, _ in ours}
