"""Every parser against what fuzzing has found, a few fresh mutants, and inputs made to exhaust it.

The long run is `python -m tests.fuzz.run`; what it kept lies in corpus/.
"""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from pathlib import Path
from random import Random

import pytest

from tests.fuzz import seeds, tree
from tests.fuzz.checks import ViolationError
from tests.fuzz.engine import Session, observe
from tests.fuzz.mutate import mutate
from tests.fuzz.targets import TARGETS, Target

_FRESH = 60
_SMALL = 200_000


@pytest.mark.parametrize("target", TARGETS.values(), ids=lambda target: target.name)
def test_nothing_but_documented_errors(target: Target) -> None:
    """Seeds, the distilled corpus and some new mutants: no other error, no second form, no second, no heap."""
    session = Session(target, Random(f"7 {target.name}"))
    inputs = [*target.seeds(), *seeds.kept(target.name)]
    faults = {fault: data for data in inputs if (fault := observe(target, data).fault)}
    session.pool = inputs
    for _ in range(_FRESH):
        session.step()

    assert {} == faults
    assert {} == session.faults


def test_the_corpus_stays_small_and_is_all_read() -> None:
    """A corpus nobody replays is weight; one that grows without end is, too."""
    files = list(seeds.CORPUS.iterdir())

    assert {path.stem for path in files} <= set(TARGETS)
    assert 0 < sum(path.stat().st_size for path in files) < _SMALL


def test_the_loop_finds_what_is_there_to_find() -> None:
    """A parser with a trap, a slow one, and one with two forms: each is told, so that silence means something."""

    def trapped(data: bytes) -> None:
        if data[:1] == b"\x00":
            raise KeyError(data[0])

    def twofold(data: bytes) -> None:
        if data.endswith(b" "):
            raise ViolationError("a blank at the end")

    for name, run in {"trap": trapped, "forms": twofold}.items():
        session = Session(Target(name, "text", run, (ValueError,), lambda: [b"abc"]), Random(1))
        session.begin([b"abc"])
        for _ in range(2_000):
            session.step()
        assert session.faults, name


def test_trees_write_what_they_read() -> None:
    """The mutator itself must not lie about what it did not touch."""
    for raw in seeds.raws():
        assert raw[1:] == tree.write(tree.read(raw[1:]))


def test_the_same_seed_makes_the_same_mutants() -> None:
    """A fault that cannot be made again cannot be mended."""
    for target in TARGETS.values():
        kind = target.kind.partition("_")[0]
        own = list(target.seeds())
        first, again = (mutate(kind, own[0], Random("s"), own) for _ in range(2))
        assert first == again


# -- inputs made to exhaust


def bombs() -> dict[str, list[bytes]]:
    """Return by target the worst that 60,000 bytes can say (200,000 for a dossier)."""
    most = 60_000
    deep = [b"\x81" * most, b"\xa1\x00" * (most // 2), b"\xd8\x1c" * (most // 2), b"\xc6" * most]
    claims = [head + b"\xff" * 8 for head in (b"\x9b", b"\xbb", b"\x5b", b"\x7b")]
    claims += [head + b"\x00\x00\x00\x00\x7f\xff\xff\xff" for head in (b"\x9b", b"\xbb", b"\x5b", b"\x7b")]
    wide = [b"\x99" + (most - 3).to_bytes(2, "big") + b"\x00" * (most - 3), b"\x9f" + b"\x00" * (most - 1)]
    wide += [b"\xb9\x75\x2e" + b"".join(b"\x19" + n.to_bytes(2, "big") for n in range(256, 19_900))]
    wide += [(b"\x98\xff" * 8 + b"\x00" * most)[:most], b"\xc2\x59\xea\x57" + b"\xff" * 59_991]
    cbor = [*deep, *claims, *wide]
    gap = b"\n\n"
    head = b"log.invalid\n3\n" + b"A" * 43 + b"=\n"
    line = "\u2014 a AAAAAAA=\n".encode()
    notes = [
        gap * (most // 2),
        head + b"\n" + line * 4_000,
        head * 800 + b"\n" + line,
        b"\xe2\x80\x94 " * 15_000,
    ]
    notes += [head + b"\n" + "\u2014 a ".encode() + b"A" * 59_000 + b"\n", b"a" * 59_990 + gap + line]
    proofs = [
        b"c2sp.org/tlog-proof@v1\nindex " + b"9" * 59_000 + gap,
        b"c2sp.org/tlog-proof@v1\nindex 0\n" + (b"A" * 43 + b"=\n") * 1_300 + b"\n" + head + b"\n" + line,
    ]
    return {
        "cbor": cbor,
        "cose": [b"\xd2" + data[: most - 1] for data in cbor],
        "event": [b"\xd2" + data[: most - 1] for data in cbor] + _wide_events(),
        "label_digits": [b"9" * 10_000, b"0" * 224, b"9" * 224, "\u0661".encode() * 224],
        "note": notes,
        "signed_checkpoint": notes,
        "checkpoint": [*notes, b"a\n" + b"9" * 50_000 + b"\nAAAA\n"],
        "receipt": [*proofs, *notes],
        "witness_request": [
            b"old 0\n" + (b"A" * 43 + b"=\n") * 1_300,
            *(b"old 0\n\n" + text for text in notes),
        ],
        "witness_answer": [b"\0" + text for text in (*notes, b"\n" * most, line * 4_000)],
        "quorum_policy": [b"#\n" * 30_000, *_policies()],
        "vkey": [b"+" * 5_000, b"a+00000000+" + b"A" * 4_900],
        "bundle": [b"\0\0" * 30_000, b"\xff" * most],
        "dossier": _zips(),
        "dossier_steps": _zips(),
    }


def _policies() -> list[bytes]:
    """Return policies of very many names, groups and members."""
    start = TARGETS["quorum_policy"].seeds()[0].decode().partition("\ngroup")[0]
    chain = "\n".join(f"group g{n} 1 {'w0' if not n else f'g{n - 1}'}" for n in range(3_000))
    wide = "group g 1 " + " ".join(f"w{n}" for n in range(12_000))
    return [f"{start}\n{chain}\nquorum g9\n".encode(), f"{start}\n{wide}\n".encode()]


def _wide_events() -> list[bytes]:
    """Return well-formed events with as many parts as fit."""
    made: list[bytes] = []
    for raw in seeds.raws():
        root = tree.read(raw[1:])
        payload = root.parts[2].parts[0]
        items = next(
            (
                value
                for key, value in zip(payload.parts[::2], payload.parts[1::2], strict=True)
                if key.value == 3
            ),
            None,
        )
        if items is None or len(made) == 3:
            continue
        one = tree.write(items.parts[0])
        items.parts = [tree.read(one.replace(one[2:5], n.to_bytes(3, "big"), 1)) for n in range(1_100)]
        made.append(b"\xd2" + tree.write(root))
    return made


def _zips() -> list[bytes]:
    """Return zips of very many files, of one that inflates, and of names that are long."""
    made = []
    for count, method, content in (
        (1_900, zipfile.ZIP_STORED, b""),
        (1, zipfile.ZIP_DEFLATED, bytes(100_000_000)),
    ):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", method) as archive:
            for n in range(count):
                archive.writestr(f"entries/{n}.cose", content)
        made.append(out.getvalue())
    good = bytearray(seeds.dossiers()[0])
    at = good.rindex(b"PK\x05\x06")
    made.append(bytes(good[: at + 8]) + b"\xff" * 4 + bytes(good[at + 12 :]))
    made.append(bytes(good).replace(b'"claimed": {', b'"claimed": ' + b"[" * 90_000, 1))
    made.append(bytes(good).replace(b'"claimed": {', b'"claimed": ' + b"9" * 90_000, 1))
    return made


def test_no_input_exhausts_time_or_memory() -> None:
    """In a process that may have 400 MB: the worst inputs, each judged by what it took beyond the last."""
    script = (
        "import resource; from tests.fuzz import test_fuzz as t; all = t.bombs();"
        "resource.setrlimit(resource.RLIMIT_AS, (400 << 20,) * 2); t.explode(all)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=Path(__file__).resolve().parents[2],
        capture_output=True,
        text=True,
        check=False,
    )

    assert "" == done.stderr
    assert "" == done.stdout


def explode(inputs: dict[str, list[bytes]]) -> None:
    """Print the fault of each input that has one; the child process of the test above."""
    for name, found in inputs.items():
        for number, data in enumerate(found):
            fault = observe(TARGETS[name], data).fault
            if fault:
                sys.stdout.write(f"{name} {number}: {fault}\n")
