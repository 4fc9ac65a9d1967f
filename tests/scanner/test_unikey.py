"""The model of the input method, held to what the program itself answered."""

from __future__ import annotations

import json
from pathlib import Path

from tests.scanner.unikey import typed

VECTORS = json.loads(Path(__file__).with_name("unikey_vectors.json").read_text(encoding="utf-8"))


def test_the_model_damages_a_text_as_the_program_does() -> None:
    """A wedge that was tried against wrong rules was not tried: 1,040 texts went through the compiled engine."""
    wrong = [
        (method, keys, shown)
        for method, spelling, modern, keys, shown in VECTORS
        if typed(method, keys, spelling=spelling, modern=modern) != shown
    ]

    assert len(VECTORS) == 1_040
    assert wrong == []


def test_the_vectors_have_damage_of_every_method() -> None:
    """Vectors in which nothing happens would hold any model."""
    damaged = {method for method, _, _, keys, shown in VECTORS if keys != shown}

    assert damaged == {"telex", "simple-telex", "vni", "msvi"}
