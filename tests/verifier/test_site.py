"""Dossiers as a site gives them out: of a whole province's log, with all that a verdict rests on."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from custody.verify import verify_dossier
from db import schema
from db.dossier import dossier_of
from db.engine import reading
from db.site import open_site
from tests.verifier.node import differences, needs_node
from web.demo import load_demo

_NOW_MS = 1_795_000_000_000
_ITEMS = 60


def test_every_item_of_a_province(tmp_path: Path) -> None:
    """Honest and broken ones, bags, maps and hours: both verifiers say what the site says."""
    needs_node()
    load_demo(tmp_path / "site", None, items=_ITEMS, seed=2, now_ms=_NOW_MS)
    site = open_site(tmp_path / "site", signs=False)
    with reading(site.engine) as connection:
        uids = list(connection.scalars(sa.select(schema.item.c.uid)))
    files = {uid.hex(): dossier_of(site, uid) for uid in uids}
    reports = [verify_dossier(data) for data in files.values()]
    words = {report.judgement.verdict.value for report in reports if report.judgement}

    assert len(files) >= _ITEMS
    assert {8} == {report.passed for report in reports}
    assert {"INTACT", "BROKEN"} <= words
    assert [] == differences(files)
