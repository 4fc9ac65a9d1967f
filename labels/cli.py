"""The command `tram label`: signed sample labels for trying printers and readers."""

from __future__ import annotations

import json
import secrets
import time
from pathlib import Path

import click

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
@click.option("--dpi", type=click.IntRange(150, 1200), default=203, show_default=True, help="Of png, zpl.")
@click.option("--json", "as_json", is_flag=True, help="Print what labels.json holds.")
def sample(count: int, out: Path, fmt: str, dpi: int, as_json: bool) -> None:
    """Write COUNT signed sample labels and labels.json to a folder.

    The issuing key is made for this one call and thrown away: the labels are well-formed and their signatures
    hold under the public key in labels.json, but no log has registered them.
    """
    from custody import ed25519
    from custody.label import UNSEALED, issue_label
    from custody.s10 import day_of, make_number
    from labels import face_of, render

    seed, kid4 = secrets.token_bytes(32), secrets.token_bytes(4)
    public_key = ed25519.public_of(seed).hex()
    now_ms = time.time_ns() // 1_000_000
    first = secrets.randbelow(10**8 - count)
    out.mkdir(parents=True, exist_ok=True)
    entries = []
    for index in range(count):
        signed = issue_label(
            number=make_number(first + index),
            instance=0,
            day=day_of(now_ms),
            nonce=secrets.token_bytes(6),
            kid4=kid4,
            seal_commitment=UNSEALED,
            seed=seed,
        )
        urgency = secrets.randbelow(3)
        face = face_of(
            signed,
            sender=secrets.choice(_PLACES),
            recipient=secrets.choice(_PLACES),
            secrecy=secrets.randbelow(4),
            urgency=urgency,
            due_ms=now_ms + 86_400_000 if urgency else None,
        )
        file = f"{signed.number}.{fmt}"
        (out / file).write_bytes(render(face, fmt, dpi=dpi))
        entries.append(
            {
                "number": signed.number,
                "digits": signed.digits,
                "file": file,
                "kid4": kid4.hex(),
                "public_key": public_key,
            }
        )
    text = json.dumps(entries, indent=2)
    (out / "labels.json").write_text(text + "\n", encoding="utf-8")
    click.echo(text if as_json else f"{count} labels and labels.json in {out}")
