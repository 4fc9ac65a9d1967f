"""The bars of Code 128 (ISO/IEC 15417), as far as the numbers of items use them."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["CODE_B", "CODE_C", "MODULES", "START_B", "STOP", "SYMBOL_MODULES", "check_value", "modules_of"]

SYMBOL_MODULES: Final = 11
MODULES: Final = 156  # start B, 2 letters, C, 4 pairs, B, digit, 2 letters, check, stop of 13
CODE_C: Final = 99
CODE_B: Final = 100
START_B: Final = 104
STOP: Final = 106

# Bar, space, bar... of values 0 to 106.
_WIDTHS: Final = (
    "212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 "
    "112232 122132 122231 113222 123122 123221 223211 221132 221231 213212 223112 312131 "
    "311222 321122 321221 312212 322112 322211 212123 212321 232121 111323 131123 131321 "
    "112313 132113 132311 211313 231113 231311 112133 112331 132131 113123 113321 133121 "
    "313121 211331 231131 213113 213311 213131 311123 311321 331121 312113 312311 332111 "
    "314111 221411 431111 111224 111422 121124 121421 141122 141221 112214 112412 122114 "
    "122411 142112 142211 241211 221114 413111 241112 134111 111242 121142 121241 114212 "
    "124112 124211 411212 421112 421211 212141 214121 412121 111143 111341 131141 114113 "
    "114311 411113 411311 113141 114131 311141 411131 211412 211214 211232 "
    "2331112"
)


def modules_of(value: int) -> NDArray[np.bool_]:
    """Return the modules of a symbol value 0 to 106; True is dark."""
    widths = [int(width) for width in _WIDTHS.split()[value]]
    return np.repeat(np.arange(len(widths)) % 2 == 0, widths)


def check_value(values: list[int]) -> int:
    """Return the check character's value, of the values from the start character on."""
    return (values[0] + sum(place * value for place, value in enumerate(values))) % 103
