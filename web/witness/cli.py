"""`tram witness`: what another authority runs to see that a log never tells two stories."""

from __future__ import annotations

import json
import secrets
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from db.unlock import PASSPHRASE_FILE

if TYPE_CHECKING:
    from db.keybox import Passphrase

__all__ = ["witness"]

_JSON = click.option("--json", "as_json", is_flag=True, help="Report as one line of JSON.")
_THREADS = 8


def _place(ctx: click.Context) -> Path:
    obj: Mapping[str, Any] = ctx.obj or {}
    return Path(obj.get("data", "data"))


@click.group()
def witness() -> None:
    """Watch a log for another authority: cosign its newest state, and refuse a second story.

    The folder named with --data is not that of a site. It holds its key and what it has seen: guard both, and never put
    an older copy of the folder in its place.
    """


@witness.command()
@click.option(
    "--name", required=True, help="Name of the witness for ever: a host name or path that is yours."
)
@PASSPHRASE_FILE
@_JSON
@click.pass_context
def init(ctx: click.Context, name: str, passphrase_file: Path | None, *, as_json: bool) -> None:
    """Make a witness: its folder and its key.

    The key file is sealed with the passphrase in --passphrase-file, or with one that is asked for.
    """
    from db.unlock import new_passphrase
    from db.witness_store import create_witness

    passphrase = None
    if passphrase_file or sys.stdin.isatty():
        passphrase = new_passphrase(passphrase_file, "Passphrase of the witness's key")
    key = create_witness(_place(ctx), name=name, seed=secrets.token_bytes(32), passphrase=passphrase)
    _say(
        {"name": name, "key": key.vkey, "data": str(_place(ctx))},
        [
            f"witness {name} in {_place(ctx)}",
            f"its key: {key.vkey}",
            "give that line to the operators of the log and, on paper, to its readers",
            f"the key file is {'sealed with your passphrase' if passphrase else 'NOT SEALED'}",
            f"watch a log: tram --data {_place(ctx)} witness watch VKEY",
        ],
        as_json=as_json,
    )


@witness.command()
@_JSON
@click.pass_context
def key(ctx: click.Context, *, as_json: bool) -> None:
    """Show the public key, the logs watched, and how much of each was seen."""
    from custody.checkpoint import parse_checkpoint
    from custody.note import open_note
    from db.witness_store import opened

    with opened(_place(ctx)) as store:
        seen = {origin: store.newest(origin) for origin in store.origins()}
        vkey = store.key.vkey
    sizes = {o: parse_checkpoint(open_note(note).text).size if note else 0 for o, note in seen.items()}
    lines = [vkey, *(f"log {origin}: {size} entries cosigned" for origin, size in sizes.items())]
    _say({"key": vkey, "logs": sizes}, lines, as_json=as_json)


@witness.command()
@click.argument("vkey")
@_JSON
@click.pass_context
def watch(ctx: click.Context, vkey: str, *, as_json: bool) -> None:
    """Watch the log of VKEY (name+id+key), or a further key of a log that is watched."""
    from db.witness_store import watch_log

    added = watch_log(_place(ctx), vkey, now_ms=time.time_ns() // 1_000_000)
    _say({"log": added.name, "key": added.vkey}, [f"watching {added.name}"], as_json=as_json)


@witness.command()
@click.argument("origin")
@click.option("--reason", required=True, help="Who decided it, and why; kept in the journal.")
@_JSON
@click.pass_context
def forget(ctx: click.Context, origin: str, reason: str, *, as_json: bool) -> None:
    """Begin anew with the log ORIGIN, which has lost entries that were cosigned here.

    A decision of the authority, not of the log's operators. What was cosigned stays in the folder as evidence.
    """
    from db.witness_store import forget_log

    if len(reason.split()) < 2:
        raise click.UsageError("a reason of a few words is kept for ever")
    aside = forget_log(_place(ctx), origin, reason=reason, now_ms=time.time_ns() // 1_000_000)
    lines = [f"{origin} begins anew", f"what was cosigned of it lies in {aside}"]
    _say({"log": origin, "aside": str(aside)}, lines, as_json=as_json)


@witness.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8081, show_default=True, type=click.IntRange(1, 65535), help="Port.")
@PASSPHRASE_FILE
@_JSON
@click.pass_context
def serve(ctx: click.Context, host: str, port: int, passphrase_file: Path | None, *, as_json: bool) -> None:
    """Answer logs until interrupted. Put a server with TLS before it where the network is not trusted."""
    from db.unlock import unlock
    from db.witness_store import opened
    from web.listen import check_free

    check_free(host, port)
    passphrase = unlock(_place(ctx) / "keys", passphrase_file)
    with opened(_place(ctx)) as store:
        shown = {"name": store.key.name, "key": store.key.vkey, "logs": store.origins()}
    address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    lines = [f"witness {shown['name']} at {address}", *(f"log {origin}" for origin in shown["logs"])]
    _say({"address": address, **shown}, lines, as_json=as_json)
    sys.stdout.flush()
    _run(_place(ctx), passphrase, host, port)


def _run(folder: Path, passphrase: Passphrase | None, host: str, port: int) -> None:
    from web.listen import serve_until_stopped

    def load() -> Any:
        from db.witness_store import open_witness
        from web.witness.app import create_witness_app

        return create_witness_app(open_witness(folder, passphrase), lambda: int(time.time()))

    serve_until_stopped(
        load, "web.witness.app:create_witness_app", host=host, port=port, threads=_THREADS, backlog=128
    )


def _say(figures: dict[str, Any], lines: list[str], *, as_json: bool) -> None:
    click.echo(json.dumps(figures, ensure_ascii=False) if as_json else "\n".join(lines))
