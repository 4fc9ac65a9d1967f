"""How a picture of a label is spoilt, in grades 0 to 5, and which mixtures of that a clerk meets. All of it is data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Final

import numpy as np

__all__ = ["GRADES", "KINDS", "MIXTURES", "Shot", "draw_shot", "graded_shot"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """What is wrong with one picture; the values left out are those of a good one.

    Attributes:
        distance_mm: from the lens to the label; 1387 / distance_mm is the pixels per millimetre at 1080p.
        tilt: degrees that the camera looks aslant, in any direction.
        roll: degrees that the label lies turned.
        motion: length in pixels of the hand's movement while the shutter is open.
        defocus: radius in pixels of the disc that a point becomes.
        light: 1 is a lit desk; the camera's gain makes up for half of what is missing, with noise.
        jpeg: quality.
        glare: how white the reflection of a lamp is, 1 is nothing else.
        shadow: how much of the light an arm or a phone takes from a part of the label.
        wrinkle_mm: how far a fold of the paper shifts what is printed on it.
        dropout: dead elements of the thermal head, each a white line along the label.
        occlusion: share of the QR code under a thumb, a tape or a spot.
        contrast: 1 is black print on white paper.
    """

    distance_mm: float = 250.0
    tilt: float = 0.0
    roll: float = 0.0
    motion: float = 0.0
    defocus: float = 0.0
    light: float = 1.0
    jpeg: float = 92.0
    glare: float = 0.0
    shadow: float = 0.0
    wrinkle_mm: float = 0.0
    dropout: float = 0.0
    occlusion: float = 0.0
    contrast: float = 1.0


KINDS: Final = tuple(field.name for field in fields(Shot))

GRADES: Final[Mapping[str, tuple[float, ...]]] = MappingProxyType(
    {
        "distance_mm": (250, 300, 370, 460, 600, 800),
        "tilt": (0, 12, 24, 36, 48, 60),
        "roll": (0, 10, 20, 30, 45, 135),
        "motion": (0, 2, 4, 6, 9, 13),
        "defocus": (0, 1.0, 1.7, 2.4, 3.2, 4.2),
        "light": (1, 0.5, 0.25, 0.12, 0.05, 0.02),
        "jpeg": (92, 75, 50, 30, 15, 6),
        "glare": (0, 0.35, 0.55, 0.7, 0.85, 1),
        "shadow": (0, 0.3, 0.5, 0.65, 0.8, 0.95),
        "wrinkle_mm": (0, 0.15, 0.3, 0.45, 0.6, 0.9),
        "dropout": (0, 4, 10, 20, 40, 80),
        "occlusion": (0, 0.03, 0.06, 0.1, 0.15, 0.22),
        "contrast": (1, 0.7, 0.5, 0.35, 0.2, 0.08),
    }
)
"""The value of each kind at grades 0 to 5; grade 5 is at or beyond what a symbol can bear."""

MIXTURES: Final[Mapping[str, Mapping[str, tuple[int, ...]]]] = MappingProxyType(
    {
        # A clerk at a desk, a courier at a gate: most things are right, one or two are a little wrong.
        "everyday": MappingProxyType(
            {
                "distance_mm": (65, 30, 5, 0, 0, 0),
                "tilt": (40, 35, 20, 5, 0, 0),
                "roll": (45, 25, 15, 8, 4, 3),
                "motion": (60, 28, 10, 2, 0, 0),
                "defocus": (60, 28, 10, 2, 0, 0),
                "light": (50, 30, 15, 5, 0, 0),
                "jpeg": (50, 35, 15, 0, 0, 0),
                "glare": (75, 15, 7, 3, 0, 0),
                "shadow": (60, 20, 12, 8, 0, 0),
                "wrinkle_mm": (70, 20, 8, 2, 0, 0),
                "dropout": (80, 12, 6, 2, 0, 0),
                "occlusion": (88, 8, 4, 0, 0, 0),
                "contrast": (70, 20, 8, 2, 0, 0),
            }
        ),
        # A stairwell in the rain with a worn printer: several things are badly wrong at once.
        "hard": MappingProxyType(
            {
                "distance_mm": (40, 35, 18, 7, 0, 0),
                "tilt": (25, 30, 25, 15, 5, 0),
                "roll": (20, 20, 20, 15, 15, 10),
                "motion": (43, 28, 17, 10, 2, 0),
                "defocus": (43, 28, 17, 10, 2, 0),
                "light": (28, 25, 22, 17, 8, 0),
                "jpeg": (30, 35, 23, 12, 0, 0),
                "glare": (58, 14, 12, 10, 6, 0),
                "shadow": (42, 20, 18, 13, 7, 0),
                "wrinkle_mm": (48, 22, 16, 10, 4, 0),
                "dropout": (55, 18, 13, 9, 5, 0),
                "occlusion": (62, 15, 12, 8, 3, 0),
                "contrast": (50, 23, 14, 9, 4, 0),
            }
        ),
    }
)
"""Of a hundred pictures, how many have each kind at grades 0 to 5."""


def graded_shot(levels: Mapping[str, int]) -> Shot:
    """Return the shot with these kinds at these grades and everything else as it should be."""
    return Shot(**{kind: float(GRADES[kind][level]) for kind, level in levels.items()})


def draw_shot(mixture: str, chance: np.random.Generator) -> Shot:
    """Return a shot of one of `MIXTURES`."""
    weights = MIXTURES[mixture]
    return graded_shot(
        {kind: int(chance.choice(6, p=np.array(weights[kind]) / sum(weights[kind]))) for kind in KINDS}
    )
