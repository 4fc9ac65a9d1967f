"""`tram keys`: make, list, seal, certify, rotate and end keys."""

from __future__ import annotations

import datetime as dt
import secrets
from pathlib import Path
from typing import Any

import click

from custody.certificate import Certificate, Reason
from custody.cose import kid_of
from custody.ed25519 import public_of
from custody.issuance import subject_of
from custody.roles import Role
from db.authority import (
    certificate_fields,
    certificates_of,
    new_label_key,
    new_log_keys,
    open_for_keys,
    public_key,
    revocation_fields,
)
from db.errors import KeyFileError, PassphraseError
from db.keystore import SECOND, KeyStore, write_key
from db.root_cli import JSON, OUT, root, say, settle
from db.site import open_site
from db.unlock import PASSPHRASE_FILE, new_passphrase, old_passphrase
from db.witness_feed import SecondKey
from kt1.clock import DAY_MS
from kt1.site import Grant

__all__ = ["keys"]

_FILE = click.Path(dir_okay=False, path_type=Path)
_VIETNAM = dt.timezone(dt.timedelta(hours=7))
_YEAR = 365
_NEW_PASSPHRASE = click.option(
    "--new-passphrase-file",
    type=_FILE,
    help="File (mode 0600) whose first line is the new passphrase; asked for twice where it is not given.",
)
_YEARS = click.option(
    "--years", type=click.IntRange(1, 30), default=3, show_default=True, help="How long the key lasts."
)


@click.group()
def keys() -> None:
    """Keys of the site: list, seal, certify, rotate, revoke; root keys sign together under `root`."""


keys.add_command(root)


@keys.command("list")
@click.option("--people", is_flag=True, help="Also the keys of people's devices.")
@JSON
@click.pass_context
def list_keys(ctx: click.Context, people: bool, *, as_json: bool) -> None:  # noqa: FBT001 -- click's signature
    """List the keys in the log: who they are, what they may, until when, and which lie here."""
    site = open_site(**ctx.obj, signs=False)
    here = _files(KeyStore(ctx.obj["data"] / "keys"))
    known = {c.kid: c for c in site.ledger.rules.certificates()}
    log_keys = (site.ledger.ring.get(bytes.fromhex(kid)) for kid in here)
    known |= {c.kid: c for c in log_keys if c and c.kid not in known}
    chosen = [c for c in known.values() if people or not any(c.person)]
    rows = [_row(c, here.get(c.kid.hex(), ""), site.now()) for c in chosen]
    site.close()
    if as_json:
        say({"threshold": site.ledger.ring.threshold, "keys": rows}, as_json=True)
        return
    click.echo(f"root keys that must sign together: {site.ledger.ring.threshold}")
    for row in rows:
        offices = f" offices {','.join(map(str, row['offices']))}" if row["offices"] else ""
        where = f"  {row['file']}" if row["file"] else ""
        click.echo(
            f"{row['kid']}  {'+'.join(row['roles']):<10} {row['state']:<10} until {row['until']}{offices}{where}"
        )


def _files(store: KeyStore) -> dict[str, str]:

    return {
        kid_of(
            store.public(name)
        ).hex(): f"{name}.key ({'sealed' if store.is_sealed(name) else 'NOT SEALED'})"
        for name in store.names()
    }


def _row(certificate: Certificate, file: str, now_ms: int) -> dict[str, Any]:
    state = "valid" if certificate.lives(now_ms) else "expired"
    if certificate.revoked_index is not None:
        state = "retired" if certificate.retired else "revoked"
    return {
        "kid": certificate.kid.hex(),
        "public": certificate.public.hex(),
        "roles": sorted(role.name for role in certificate.roles),
        "person": certificate.person.hex(),
        "offices": list(certificate.offices),
        "kid4": certificate.kid4.hex(),
        "issuer": certificate.issuer.hex(),
        "replaces": certificate.replaces.hex(),
        "state": state,
        "from": _date(certificate.not_before_ms),
        "until": _date(certificate.not_after_ms),
        "entry": certificate.index,
        "file": file,
    }


def _date(ms: int) -> str:
    return dt.datetime.fromtimestamp(ms / 1000, _VIETNAM).date().isoformat()


@keys.command()
@click.argument("file", type=_FILE)
@PASSPHRASE_FILE
@JSON
def new(file: Path, passphrase_file: Path | None, *, as_json: bool) -> None:
    """Make a key in FILE (NAME.key), sealed with a passphrase. Needs no site: for a machine without a network."""
    if file.suffix != ".key":
        raise KeyFileError(f"{file} does not end in .key", hint="Key files are named NAME.key.")
    seed = secrets.token_bytes(32)
    write_key(file, seed, new_passphrase(passphrase_file, "Passphrase of the new key"))
    public = public_of(seed)
    say({"file": str(file), "key": kid_of(public).hex(), "public": public.hex()}, as_json=as_json)


@keys.command()
@PASSPHRASE_FILE
@JSON
@click.pass_context
def encrypt(ctx: click.Context, passphrase_file: Path | None, *, as_json: bool) -> None:
    """Seal the site's key files that are not sealed yet. What they were stays on the disk until it is written over."""
    store = KeyStore(ctx.obj["data"] / "keys")
    plain = [name for name in store.names() if not store.is_sealed(name)]
    if plain:
        passphrase = new_passphrase(passphrase_file, "Passphrase of the site's keys")
        for name in plain:
            store.reseal(name, passphrase)
    say({"sealed": plain}, as_json=as_json)


@keys.command("passphrase")
@click.option("--key", type=_FILE, help="One key file, in place of those of the site.")
@PASSPHRASE_FILE
@_NEW_PASSPHRASE
@JSON
@click.pass_context
def change_passphrase(
    ctx: click.Context,
    key: Path | None,
    passphrase_file: Path | None,
    new_passphrase_file: Path | None,
    *,
    as_json: bool,
) -> None:
    """Put the site's key files, or one file, under another passphrase. Broken off half way, it may be repeated."""
    folder = key.parent if key else ctx.obj["data"] / "keys"
    old = old_passphrase(passphrase_file, "Passphrase until now")
    fresh = new_passphrase(new_passphrase_file, "New passphrase")
    store, done = KeyStore(folder, old), KeyStore(folder, fresh)
    names = [key.name.removesuffix(".key")] if key else store.names()
    for name in names:
        try:
            store.read(name)
        except PassphraseError:
            done.read(name)  # one that an earlier attempt reached
    for name in names:
        try:
            store.reseal(name, fresh)
        except PassphraseError:
            continue
    say({"sealed": names}, as_json=as_json)


@keys.command()
@click.option(
    "--public", required=True, help="The key, 64 hexadecimal digits, as `tram keys new` printed it."
)
@click.option(
    "--offices", default="", help="Office codes with commas between; without, an authority for all."
)
@_YEARS
@OUT
@PASSPHRASE_FILE
@JSON
@click.pass_context
def certify(
    ctx: click.Context,
    public: str,
    offices: str,
    years: int,
    out: Path | None,
    passphrase_file: Path | None,
    *,
    as_json: bool,
) -> None:
    """Certify or renew an enrolment key: of some offices by the site's authority, or an authority by the roots."""
    try:
        codes = tuple(sorted({int(code) for code in offices.split(",") if code.strip()}))
    except ValueError:
        raise click.UsageError(f"--offices {offices!r} is not codes with commas between") from None
    site, role = open_for_keys(ctx.obj, passphrase_file), frozenset({Role.ENROL})
    if not codes:
        fields = certificate_fields(site, public_key(public), role, days=years * _YEAR)
        say(settle(site, fields, out), as_json=as_json)
        return
    now_ms = site.now()
    grant = Grant(
        public=public_key(public),
        roles=role,
        not_before_ms=now_ms,
        not_after_ms=now_ms + years * _YEAR * DAY_MS,
        offices=codes,
    )
    result = site.certify(grant)
    site.close()
    say({"key": kid_of(grant.public).hex(), "offices": list(codes), "index": result.index}, as_json=as_json)


@keys.command()
@click.argument("kid")
@click.option(
    "--reason",
    required=True,
    type=click.Choice(["retired", "lost", "unqualified", "superseded"]),
    help="Only after `retired` do late uploads from before it stand.",
)
@click.option(
    "--compromised-since", default="", help="Since when it must not be believed, ISO 8601, at +07:00."
)
@OUT
@PASSPHRASE_FILE
@JSON
@click.pass_context
def revoke(
    ctx: click.Context,
    kid: str,
    reason: str,
    compromised_since: str,
    out: Path | None,
    passphrase_file: Path | None,
    *,
    as_json: bool,
) -> None:
    """End the key KID (16 hexadecimal digits). Roots, authorities and log keys are ended by the roots."""
    since_ms = _moment(compromised_since) if compromised_since else None
    number = Reason[reason.upper()]
    site = open_for_keys(ctx.obj, passphrase_file)
    certificates = certificates_of(site, _kid_bytes(kid))
    if any(subject_of(c).is_for_roots for c in certificates):
        fields = revocation_fields(site, certificates[0].kid, number, since_ms)
        say(settle(site, fields, out), as_json=as_json)
        return
    result = site.revoke(certificates[0].kid, reason=number, compromised_ms=since_ms)
    site.close()
    say({"key": kid, "reason": reason, "compromised_ms": since_ms, "index": result.index}, as_json=as_json)


@keys.command("rotate-label")
@_YEARS
@click.option(
    "--retire-old", is_flag=True, help="End the older label keys: their printed labels register no more."
)
@PASSPHRASE_FILE
@JSON
@click.pass_context
def rotate_label(
    ctx: click.Context, years: int, passphrase_file: Path | None, *, retire_old: bool, as_json: bool
) -> None:
    """Make a new key for labels. Labels of older keys go on being verified."""
    site = open_for_keys(ctx.obj, passphrase_file)
    older = [c.kid for c in site.ledger.rules.certificates() if c.kid4 and c.lives()] if retire_old else []
    made, grant = new_label_key(site, days=years * _YEAR)
    result = site.certify(grant)
    for kid in dict.fromkeys(older):
        site.revoke(kid, reason=Reason.RETIRED)
    site.close()
    figures = {"key": made.kid, "kid4": grant.kid4.hex(), "file": f"{made.name}.key", "index": result.index}
    say({**figures, "retired": [kid.hex() for kid in dict.fromkeys(older)]}, as_json=as_json)


@keys.command("rotate-log")
@click.option(
    "--overlap-days",
    type=click.IntRange(0, 400),
    default=30,
    show_default=True,
    help="How long the old key signs beside the new one; 0 when it was stolen.",
)
@OUT
@PASSPHRASE_FILE
@JSON
@click.pass_context
def rotate_log(
    ctx: click.Context, overlap_days: int, out: Path | None, passphrase_file: Path | None, *, as_json: bool
) -> None:
    """Change the keys that sign checkpoints: the old log key and the roots say which follow."""
    site = open_for_keys(ctx.obj, passphrase_file)
    log, clock, fields = new_log_keys(site, overlap_days=overlap_days)

    def undo() -> None:
        for made in (log, clock):
            (site.keys.directory / f"{made.name}.key").unlink()

    said = settle(site, fields, out, undo=undo)
    say({**said, "files": [f"{made.name}.key" for made in (log, clock)]}, as_json=as_json)


@keys.command("second")
@PASSPHRASE_FILE
@JSON
@click.pass_context
def second(ctx: click.Context, passphrase_file: Path | None, *, as_json: bool) -> None:
    """Make or show the log's second key: ML-DSA-44, which a quantum computer cannot forge.

    The service cosigns a checkpoint with it every hour. Readers name it as a witness in their policy.
    """
    site = open_for_keys(ctx.obj, passphrase_file)
    if not site.keys.has(SECOND):
        site.keys.write(SECOND, secrets.token_bytes(32))
    made = SecondKey.of(site.origin, site.keys.read(SECOND))
    site.close()
    say({"witness": f"witness second {made.key.vkey}", "file": f"{SECOND}.key"}, as_json=as_json)


def _kid(public: bytes) -> str:

    return kid_of(public).hex()


def _kid_bytes(text: str) -> bytes:
    try:
        kid = bytes.fromhex(text)
    except ValueError:
        kid = b""
    if len(kid) != 8:
        raise click.UsageError(f"{text!r} is not a key's name of 16 hexadecimal digits")
    return kid


def _moment(text: str) -> int:
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        raise click.UsageError(f"{text!r} is not a time such as 2026-11-20T10:00") from None
    return int((moment if moment.tzinfo else moment.replace(tzinfo=_VIETNAM)).timestamp() * 1000)
