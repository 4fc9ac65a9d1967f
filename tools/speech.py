"""Make the number words that the scan page speaks: espeak-ng says each word once, IMA ADPCM keeps it small.

    python -m tools.speech

writes `web/static/speech/{vi,en}.bin`. It needs the program `espeak-ng` and is run by hand when a word is added: what
it writes is committed, so nobody else needs the program. The words are those of web/client/src/speech/numbers.ts.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
import wave
from pathlib import Path

import numpy as np

from tools.adpcm import encode

__all__ = ["RATE", "VOCABULARY", "main", "make"]

RATE = 11_025
_SPOKEN_RATE = 22_050
_QUIET = 250  # of 32,768: below that a clip has not begun yet, or is over
_PEAK = 26_000
_MARGIN_S = 0.012
_OUT = Path(__file__).resolve().parents[1] / "web" / "static" / "speech"
_TAPS = 31

VOCABULARY: dict[str, tuple[str, int, tuple[str, ...]]] = {
    "vi": (
        "vi",
        165,
        tuple(
            "không một hai ba bốn năm sáu bảy tám chín mười mươi mốt tư lăm trăm linh".split()  # noqa: SIM905
        ),
    ),
    "en": (
        "en-gb",
        205,
        tuple(
            "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "  # noqa: SIM905
            "seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred and".split()
        ),
    ),
}  # voice, words a minute, words


def _say(voice: str, pace: int, word: str) -> np.ndarray:
    """Give a word as spoken, int16 at 22,050 Hz.

    Raises:
        CalledProcessError: the program refuses.
    """
    command = ["espeak-ng", "-v", voice, "-s", str(pace), "--stdout", word]
    done = subprocess.run(command, capture_output=True, check=True)  # noqa: S603 - words of the table above
    with wave.open(io.BytesIO(done.stdout)) as sound:
        if sound.getframerate() != _SPOKEN_RATE:
            raise ValueError(f"espeak-ng speaks at {sound.getframerate()} Hz, not at {_SPOKEN_RATE}")
        return np.frombuffer(sound.readframes(sound.getnframes()), dtype="<i2")


def _halve(samples: np.ndarray) -> np.ndarray:
    """Half the rate: a windowed sinc below the new Nyquist frequency, then every second sample."""
    at = np.arange(_TAPS) - (_TAPS - 1) / 2
    taps = np.sinc(at * 0.47) * np.hamming(_TAPS)
    return np.convolve(samples.astype(float), taps / taps.sum(), mode="same")[::2]


def _trim(samples: np.ndarray) -> np.ndarray:
    loud = np.flatnonzero(np.abs(samples) > _QUIET)
    margin = int(_MARGIN_S * RATE)
    return samples[max(loud[0] - margin, 0) : loud[-1] + margin]


def make(language: str) -> bytes:
    """Give the file of a language: one line of JSON, then the clips."""
    voice, pace, words = VOCABULARY[language]
    index: dict[str, tuple[int, int]] = {}
    body = b""
    for word in words:
        clip = _trim(_halve(_say(voice, pace, word)))
        level = np.round(clip * (_PEAK / np.abs(clip).max())).astype(int)
        index[word] = (len(body), len(level))
        body += encode([int(one) for one in level])
    head = json.dumps({"rate": RATE, "words": index}, ensure_ascii=False, separators=(",", ":"))
    return head.encode() + b"\n" + body


def main() -> None:
    """Write both files."""
    _OUT.mkdir(parents=True, exist_ok=True)
    for language in VOCABULARY:
        made = make(language)
        (_OUT / f"{language}.bin").write_bytes(made)
        sys.stdout.write(f"{language}: {len(VOCABULARY[language][2])} words, {len(made)} bytes\n")


if __name__ == "__main__":
    main()
