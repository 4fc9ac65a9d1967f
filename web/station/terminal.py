"""The terminal of a station: words of its language, and a sign, a colour and a sound for each kind of result."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Final

import click

from scanner.station.sound import player, sound
from web.i18n import catalogue

__all__ = ["Terminal", "words_of"]

_SIGNS: Final = {
    "good": ("✓", "green"),
    "info": ("·", "cyan"),
    "wait": ("…", "cyan"),
    "warn": ("!", "yellow"),
    "bad": ("✗", "red"),
}


def words_of(lang: str) -> Callable[..., str]:
    """Return what translates: a msgid, and values for its places."""
    table = catalogue(lang) if lang != "en" else {}

    def translate(text: str, **values: object) -> str:
        return table.get(text, text) % values if values else table.get(text, text)

    return translate


class Terminal:
    """The person's terminal: a sign, a colour and a sound for each kind of result."""

    def __init__(self, *, silent: bool, as_json: bool) -> None:
        self._silent, self.as_json = silent, as_json
        self._player = None if silent else player()

    def tell(self, kind: str, text: str) -> None:
        """Say it."""
        if self.as_json:
            click.echo(json.dumps({"kind": kind, "text": text}, ensure_ascii=False))
            return
        sign, colour = _SIGNS[kind]
        click.secho(f"{sign} {text}", fg=colour, bold=kind != "info")
        if not self._silent and kind != "wait":
            sound(kind, lambda bells: click.echo(bells, nl=False), self._player)

    @staticmethod
    def ask(question: str) -> str:
        """Ask, and give what is typed; "" at the end of the input."""
        click.secho(f"{question} ", nl=False, bold=True)
        return sys.stdin.readline().strip()
