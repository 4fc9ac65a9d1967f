"""Take contact sheets of every screen in both languages and three themes: at the size of a phone, and of a desk.

python -m tests.e2e.screens docs/images
"""

from __future__ import annotations

import io
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw, ImageFont
from playwright.sync_api import ViewportSize

from tests.e2e.atlas import LANGUAGES, THEMES, Cast, Screen, as_theme
from tests.e2e.people import PHONE, playing
from tests.e2e.site import running_site
from tests.e2e.walks import WALKS

__all__ = ["main"]

_GAP: Final = 8
_CAPTION: Final = 18
_SETTLE_MS: Final = 150


@dataclass(frozen=True, slots=True)
class _Form:
    """How a sheet is laid out.

    Attributes:
        name: of its files.
        viewport: of the browser, px.
        thumb: of a picture on the sheet, px.
        columns: pictures beside each other.
    """

    name: str
    viewport: ViewportSize
    thumb: tuple[int, int]
    columns: int


_FORMS: Final = (
    _Form("screens", PHONE, (206, 458), 10),
    _Form("desk", ViewportSize(width=1280, height=800), (640, 400), 3),
)

Shots = dict[tuple[str, str, str], list[tuple[str, Image.Image]]]


def _take(screen: Screen, language: str, shots: Shots) -> None:
    page = screen.page
    for form in _FORMS if screen.is_desk else _FORMS[:1]:
        page.set_viewport_size(form.viewport)
        for theme in THEMES:
            as_theme(page, theme)
            page.wait_for_timeout(_SETTLE_MS)
            picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
            small = picture.resize(form.thumb, Image.Resampling.LANCZOS)
            shots.setdefault((form.name, language, theme), []).append((screen.name, small))
    page.set_viewport_size(PHONE)


def _sheet(form: _Form, pictures: list[tuple[str, Image.Image]]) -> Image.Image:
    """Lay out pictures, each with its name below."""
    (wide, high), font = form.thumb, ImageFont.load_default(12)
    rows = -(-len(pictures) // form.columns)
    step_x, step_y = wide + _GAP, high + _CAPTION + _GAP
    sheet = Image.new("RGB", (form.columns * step_x + _GAP, rows * step_y + _GAP), "#808080")
    pen = ImageDraw.Draw(sheet)
    for place, (name, picture) in enumerate(pictures):
        x, y = _GAP + place % form.columns * step_x, _GAP + place // form.columns * step_y
        sheet.paste(picture, (x, y))
        pen.text((x + 2, y + high + 2), name, fill="white", font=font)
    return sheet


def main() -> None:
    """Write a sheet for each form, language and theme into the folder named first; of the walks named then, or all."""
    out, chosen = Path(sys.argv[1]), sys.argv[2:]
    shots: Shots = {}
    with (
        tempfile.TemporaryDirectory() as work,
        running_site(Path(work) / "data", items=40) as site,
        playing() as playwright,
        ExitStack() as stack,
    ):
        cast = Cast(playwright, site, stack)
        for language in LANGUAGES:
            cast.language = language
            for walk in WALKS:
                for screen in walk.go(cast) if not chosen or walk.name in chosen else ():
                    _take(screen, language, shots)
    for form in _FORMS:
        for (name, language, theme), pictures in shots.items():
            if name == form.name:
                _sheet(form, pictures).save(out / f"{name}-{language}-{theme}.webp", quality=28, method=6)


if __name__ == "__main__":
    main()
