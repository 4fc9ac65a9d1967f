"""The paper anchor: printed, read back off the paper, and held against the log."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pypdfium2
import sqlalchemy as sa
from click.testing import CliRunner, Result
from PIL import Image

import tram
from custody.checkpoint import Checkpoint
from custody.event import EventType, Field, sign_event
from custody.paper import paper_text, read_paper
from db.audit import audit
from db.schema import entry
from db.site import open_site
from scanner.engines import zxing_read_global
from tests.web.hands import Hand, begin

Hands = Callable[[str], Hand]


def run(data: Path, *arguments: object) -> Result:
    """Run a command of a site."""
    return CliRunner().invoke(tram.tram, ["--data", str(data), *map(str, arguments)])


def printed(data: Path) -> dict[str, str]:
    """What `tram anchor print` says."""
    found: dict[str, str] = json.loads(run(data, "anchor", "print", "--json").output)
    return found


def test_the_sheet_is_read_back_by_a_scanner(data: Path, tmp_path: Path) -> None:
    """PDF to pixels to text: what the scanner gives is the line that the audit takes."""
    said = run(data, "anchor", "print", "-o", tmp_path / "sheet.pdf")
    assert said.exit_code == 0, said.output
    with pypdfium2.PdfDocument(tmp_path / "sheet.pdf") as pdf:
        picture: Image.Image = pdf[0].render(scale=4).to_pil().convert("L")
        words = pdf[0].get_textpage().get_text_bounded()
    read = {code.text for code in zxing_read_global(np.asarray(picture))}
    assert printed(data)["line"] in read
    assert "test.tram.example" in words
    for group in printed(data)["root"].split():
        assert group in words


def test_a_sheet_holds_as_long_as_history_does(data: Path, hand: Hands, app: object, tmp_path: Path) -> None:
    """0 while the log grows; M12 once it was rewritten, M06 where it is shorter, 2 for a slip of the reader."""
    sheet = printed(data)
    (tmp_path / "ledger.txt").write_text(sheet["line"] + "\n")
    begin(hand("giaodich1"))
    asked = ("anchor", "check", "--size", sheet["size"], "--root", sheet["root"])
    assert run(data, *asked).exit_code == 0
    assert run(data, "audit", "--paper", tmp_path / "ledger.txt").exit_code == 0
    slip = re.sub(r"^.", lambda m: "A" if m[0] != "A" else "B", sheet["root"])
    wrong = run(data, "anchor", "check", "--size", sheet["size"], "--root", slip)
    assert "read wrong" in str(wrong.exception)

    site = open_site(data)
    forged = paper_text(Checkpoint(site.origin, int(sheet["size"]), bytes(32)))
    beyond = paper_text(Checkpoint(site.origin, 10**6, bytes(32)))
    other = paper_text(Checkpoint("other.example", 3, bytes(32)))
    found = audit(site.engine, site.log_keys, notes={"L": f"{forged}\n{beyond}\n{other}\nTRAM-ANCHOR-1 x"})
    assert [(p.table, p.row, p.code) for p in found.problems] == [
        ("paper", "L:1", "M12"),
        ("paper", "L:2", "M06"),
        ("paper", "L:3", "E07"),
        ("paper", "L:4", "E01"),
    ]
    for line, code in ((forged, "M12"), (beyond, "M06")):
        head, root = read_paper(line), line.rsplit(" ", 1)[1]
        said = run(data, "anchor", "check", "--size", head.size, "--root", root, "--json")
        assert (said.exit_code, json.loads(said.output)["finding"]) == (1, code)
    site.close()


def test_what_two_supervisors_filed_is_held_against_the_log(hand: Hands) -> None:
    """PAPER_ANCHOR: the root they signed is compared at every audit, and so is who signed."""
    one, two, clerk = hand("kiemsoat1"), hand("kiemsoat2"), hand("giaodich1")
    site = one.service.site
    head = site.ledger.newest()

    def file(root: bytes, by: Hand, second: Hand | None) -> int:
        fields: dict[int, Any] = {
            Field.TYPE: int(EventType.PAPER_ANCHOR),
            Field.NET: site.net,
            Field.T_CLAIM: one.service.now(),
            Field.NONCE: bytes(8),
            Field.ANCHOR: [head.size, root],
            Field.ACTOR: by.id,
            Field.PLACE: by.office,
        }
        raw = sign_event(fields, seed=by.seed, second_seed=second.seed if second else None)
        result = by.send(raw)[0]
        assert result["status"] == "stored", result
        return int(result["index"])

    def problems() -> list[tuple[str, str, str]]:
        return [(p.table, p.row, p.code) for p in audit(site.engine, site.log_keys).problems]

    file(head.root, one, two)
    assert problems() == []
    lie = file(bytes(32), one, two)
    assert problems() == [("paper", f"entry {lie}", "M12")]
    alone = file(head.root, clerk, None)
    assert [p for p in problems() if p[0] == "entry"] == [
        ("entry", f"idx={alone}", "K06"),
        ("entry", f"idx={alone}", "P04"),
    ]
    with site.engine.connect() as conn:
        kinds = conn.execute(sa.select(entry.c.type).where(entry.c.type == 74)).scalars().all()
    assert len(kinds) == 3


def test_the_page_shows_the_sheet(hand: Hands) -> None:
    """For supervisors: the newest state, as a picture and as PDF; of sizes that were signed, and of no other."""
    client = hand("kiemsoat1").client
    page = client.get("/anchor").text
    address = re.findall(r'src="(/anchor/\d+\.svg)"', page)[0]
    assert client.get(address).data.startswith(b"<svg")
    assert client.get(address.replace("svg", "pdf")).data.startswith(b"%PDF")
    assert client.get(address.replace("svg", "exe")).status_code == 404
    assert client.get("/anchor/1000000.svg").status_code == 404
