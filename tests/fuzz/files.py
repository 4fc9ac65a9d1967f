"""Files that the service reads: keys at rest, and what root keys pass from hand to hand."""

from __future__ import annotations

import atexit
import hashlib
import tempfile
from functools import cache
from pathlib import Path

from custody.event import EventType, Field
from db import ceremony, keybox, keystore
from kt1.drill.world import World
from tests.fuzz.checks import same, text_of

__all__ = ["keys_to_start", "read_key_file", "read_root_request", "requests_to_start"]


@cache
def _folder() -> Path:
    kept = tempfile.TemporaryDirectory(prefix="tram-fuzz-")
    atexit.register(kept.cleanup)
    return Path(kept.name)


def read_key_file(data: bytes) -> None:
    """Read whose key a file holds; where the first byte is odd, its checksum is put right before."""
    content = data[1:]
    if data[:1] > b"\x00" and data[0] & 1:
        head = content.partition(b"sum ")[0]
        content = head + b"sum     " + hashlib.sha256(head).hexdigest()[:16].encode() + b"\n"
    path = _folder() / "fuzzed.key"
    path.touch(mode=0o600)
    path.write_bytes(content)
    same(32, len(keystore.public_in(path)))
    box = keybox.read_box(text_of(content))
    if box:
        same(144, len(box.box.hex()))


def keys_to_start() -> list[bytes]:
    """Return a plain key file and a sealed one, with its sum as it is and to be put right."""
    head = (
        f"tram-key-2\npublic  {'11' * 32}\nkdf     scrypt 32768 8 1 {'22' * 16}\nbox     {'33' * 72}\n"
    ).encode()
    return [b"\x00tram-seed-1 " + b"11" * 32 + b"\n", b"\x01" + head + b"sum     " + b"0" * 16 + b"\n"]


def read_root_request(data: bytes) -> None:
    """Read a request for root keys, and everything it says of itself."""
    path = _folder() / "fuzzed.json"
    path.write_bytes(data)
    request = ceremony.read_request(path)
    same(True, request.missing <= request.threshold)
    again = _folder() / "again.json"
    ceremony.write_request(again, request)
    same(request, ceremony.read_request(again))


@cache
def requests_to_start() -> tuple[bytes, ...]:
    """Return a request without a signature, one with one, and one that is signed."""
    world = World()
    fields = world.common(EventType.KEY_REVOKE) | {Field.KID: world.courier.kid, Field.REASON: 1}
    found = [ceremony.make_request(fields, threshold=2)]
    for person in (world.root, world.enrolment):
        found.append(found[-1].approved(person.seed))
    made = []
    for request in found:
        ceremony.write_request(_folder() / "start.json", request)
        made.append((_folder() / "start.json").read_bytes())
    return tuple(made)
