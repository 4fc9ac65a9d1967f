"""The tables of the UniKey engine: key maps, and which letters make a syllable (see `unikey`)."""

from __future__ import annotations

from typing import Final

__all__ = ["AFTER", "AFTER_K", "CLOSED", "HEADS", "HOOK", "METHODS", "ROOF", "TAILS", "VOWELS"]


def _words(text: str) -> list[str]:
    return text.split()


_TELEX: Final = dict(
    zip("ZSFRXJWAEOD", ("0", "1", "2", "3", "4", "5", "w", "ra", "re", "ro", "d"), strict=True)
)
METHODS: Final[dict[str, dict[str, str]]] = {
    "telex": _TELEX | {"[": "=ơ", "]": "=ư", "{": "=Ơ", "}": "=Ư"},
    "simple-telex": _TELEX | {"W": "h"},
    "vni": dict(zip("0123456789", ("0", "1", "2", "3", "4", "5", "r", "huo", "b", "d"), strict=True)),
    "msvi": dict(zip("5%6^7&8*9(", "2233441155", strict=True))
    | dict(zip("1!2@3#4$0)[]{}", [f"={x}" for x in "ăĂâÂêÊôÔđĐươƯƠ"], strict=True)),
}
"""Key in capitals -> action: a tone, r(oof), h(ook), b(reve), d, Telex w, or a letter of its own after "="."""

_COMPLETE: Final = _words(
    "a â ă e ê i o ô ơ u ư y ai ao au ay âu ây eo êu ia iê iu oa oă oe oi ôi ơi ua uâ uê ui uô uơ uy ưa ưi ươ ưu yê "
    "iêu oai oay oeo uây uôi uya uyê uyu ươi ươu yêu"
)
_BEGUN: Final = _words("eu ie ue uo uu ưo ye ieu uay uoi uou uơi uơu uye ưoi ưou yeu")
VOWELS: Final = frozenset((*_COMPLETE, *_BEGUN))
CLOSED: Final = frozenset(
    _words("a â ă e ê i o ô ơ u ư y ie iê oa oă oe ua uâ ue uê uo uô uơ uy ưo ươ ye yê uye uyê")
)
ROOF: Final = dict(pair.split(">") for pair in _words(
    "a>â ă>â e>ê o>ô ơ>ô au>âu ay>ây eu>êu ie>iê oi>ôi ơi>ôi ua>uâ ue>uê uo>uô uơ>uô ye>yê ieu>iêu uay>uây "
    "uoi>uôi uơi>uôi uye>uyê yeu>yêu"
))  # fmt: skip
HOOK: Final = dict(pair.split(">") for pair in _words(
    "a>ă â>ă o>ơ ô>ơ u>ư oa>oă oi>ơi ôi>ơi ua>ưa ui>ưi uo>ưo uô>uơ uơ>ươ uu>ưu ưo>ươ uoi>ưoi uou>ưou uôi>uơi "
    "uơi>ươi uơu>ươu ưoi>ươi ưou>ươu"
))  # fmt: skip
HEADS: Final = frozenset(_words("b c ch d đ dz g gh gi gin h k kh l m n ng ngh nh p ph q qu r s t th tr v x"))
TAILS: Final = frozenset(_words("c ch m n ng nh p t"))
AFTER: Final = {
    **dict.fromkeys(("a", "e", "oa"), "c ch m n ng nh p t"),
    **dict.fromkeys(("â", "ă", "o", "ô", "u", "uo", "ưo", "ươ", "ie", "iê"), "c m n ng p t"),
    **dict.fromkeys(("ê", "i"), "c ch m n nh p t"),
    **dict.fromkeys(("ư", "oă", "uô"), "c m n ng t"),
    **dict.fromkeys(("ua", "uâ"), "n ng t"),
    **dict.fromkeys(("ue", "uê"), "c ch n nh"),
    **dict.fromkeys(("oe", "uye", "uyê"), "n t"),
    "ơ": "m n p t",
    "y": "t",
    "uy": "c ch n nh p t",
    "ye": "m n ng p t",
    "yê": "m n ng t",
}
AFTER_K: Final = _words("e i y ê eo eu êu ia ie iê ieu iêu")
