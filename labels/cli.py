"""The command `tram label`: signed sample labels, test pages and the site's printers."""

from __future__ import annotations

import json
import secrets
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from custody.label import Label
    from labels.face import Face
    from labels.printers import Printer

__all__ = ["label"]

_PLACES = (
    "Sở Nội vụ tỉnh Tuyên Quang",
    "Văn phòng Ủy ban nhân dân tỉnh Tuyên Quang",
    "Bưu điện Trung tâm tỉnh Tuyên Quang",
    "Công an xã Sơn Thủy",
    "Ủy ban nhân dân xã Lũng Cú, tỉnh Tuyên Quang",
    "Ban Chỉ huy Phòng thủ khu vực 2 - Hà Giang",
    "Tòa án nhân dân khu vực 5",
)


@click.group()
def label() -> None:
    """Print and try labels."""


_LAYOUTS = click.Choice(["100x70", "100x50", "bag"])
_DPI = click.option(
    "--dpi", type=click.IntRange(150, 1200), default=203, show_default=True, help="Of png and zpl."
)
_JSON = click.option("--json", "as_json", is_flag=True, help="Print what was made as JSON.")


@label.command()
@click.option("--count", type=click.IntRange(1, 10_000), default=1, show_default=True, help="How many.")
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="Folder to write to."
)
@click.option(
    "--format",
    "fmt",
    type=click.Choice(["png", "pdf", "zpl", "svg"]),
    default="png",
    show_default=True,
    help="What to write.",
)
@click.option("--layout", type=_LAYOUTS, default="100x70", show_default=True, help="Size and kind of label.")
@click.option("--stock", "is_stock", is_flag=True, help="As printed in advance: number and codes alone.")
@click.option("--page", default="", help="Also write all on sheets of paper, sheet.pdf: a4, a4-105x74, ...")
@click.option(
    "--start", type=click.IntRange(1), default=1, show_default=True, help="First free place of --page."
)
@_DPI
@_JSON
def sample(  # noqa: PLR0913, PLR0917 -- each is a flag
    count: int,
    out: Path,
    fmt: str,
    layout: str,
    is_stock: bool,
    page: str,
    start: int,
    dpi: int,
    as_json: bool,
) -> None:
    """Write COUNT signed sample labels and labels.json to a folder.

    The issuing key is made for this one call and thrown away: the labels are well-formed and their signatures
    hold under the public key in labels.json, but no log has registered them.
    """
    from custody import ed25519
    from custody.label import UNSEALED, issue_label
    from custody.s10 import CONTAINER_SERVICE, day_of, make_number
    from labels import render, sheet

    seed, kid4 = secrets.token_bytes(32), secrets.token_bytes(4)
    public_key = ed25519.public_of(seed).hex()
    now_ms = time.time_ns() // 1_000_000
    first = secrets.randbelow(10**8 - count)
    out.mkdir(parents=True, exist_ok=True)
    entries, faces = [], []
    for index in range(count):
        signed = issue_label(
            number=make_number(first + index, CONTAINER_SERVICE if layout == "bag" else "ZK"),
            instance=0,
            day=day_of(now_ms),
            nonce=secrets.token_bytes(6),
            kid4=kid4,
            seal_commitment=UNSEALED,
            seed=seed,
        )
        face = _face(signed, now_ms, is_stock=is_stock)
        faces.append(face)
        file = f"{signed.number}.{fmt}"
        (out / file).write_bytes(render(face, fmt, dpi=dpi, layout=layout))
        entries.append(
            {
                "number": signed.number,
                "digits": signed.digits,
                "file": file,
                "kid4": kid4.hex(),
                "public_key": public_key,
            }
        )
    if page:
        (out / "sheet.pdf").write_bytes(sheet(faces, page=page, layout=layout, start=start))
    text = json.dumps(entries, indent=2)
    (out / "labels.json").write_text(text + "\n", encoding="utf-8")
    click.echo(text if as_json else f"{count} labels and labels.json in {out}")


def _face(signed: Label, now_ms: int, *, is_stock: bool) -> Face:
    from custody.s10 import is_container
    from labels import BagFace, StockFace, face_of

    if is_stock:
        return StockFace(digits=signed.digits, number=signed.number)
    origin, destination = secrets.choice(_PLACES), secrets.choice(_PLACES)
    if is_container(signed.uid):
        count = 1 + secrets.randbelow(40)
        return BagFace(
            digits=signed.digits, number=signed.number, origin=origin, destination=destination, count=count
        )
    urgency = secrets.randbelow(3)
    return face_of(
        signed,
        sender=origin,
        recipient=destination,
        secrecy=secrets.randbelow(4),
        urgency=urgency,
        due_ms=now_ms + 86_400_000 if urgency else None,
    )


@label.command()
@click.option(
    "--paper",
    type=click.Choice(["a4", *_LAYOUTS.choices]),
    default="a4",
    show_default=True,
    help="An A4 page, or labels of that size.",
)
@click.option(
    "--format",
    "fmt",
    type=click.Choice(["pdf", "zpl", "svg"]),
    default="pdf",
    show_default=True,
    help="What to write.",
)
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="File to write to."
)
@_DPI
@_JSON
def trial(paper: str, fmt: str, out: Path, dpi: int, as_json: bool) -> None:
    """Write a test page: rulers, Vietnamese letters, and both codes in growing sizes.

    Print it without scaling, measure the ruler, and read the codes with the camera: each of them says its size.
    """
    from labels.trial import trial_page

    out.write_bytes(trial_page(paper, fmt, dpi=dpi))
    made = {"file": str(out), "paper": paper, "format": fmt}
    click.echo(json.dumps(made) if as_json else f"test page for {paper} in {out}")


@label.command()
@click.option("--trial", "tried", default="", help="Print the test page on the printer of this name.")
@_JSON
@click.pass_context
def printers(ctx: click.Context, tried: str, as_json: bool) -> None:
    """List the printers that the site's file printers.toml names, or try one of them."""
    from labels.printers import PrinterError, read_printers

    found = read_printers((ctx.obj or {}).get("data", Path("data")))
    if tried:
        one = next((printer for printer in found if printer.name == tried), None)
        if one is None:
            raise PrinterError(f"printer {tried!r} is not in the file", code="printer-settings")
        _try(one)
        found = (one,)
    rows = [
        {"name": one.name, "kind": one.kind, "host": one.host, "port": one.port, "paper": one.paper}
        for one in found
    ]
    lines = [f"{one['name']:16} {one['kind']:5} {one['host']}:{one['port']}  {one['paper']}" for one in rows]
    sent = [f"test page sent to {tried}; look whether it came out"] if tried else []
    click.echo(json.dumps(rows) if as_json else "\n".join([*lines, *sent]) or "no printers are named")


def _try(printer: Printer) -> None:
    from labels.printers import open_printer
    from labels.trial import trial_page

    paper = "a4" if printer.paper.startswith("a4") else printer.paper
    with open_printer(printer) as line:
        line.send(trial_page(paper, printer.fmt, dpi=printer.dpi))
