"""Events and their encoding, read by programs that nobody here wrote."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from custody import cbor, cose, ed25519
from custody.errors import FormatError
from tests.conformance.oracles import ask_node, ask_python, needs
from tests.fuzz import seeds, tree
from tests.fuzz.engine import mutated

_COUNT = 300


def _cases() -> list[dict[str, str]]:
    """Return events of every shape that the drills sign, each with the key it verifies under."""
    world = seeds.stages()[0].world
    people = {person.kid: person.seed for person in vars(world).values() if hasattr(person, "kid")}
    found = []
    for raw in seeds.raws():
        message = cose.parse_sign1(raw)
        if message.kid in people:
            found.append(_case(raw, ed25519.public_of(people[message.kid])))
    return found


def _case(raw: bytes, public: bytes) -> dict[str, str]:
    message = cose.parse_sign1(raw)
    parts = {"raw": raw, "public": public, "kid": message.kid, "payload": message.payload}
    return {name: value.hex() for name, value in parts.items()}


def _tampered(case: dict[str, str], rng: Random) -> dict[str, str]:
    """Change one bit of payload, signature or key; what is claimed of the payload changes with it."""
    protected, _, payload, signature = cbor.decode(bytes.fromhex(case["raw"])[1:])
    parts = {"payload": payload, "signature": signature, "public": bytes.fromhex(case["public"])}
    name = rng.choice(sorted(parts))
    bent = bytearray(parts[name])
    bent[rng.randrange(len(bent))] ^= 1 << rng.randrange(8)
    parts[name] = bytes(bent)
    raw = b"\xd2" + cbor.encode([protected, {}, parts["payload"], parts["signature"]])
    return case | {"raw": raw.hex(), "public": parts["public"].hex(), "payload": parts["payload"].hex()}


def _many() -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    rng, good = Random(1), _cases()
    return good, [_tampered(rng.choice(good), rng) for _ in range(_COUNT)]


@pytest.mark.parametrize(
    "task", [pytest.param("cwt", marks=needs("PyPI")), pytest.param("scitt", marks=needs("PyPI"))]
)
def test_our_events_verify_in_python(task: str) -> None:
    """python-cwt and scitt-cose: every shape of event verifies, and none of 300 with one bit changed."""
    good, bent = _many()

    assert len(good) > 30
    assert [True] * len(good) == ask_python(task, good)
    assert [False] * _COUNT == ask_python(task, bent)


@needs("npm")
def test_our_events_verify_in_javascript() -> None:
    """@auth0/cose, over WebCrypto: the same."""
    good, bent = _many()

    assert [True] * len(good) == ask_node("auth0", good)
    assert [False] * _COUNT == ask_node("auth0", bent)


def _is_beyond_us(data: bytes) -> bool:
    """Whether there is something in it that we have no use for, or it is deeper than we, or the fuzzer, go."""
    try:
        return bool(_beyond_us(tree.read(data)))
    except ValueError:
        return True


def _beyond_us(node: tree.Node, depth: int = 0) -> str:
    """Return why an item of strict CBOR is none of ours, or ""."""
    if node.major == 6:
        return "tags are CBOR; no field of ours has one"
    if node.major == 7 and node.value != 22:
        return "floats, booleans and other simple values are CBOR; no field of ours is one"
    if node.major == 1 and node.value >= 1 << 63:
        return "beyond 64 bits"
    if node.major in (4, 5) and depth >= cbor.MAX_DEPTH:
        return "deeper than any event"
    if node.major == 5 and any(key.major for key in node.parts[::2]):
        return "maps with other keys are CBOR; ours are numbered"
    inner = node.parts if node.major in (4, 5) else []
    return next((why for part in inner if (why := _beyond_us(part, depth + 1))), "")


@needs("npm")
def test_cborg_has_the_same_strict_form() -> None:
    """Differential over payloads and what fuzzing makes of them: one form, told apart from the others alike."""
    rng = Random(2)
    pool = [*seeds.payloads(), *seeds.kept("cbor")]
    inputs = [*pool, *(mutated("cbor", rng.choice(pool), rng, pool)[:5_000] for _ in range(3_000))]
    answers = ask_node("cborg", [{"data": data.hex()} for data in inputs])
    differences: list[tuple[str, Any, str]] = []
    accepted = 0
    for data, answer in zip(inputs, answers, strict=True):
        try:
            cbor.decode(data)
        except FormatError as error:
            if answer == "ok" and not _is_beyond_us(data):
                differences.append((data.hex()[:200], str(error), answer))
        else:
            accepted += 1
            if answer != "ok":
                differences.append((data.hex()[:200], "accepted", answer))

    assert [] == differences
    assert accepted > 300
