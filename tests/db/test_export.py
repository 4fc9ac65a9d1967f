"""What leaves the house can be checked without it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.load import Load, interleave
from custody.checkpoint import LogKeys, open_checkpoint
from custody.errors import NumberError
from custody.event import EventType
from custody.judge import Verdict
from custody.merkle import leaf_hash, root_of
from custody.note import parse_vkey
from custody.tiles import WIDTH, bundle_path, entries_of, tile_path
from custody.verify import verify_dossier
from db.dossier import dossier_of
from db.errors import SiteError
from db.export import export_log
from db.site import Site


def test_exported_bundles_fold_into_the_signed_root(site: Site, load: Load, tmp_path: Path) -> None:
    """A reader recomputes the root from the entry bundles alone, and finds the same leaves in the tiles."""
    site.ledger.append(interleave(load.chains(45, hops=3)))
    size = export_log(site, tmp_path / "log")

    keys = json.loads((tmp_path / "log/keys.json").read_text())
    log = LogKeys(parse_vkey(keys["log_key"]), parse_vkey(keys["clock_key"]))
    head, _ = open_checkpoint((tmp_path / "log/checkpoint").read_text(), log)
    leaves: list[bytes] = []
    for n in range(-(-size // WIDTH)):
        width = min(WIDTH, size - n * WIDTH)
        part = [leaf_hash(raw) for raw in entries_of((tmp_path / "log" / bundle_path(n, width)).read_bytes())]
        assert (tmp_path / "log" / tile_path(0, n, width)).read_bytes() == b"".join(part)
        leaves += part
    assert (head.size, head.root) == (size, root_of(leaves))
    assert "seed" not in (tmp_path / "log/keys.json").read_text()


def test_a_dossier_verifies_without_the_site(site: Site, load: Load) -> None:
    """All eight steps hold, and the verdict is the one of the view."""
    item = load.item()
    for raw in (load.register(item), load.offer(item, 1), load.accept(item, 1)):
        site.ledger.append([raw])
        site.ledger.append(load.chain(1))

    report = verify_dossier(dossier_of(site, item.uid))

    assert (report.passed, report.failure) == (8, "")
    assert report.judgement is not None
    assert report.judgement.verdict is Verdict.INTACT


def test_the_dossier_of_a_broken_chain_says_so(site: Site, load: Load) -> None:
    """Findings travel: a revoked signer, a stranger's release."""
    item = load.item()
    site.ledger.append([load.register(item)])
    site.revoke(load.actors[1].kid, compromised_ms=0)
    item.holder = 1
    site.ledger.append([load.offer(item, 2), load.sign(load.actors[1], EventType.SIGHT, item)])

    report = verify_dossier(dossier_of(site, item.uid))

    assert (report.passed, report.failure) == (8, "")
    assert report.judgement is not None
    assert report.judgement.verdict is Verdict.BROKEN
    assert {"P02", "K04"} <= {f.code for f in report.judgement.findings}


def test_an_unknown_item_has_no_dossier(site: Site) -> None:
    """No empty evidence."""
    with pytest.raises(NumberError):
        dossier_of(site, bytes(8))


def test_a_folder_that_holds_something_is_refused(site: Site, tmp_path: Path) -> None:
    """Two logs in one folder would be read as one."""
    (tmp_path / "log").mkdir()
    (tmp_path / "log/other").write_text("x")
    with pytest.raises(SiteError, match="is not empty"):
        export_log(site, tmp_path / "log")

    assert [file.name for file in (tmp_path / "log").iterdir()] == ["other"]
