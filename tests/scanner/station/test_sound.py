"""What a result sounds like."""

from __future__ import annotations

import io
import wave

import pytest

from scanner.station.sound import TONES, sound, tune


@pytest.mark.parametrize("kind", TONES)
def test_the_tones_are_a_sound_file_of_their_length(kind: str) -> None:
    """The player takes 16 bit mono."""
    with wave.open(io.BytesIO(tune(kind)), "rb") as made:
        assert (made.getnchannels(), made.getsampwidth()) == (1, 2)
        lasts_ms = made.getnframes() * 1000 / made.getframerate()
    assert lasts_ms == pytest.approx(sum(ms + 40 for _, ms in TONES[kind]), abs=2)


def test_results_are_told_apart_by_ear() -> None:
    """Good and bad must not sound alike."""
    assert len({tune(kind) for kind in TONES}) == len(TONES)


@pytest.mark.parametrize("words", [None, ("no-such-player-here",)])
def test_without_a_player_the_bell_rings(words: tuple[str, ...] | None) -> None:
    """A terminal has always a bell."""
    rung: list[str] = []
    sound("bad", rung.append, words)

    assert rung == ["\a\a\a"]


def test_with_a_player_the_bell_is_silent() -> None:
    """Both at once is noise."""
    rung: list[str] = []
    sound("good", rung.append, ("cat",))

    assert rung == []
