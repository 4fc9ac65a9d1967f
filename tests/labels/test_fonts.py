import unicodedata

import pytest
from fontTools.ttLib import TTFont

from labels import fit, fonts
from labels.drawing import Weight

VOWELS = "aăâeêioôơuưy"
TONES = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")


def vietnamese() -> set[str]:
    """All 134 letters beyond ASCII and the ASCII ones, composed."""
    small = {unicodedata.normalize("NFC", vowel + tone) for vowel in VOWELS for tone in TONES} | {"đ"}
    return small | {letter.upper() for letter in small} | {chr(code) for code in range(32, 127)}


@pytest.mark.parametrize("weight", list(Weight))
def test_every_vietnamese_letter_has_a_glyph(weight: Weight) -> None:
    """A fallback glyph from another typeface, or a box, would be on the cover."""
    letters = vietnamese()
    assert len([letter for letter in letters if not letter.isascii()]) == 134
    for letter in letters:
        assert fonts.has_glyph(weight, letter)
        assert fonts.width_em(weight, letter) > 0
        assert letter == " " or fonts.outline(weight, letter)


@pytest.mark.parametrize("weight", list(Weight))
def test_layout_measures_hold_for_the_typeface(weight: Weight) -> None:
    """Cap height and the tallest letter are written into the layout as numbers."""
    font = TTFont(fonts.file_of(weight))
    glyphs, names = font["glyf"], font.getBestCmap()
    assert font["OS/2"].sCapHeight / font["head"].unitsPerEm == fonts.CAP_HEIGHT
    tops = [glyphs[names[ord(letter)]].yMax for letter in vietnamese() if letter != " "]
    bottoms = [
        glyphs[names[ord(letter)]].yMin for letter in vietnamese() if letter != " " and letter.isalpha()
    ]
    assert max(tops) <= fit.ASCENT * 1000
    assert min(bottoms) >= -260  # the leading leaves room for it
    font.close()


def test_decomposed_letters_are_composed() -> None:
    """Two code points for one letter come from a Mac and from some input methods."""
    decomposed = unicodedata.normalize("NFD", "Nguyễn Thị Phượng")
    assert fonts.printable(decomposed, Weight.REGULAR) == "Nguyễn Thị Phượng"


def test_what_cannot_be_drawn_is_shown_as_missing() -> None:
    """A dropped letter changes a name silently; a question mark does not."""
    assert fonts.printable("Sở 🚀\u202e Y\u200btế\n", Weight.REGULAR) == "Sở ? Ytế"
