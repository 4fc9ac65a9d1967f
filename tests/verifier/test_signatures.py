"""Ed25519 in the browser's verifier: libsodium's answers, whether WebCrypto or its own arithmetic gives them."""

from __future__ import annotations

import json
import random
from typing import Any

from custody import ed25519
from tests.conformance.vectors import folder
from tests.verifier.node import ask


def _asked(cases: list[tuple[str, str, str]]) -> list[dict[str, Any]]:
    return ask({"ed25519": case} for case in cases)


def test_speccheck_and_wycheproof() -> None:
    """12 edge cases on which verifiers differ, of which only one holds, and 151 others."""
    spec = json.loads((folder("ed25519-speccheck") / "cases.json").read_text(encoding="utf-8"))
    file = folder("wycheproof") / "testvectors_v1" / "ed25519_test.json"
    groups = json.loads(file.read_text(encoding="utf-8"))["testGroups"]
    cases = [(case["pub_key"], case["message"], case["signature"]) for case in spec]
    cases += [
        (group["publicKey"]["pk"], case["msg"], case["sig"]) for group in groups for case in group["tests"]
    ]
    wanted = [number == 3 for number in range(12)]
    wanted += [case["result"] == "valid" for group in groups for case in group["tests"]]
    answers = _asked(cases)

    assert 163 == len(answers)
    assert all(answer["native"] for answer in answers)
    assert wanted == [answer["verify"] for answer in answers]
    assert wanted == [answer["own"] for answer in answers]


def test_points_and_scalars_at_the_edge() -> None:
    """Every small-order and non-canonical encoding as key and as R, and S one order further: libsodium's answer."""
    prime, order = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
    small = [0, 1, prime - 1, prime, prime + 1]
    small += [
        2707385501144840649318225287225658788936804267575313519463743609750303021415751 + n for n in (0, 1)
    ]
    edges = [((y % 2**255) | sign << 255).to_bytes(32, "little") for y in small for sign in (0, 1)]
    rng, seed = random.Random(9), bytes(range(32))
    public = ed25519.public_of(seed)
    good = ed25519.sign(seed, b"m")
    scalar = int.from_bytes(good[32:], "little")
    beyond = [
        (scalar + n * order).to_bytes(32, "little") for n in range(1, 16) if scalar + n * order < 2**256
    ]
    cases = [(edge, b"m", good) for edge in edges] + [(public, b"m", edge + good[32:]) for edge in edges]
    cases += [(edge, b"m", other + good[32:]) for edge in edges for other in edges[:4]]
    cases += [(edge, b"m", edge + bytes(32)) for edge in edges]
    cases += [(public, b"m", good[:32] + s) for s in beyond]
    cases += [
        (public, b"m", good),
        (public, b"n", good),
        (public, b"m", good[:63]),
        (public[:31], b"m", good),
    ]
    cases += [(rng.randbytes(32), b"m", good) for _ in range(60)]
    answers = _asked([(p.hex(), m.hex(), s.hex()) for p, m, s in cases])
    wanted = [ed25519.verify(p, m, s) for p, m, s in cases]

    assert 1 == sum(wanted)
    assert wanted == [answer["verify"] for answer in answers]
    assert wanted == [answer["own"] for answer in answers]
    assert [ed25519.is_valid_point(p) for p, _, _ in cases] == [answer["point"] for answer in answers]
