"""Seeded mutators: each takes an input that means something and returns one that means something else, or nothing."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from collections.abc import Callable
from copy import deepcopy
from random import Random
from typing import Any, Final

from tests.fuzz import tree

__all__ = ["MUTATORS", "mutate"]

Mutator = Callable[[bytes, Random, list[bytes]], bytes]

_NUMBERS: Final = (
    0,
    1,
    2,
    23,
    24,
    31,
    32,
    64,
    97,
    255,
    256,
    65_535,
    65_536,
    1 << 31,
    1 << 32,
    1 << 63,
    (1 << 64) - 1,
)
_TOKENS: Final = (
    *(
        "\n",
        "\n\n",
        "\r\n",
        "\0",
        " ",
        "  ",
        "\t",
        "+",
        "-1",
        "\u2014 ",
        "=",
        "==",
        "\ufeff",
        "\u0660",
        "\u00b2",
        "\x7f",
    ),
    *(
        "\ud800",
        "9" * 5_000,
        "0" * 300,
        "1_0",
        "0x10",
        "1e9",
        "index 0",
        "A" * 44,
        "\u1ea1",
        "\U0001f4e6",
        "\u2028",
    ),
)
_B64: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_JSON: Final[tuple[Any, ...]] = (
    *(
        None,
        True,
        0,
        -1,
        1 << 70,
        1.5,
        float("inf"),
        "",
        "x",
        "\ud800",
        [],
        {},
        [[]],
        {"a": {}},
        "00" * 8,
        ["00" * 8] * 2,
    ),
)
_NAMES: Final = (
    "dossier.json",
    "checkpoint",
    "entries/0.cose",
    "entries/0.proof",
    "checkpoints/1",
    "consistency/1",
)


def mutate(kind: str, data: bytes, rng: Random, others: list[bytes]) -> bytes:
    """Return *data* after one to four mutations that suit its *kind* ("bytes", "text", "digits", "cbor", "zip")."""
    for _ in range(rng.choice((1, 1, 1, 2, 2, 3, 4))):
        data = rng.choice(MUTATORS[kind])(data, rng, others)
    return data


# -- bytes


def flip(data: bytes, rng: Random, _others: list[bytes]) -> bytes:
    """Change one bit."""
    if not data:
        return b"\0"
    bent = bytearray(data)
    bent[rng.randrange(len(bent))] ^= 1 << rng.randrange(8)
    return bytes(bent)


def overwrite(data: bytes, rng: Random, _others: list[bytes]) -> bytes:
    """Put a number of note somewhere, in 1, 2, 4 or 8 bytes."""
    width = rng.choice((1, 2, 4, 8))
    at = rng.randrange(len(data) + 1)
    number = rng.choice(_NUMBERS) & (1 << 8 * width) - 1
    return data[:at] + number.to_bytes(width, "big") + data[at + width :]


def cut(data: bytes, rng: Random, _others: list[bytes]) -> bytes:
    """Take a piece out, often the tail."""
    start = rng.randrange(len(data) + 1)
    stop = len(data) if rng.random() < 0.5 else min(len(data), start + rng.choice((1, 2, 8, 32, 64)))
    return data[:start] + data[stop:]


def repeat(data: bytes, rng: Random, _others: list[bytes]) -> bytes:
    """Say a piece again, once or many times."""
    start = rng.randrange(len(data) + 1)
    piece = data[start : start + rng.choice((1, 2, 8, 32, 256))]
    return data[:start] + piece * rng.choice((1, 1, 2, 50)) + data[start:]


def splice(data: bytes, rng: Random, others: list[bytes]) -> bytes:
    """Go on as another input does."""
    other = rng.choice(others)
    return data[: rng.randrange(len(data) + 1)] + other[rng.randrange(len(other) + 1) :]


# -- text


def token(data: bytes, rng: Random, _others: list[bytes]) -> bytes:
    """Insert something that texts trip over."""
    at = rng.randrange(len(data) + 1)
    return data[:at] + rng.choice(_TOKENS).encode("utf-8", "surrogatepass") + data[at:]


def lines(data: bytes, rng: Random, others: list[bytes]) -> bytes:
    """Drop, repeat, swap or borrow a line."""
    own = data.split(b"\n")
    at, to = rng.randrange(len(own)), rng.randrange(len(own))
    match rng.randrange(5):
        case 0:
            del own[at]
        case 1:
            own.insert(to, own[at])
        case 2:
            own[at], own[to] = own[to], own[at]
        case 3:
            own.insert(at, rng.choice(rng.choice(others).split(b"\n")))
        case _:
            own[at:at] = [own[to]] * rng.choice((60, 120, 2_000))
    return b"\n".join(own)


def spare_bits(data: bytes, rng: Random, _others: list[bytes]) -> bytes:
    """Change the bits of a base64 text that carry nothing, or its padding."""
    ends = [i for i, c in enumerate(data) if c == 0x3D and i and chr(data[i - 1]) in _B64]
    if not ends:
        return data
    at = rng.choice(ends)
    bent = _B64[_B64.index(chr(data[at - 1])) ^ rng.choice((1, 2, 3))]
    return data[: at - 1] + bent.encode() + data[at + rng.choice((0, 0, 0, 1)) :]


def number(data: bytes, rng: Random, _others: list[bytes]) -> bytes:
    """Put another decimal number where one stands."""
    starts = [i for i, c in enumerate(data) if 0x30 <= c <= 0x39]
    if not starts:
        return data
    start = stop = rng.choice(starts)
    while stop < len(data) and 0x30 <= data[stop] <= 0x39:
        stop += 1
    return data[:start] + str(rng.choice(_NUMBERS)).encode() + data[stop:]


def encoded(data: bytes, rng: Random, others: list[bytes]) -> bytes:
    """Mutate what a line of base64 stands for."""
    own = data.split(b"\n")
    at = rng.randrange(len(own))
    head, _, tail = own[at].rpartition(b" ")
    try:
        inner = base64.b64decode(tail, validate=True)
    except ValueError:
        return flip(data, rng, others)
    bent = rng.choice((flip, overwrite, cut, repeat))(inner, rng, others)
    own[at] = (head + b" " if head else b"") + base64.b64encode(bent)
    return b"\n".join(own)


# -- digits


def digit(data: bytes, rng: Random, _others: list[bytes]) -> bytes:
    """Change a digit and, half of the time, make the check digits agree with it."""
    if len(data) < 3:
        return b"0" * 224
    at = rng.randrange(len(data))
    bent = data[:at] + str(rng.randrange(10)).encode() + data[at + 1 :]
    return checked(bent, rng, []) if rng.random() < 0.5 else bent


def checked(data: bytes, _rng: Random, _others: list[bytes]) -> bytes:
    """Make the ISO 7064 check digits right."""
    body = data[:-2]
    if not body.isdigit() or len(body) > 4_000:
        return data
    return body + f"{98 - int(body) * 100 % 97:02d}".encode()


# -- CBOR


def graft(data: bytes, rng: Random, others: list[bytes]) -> bytes:
    """Change the tree: see `_bend`."""
    prefix = 1 if data[:1] == b"\xd2" else 0
    try:
        root = tree.read(data[prefix:])
        donor = tree.nodes_of(tree.read(rng.choice(others).removeprefix(b"\xd2")))
    except ValueError:
        return flip(data, rng, others)
    for _ in range(rng.choice((1, 1, 2))):
        _bend(rng.choice(tree.nodes_of(root)), rng, donor)
    return data[:prefix] + tree.write(root)


def _bend(node: tree.Node, rng: Random, donor: list[tree.Node]) -> None:
    """Do one thing to a node: to its head, to its parts, or to all of it."""
    match rng.randrange(8):
        case 0:
            node.width = rng.choice((-1, 1, 2, 4, 8))
        case 1:
            node.lie = rng.choice((-1, 1, 2, 1 << 16, 1 << 31, 1 << 62))
        case 2:
            node.major = rng.randrange(8)
        case 3:
            node.value = rng.choice(_NUMBERS)
        case 4:
            _become(node, rng.choice(donor))
        case 5:
            _become(node, _nest(node, rng))
        case _ if node.parts:
            _reorder(node, rng)
        case _:
            node.body = rng.choice((flip, cut, repeat, overwrite))(node.body, rng, [])


def _reorder(node: tree.Node, rng: Random) -> None:
    """Drop, repeat or shuffle parts, or let a byte string hold its bytes no longer."""
    match rng.randrange(4):
        case 0:
            node.parts.pop(rng.randrange(len(node.parts)))
        case 1:
            node.parts.append(deepcopy(rng.choice(node.parts)))
        case 2:
            rng.shuffle(node.parts)
        case _:
            node.parts = []


def _nest(node: tree.Node, rng: Random) -> tree.Node:
    """Return the node inside a tag or arrays, or a bare head in its place."""
    if rng.random() < 0.4:
        return tree.Node(rng.randrange(8), rng.choice(_NUMBERS), width=rng.choice((0, 0, 2, 8)))
    inner = deepcopy(node)
    for _ in range(rng.choice((0, 1, 7, 30))):
        inner = tree.Node(4, parts=[inner])
    return tree.Node(rng.choice((4, 6)), rng.choice(_NUMBERS), parts=[inner])


def _become(node: tree.Node, other: tree.Node) -> None:
    other = deepcopy(other)
    node.major, node.value, node.body = other.major, other.value, other.body
    node.parts, node.width, node.lie = other.parts, other.width, other.lie


# -- zip


def member(data: bytes, rng: Random, others: list[bytes]) -> bytes:
    """Change the content of one file in the zip, by its own kind, and pack it again."""
    files = _files(data)
    if not files:
        return flip(data, rng, others)
    at = rng.randrange(len(files))
    name, content = files[at]
    rest = [other for _, other in files]
    if name.endswith(".json") and rng.random() < 0.7:
        content = _json(content, rng)
    else:
        kind = "cbor" if name.endswith(".cose") else "text"
        content = mutate(kind, content, rng, rest)
    files[at] = (name, content)
    return _zip(files)


def shelf(data: bytes, rng: Random, others: list[bytes]) -> bytes:
    """Drop, repeat, rename, swap, borrow or compress files."""
    files = _files(data)
    if len(files) < 2:
        return flip(data, rng, others)
    at, to = rng.sample(range(len(files)), 2)
    match rng.randrange(6):
        case 0:
            del files[at]
        case 1:
            files.insert(to, files[at])
        case 2:
            new = rng.choice(
                (
                    *_NAMES,
                    files[to][0],
                    "../x",
                    "",
                    "entries/\u0661.cose",
                    "entries/9999999999999999999999.cose",
                )
            )
            files[at] = (new, files[at][1])
        case 3:
            files[at], files[to] = (files[at][0], files[to][1]), (files[to][0], files[at][1])
        case 4:
            files = [*files[:at], *_files(rng.choice(others))[at:]]
        case _:
            return _zip(files, zipfile.ZIP_DEFLATED if rng.random() < 0.5 else zipfile.ZIP_BZIP2)
    return _zip(files)


def _json(content: bytes, rng: Random) -> bytes:
    """Replace, drop or add a value of a JSON object."""
    try:
        head = json.loads(content)
        inner = rng.choice([head, head["claimed"]])
        key = rng.choice(list(inner))
        if rng.random() < 0.2:
            del inner[key]
        else:
            inner[rng.choice((key, key, key, "more"))] = rng.choice(_JSON)
        return json.dumps(head, sort_keys=True, indent=1).encode() + b"\n"
    except (ValueError, KeyError, TypeError, IndexError, RecursionError):
        return flip(content, rng, [])


def _files(data: bytes) -> list[tuple[str, bytes]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
            if sum(info.file_size for info in infos) > 1 << 20:
                return []
            return [(info.filename, archive.read(info)) for info in infos]
    except Exception:  # noqa: BLE001 - a mutated zip may fail in any way; it is then bent as bytes
        return []


def _zip(files: list[tuple[str, bytes]], method: int = zipfile.ZIP_STORED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in files:
            info = zipfile.ZipInfo(name.replace("\0", ""))
            info.create_system = 3
            info.compress_type = method
            archive.NameToInfo.pop(name, None)  # no warning about a second file of one name
            archive.writestr(info, content)
    return out.getvalue()


_BYTES: Final[tuple[Mutator, ...]] = (flip, overwrite, cut, repeat, splice)
MUTATORS: Final[dict[str, tuple[Mutator, ...]]] = {
    "bytes": _BYTES,
    "text": (*_BYTES, token, token, lines, lines, spare_bits, number, encoded),
    "digits": (digit, digit, checked, token, flip, cut, repeat),
    "cbor": (*_BYTES, graft, graft, graft, graft, graft, graft),
    "zip": (flip, overwrite, cut, splice, member, member, member, member, shelf, shelf, shelf),
}
