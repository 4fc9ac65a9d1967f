"""`tram keys root`: what only root keys together may say, asked for here and signed elsewhere."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from custody.event import EventType, Field
from custody.policy import limit_numbers
from custody.roles import Role
from db.authority import certificate_fields, common_fields, open_for_keys, public_key
from db.ceremony import Request, describe, make_request, read_request, write_request
from db.errors import RequestError
from db.keystore import ROOT, read_key
from db.site import Site, open_site
from db.unlock import PASSPHRASE_FILE, key_passphrase

__all__ = ["OUT", "root", "say", "settle"]

JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
OUT = click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write a request for the holders of the root keys, instead of signing with root keys that are here.",
)
_FILE = click.Path(dir_okay=False, path_type=Path)
_DAY_MS = 86_400_000


@click.group()
def root() -> None:
    """Root keys: add one, say how many must sign, and sign together, offline."""


@root.command("add")
@click.option("--public", required=True, help="The new root's public key, 64 hexadecimal digits.")
@click.option("--years", type=click.IntRange(1, 30), default=10, show_default=True, help="How long it lasts.")
@OUT
@PASSPHRASE_FILE
@JSON
@click.pass_context
def add(
    ctx: click.Context,
    public: str,
    years: int,
    out: Path | None,
    passphrase_file: Path | None,
    *,
    as_json: bool,
) -> None:
    """Certify one more root key, which its holder made with `tram keys new`; or renew one that is there."""
    site = open_for_keys(ctx.obj, passphrase_file)
    fields = certificate_fields(site, public_key(public), frozenset({Role.ROOT}), days=365 * years)
    say(settle(site, fields, out), as_json=as_json)


@root.command()
@click.argument("count", type=click.IntRange(1, 9))
@OUT
@PASSPHRASE_FILE
@JSON
@click.pass_context
def threshold(
    ctx: click.Context, count: int, out: Path | None, passphrase_file: Path | None, *, as_json: bool
) -> None:
    """Say that COUNT different root keys must sign from now on."""
    site = open_for_keys(ctx.obj, passphrase_file)
    fields = common_fields(site, EventType.POLICY) | {
        Field.LIMITS: {limit_numbers()["root_threshold"]: count}
    }
    say(settle(site, fields, out), as_json=as_json)


@root.command()
@click.argument("file", type=_FILE)
@JSON
def show(file: Path, *, as_json: bool) -> None:
    """Show what the request FILE asks for. Needs no site."""
    say(describe(read_request(file)), as_json=as_json)


@root.command()
@click.argument("file", type=_FILE)
@click.option("--key", required=True, type=_FILE, help="Key file of a root.")
@click.option("--yes", is_flag=True, help="Do not ask: what it says was read before, with `show`.")
@PASSPHRASE_FILE
@JSON
def approve(file: Path, key: Path, passphrase_file: Path | None, *, yes: bool, as_json: bool) -> None:
    """Sign the request FILE with a root key, on a machine without a network. Needs no site.

    Shows what is signed and asks. The last key that is needed signs the entry itself.
    """
    request = read_request(file)
    if not yes:
        click.echo(_text(describe(request)), err=True)
        click.confirm("Sign this?", abort=True, err=True)
    seed = read_key(key, key_passphrase(key, passphrase_file))
    signed = request.approved(seed)
    write_request(file, signed)
    say(describe(signed), as_json=as_json)


@root.command()
@click.argument("file", type=_FILE)
@PASSPHRASE_FILE
@JSON
@click.pass_context
def submit(ctx: click.Context, file: Path, passphrase_file: Path | None, *, as_json: bool) -> None:
    """Hand the signed request FILE in: the log checks every signature again."""
    request = read_request(file)
    looked = open_site(**ctx.obj, signs=False)
    request = replace(request, roots=_roots(looked))
    looked.close()
    request.check()
    request, strangers = request.without_strangers()
    if strangers:
        click.echo(f"left out: key {', '.join(strangers)} is no root key of this log", err=True)
        write_request(file, request)  # the roots may go on from it
    if request.missing:
        raise _not_signed(request)
    say(_enter(open_for_keys(ctx.obj, passphrase_file), request), as_json=as_json)


def settle(
    site: Site, fields: Mapping[int, Any], out: Path | None, *, undo: Callable[[], None] | None = None
) -> dict[str, Any]:
    """Write a request, or sign it with the root keys that lie in the site and append it.

    Args:
        site: opened with its keys.
        fields: of the entry.
        out: the request's file, None to sign here.
        undo: called where it comes to nothing before the log was asked.

    Raises:
        RequestError: too few root keys are here.
        SiteError: the log refuses it.
    """
    try:
        request = _prepared(site, fields, out)
    except BaseException:
        if undo:
            undo()
        raise
    return {**describe(request), "request": str(out)} if out else _enter(site, request)


def _prepared(site: Site, fields: Mapping[int, Any], out: Path | None) -> Request:
    request = make_request(fields, threshold=site.ledger.ring.threshold, roots=_roots(site))
    if out is not None:
        write_request(out, request)
        return request
    for name in site.keys.names(ROOT):
        if request.missing and site.keys.public(name) in request.roots:
            request = request.approved(site.keys.read(name))
    if request.missing:
        raise RequestError(
            f"{request.missing} of {request.threshold} root keys are missing here",
            hint="Write a request with --out FILE, and have it signed: `tram keys root approve FILE --key KEY`.",
        )
    return request


def _roots(site: Site) -> tuple[bytes, ...]:
    now_ms = site.now()
    return tuple(
        dict.fromkeys(c.public for c in site.ledger.ring if Role.ROOT in c.roles and c.lives(now_ms))
    )


def _not_signed(request: Request) -> RequestError:
    return RequestError(f"{request.missing} of {request.threshold} root keys have not signed")


def _enter(site: Site, request: Request) -> dict[str, Any]:

    if request.missing:
        raise _not_signed(request)
    if request.by_log:
        seed_of = site.ledger.signer.seed_of
        for field in (Field.PUBLIC, Field.CLOCK_PUBLIC):
            seed_of(request.fields[field])  # the new keys are here before the log depends on them
        request = request.finished(seed_of(site.log_keys.newest.log.public))
    result = site.enter(request.entry)
    site.close()
    return {**describe(request), "index": result.index}


def say(said: Mapping[str, Any], *, as_json: bool) -> None:
    """Print figures as JSON, or one to a line."""
    click.echo(json.dumps(said, ensure_ascii=False) if as_json else _text(said))


def _text(said: Mapping[str, Any]) -> str:
    shown = {name: ", ".join(map(str, v)) if isinstance(v, list) else v for name, v in said.items()}
    return "\n".join(f"{name:<18} {value}" for name, value in shown.items())
