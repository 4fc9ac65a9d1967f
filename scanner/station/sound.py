"""What a result sounds like: tones by the player of the system where there is one, else the terminal's bell."""

from __future__ import annotations

import io
import shutil
import struct
import subprocess
import threading
import wave
from collections.abc import Callable
from contextlib import suppress
from math import pi, sin
from typing import Final

__all__ = ["TONES", "player", "sound", "tune"]

TONES: Final = {
    "good": ((880, 90), (1320, 130)),
    "info": ((880, 120),),
    "warn": ((660, 160), (660, 160)),
    "bad": ((330, 250), (220, 400)),
}
"""Result -> (Hz, ms) after each other; 40 ms of rest between."""

_RATE: Final = 22_050
_REST_MS: Final = 40
_LONGEST_S: Final = 5
_BELLS: Final = {"good": 1, "info": 1, "warn": 2, "bad": 3}
_PLAYERS: Final = (("paplay",), ("aplay", "-q"))


def tune(kind: str) -> bytes:
    """Return a result's tones as a WAV file, 16 bit mono."""
    samples: list[int] = []
    for pitch, lasts_ms in TONES[kind]:
        count = _RATE * lasts_ms // 1000
        samples += [
            round(12_000 * sin(2 * pi * pitch * at / _RATE) * _fade(at, count)) for at in range(count)
        ]
        samples += [0] * (_RATE * _REST_MS // 1000)
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(_RATE)
        out.writeframes(struct.pack(f"<{len(samples)}h", *samples))
    return file.getvalue()


def _fade(at: int, count: int) -> float:
    edge = _RATE // 200
    return min(1.0, at / edge, (count - at) / edge)


def player() -> tuple[str, ...] | None:
    """Return the command that plays a WAV file from its standard input, or None."""
    return next((words for words in _PLAYERS if shutil.which(words[0])), None)


def sound(kind: str, ring: Callable[[str], object], words: tuple[str, ...] | None) -> None:
    """Sound a result: with the player *words*, without waiting for its end; else by bells through *ring*."""
    if words is None or shutil.which(words[0]) is None:
        ring("\a" * _BELLS[kind])
    else:
        threading.Thread(target=_play, args=(words, tune(kind)), name="sound", daemon=True).start()


def _play(words: tuple[str, ...], tones: bytes) -> None:
    with suppress(OSError, subprocess.SubprocessError):  # a sound that fails is told on the screen as well
        subprocess.run(  # noqa: S603 - a name of the table above
            words,
            input=tones,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=_LONGEST_S,
            check=False,
        )
