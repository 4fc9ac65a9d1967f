"""The command `tram decode`: pictures to symbols, one JSON line a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

__all__ = ["decode"]


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--budget-ms", type=click.IntRange(1, 60_000), default=1500, show_default=True, help="For each file."
)
@click.option("--json", "_as_json", is_flag=True, help="One JSON line a file; this is always so.")
@click.pass_context
def decode(ctx: click.Context, files: tuple[Path, ...], budget_ms: int, _as_json: bool) -> None:
    """Read the QR and Code 128 symbols in pictures.

    A number marked "suggested" was not read: it is the likeliest of bars that could not be, and to be confirmed.

    Exit status: 1 if a file could not be opened as a picture, otherwise 0. A picture without symbols is no
    error.
    """
    failed = False
    for file in files:
        line = _decode_file(file, budget_ms)
        failed = failed or "error" in line
        click.echo(json.dumps(line, ensure_ascii=False))
    ctx.exit(1 if failed else 0)


def _decode_file(file: Path, budget_ms: int) -> dict[str, Any]:
    from time import perf_counter

    from scanner import PictureError, open_picture, read_image

    start = perf_counter()
    try:
        readings = read_image(open_picture(file.read_bytes()), budget_ms=budget_ms, suggest=True)
    except (OSError, PictureError) as error:
        reason = error.strerror or str(error) if isinstance(error, OSError) else str(error)
        return {"file": str(file), "error": reason}
    return {
        "file": str(file),
        "symbols": [reading.as_json() for reading in readings],
        "ms": round((perf_counter() - start) * 1000, 1),
    }
