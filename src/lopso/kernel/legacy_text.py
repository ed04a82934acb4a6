"""Vietnamese typed with the fonts of before Unicode, as it still sits in old lists.

With TCVN3 (.VnTime) every marked letter is one Latin-1 character, "NguyÔn V¨n An"; with VNI a mark is a
second character, "Nguyeãn Vaên An". A third accident is UTF-8 read as Latin-1, "Nguyá»…n". All three are told
from real Vietnamese by asking which reading is made of possible syllables.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from lopso.kernel.lost_letters import has_lost_letters
from lopso.kernel.syllables import sense_of
from lopso.kernel.text import nfc

Font = Literal["TCVN3", "VNI", "UTF-8"]


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text in Unicode; `font` is None when it was so already. `confidence` is between 0 and 1."""

    text: str
    font: Font | None
    confidence: float


def decode(text: str, *, likely: Font | None = None) -> Decoded:
    """Return `text` in Unicode, converted only when that turns nonsense into Vietnamese.

    Args:
        likely: the font of the texts around it. A text that makes sense either way ("Tó" is also "Tú" in
            TCVN3) is then taken as written in that font.
    """
    text = nfc(text)
    if text.isascii() or has_lost_letters(text, question=True):
        return Decoded(text, None, 1.0)
    plain = sense_of(text)
    readings: list[tuple[Font, str]] = [
        (font, converted) for font, convert in CONVERTERS.items() if (converted := convert(text))
    ]
    if not readings:
        return Decoded(text, None, 1.0)
    font, converted = max(readings, key=lambda reading: (sense_of(reading[1]), reading[0] == likely))
    sense, expected = sense_of(converted), font == likely
    if sense > plain or (expected and sense == plain == 1.0):
        return Decoded(nfc(converted), font, sense)
    return Decoded(text, None, plain)


# --- The three ways of writing ---

_TCVN3 = dict(
    zip(
        "\xb5\xb6\xb7\xb8\xb9\xa8\xbb\xbc\xbd\xbe\xc6\xa9\xc7\xc8\xc9\xca\xcb\xae"
        "\xcc\xce\xcf\xd0\xd1\xaa\xd2\xd3\xd4\xd5\xd6\xd7\xd8\xdc\xdd\xde"
        "\xdf\xe1\xe2\xe3\xe4\xab\xe5\xe6\xe7\xe8\xe9\xac\xea\xeb\xec\xed\xee"
        "\xef\xf1\xf2\xf3\xf4\xad\xf5\xf6\xf7\xf8\xf9\xfa\xfb\xfc\xfd\xfe"
        "\xa1\xa2\xa3\xa4\xa5\xa6\xa7",
        "àảãáạăằẳẵắặâầẩẫấậđ"
        "èẻẽéẹêềểễếệìỉĩíị"
        "òỏõóọôồổỗốộơờởỡớợ"
        "ùủũúụưừửữứựỳỷỹýỵ"
        "ĂÂÊÔƠƯĐ",
        strict=True,
    )
)  # fmt: skip

# After a, e, o, u, y and after ô (ơ), ö (ư): the mark that follows, and what it adds.
_VNI_MARKS = {
    "ù": "\u0301", "ø": "\u0300", "û": "\u0309", "õ": "\u0303", "ï": "\u0323",
    "â": "\u0302", "á": "\u0302\u0301", "à": "\u0302\u0300",
    "å": "\u0302\u0309", "ã": "\u0302\u0303", "ä": "\u0302\u0323",
    "ê": "\u0306", "é": "\u0306\u0301", "è": "\u0306\u0300",
    "ú": "\u0306\u0309", "ü": "\u0306\u0303", "ë": "\u0306\u0323",
}  # fmt: skip
_VNI_BASES = {"ô": "ơ", "ö": "ư", "ñ": "đ", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ", "í": "í", "ì": "ì"}
_TCVN3_LETTERS = frozenset(_TCVN3)
_VNI_SMALL = "".join([*_VNI_MARKS, *_VNI_BASES])
_VNI_LETTERS = frozenset(_VNI_SMALL + _VNI_SMALL.upper())
_VNI_PAIR = re.compile(r"([aeouyôö])([ùøûõïâáàåãäêéèúüë])?", re.IGNORECASE)


def _has_others(text: str, letters: frozenset[str]) -> bool:
    """Whether a text has letters that a font has no code for, so that it cannot be typed in that font."""
    return any(
        ord(char) > 0xFF or (char.isalpha() and not char.isascii() and char not in letters) for char in text
    )


def _from_tcvn3(text: str) -> str | None:
    if _has_others(text, _TCVN3_LETTERS):
        return None
    converted = "".join(_TCVN3.get(char, char) for char in text)
    # The capital fonts (.VnTimeH) show small letters as capitals: whole words follow their plain letters.
    words = [word.upper() if _plain_letters_are_capital(word) else word for word in converted.split(" ")]
    # The font has no capital with both mark and tone: "Lê Thị ánh" was all there was to type.
    begins = {None if _begins_unwritable(word) else word[:1].isupper() for word in words}
    if begins == {True, None}:
        words = [word[:1].upper() + word[1:] for word in words]
    return " ".join(words)


def _begins_unwritable(word: str) -> bool:
    return word[:1].islower() and not word[:1].isascii() and word[:1] not in "ăâêôơưđ"


def _plain_letters_are_capital(word: str) -> bool:
    letters = [char for char in word if char.isalpha()]
    plain = [char for char in letters if char.isascii()]
    # The capital that begins "Lª" says nothing of the letter behind it; the one that ends "§øC" does.
    return bool(plain) and all(map(str.isupper, plain)) and (len(plain) > 1 or letters[0] != plain[0])


def _from_vni(text: str) -> str | None:
    if _has_others(text, _VNI_LETTERS):
        return None

    def pair(found: re.Match[str]) -> str:
        base, mark = found[1], found[2] or ""
        letter = _VNI_BASES.get(base.lower(), base.lower())
        written = unicodedata.normalize("NFC", letter + _VNI_MARKS.get(mark.lower(), ""))
        return written.upper() if base.isupper() else written

    def single(char: str) -> str | None:
        letter = _VNI_BASES.get(char.lower())
        if letter is None or char.lower() in "ôö":
            return None if char.isalpha() and not char.isascii() else char
        return letter.upper() if char.isupper() else letter

    pieces: list[str] = []
    at = 0
    while at < len(text):
        found = _VNI_PAIR.match(text, at)
        piece = pair(found) if found else single(text[at])
        if piece is None:
            return None  # a mark behind no vowel: the letter of another way of writing
        pieces.append(piece)
        at = found.end() if found else at + 1
    converted = "".join(pieces)
    return converted if converted != text else None


def _from_utf8_read_as_latin(text: str) -> str | None:
    for encoding in ("cp1252", "latin-1"):
        try:
            converted = text.encode(encoding).decode("utf-8")
        except UnicodeError:
            continue
        return converted if converted != text else None
    return None


CONVERTERS: dict[Font, Callable[[str], str | None]] = {
    "TCVN3": _from_tcvn3,
    "VNI": _from_vni,
    "UTF-8": _from_utf8_read_as_latin,
}
