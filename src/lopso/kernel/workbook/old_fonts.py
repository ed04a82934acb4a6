"""A sheet in Unicode, and its cells whose old font could not be told for certain."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from operator import itemgetter

from lopso.kernel.legacy_readings import (
    case_may_be_changed,
    has_foreign_letters,
    meant_by_surname,
    possible_readings,
)
from lopso.kernel.legacy_text import Font, decode
from lopso.kernel.syllables import sense_of
from lopso.kernel.text import fold, half_width
from lopso.kernel.workbook.child.cell_fonts import MIXED
from lopso.kernel.workbook.reading import Cell, Sheet
from lopso.kernel.workbook.writing import as_typed

Place = tuple[int, int]
Readings = Mapping[Font | None, str]

_FONTS: Mapping[str, Font] = {"TCVN3": "TCVN3", "VNI": "VNI"}
_CLEAR_MAJORITY = 20  # so many sure cells to one of another font
_ENOUGH = 8  # sure cells of one font, for those beside them that make sense in another one too


@dataclass(frozen=True, slots=True)
class UnicodeRows:
    """Rows of a sheet in Unicode.

    Attributes:
        font: the old font that most cells of old fonts are typed in.
        uncertain: row and column of the cells that may be read wrongly.
        converted: what stood in the cells that make sense as they are, and were converted for their font.
    """

    rows: list[list[Cell]]
    font: Font | None
    uncertain: frozenset[Place]
    converted: Mapping[Place, str] = field(default_factory=dict[Place, str])


class _Votes:
    """Which fonts the cells that can be read in one way only are typed in: by row, by column, in all."""

    def __init__(self, sure: Mapping[Place, Font | None]) -> None:
        self.rows: defaultdict[int, Counter[Font | None]] = defaultdict(Counter)
        self.columns: defaultdict[int, Counter[Font | None]] = defaultdict(Counter)
        self.all: Counter[Font | None] = Counter()
        for (r, c), font in sure.items():
            for votes in (self.rows[r], self.columns[c], self.all):
                votes[font] += 1

    def around(self, place: Place, readings: Readings) -> tuple[Font | None, bool]:
        """Return the font of a cell by its neighbours, and whether that is certain."""
        for votes in (self.rows[place[0]], self.columns[place[1]], self.all):
            counts: list[tuple[int, Font | None]] = [(n, font) for font, n in votes.items()]
            among = sorted((each for each in counts if each[1] in readings), key=itemgetter(0))
            if among:
                most = among.pop()
                clear = not among or most[0] >= _CLEAR_MAJORITY * among[-1][0]
                return most[1], clear and self._enough(most[1])
        return None, False

    def _enough(self, font: Font | None) -> bool:
        """Whether so many cells are in a font that one which makes sense in another one too is in it.

        In a sheet without any old font every such cell is in Unicode.
        """
        if font is None and self.old_font() is None:
            return True
        return self.all[font] >= _ENOUGH and self.all[font] >= _CLEAR_MAJORITY * self._others(font)

    def _others(self, font: Font | None) -> int:
        return max((n for each, n in self.all.items() if each != font), default=0)

    def old_font(self) -> Font | None:
        """Return the old font that has the most votes."""
        fonts: list[tuple[int, Font]] = [(n, font) for font, n in self.all.items() if font is not None]
        return max(fonts, key=itemgetter(0))[1] if fonts else None


def in_unicode(sheet: Sheet) -> UnicodeRows:
    """Return the rows of a sheet in Unicode, texts trimmed."""
    texts = {
        (r, c): cell
        for r, row in enumerate(sheet.rows)
        for c, cell in enumerate(row)
        if isinstance(cell, str)
    }
    readings = {place: meant_by_surname(possible_readings(text)) for place, text in texts.items()}
    sure: dict[Place, Font | None] = {
        place: next(iter(found))
        for place, found in readings.items()
        if len(found) == 1 and not texts[place].isascii()
    }
    votes = _Votes(sure)
    labels = _labels_that_count(sheet.fonts, sure)
    rows = [list(row) for row in sheet.rows]
    uncertain: set[Place] = set()
    converted: dict[Place, str] = {}
    for (r, c), text in texts.items():
        font, certain = _font_of((r, c), text, readings[r, c], votes)
        if label := labels.get((r, c)):
            font, certain = _by_label(label, text, readings[r, c], font)
            if certain and font and None in readings[r, c]:
                converted[r, c] = text
        decoded = decode(text, likely=font).text if font else text
        rows[r][c] = as_typed(half_width(decoded).strip()) or None
        if not certain:
            uncertain.add((r, c))
    if _case_was_changed(texts, sure):
        in_tcvn3 = (place for place, found in readings.items() if "TCVN3" in found)
        uncertain |= {place for place in in_tcvn3 if case_may_be_changed(texts[place])}
    return UnicodeRows(rows, votes.old_font(), frozenset(uncertain), converted)


def _labels_that_count(labels: Mapping[Place, str], sure: Mapping[Place, Font | None]) -> Mapping[Place, str]:
    """Return the fonts that cells are formatted with; "mixed" where some of that font are in Unicode.

    Formatting alone changes no letters: a list may be typed in Unicode and look like .VnTime only by name.
    """
    typed: defaultdict[str, set[Font | None]] = defaultdict(set)
    for place, label in labels.items():
        if place in sure:
            typed[label].add(sure[place])
    unused = {label for label, fonts in typed.items() if fonts == {None}}
    doubtful = {label for label, fonts in typed.items() if None in fonts} - unused
    return {
        place: MIXED if label in doubtful else label for place, label in labels.items() if label not in unused
    }


def _by_label(label: str, text: str, readings: Readings, voted: Font | None) -> tuple[Font | None, bool]:
    """Return the font of a cell formatted with an old font, and whether that is certain."""
    if text.isascii() or set(readings) == {None}:
        return None, True
    own = _FONTS.get(label)
    if own is None:
        return voted, False
    if own in readings or (not readings and _abbreviates(decode(text, likely=own).text)):
        return own, True
    return voted, False


def _font_of(place: Place, text: str, readings: Readings, votes: _Votes) -> tuple[Font | None, bool]:
    old = votes.old_font()
    if len(readings) > 1:
        return votes.around(place, readings)
    if readings:
        font = next(iter(readings))
        # Two old fonts in one sheet: the rarer one is more likely a wrong guess.
        return font, font is None or 2 * votes.all[font] > sum(n for each, n in votes.all.items() if each)
    if old and _abbreviates(decode(text, likely=old).text):
        return old, True
    return None, not has_foreign_letters(text)


def _abbreviates(text: str) -> bool:
    """Whether the words of a text that are no Vietnamese syllables have no vowel ("ĐH", "CĐ")."""
    words = [word for word in text.split() if sense_of(word) < 1.0]
    return not has_foreign_letters(text) and not any(set(fold(word)) & set("aeiouy") for word in words)


def _case_was_changed(texts: Mapping[Place, str], sure: Mapping[Place, Font | None]) -> bool:
    """Whether the marked letters of TCVN3 words are all of one case; those typed in that font are of both."""
    capital: set[str] = set()
    small: set[str] = set()
    for place, font in sure.items():
        for word in texts[place].split() if font == "TCVN3" else ():
            letters = re.sub(r"[^a-zA-Z]", "", word)
            if letters:
                (capital if letters.isupper() else small).update(word)
    return _has_none(capital, str.islower) or _has_none(small, str.isupper)


def _has_none(characters: set[str], case: Callable[[str], bool]) -> bool:
    marked = {char for char in characters if 0xC0 <= ord(char) <= 0xFE}
    return bool(marked) and not any(map(case, marked))
