"""Icons as inline SVG: 24 x 24, drawn with the text's colour, silent for screen readers."""

from __future__ import annotations

from markupsafe import Markup

__all__ = ["icon"]

_STROKES = {
    "home": "M3 11 12 4l9 7M5.5 9.5V20h13V9.5M10 20v-6h4v6",
    "scan": "M4 8V4h4M16 4h4v4M20 16v4h-4M8 20H4v-4M7 12h10",
    "bag": "M8 7c-3 3-5 7-4 11 .4 2 2 3 4 3h8c2 0 3.6-1 4-3 1-4-1-8-4-11zM8 7h8M9 3l-1 4M15 3l1 4M9 3c2 1 4 1 6 0M9 13h6M12 10v6",
    "slip": "M6 3h12v18l-3-2-3 2-3-2-3 2zM9 8h6M9 12h6M9 16h3",
    "counter": "M3 6h18v13H3zM3 7l9 7 9-7M16 3v3M8 3v3",
    "items": "M4 6h2M9 6h11M4 12h2M9 12h11M4 18h2M9 18h11",
    "wall": "M3 4h18v12H3zM8 20h8M12 16v4M7 12l3-3 2 2 4-4",
    "devices": "M7 2.5h10v19H7zM11 18.5h2M10 5h4",
    "about": "M12 3l8 3v6c0 5-3.5 8-8 9-4.5-1-8-4-8-9V6zM9 12l2 2 4-4",
    "book": "M12 6c-2-1.5-5-2-8-2v14c3 0 6 .5 8 2 2-1.5 5-2 8-2V4c-3 0-6 .5-8 2zM12 6v14",
    "sun": "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2v2.5M12 19.5V22M2 12h2.5M19.5 12H22M5 5l1.7 1.7M17.3 17.3 19 19M19 5l-1.7 1.7M6.7 17.3 5 19",
    "moon": "M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5z",
    "auto": "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 3v18M12 7l6 2M12 12h9M12 17l6-2",
    "out": "M14 4h5v16h-5M3 12h11M10 8l4 4-4 4",
    "print": "M7 8V3h10v5M7 17H4V8h16v9h-3M7 14h10v7H7z",
    "down": "M12 4v12M7 11l5 5 5-5M4 20h16",
    "seal": "M12 3l2.2 1.8 2.8-.3.7 2.7 2.5 1.4-1 2.6 1 2.6-2.5 1.4-.7 2.7-2.8-.3L12 19.4l-2.2-1.8-2.8.3-.7-2.7-2.5-1.4 1-2.6-1-2.6 2.5-1.4.7-2.7 2.8.3zM9 11.2l2 2 4-4",
    "hand": "M3 13l4-1 5 2h4a1.5 1.5 0 0 1 0 3h-5M16 14l4-2a1.6 1.6 0 0 1 1.5 2.8L15 20l-7-1.5-5 .5M9 8h8V3H9z",
    "check": "M4 12.5l5 5L20 6.5",
    "cross": "M6 6l12 12M18 6L6 18",
    "clock": "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 7v5l3.5 2",
    "place": "M12 21s7-6.2 7-11.5A7 7 0 0 0 5 9.5C5 14.8 12 21 12 21zM12 7a2.6 2.6 0 1 0 0 5.2A2.6 2.6 0 0 0 12 7z",
    "person": "M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM4 21c.6-4.5 3.8-6.5 8-6.5s7.4 2 8 6.5",
    "eye": "M2 12c2.5-4.5 6-6.5 10-6.5s7.5 2 10 6.5c-2.5 4.5-6 6.5-10 6.5S4.5 16.5 2 12zM12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6z",
    "warn": "M12 3.5 22 20.5H2zM12 10v5M12 17.5v.3",
    "key": "M8 11a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM11.3 12.7 20 4M16 8l3 3M13.5 10.5l2 2",
    "search": "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM15.5 15.5 21 21",
    "next": "M9 5l7 7-7 7",
    "back": "M9 14 4 9l5-5M4 9h10a6 6 0 0 1 0 12h-3",
    "lock": "M6 10h12v11H6zM8.5 10V7a3.5 3.5 0 0 1 7 0v3M12 14.5v2.5",
    "release": "M6 10h12v11H6zM8.5 10V7a3.5 3.5 0 0 1 6.8-1.2M12 14.5v2.5",
    "globe": "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM3 12h18M12 3c3 3 3.5 6 3.5 9s-.5 6-3.5 9c-3-3-3.5-6-3.5-9s.5-6 3.5-9z",
    "flag": "M5 21V4h13l-3 4.5 3 4.5H5",
    "info": "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 11v6M12 7.3v.4",
}
_SHAPES = {  # verdicts: a shape each, so that colour is never alone
    "INTACT": '<circle cx="24" cy="24" r="20" fill="none"/><path d="M14 24.5l7 7L34.5 17"/>',
    "NOTED": '<rect x="5" y="5" width="38" height="38" rx="9" fill="none"/><path d="M24 21v13M24 13.5v.8"/>',
    "QUESTIONED": '<path d="M24 4.5 45 42H3z" fill="none"/><path d="M19.5 21.5c.5-5.5 9-5.5 9 0 0 4-4.5 3.5-4.5 8M24 35.2v.6"/>',
    "BROKEN": '<path d="M15.5 4h17L44 15.5v17L32.5 44h-17L4 32.5v-17z" fill="none"/><path d="M16 16l16 16M32 16 16 32"/>',
}
_BRAND = (
    '<svg viewBox="0 0 32 32" fill="none" stroke="currentColor" stroke-width="2.2" stroke-linejoin="round" '
    'stroke-linecap="round" aria-hidden="true"><path d="M3 8h26v17H3zM3.5 8.5 16 18 28.5 8.5"/>'
    '<circle cx="16" cy="18.5" r="5.5" fill="currentColor" stroke="none"/>'
    '<path d="M13.3 18.6l2 2 3.6-4" stroke="#fff" stroke-width="1.9"/></svg>'
)


def icon(name: str) -> Markup:
    """Give one icon; an unknown name is a programmer's mistake and raises KeyError."""
    if name == "brand":
        return Markup(_BRAND)  # noqa: S704 - our own constant
    if name in _SHAPES:
        return Markup(  # noqa: S704 - our own constant
            '<svg viewBox="0 0 48 48" fill="none" stroke="currentColor" stroke-width="3.6" stroke-linecap="round" '
            f'stroke-linejoin="round" aria-hidden="true">{_SHAPES[name]}</svg>'
        )
    return Markup(  # noqa: S704 - our own constant
        '<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.9" stroke-linecap="round" '
        f'stroke-linejoin="round" aria-hidden="true"><path d="{_STROKES[name]}"/></svg>'
    )
