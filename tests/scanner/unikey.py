"""A model of the UniKey engine, written anew from its rules, to damage texts as a real input method does.

Rules: `ukengine/inputproc.cpp` (key maps) and `ukengine/ukengine.cpp` (vowel and consonant sequences, processRoof,
processHook, processTone, processDd, processMapChar, processTelexW, processAppend) of ibus-unikey 0.7.0~beta1 at
github.com/vn-input/ibus-unikey. `unikey_vectors.json` holds what that engine itself answered, compiled and run; the
model is held to it. Not modelled: macros, VIQR, backspace, restoring at a word break (a read ends with Enter, which is
a reset). What the engine shows is always its buffer, so no backspaces are counted.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Final

from tests.scanner.unikey_rules import (
    AFTER,
    AFTER_K,
    CLOSED,
    HEADS,
    HOOK,
    METHODS,
    ROOF,
    TAILS,
    VOWELS,
)

__all__ = ["UniKey", "typed"]

_TONES: Final = ("", "\u0301", "\u0300", "\u0309", "\u0303", "\u0323")
_BARE: Final = str.maketrans("âăêôơư", "aaeoou")


@dataclass(slots=True)
class _Cell:
    """One shown character: its form says where in a syllable it stands ("", v, c, cv, vc, cvc, or x for none)."""

    key: str
    symbol: str  # letter without tone in small, or "" where it is none
    is_capital: bool
    form: str = "x"
    seq: str = ""  # the vowels or consonants that end here
    first: int = -1  # how far back the head consonants end, -1 for none
    vowel: int = -1
    tail: int = -1
    tone: int = 0

    @property
    def shown(self) -> str:
        letter = unicodedata.normalize("NFC", self.symbol + _TONES[self.tone]) if self.symbol else self.key
        return letter.upper() if self.symbol and self.is_capital else letter


class UniKey:
    """The engine with one input method; `press` keys, then `shown` is what the field has.

    Args:
        method: a key of `METHODS`.
        spelling: whether a syllable that is none stops the marks (on by default, as in the program).
        modern: whether a tone stands on the second of oa, oe, uy.
        w_maps: whether the last lone W of Telex became a letter: the program remembers that for ever.
    """

    def __init__(
        self, method: str, *, spelling: bool = True, modern: bool = False, w_maps: bool = False
    ) -> None:
        self._keys = METHODS[method]
        self._spelling, self._modern, self._w_maps = spelling, modern, w_maps
        self._cells: list[_Cell] = []
        self._is_single = False

    @property
    def shown(self) -> str:
        """The text of the field."""
        return "".join(cell.shown for cell in self._cells)

    def press(self, key: str) -> None:
        """Type one key."""
        action = self._keys.get(key.upper() if key.isalpha() else key, "")
        symbol = self._act(action, key) if action else self._append(key, key)
        if (
            self._cells
            and self._cells[-1].form == "x"
            and symbol
            and not (self._spelling and not self._is_single)
        ):
            cell = self._cells[-1]
            self._start(cell, _is_vowel(cell.symbol))

    def _act(self, action: str, key: str) -> str:
        """Do what a key stands for; the Vietnamese letter that it was last taken as, "" for none."""
        if action[0] == "=":
            return self._letter(action[1], key)
        if action == "w":
            return self._telex_w(key)
        if action == "d":
            return self._stroke(key)
        if action[0] in "rhb":
            return self._shape(action, key)
        return self._tone(int(action), key)

    def _append(self, key: str, letter: str) -> str:
        """Add *letter* as the key; the symbol where it may stand in a word."""
        symbol = letter.lower() if letter.isalpha() else ""
        if not symbol or (letter == key and symbol in "jfw"):
            kind = "" if letter in "[]{}()!@#$%&*:;,.?<>=+-/\\_|\"' " else "x"  # a word ends, or it is none
            self._is_single = self._is_single and kind == "x"
            self._cells.append(_Cell(key, symbol, letter.isupper(), kind))
            return ""
        cell, before = _Cell(key, symbol, letter.isupper()), self._cells[-1] if self._cells else None
        self._cells.append(cell)
        glides = before and before.form == "c" and (before.seq, symbol) in {("q", "u"), ("g", "i")}
        if before is None or before.form == "":
            self._start(cell, _is_vowel(symbol))
        elif _is_vowel(symbol) and not glides:
            self._add_vowel(cell, before)
        else:
            self._add_consonant(cell, before)
        return symbol

    @staticmethod
    def _start(cell: _Cell, is_vowel: bool) -> None:  # noqa: FBT001 - what it is, not what to do
        cell.form, cell.tail = ("v" if is_vowel else "c"), -1
        cell.first, cell.vowel = (-1, 0) if is_vowel else (0, -1)
        cell.seq = cell.symbol if is_vowel or cell.symbol in HEADS else ""

    def _add_vowel(self, cell: _Cell, before: _Cell) -> None:
        if before.form == "c":
            if _fits(before.seq, cell.symbol, ""):
                cell.form, cell.first, cell.vowel, cell.seq = "cv", 1, 0, cell.symbol
                if before.seq == "gi" and before.tone:
                    cell.tone, before.tone = before.tone, 0
            return
        if before.form not in {"v", "cv"}:
            return
        at = len(self._cells) - 2
        seq = before.seq + cell.symbol
        head = self._cells[at - before.first].seq if before.form == "cv" else ""
        if seq not in VOWELS or not _fits(head, seq, ""):
            return
        old = at - len(before.seq) + 1 + self._place(before.seq, ends=True)
        cell.form, cell.seq, cell.vowel = before.form, seq, 0
        cell.first = before.first + 1 if before.form == "cv" else -1
        self._move(old, at - len(before.seq) + 1 + self._place(seq, ends=True))

    def _add_consonant(self, cell: _Cell, before: _Cell) -> None:
        at = len(self._cells) - 2
        if before.form in {"v", "cv"}:
            seq = "ươ" if before.seq in {"uơ", "ưo"} else before.seq
            head = self._cells[at - before.first].seq if before.first != -1 else ""
            new = cell.symbol if cell.symbol in HEADS else ""
            if not _fits(head, seq, new):
                return
            if seq != before.seq:
                self._cells[at - 1].symbol, self._cells[at - 1].seq = "ư", "ư"
                before.symbol, before.seq = "ơ", seq
            cell.form, cell.vowel, cell.tail, cell.seq = f"{before.form}c", 1, 0, new
            cell.first = before.first + 1 if before.form == "cv" else -1
            start = at - len(seq) + 1
            self._move(start + self._place(before.seq, ends=True), start + self._place(seq, ends=False))
            return
        if before.form == "x":
            return
        joined = before.seq + cell.symbol if before.seq else ""
        if joined not in HEADS:
            return
        if before.form != "c":
            head = self._cells[at - before.first].seq if before.first != -1 else ""
            if not _fits(head, self._cells[at - before.vowel].seq, joined):
                return
            cell.vowel, cell.tail = before.vowel + 1, 0
            cell.first = before.first + 1 if before.form == "cvc" else -1
        else:
            cell.first = 0
        cell.form, cell.seq = before.form, joined

    def _place(self, seq: str, *, ends: bool) -> int:
        """Where in a sequence of vowels the tone stands."""
        if len(seq) == 1:
            return 0
        for marked in ("âêô", "ăơư"):
            found = [index for index, letter in enumerate(seq) if letter in marked]
            if found:
                return 1 if seq.startswith("ươ") else found[0]
        if len(seq) == 3 or (self._modern and seq in {"oa", "oe", "uy"}):
            return 1
        return 0 if ends else 1

    def _move(self, old: int, new: int) -> None:
        tone = self._cells[old].tone
        if old != new and tone:
            self._cells[new].tone, self._cells[old].tone = tone, 0

    def _tone(self, tone: int, key: str) -> str:
        last = self._cells[-1] if self._cells else None
        if last is None:
            return self._append(key, key)
        if last.form == "c" and last.seq in {"gi", "gin"}:
            at = len(self._cells) - len(last.seq) + 1
        elif last.vowel < 0:
            return self._append(key, key)
        else:
            if last.form in {"vc", "cvc"} and last.seq in {"c", "ch", "p", "t"} and tone in {2, 3, 4}:
                return self._append(key, key)
            end = len(self._cells) - 1 - last.vowel
            seq = self._cells[end].seq
            at = end - len(seq) + 1 + self._place(seq, ends=last.vowel == 0)
        cell = self._cells[at]
        if cell.tone == 0 and tone == 0:
            return self._append(key, key)
        if cell.tone == tone:
            cell.tone, self._is_single = 0, False
            return self._append(key, key)
        cell.tone = tone
        return key

    def _stroke(self, key: str) -> str:
        last = self._cells[-1] if self._cells else None
        if last is None:
            return self._append(key, key)
        if last.form == "x" and last.symbol == "d":
            before = self._cells[-2].symbol if len(self._cells) > 1 else ""
            if not (before and _is_vowel(before)):
                last.symbol = last.seq = "đ"
                last.form, last.first, last.vowel, last.tail, self._is_single = "c", 0, -1, -1, True
                return key
        if last.first < 0:
            return self._append(key, key)
        head = self._cells[len(self._cells) - 1 - last.first]
        if head.seq == "d":
            head.symbol = head.seq = "đ"
            self._is_single = True
            return key
        if head.seq == "đ":
            head.symbol = head.seq = "d"
            self._is_single = False
        return self._append(key, key)

    def _shape(self, action: str, key: str) -> str:
        """Roof, hook or breve on the vowels at the end; taken off again where they are there."""
        last = self._cells[-1] if self._cells else None
        if last is None or last.vowel < 0:
            return self._append(key, key)
        end = len(self._cells) - 1 - last.vowel
        seq = self._cells[end].seq
        new, is_removed = _shaped(action, seq, self._after_th(end, seq, last))
        if new is None:
            return self._append(key, key)
        start = end - len(seq) + 1
        if not is_removed and (action[0] in "rb" or seq[:2] not in {"uo", "uô", "uơ", "ưo", "ươ"}):
            head = self._cells[len(self._cells) - 1 - last.first].seq if last.first >= 0 else ""
            tail = self._cells[len(self._cells) - 1 - last.tail].seq if last.tail >= 0 else ""
            if not _fits(head, new, tail):
                return self._append(key, key)
        old = start + self._place(seq, ends=last.vowel == 0)
        for index, letter in enumerate(new):
            self._cells[start + index].symbol = letter
            self._cells[start + index].seq = new[: index + 1]
        self._move(old, start + self._place(new, ends=last.vowel == 0))
        if is_removed:
            self._is_single = False
            return self._append(key, key)
        return key

    def _after_th(self, end: int, seq: str, last: _Cell) -> bool:
        """Tell "thuo" at the end, where only the o gets its horn."""
        is_open = last.vowel == 0 and last.form == "cv" and seq in {"uo", "uô"}
        return is_open and self._cells[end - 2].seq == "th"

    def _letter(self, letter: str, key: str) -> str:
        """A key that types a letter of its own, where a word can have it there; twice: the key itself."""
        self._append(key, letter)
        if self._cells[-1].form not in {"", "x"}:
            return letter
        self._cells.pop()
        if self._is_there(letter):
            self._take_back()
            self._is_single = False
        self._append(key, key)
        return key if key.isalpha() else ""

    def _is_there(self, letter: str) -> bool:
        """Tell whether the last letter is the one that a key would type again."""
        last = self._cells[-1] if self._cells else None
        return bool(
            last
            and last.form not in {"", "x"}
            and (last.symbol.upper() if last.is_capital else last.symbol) == letter
        )

    def _take_back(self) -> None:
        """Drop the last letter; its tone goes to the vowels before it."""
        last = self._cells[-1]
        if last.form == "c":
            self._cells.pop()
            return
        end = len(self._cells) - 1 - last.vowel
        start = end - len(self._cells[end].seq) + 1
        old = start + self._place(self._cells[end].seq, ends=last.vowel == 0)
        tone = self._cells[old].tone
        self._cells.pop()
        if tone and self._cells and self._cells[-1].form in {"v", "cv"}:
            new = start + self._place(self._cells[-1].seq, ends=True)
            if new != old:
                self._cells[new].tone = tone
                if old < len(self._cells):
                    self._cells[old].tone = 0

    def _telex_w(self, key: str) -> str:
        letter = "Ư" if key.isupper() else "ư"
        if self._w_maps:
            if self._maps(letter):
                return self._letter(letter, key)
            self._w_maps = False
            return self._shape("h", key)
        before = self.shown
        symbol = self._shape("h", key)
        if self.shown == before + key and self._cells[-1].form in {"x", ""}:
            self._cells.pop()
            self._w_maps = True
            return self._letter(letter, key)
        return symbol

    def _maps(self, letter: str) -> bool:
        """Tell whether a letter can stand here, or be taken back."""
        count = len(self._cells)
        self._append(letter, letter)
        fits = self._cells[-1].form not in {"", "x"}
        del self._cells[count:]
        return fits or self._is_there(letter)


def _shaped(action: str, seq: str, after_th: bool) -> tuple[str | None, bool]:  # noqa: FBT001 - as read
    """Return the vowels that an action makes of others (None: nothing), and whether it took a mark off."""
    if action[0] == "r":
        wanted = {"ra": "â", "re": "ê", "ro": "ô"}.get(action, "âêô")
        new = f"uô{seq[2:]}" if seq in {"ưo", "ươ", "ưoi", "ươi"} else ROOF.get(seq)
        there, gone = "âêô", str.maketrans("âêô", "aeo")
    else:
        if action != "b" and seq[:1] in {"u", "ư"} and seq[1:2] in {"o", "ô", "ơ"}:
            if seq.startswith("ươ"):
                return f"uo{seq[2:]}", True
            return ("uơ" if after_th else f"ươ{seq[2:]}"), False
        wanted = {"b": "ă", "huo": "ơư"}.get(action, "ăơư")
        new = HOOK.get(seq)
        there, gone = "ăơư", str.maketrans("ăơư", "aou")
    if new is not None:
        marked = next(letter for letter in new if letter in there)
        return (new, False) if marked in wanted else (None, False)
    at = next((index for index, letter in enumerate(seq) if letter in there), -1)
    if at < 0 or seq[at] not in wanted:
        return None, False
    return seq[:at] + seq[at].translate(gone) + seq[at + 1 :], True


def _is_vowel(symbol: str) -> bool:
    return symbol.translate(_BARE) in set("aeiouy")


def _fits(head: str, seq: str, tail: str) -> bool:
    """Tell whether consonants, vowels and consonants make a syllable (isValidCVC)."""
    if (head == "gi" and seq[0] == "i") or (head == "qu" and seq[0] == "u"):
        return False
    opens = head != "k" or seq in AFTER_K
    if not tail:
        return opens
    closes = seq in CLOSED and tail in TAILS and tail in AFTER[seq].split()
    exception = (head == "qu" and seq == "y" and tail in {"n", "nh"}) or (
        head == "gi" and seq in {"e", "ê"} and tail in {"n", "ng"}
    )
    return (opens and closes) or (exception and not closes)


def typed(method: str, keys: str, *, before: str = "", spelling: bool = True, modern: bool = False) -> str:
    """Return what a field shows after *keys*, typed behind the keys *before*."""
    engine = UniKey(method, spelling=spelling, modern=modern)
    for key in before + keys:
        engine.press(key)
    return engine.shown
