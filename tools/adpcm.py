"""IMA ADPCM, 4 bits a sample: the encoder for the clips that web/client/src/speech/clips.ts decodes."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["encode"]

_STEPS = (
    7, 8, 9, 10, 11, 12, 13, 14, 16, 17, 19, 21, 23, 25, 28, 31, 34, 37, 41, 45, 50, 55, 60, 66, 73, 80, 88, 97, 107,
    118, 130, 143, 157, 173, 190, 209, 230, 253, 279, 307, 337, 371, 408, 449, 494, 544, 598, 658, 724, 796, 876, 963,
    1060, 1166, 1282, 1411, 1552, 1707, 1878, 2066, 2272, 2499, 2749, 3024, 3327, 3660, 4026, 4428, 4871, 5358, 5894,
    6484, 7132, 7845, 8630, 9493, 10442, 11487, 12635, 13899, 15289, 16818, 18500, 20350, 22385, 24623, 27086, 29794,
    32767,
)  # fmt: skip
_ADJUST = (-1, -1, -1, -1, 2, 4, 6, 8)


def encode(samples: Sequence[int]) -> bytes:
    """Give samples of 16 bits as nibbles, the first of each pair low; begins at silence and the smallest step."""
    value = position = 0
    nibbles: list[int] = []
    for sample in samples:
        step = _STEPS[position]
        nibble, value = _nearest(sample - value, step, value)
        position = min(max(position + _ADJUST[nibble & 7], 0), len(_STEPS) - 1)
        nibbles.append(nibble)
    nibbles += [0] * (len(nibbles) % 2)
    return bytes(low | high << 4 for low, high in zip(nibbles[::2], nibbles[1::2], strict=True))


def _nearest(error: int, step: int, value: int) -> tuple[int, int]:
    """Give the nibble for an error and the value that the decoder will have then."""
    nibble, left, change = (8 if error < 0 else 0), abs(error), step >> 3
    for bit, part in ((4, step), (2, step >> 1), (1, step >> 2)):
        if left >= part:
            nibble |= bit
            left -= part
            change += part
    return nibble, min(max(value + (-change if nibble & 8 else change), -32_768), 32_767)
