"""Whether a text in an old font can be read for certain: all ways to read it, and which of them is meant."""

import re
import unicodedata
from collections.abc import Mapping

from lopso.kernel.legacy_text import CONVERTERS, Font
from lopso.kernel.lost_letters import has_lost_letters
from lopso.kernel.surnames import is_surname
from lopso.kernel.syllables import sense_of
from lopso.kernel.text import nfc

_VIETNAMESE = frozenset("aăâbcdđeêghiklmnoôơpqrstuưvxyfjzw")
# Signs that the TCVN3 fonts show as letters; beside a letter they are no signs, quotation marks apart.
_SIGNS = "\u00a1-\u00a9\u00ac-\u00ae\u00b5-\u00b9\u00bc-\u00be\u00d7\u00f7"
_LETTER = r"[^\W\d_]"
_SIGN_IN_A_WORD = re.compile(rf"{_LETTER}[{_SIGNS}]|[{_SIGNS}]{_LETTER}|{_LETTER}[«»]{_LETTER}")
_CAPITALS = [code for code in range(0xC0, 0xDF) if code != 0xD7]  # the sign × has no case, nor has ÷
_SWAPPED = {code: code + 0x20 for code in _CAPITALS} | {code + 0x20: code for code in _CAPITALS}


def possible_readings(text: str) -> Mapping[Font | None, str]:
    """Return every way to read `text` in which all its words are possible syllables; None: as it is.

    A text without any letter that an old font could have changed has the one reading None.
    """
    text = nfc(text)
    if text.isascii() or has_lost_letters(text, question=True):
        return {None: text}
    found: dict[Font | None, str] = {}
    if sense_of(text) == 1.0 and not has_foreign_letters(text):
        found[None] = text
    for font, convert in CONVERTERS.items():
        converted = convert(text)
        if converted and sense_of(converted) == 1.0 and nfc(converted) not in found.values():
            found[font] = nfc(converted)
    return found


def meant_by_surname(readings: Mapping[Font | None, str]) -> Mapping[Font | None, str]:
    """Return the readings of several words that begin with a surname; all when none does."""
    named: dict[Font | None, str] = {
        font: text
        for font, text in readings.items()
        if len(words := text.split()) > 1 and is_surname(words[0]) and not words[0].isascii()
    }
    return named or readings


def has_foreign_letters(text: str) -> bool:
    """Whether a text has letters that Vietnamese has not, as one in an old font has."""
    decomposed = unicodedata.normalize("NFD", nfc(text).casefold())
    horned = re.sub("o\u031b", "ơ", re.sub("u\u031b", "ư", decomposed))
    letters = {char for char in unicodedata.normalize("NFC", _without_tones(horned)) if char.isalpha()}
    return bool(letters - _VIETNAMESE) or _SIGN_IN_A_WORD.search(text) is not None


def _without_tones(text: str) -> str:
    return re.sub("[\u0300\u0301\u0303\u0309\u0323]", "", text)


def case_may_be_changed(text: str) -> bool:
    """Whether a word of a TCVN3 text makes sense too with its marked letters in the other case.

    UPPER() or LOWER() of a spreadsheet changes the codes of marked letters, and each code is another letter.
    """
    return any(map(_makes_sense_in_other_case, text.split()))


def _makes_sense_in_other_case(word: str) -> bool:
    swapped = word.translate(_SWAPPED)
    convert = CONVERTERS["TCVN3"]
    converted = convert(swapped) if swapped != word else None
    return converted is not None and sense_of(converted) == 1.0
