"""The commands that make a site and serve it: `tram init`, `tram demo`, `tram serve`."""

from __future__ import annotations

import ipaddress
import json
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from db.unlock import PASSPHRASE_FILE

if TYPE_CHECKING:
    from db.site import Site
    from web.config import Config

__all__ = ["demo", "init", "serve", "verifier"]

_THREADS = 32
_ITEMS = 320
_NOT_SEALED = (
    "WARNING: the key files in {data}/keys are NOT SEALED: who copies them writes entries as this site.\n"
    "         Seal them now: tram --data {data} keys encrypt"
)


def _place(ctx: click.Context) -> tuple[Path, str | None]:
    obj: Mapping[str, Any] = ctx.obj or {}
    return Path(obj.get("data", "data")), obj.get("database_url")


def _tell(answer: dict[str, Any], *, as_json: bool, lines: list[str]) -> None:
    click.echo(json.dumps(answer, ensure_ascii=False) if as_json else "\n".join(lines))


@click.command()
@click.option(
    "--items", default=_ITEMS, show_default=True, type=click.IntRange(20, 5000), help="How many items."
)
@click.option("--seed", default=1, show_default=True, help="Another seed, another province.")
@click.option("--json", "as_json", is_flag=True, help="Report as one line of JSON.")
@click.pass_context
def demo(ctx: click.Context, items: int, seed: int, as_json: bool) -> None:
    """Load the demonstration province: offices, people, agencies, and items in every state, some broken.

    The people, agencies and items are invented. The site says so on every page and listens on this machine alone.
    """
    from web.demo import PASSWORD, load_demo

    data, database_url = _place(ctx)
    began = time.perf_counter()
    loaded = load_demo(data, database_url, items=items, seed=seed, now_ms=time.time_ns() // 1_000_000)
    seconds = round(time.perf_counter() - began, 1)
    _tell(
        {**loaded, "seconds": seconds},
        as_json=as_json,
        lines=[
            f"demonstration province in {data} ({seconds} s):",
            f"{loaded['items']} items, {loaded['entries']} log entries, {loaded['people']} people",
            "its keys are not sealed with a passphrase: they are worth nothing",
            f"sign in as giaodich1, buuta1, vanthu1, kiemsoat1 or thanhtra1; password: {PASSWORD}",
        ],
    )


@click.command()
@click.option("--origin", required=True, help="Name of the log for ever: a host name or path that is yours.")
@click.option(
    "--admin", default="admin", show_default=True, help="Name for signing in of the first administrator."
)
@click.option(
    "--admin-name", default="Quản trị", show_default=True, help="Full name of the first administrator."
)
@click.option(
    "--password-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="File with the administrator's password; asked for where it is not given.",
)
@click.option(
    "--register",
    "register_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="JSON file: offices [{code, name, province}], agencies [{code, name, address, office}], "
    "people [{login, name, roles, office or agency, password, mark}].",
)
@PASSPHRASE_FILE
@click.option("--json", "as_json", is_flag=True, help="Report as one line of JSON.")
@click.pass_context
def init(
    ctx: click.Context,
    origin: str,
    admin: str,
    admin_name: str,
    password_file: Path | None,
    register_file: Path | None,
    passphrase_file: Path | None,
    as_json: bool,
) -> None:
    """Make a production site: keys, database, the log's first entries, the first administrator.

    The key files are sealed with the passphrase in --passphrase-file, or with one that is asked for. Without either,
    as in a script, they are not, and a warning says so.
    """
    from db.unlock import new_passphrase
    from web.founding import found

    if not password_file and not _can_ask():
        raise click.UsageError("nobody to ask for the administrator's password: give --password-file FILE")
    if password_file:
        password = password_file.read_text(encoding="utf-8").strip()
    else:
        password = click.prompt("Password of the administrator", hide_input=True, confirmation_prompt=True)
    passphrase = None
    if passphrase_file or sys.stdin.isatty():
        passphrase = new_passphrase(passphrase_file, "Passphrase of the site's keys")
    data, database_url = _place(ctx)
    facts = json.loads(register_file.read_text(encoding="utf-8")) if register_file else {}
    made = found(
        data,
        database_url,
        origin=origin,
        admin=(admin, admin_name, password),
        facts=facts,
        passphrase=passphrase,
    )
    if passphrase is None:
        click.echo(_NOT_SEALED.format(data=data), err=True)
    _tell(
        made,
        as_json=as_json,
        lines=[
            f"site {origin} in {data}",
            f"root key: {made['root_key']}  (compare it on paper)",
            f"keys: {'sealed with your passphrase' if passphrase else 'NOT SEALED'}; more: tram keys --help",
            f"move {data}/keys/root.key to a medium that is locked away: the service runs without it",
            f"start it: tram --data {data} serve --host 127.0.0.1 --port 8080",
        ],
    )


def _can_ask() -> bool:
    """Say whether somebody sits at a terminal."""
    return sys.stdin.isatty()


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", default=8080, show_default=True, type=click.IntRange(1, 65535), envvar="PORT", help="Port."
)
@click.option(
    "--tls-cert", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Certificate, PEM."
)
@click.option("--tls-key", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Its key, PEM.")
@click.option(
    "--threads", default=_THREADS, show_default=True, type=click.IntRange(1, 256), help="Requests at once."
)
@click.option(
    "--verifiers",
    default=None,
    type=click.IntRange(0, 64),
    help="Processes that verify the signatures of large uploads; default: one for each further core. 0: none.",
)
@click.option(
    "--clock-ok",
    is_flag=True,
    help="The clock is right although a month has passed since the last checkpoint.",
)
@click.option(
    "--accept-loss", is_flag=True, help="Go on although a witness has entries of this log that are lost here."
)
@PASSPHRASE_FILE
@click.option("--json", "as_json", is_flag=True, help="Report the addresses as one line of JSON.")
@click.pass_context
def serve(  # noqa: PLR0913, PLR0917 -- each is a flag
    ctx: click.Context,
    host: str,
    port: int,
    tls_cert: Path | None,
    tls_key: Path | None,
    threads: int,
    verifiers: int | None,
    clock_ok: bool,
    accept_loss: bool,
    passphrase_file: Path | None,
    as_json: bool,
) -> None:
    """Serve the site until interrupted.

    One process with many threads: the log has one writer. A demonstration is served to this machine alone. Where
    the site's folder has a file `witnesses`, they are asked first: behind any of them nothing is served.
    """
    from db.clockguard import monotonic_ms
    from db.serving import served_here
    from db.site import open_site
    from db.unlock import unlock
    from db.verifiers import default_helpers
    from db.witness_feed import feed_of
    from web.config import Config
    from web.listen import check_free

    data, database_url = _place(ctx)
    passphrase = unlock(data / "keys", passphrase_file)
    site = open_site(
        data, database_url, passphrase=passphrase, monotonic=monotonic_ms, is_clock_accepted=clock_ok
    )
    if not database_url:
        ctx.with_resource(served_here(data))
    if site.is_demo and not _is_loopback(host):
        raise click.UsageError(f"a demonstration is served on a loopback address, not on {host}")
    check_free(host, port)
    scheme = "https" if tls_cert and tls_key else "http"
    shown = f"[{host}]" if ":" in host else host
    address = f"{scheme}://{shown}:{port}"
    for warning in feed_of(site).check_start(accept_loss=accept_loss):
        click.echo(f"tram: {warning}", err=True)
    _announce(site, address, as_json=as_json)
    site.close()
    config = Config(
        data=data,
        database_url=database_url,
        passphrase=passphrase,
        secure_cookie=scheme == "https",
        is_clock_accepted=clock_ok,
        verifiers=default_helpers() if verifiers is None else verifiers,
    )
    _run(
        config,
        host=host,
        port=port,
        tls=(tls_cert, tls_key) if config.secure_cookie else None,
        threads=threads,
    )


def _announce(site: Site, address: str, *, as_json: bool) -> None:
    from kt1.province import PERSONAS
    from web.demo import PASSWORD

    people = (
        [{"login": one.login, "password": PASSWORD, "part": one.part} for one in PERSONAS]
        if site.is_demo
        else []
    )
    lines = [f"Trạm at {address}  (log {site.origin})"]
    if people:
        lines += ["", "DEMONSTRATION: invented people and items; this machine only.", "Sign in as:"]
        lines += [f"  {one['login']:<12} {one['password']:<10} {one['part']}" for one in people]
        lines += ["", f"The wall: {address}/wall   guides: {address}/guide   a first walk is in README.md"]
    _tell(
        {"address": address, "origin": site.origin, "demo": site.is_demo, "sign_ins": people},
        as_json=as_json,
        lines=lines,
    )
    sys.stdout.flush()


def _run(
    config: Config,
    *,
    host: str,
    port: int,
    tls: tuple[Path | None, Path | None] | None,
    threads: int,
) -> None:
    from web.listen import serve_until_stopped

    def load() -> Any:
        from db.settle import settle
        from web.app import create_app
        from web.service import start_feeding

        made = create_app(config)
        start_feeding(made)
        settle()
        return made

    serve_until_stopped(load, "web.app:create_app", host=host, port=port, threads=threads, tls=tls)


@click.command()
@click.option(
    "-o",
    "--out",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write, such as tram-verifier.html.",
)
@click.option("--json", "as_json", is_flag=True, help="Report as one line of JSON.")
def verifier(out: Path, *, as_json: bool) -> None:
    """Write the page that checks a dossier in any browser, without service and network.

    It is one file, written apart from `tram verify`; both give the same digest for the same dossier.
    """
    from web.takeaway import VERIFIER

    if not VERIFIER.is_file():
        raise click.ClickException("the page is not built: make build")
    page = VERIFIER.read_bytes()
    out.write_bytes(page)
    _tell({"out": str(out), "bytes": len(page)}, as_json=as_json, lines=[f"{len(page)} bytes in {out}"])
