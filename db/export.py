"""What leaves the house: the log as C2SP tlog-tiles, with the public keys to believe it by."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from custody.tiles import HEIGHT, WIDTH, bundle_path, tile_path
from db.errors import SiteError
from db.site import Site

__all__ = ["export_log", "public_keys"]


def export_log(site: Site, out: Path, *, progress: Callable[[int, int], None] | None = None) -> int:
    """Write `checkpoint`, `tile/...`, `tile/entries/...` and `keys.json` under *out*; returns the log's size.

    Raises:
        SiteError: *out* holds something already.
    """
    if out.is_dir() and any(out.iterdir()):
        raise SiteError(f"{out} is not empty", hint="Name an empty folder, or one that is not there yet.")
    head = site.ledger.head()
    size = head.size if head else 0
    out.mkdir(parents=True, exist_ok=True)
    level, count = 0, size
    while count:
        for n in range(-(-count // WIDTH)):
            width = min(WIDTH, count - n * WIDTH)
            _write(out / tile_path(level, n, width), site.ledger.tile(level, n, width))
        level, count = level + 1, count >> HEIGHT
    for n in range(-(-size // WIDTH)):
        width = min(WIDTH, size - n * WIDTH)
        _write(out / bundle_path(n, width), site.ledger.entry_bundle(n, width))
        if progress:
            progress(n * WIDTH + width, size)
    _write(out / "keys.json", json.dumps(public_keys(site), indent=1).encode() + b"\n")
    if head:
        _write(out / "checkpoint", head.note.encode())  # last: what it signs is there
    return size


def public_keys(site: Site) -> dict[str, object]:
    """Return what a reader needs to believe the log: its keys, and every certificate in it."""
    return {
        "origin": site.origin,
        "log_key": site.log_keys.log.vkey,
        "clock_key": site.log_keys.clock.vkey,
        "later_keys": [
            {
                "log_key": p.log.vkey,
                "clock_key": p.clock.vkey,
                "entry": p.index,
                "not_before_ms": p.not_before_ms,
            }
            for p in site.log_keys.later
        ],
        "roots": [kid.hex() for kid in site.founders],
        "keys": [
            {
                "kid": c.kid.hex(),
                "public_key": c.public.hex(),
                "person": c.person.hex(),
                "roles": sorted(role.name for role in c.roles),
                "offices": list(c.offices),
                "agency": c.agency,
                "kid4": c.kid4.hex(),
                "not_before_ms": c.not_before_ms,
                "not_after_ms": c.not_after_ms,
                "revoked": c.revoked_index is not None,
            }
            for c in site.ledger.rules.certificates()
        ],
    }


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
