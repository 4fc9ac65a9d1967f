"""The command `tram`: gathers the commands that live beside what they command.

A command's module is imported when the command is called, not before: `tram verify` on an inspector's
laptop loads `custody` alone.
"""

import errno
import sys
from importlib import import_module
from pathlib import Path

import click

from custody.errors import CustodyError

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EROFS}  # the system names no file with them

# name, of a subcommand behind its group's -> the module and the click command in it
COMMANDS = {
    "anchor": "web.anchor.cli:anchor",
    "audit": "db.cli:audit",
    "backup": "db.cli:backup",
    "decode": "scanner.cli:decode",
    "demo": "web.cli:demo",
    "erase": "db.erase_cli:erase",
    "export": "db.cli:export",
    "export verifier": "web.cli:verifier",
    "headmap": "db.headmap_cli:headmap",
    "init": "web.cli:init",
    "keys": "db.keys_cli:keys",
    "label": "labels.cli:label",
    "migrate": "db.cli:migrate",
    "rebuild": "db.cli:rebuild",
    "restore": "db.cli:restore",
    "serve": "web.cli:serve",
    "simulate": "db.cli:simulate",
    "station": "web.station.cli:station",
    "verify": "custody.cli:verify",
    "witness": "web.witness.cli:witness",
}


class _Gathered(click.Group):
    """A group whose commands are named in a table and imported when asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        """Name every command, in the order of the table."""
        return [name for name in COMMANDS if " " not in name]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  click's signature
        """Import the command's module and take the command from it; None if there is no such command."""
        if cmd_name not in COMMANDS:
            return None
        command = _load(COMMANDS[cmd_name])
        if isinstance(command, click.Group):  # parts of it may lie in another package
            for path, place in COMMANDS.items():
                group, _, name = path.partition(" ")
                if name and group == cmd_name:
                    command.add_command(_load(place), name)
        return command


def _load(place: str) -> click.Command:
    module, _, name = place.partition(":")
    command = getattr(import_module(module), name)
    if not isinstance(command, click.Command):
        message = f"{place} is not a click command"
        raise TypeError(message)
    return command


@click.group(cls=_Gathered, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--data",
    envvar="DATA",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("data"),
    show_default=True,
    help="Folder of the site: its database, keys and settings. Also read from DATA.",
)
@click.option(
    "--database-url",
    envvar="TRAM_DATABASE_URL",
    help="A PostgreSQL address instead of the file in the site's folder. Also read from TRAM_DATABASE_URL.",
)
@click.pass_context
def tram(ctx: click.Context, data: Path, database_url: str | None) -> None:
    """Trạm: chain-of-custody scanning for sealed mail.

    Every hop of an envelope is scanned, signed by the one who gives and the one who takes, and kept so
    that a stranger can check it.
    """
    ctx.obj = {"data": data, "database_url": database_url or None}


def main() -> None:
    """Run `tram`; an error of ours, or of a file, is one line and its hint on standard error, exit status 2."""
    try:
        tram(prog_name="tram")
    except CustodyError as error:
        _end(str(error), error.hint)
    except OSError as error:
        if error.filename is None and error.errno not in _FULL:
            raise
        _end(*_file_words(error))


def _file_words(error: OSError) -> tuple[str, str]:
    """Say which file the system refused, and what to do."""
    if error.filename is None:
        return f"the disk takes no more: {error.strerror}", "Make room, then do it again."
    path = Path(str(error.filename))
    hint = "Name a file in a folder that is there and that this account may use."
    if isinstance(error, FileNotFoundError) and not path.parent.is_dir():
        hint = f"There is no folder {path.parent}: make it first, or name another."
    elif isinstance(error, PermissionError):
        hint = f"This account may not use it: name another place, or change who owns {path.parent}."
    return f"{path}: {error.strerror or type(error).__name__}", hint


def _end(said: str, hint: str) -> None:
    click.echo(f"tram: {said}", err=True)
    if hint:
        click.echo(f"      {hint}", err=True)
    sys.exit(2)


if __name__ == "__main__":
    main()
