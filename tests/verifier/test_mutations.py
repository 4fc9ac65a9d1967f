"""Dossiers that somebody has changed: both verifiers stop at the same step and name the same finding."""

from __future__ import annotations

import io
import random
import zipfile
from itertools import pairwise

from kt1.drill.world import World
from tests.verifier.node import differences

_FLIPS = 1_600
_WHOLE = 400


def _files(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {info.filename: archive.read(info) for info in archive.infolist()}


def _zip(files: dict[str, bytes]) -> bytes:
    """Return the one form of a zip with *files*, whatever is in them."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(name)
            info.create_system = 3
            archive.writestr(info, content)
    return out.getvalue()


def _flipped(data: bytes, at: int, bit: int) -> bytes:
    return data[:at] + bytes((data[at] ^ 1 << bit,)) + data[at + 1 :]


def _dossier() -> bytes:
    """Return a small one that has every kind of file, and a finding."""
    world = World()
    return world.register(seal_as_registered="B999999").dossier()


def test_the_zip_of_these_tests_is_the_dossiers() -> None:
    """Otherwise everything below would fail at step 1 and show nothing."""
    data = _dossier()

    assert data == _zip(_files(data))


def test_a_bit_in_any_part() -> None:
    """The zip is made anew, so that the change reaches the step whose business it is."""
    rng, data = random.Random(3), _dossier()
    parts = _files(data)
    cases: dict[str, bytes] = {}
    for n in range(_FLIPS):
        name = rng.choice(sorted(parts))
        if not parts[name]:
            continue
        at, bit = rng.randrange(len(parts[name])), rng.randrange(8)
        cases[f"{n}: {name} byte {at} bit {bit}"] = _zip(parts | {name: _flipped(parts[name], at, bit)})

    assert [] == differences(cases)


def test_a_bit_anywhere_in_the_file() -> None:
    """Headers and directory of the zip included; and every cut, and something behind the end."""
    rng, data = random.Random(4), _dossier()
    cases = {}
    for n in range(_WHOLE):
        at, bit = rng.randrange(len(data)), rng.randrange(8)
        cases[f"{n}: byte {at} bit {bit}"] = _flipped(data, at, bit)
    cases |= {f"cut at {at}": data[:at] for at in (0, 1, 29, 30, 100, len(data) // 2, len(data) - 1)}
    cases |= {"one more byte": data + b"\0", "one byte before": b"\0" + data, "twice": data + data}

    assert [] == differences(cases)


def test_parts_left_out_swapped_and_invented() -> None:
    """Every file dropped; neighbours exchanged; names that are no names."""
    parts = _files(_dossier())
    names = list(parts)
    cases = {f"without {name}": _zip({n: c for n, c in parts.items() if n != name}) for name in names}
    for one, other in pairwise(names):
        cases[f"{one} for {other}"] = _zip(parts | {one: parts[other], other: parts[one]})
        kept = [*names]
        kept[kept.index(one)], kept[kept.index(other)] = other, one
        cases[f"{one} after {other}"] = _zip({name: parts[name] for name in kept})
    for name in ("entries/x.cose", "entries/007.cose", "entries/-1.cose", "other", "other/1", "checkpoints/1e3",
                 "entries/9007199254740993.cose", "entries/1.txt", "a/b/c", "entries/٣.cose"):  # fmt: skip
        cases[f"with {name}"] = _zip(parts | {name: b"x"})

    assert [] == differences(cases)


def test_the_head_in_every_wrong_form() -> None:
    """JSON that means the same to one reader and something else to another is refused by both."""
    parts = _files(_dossier())
    head = parts["dossier.json"]
    first = head.index(b"[\n") if b"[\n" in head else 0
    changes = {
        "blank": head.replace(b'": ', b'":', 1),
        "no newline": head[:-1],
        "number as float": head.replace(b" -1\n", b" -1.0\n", 1),
        "exponent": head.replace(b" -1\n", b" -1e0\n", 1),
        "minus nought": head.replace(b" -1\n", b" -0\n", 1),
        "escape not needed": head.replace(b"tram-dossier", b"\\u0074ram-dossier", 1),
        "capital hex": head.replace(b'"uid": "', b'"uid": "AB', 1),
        "odd hex": head.replace(b'"uid": "', b'"uid": "a', 1),
        "key twice": head.replace(b'"number"', b'"number": "x",\n "number"', 1),
        "half a character": head.replace(b'"number": "', b'"number": "\\ud800', 1),
        "letter outside ASCII": head.replace(b'"origin": "', '"origin": "đ'.encode(), 1),
        "the same escaped": head.replace(b'"origin": "', b'"origin": "\\u0111', 1),
        "delete character": head.replace(b'"origin": "', b'"origin": "\x7f', 1),
        "it escaped": head.replace(b'"origin": "', b'"origin": "\\u007f', 1),
        "not a number": head.replace(b" -1\n", b" NaN\n", 1),
        "true": head.replace(b" -1\n", b" true\n", 1),
        "large": head.replace(b" -1\n", b" 9007199254740993\n", 1),
        "byte order mark": b"\xef\xbb\xbf" + head,
        "null": b"null\n",
        "list": b"[]\n",
        "cut": head[:first],
        "deep": b"[" * 100_000,
    }  # fmt: skip

    assert [] == differences({name: _zip(parts | {"dossier.json": text}) for name, text in changes.items()})
