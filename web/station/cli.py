"""The command `tram station`: a desk with a camera, a serial reader or a keyboard wedge."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from db.unlock import PASSPHRASE_FILE, key_passphrase, new_passphrase
from web.station.terminal import Terminal, words_of

if TYPE_CHECKING:
    from scanner.station.outbox import Outbox
    from scanner.station.sources import Scan
    from web.station.client import Client
    from web.station.desk import Desk, Translate
    from web.station.folder import Folder

__all__ = ["station"]

_NOT_SEALED = "WARNING: the key of this station is NOT SEALED: who copies the folder signs as you."
_JSON = click.option("--json", "as_json", is_flag=True, help="As JSON, one line each.")
_PASSWORD_FILE = click.option(
    "--password-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="File with your password; asked for where it is not given.",
)


@click.group()
@click.option(
    "--dir",
    "directory",
    envvar="TRAM_STATION",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("station"),
    show_default=True,
    help="Folder of the station: its key, what it knows, its outbox. Also read from TRAM_STATION.",
)
@click.option(
    "--lang", type=click.Choice(["vi", "en"]), default=None, help="Language; else that of this machine."
)
@click.pass_context
def station(ctx: click.Context, directory: Path, lang: str | None) -> None:
    """Work at a desk with a reader: receive what is offered to you, and report what you see.

    Once: `tram station enrol --server URL --login NAME`; a supervisor approves the device on the page Devices. Then
    `tram station run` each day, with the reader you have. It goes on while the service is down: what you sign is on the
    disk at once, and is sent when the service answers. For everything else use the page in the browser.
    """
    from web.station.folder import Folder

    chosen = lang or ("en" if os.environ.get("LANG", "").startswith("en") else "vi")
    ctx.obj = {"folder": Folder(directory), "lang": chosen}


@station.command()
@click.option("--server", required=True, help="Address of the service, as in the browser.")
@click.option("--login", required=True, help="Your name for signing in.")
@click.option(
    "--name", default=platform.node() or "station", show_default=True, help="What to call this device."
)
@_PASSWORD_FILE
@PASSPHRASE_FILE
@_JSON
@click.pass_obj
def enrol(
    obj: dict[str, Any],
    server: str,
    login: str,
    name: str,
    password_file: Path | None,
    passphrase_file: Path | None,
    as_json: bool,
) -> None:
    """Make this station's key and ask for its certificate; run it again to see whether it was approved.

    The key file is sealed with the passphrase in --passphrase-file, or with one that is asked for. Without either, as
    in a script, it is not, and a warning says so.
    """
    import secrets

    from custody.cose import kid_of
    from db.keystore import public_in
    from web.station.client import Client

    folder: Folder = obj["folder"]
    client = Client(server.rstrip("/"), lang=obj["lang"])
    client.sign_in(login, _password(password_file, login))
    if not folder.is_there:
        asked = passphrase_file or sys.stdin.isatty()
        passphrase = new_passphrase(passphrase_file, "Passphrase of the station's key") if asked else None
        folder.make(secrets.token_bytes(32), passphrase)
        if passphrase is None:
            click.echo(_NOT_SEALED, err=True)
    public = public_in(folder.key)
    kid = kid_of(public)
    _check_person(folder, client.me(kid))
    status = client.enrol(public, name[:60])
    folder.keep_session(client.session)
    folder.keep({"server": client.url, "login": login, "me": client.me(kid), "day": client.day()})
    fingerprint = " ".join(kid.hex()[start : start + 4] for start in range(0, 16, 4))
    t = words_of(obj["lang"])
    said = (
        t("Device %(print)s may sign. Begin: tram station run", print=fingerprint)
        if status == "active"
        else t(
            "Device %(print)s waits for a supervisor: page Devices. Then: tram station run", print=fingerprint
        )
    )
    click.echo(json.dumps({"kid": kid.hex(), "status": status}) if as_json else said)


@station.command()
@click.option("--camera", type=click.IntRange(0, 64), help="Number of a camera; 0 is the first.")
@click.option(
    "--video", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A video file instead."
)
@click.option("--serial", "device", help="A reader on a serial line, such as /dev/ttyACM0 or COM3.")
@click.option(
    "--baud", default=9_600, show_default=True, type=click.IntRange(300, 4_000_000), help="Its speed."
)
@click.option(
    "--stdin", "from_pipe", is_flag=True, help="Lines from a pipe; nothing is asked, so with --sight."
)
@click.option("--sight", is_flag=True, help="Sign each genuine label as seen here, without a question.")
@click.option("--no-preview", is_flag=True, help="No window with the camera's picture.")
@click.option("--no-sound", is_flag=True, help="Stay silent.")
@click.option("--place", type=int, help="Code of the office you are at, where you have several.")
@_PASSWORD_FILE
@PASSPHRASE_FILE
@_JSON
@click.pass_obj
def run(  # noqa: PLR0913, PLR0917 -- each is a flag
    obj: dict[str, Any],
    camera: int | None,
    video: Path | None,
    device: str | None,
    baud: int,
    from_pipe: bool,
    sight: bool,
    no_preview: bool,
    no_sound: bool,
    place: int | None,
    password_file: Path | None,
    passphrase_file: Path | None,
    as_json: bool,
) -> None:
    """Read, show, ask, sign, send: until the source ends, q in the window, or Ctrl-C.

    Without a source the reader types into this terminal (keyboard wedge): switch the Vietnamese input method off, or
    scan the square code, whose digits come through it. The seal is typed before the right number is compared.
    """
    if sum(one is not None for one in (camera, video, device)) + from_pipe > 1:
        raise click.UsageError("one source: --camera, --video, --serial or --stdin")
    if (from_pipe or as_json) and not sight:
        raise click.UsageError("nobody can be asked through a pipe: add --sight")
    terminal = Terminal(silent=no_sound or as_json, as_json=as_json)
    with _at_work(obj, password_file, passphrase_file, terminal, place=place) as desk:
        desk.sights_only = sight
        source = _source(camera if camera is not None else video, device, baud, show=not no_preview)
        desk.screen.tell("info", desk.t("Scan an envelope. What it is and what to do next is shown here."))
        try:
            for scan in source:
                desk.take(scan)
                _tell_waiting(desk)
        except KeyboardInterrupt:
            click.echo()


@station.command()
@_PASSWORD_FILE
@PASSPHRASE_FILE
@_JSON
@click.pass_obj
def send(
    obj: dict[str, Any], password_file: Path | None, passphrase_file: Path | None, as_json: bool
) -> None:
    """Send what waits, now, and say what became of it. Exit status: 1 if something still waits or was refused."""
    from custody.errors import CustodyError
    from scanner.station.outbox import Outbox
    from web.station.courier import deliver

    folder: Folder = obj["folder"]
    kid = folder.open_key(key_passphrase(folder.key, passphrase_file))[1] if folder.is_there else b""
    with Outbox(folder.outbox) if kid else _missing(folder) as outbox:
        client = _client(folder, obj["lang"])
        why = _sign_in(folder, client, kid, password_file)
        try:
            if why is None:
                deliver(outbox, client)
        except CustodyError as error:
            why = error
        if why is not None and outbox.waiting():
            click.echo(f"tram: {why}", err=True)
        _list(outbox, words_of(obj["lang"]), as_json=as_json)
        sys.exit(1 if outbox.waiting() or outbox.refused() else 0)


@station.command("outbox")
@click.option(
    "--read", "is_read", is_flag=True, help="I have read why these were refused: take them off the list."
)
@_JSON
@click.pass_obj
def show_outbox(obj: dict[str, Any], is_read: bool, as_json: bool) -> None:
    """List what waits and what the service refused; a refused event is never dropped silently."""
    from scanner.station.outbox import Outbox

    folder: Folder = obj["folder"]
    with Outbox(folder.outbox) if folder.is_there else _missing(folder) as outbox:
        _list(outbox, words_of(obj["lang"]), as_json=as_json)
        for one in outbox.refused() if is_read else []:
            outbox.mark_read(one.id)


def _missing(folder: Folder) -> Outbox:
    from web.station.folder import NotEnrolledError

    raise NotEnrolledError(f"{folder.path} is no station's folder")


def _counted(outbox: Outbox) -> dict[str, Any]:
    stored = [one for one in outbox.all() if one.answer and one.answer.status != "refused"]
    return {
        "stored": len(stored),
        "waiting": [one.number for one in outbox.waiting()],
        "refused": [
            {"number": one.number, "problem": one.answer.problem} for one in outbox.refused() if one.answer
        ],
    }


def _list(outbox: Outbox, t: Translate, *, as_json: bool) -> None:
    counted = _counted(outbox)
    if as_json:
        click.echo(json.dumps(counted, ensure_ascii=False))
        return
    click.echo(t("Recorded: %(n)s. Waiting: %(m)s.", n=counted["stored"], m=len(counted["waiting"])))
    for one in counted["refused"]:
        click.secho(t("Refused: %(number)s: %(why)s", number=one["number"], why=one["problem"]), fg="red")


def _password(file: Path | None, login: str) -> str:
    if file is not None:
        return file.read_text(encoding="utf-8").partition("\n")[0].strip()
    if not sys.stdin.isatty():
        raise click.UsageError("nobody to ask for the password: give --password-file FILE")
    answer: str = click.prompt(f"Password of {login}", hide_input=True, err=True)
    return answer


def _client(folder: Folder, lang: str) -> Client:
    from web.station.client import Client
    from web.station.folder import NotEnrolledError

    facts = folder.facts()
    if "server" not in facts:
        raise NotEnrolledError(f"{folder.path} was not enrolled to the end")
    return Client(facts["server"], folder.session(), lang, folder.clock())


def _sign_in(folder: Folder, client: Client, kid: bytes, password_file: Path | None) -> Exception | None:
    """See that the session lives and is the station's person's, or open one; else give why it must do without."""
    from web.station.client import DownError, RefusedError, SignedOutError

    login = folder.facts()["login"]
    try:
        try:
            _check_person(folder, client.me(kid))
        except SignedOutError:
            if password_file is None and not sys.stdin.isatty():
                raise
            client.sign_in(login, _password(password_file, login))
            _check_person(folder, client.me(kid))
            folder.keep_session(client.session)
    except (DownError, SignedOutError, RefusedError) as error:
        return error
    return None


def _check_person(folder: Folder, me: dict[str, Any]) -> None:
    kept = folder.facts().get("me")
    if kept and kept["person"]["id"] != me["person"]["id"]:
        raise click.ClickException(
            f"this station is {kept['person']['name']}'s; for {me['person']['name']} enrol another --dir"
        )


@contextmanager
def _at_work(
    obj: dict[str, Any],
    password_file: Path | None,
    passphrase_file: Path | None,
    screen: Terminal,
    *,
    place: int | None,
) -> Iterator[Desk]:
    """Open key, outbox and register, and deliver beside the work; what is left waits for the next run."""
    from scanner.station.outbox import Outbox
    from web.station.begin import check_standing, signer_of, tell_doubt, tell_skew
    from web.station.courier import Courier
    from web.station.desk import Desk
    from web.station.register import Register

    folder: Folder = obj["folder"]
    seed, kid = folder.open_key(key_passphrase(folder.key, passphrase_file) if folder.is_there else None)
    t = words_of(obj["lang"])
    with Outbox(folder.outbox) as outbox:
        client = _client(folder, obj["lang"])
        clock = client.clock or folder.clock()
        register = Register(folder, client, outbox, folder.facts())
        why = _sign_in(folder, client, kid, password_file)
        if why is None:
            register.refresh(kid)
            tell_skew(register.me["now_ms"], screen, t)
        else:
            screen.tell("warn", t("Without the service for now (%(why)s). Go on: nothing is lost.", why=why))
        tell_doubt(clock.now(), screen, t)
        check_standing(register.me, len(outbox.all()))
        for one in outbox.refused():
            screen.tell(
                "bad",
                t(
                    "Refused: %(number)s: %(why)s",
                    number=one.number,
                    why=one.answer.problem if one.answer else "",
                ),
            )
        courier = Courier(outbox, client, lambda: register.refresh(kid))
        courier.start()
        try:
            yield Desk(signer_of(seed, register.me, place, clock), register, outbox, courier, screen, t)
        finally:
            courier.stop()
            _list(outbox, t, as_json=screen.as_json)


def _source(video: int | Path | None, device: str | None, baud: int, *, show: bool) -> Iterable[Scan]:
    from scanner.station.preview import Preview, can_show
    from scanner.station.sources import Lines, SerialLine, Video

    if video is not None:
        return Video(video, Preview("Tram") if show and can_show() else None)
    if device is not None:
        return SerialLine(device, baud)
    return Lines(sys.stdin)


def _tell_waiting(desk: Desk) -> None:
    """Say how much waits, and since when: it is never out of sight."""
    waiting = desk.outbox.waiting()
    if waiting:
        minutes = max(0, (desk.signer.now().ms - waiting[0].at_ms) // 60_000)
        desk.screen.tell("wait", desk.t("Waiting: %(n)s, oldest %(m)s min", n=len(waiting), m=minutes))
