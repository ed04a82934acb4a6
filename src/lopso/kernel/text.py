"""Vietnamese text: forms for storing, searching, sorting and text messages.

Nothing here knows a domain. Names typed by people are kept as typed (in NFC); what is derived from them
(search and sort keys) can be rebuilt at any time.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

# Zero-width characters and the byte-order mark come along when names are pasted from the web.
# The soft hyphen stays: in texts typed with the old TCVN3 fonts it is the letter ư.
_INVISIBLE = dict.fromkeys([0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x2060, 0xFEFF])
_TONES = {"\u0300": "1", "\u0309": "2", "\u0303": "3", "\u0301": "4", "\u0323": "5"}  # huyền hỏi ngã sắc nặng
# A marked letter follows every word with its plain letter: "{" and "|" come after "z" in ASCII. ă â ê ô ơ ư.
_MARKED_LETTERS = {
    ("a", "\u0306"): "{", ("a", "\u0302"): "|", ("e", "\u0302"): "{",
    ("o", "\u0302"): "{", ("o", "\u031b"): "|", ("u", "\u031b"): "{",
}  # fmt: skip
# Letters, digits and signs of the full-width mode of East Asian keyboards, and its space.
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_PARENTHESES = re.compile(r"\([^)]*\)")


def nfc(text: str) -> str:
    """Return `text` composed (NFC), without zero-width characters. Everything stored goes through here."""
    return text if text.isascii() else unicodedata.normalize("NFC", text.translate(_INVISIBLE))


def half_width(text: str) -> str:
    """`text` with full-width characters as ordinary ones: "０９１２" → "0912"."""
    return text if text.isascii() else text.translate(_FULL_WIDTH)


def capitalized(text: str) -> str:
    """`text` with a capital at its beginning, the rest as it is."""
    return text[:1].upper() + text[1:]


@lru_cache(maxsize=4096)  # lists ask for the same words over and over
def fold(text: str) -> str:
    """Return the search key: lower case, no accents, đ as d, single spaces.

    Independent of composition and of where the tone is written: "Hóa", "Hoá" and "HOA" give "hoa".
    """
    bare = "".join(
        c for c in unicodedata.normalize("NFD", nfc(text).casefold()) if not unicodedata.combining(c)
    )
    # U+00F0 is the Icelandic letter that old keyboards typed for đ.
    return " ".join(bare.replace("đ", "d").replace("ð", "d").split())


def sort_key(full_name: str) -> str:
    """Return a string whose byte order ("C" collation) is the Vietnamese order of names.

    The given name (last word) comes first, then the other words as written. Letters order as
    a ă â b c d đ e ê … o ô ơ … u ư …; words with equal letters as ngang huyền hỏi ngã sắc nặng.
    ASCII only; remarks in parentheses come last.
    """
    name = nfc(full_name)
    words = _words(_PARENTHESES.sub(" ", name)) or _words(name)
    remarks = [word for remark in _PARENTHESES.findall(name) for word in _words(remark)]
    if words == remarks:
        remarks = []
    return " ".join(word_key(word) for word in [*words[-1:], *words[:-1], *remarks])


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def word_key(word: str) -> str:
    """Letters and tone of one word in lower case, wherever the tone is written: "hoà" and "hòa" are one.

    ASCII; the byte order of keys is the Vietnamese order of words.
    """
    letters: list[str] = []
    tone = "0"
    for char in unicodedata.normalize("NFD", word):
        if char in _TONES:
            tone = _TONES[char]
        elif char == "đ":
            letters.append("d{")
        elif letters and (mark := _MARKED_LETTERS.get((letters[-1], char))):
            letters.append(mark)
        elif char.isascii():
            letters.append(char)
    return "".join(letters) + tone


# --- Text messages ---

_GSM7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM7_ESCAPED = frozenset("\f^{}\\[~]|€")


@dataclass(frozen=True, slots=True)
class SmsSize:
    """Size of a text message. `characters` are counted as the network does: septets or 16-bit units."""

    encoding: Literal["GSM-7", "UCS-2"]
    characters: int
    segments: int


def sms_parts(text: str) -> SmsSize:
    """Measure `text` as it would be sent: 160/153 septets a segment in GSM-7, 70/67 units in UCS-2.

    Escaped characters (€, [, ]…) and surrogate pairs count two and are never split between segments.
    An empty text is no segment.
    """
    if _GSM7.issuperset(text):
        number = len(text)
        return SmsSize("GSM-7", number, -(-number // 153) if number > 160 else min(number, 1))
    if all(char in _GSM7 or char in _GSM7_ESCAPED for char in text):
        widths = [2 if char in _GSM7_ESCAPED else 1 for char in text]
        return SmsSize("GSM-7", sum(widths), _segments(widths, alone=160, joined=153))
    widths = [2 if ord(char) > 0xFFFF else 1 for char in text]
    return SmsSize("UCS-2", sum(widths), _segments(widths, alone=70, joined=67))


def _segments(widths: list[int], *, alone: int, joined: int) -> int:
    if sum(widths) <= alone:
        return 1 if widths else 0
    segments, left = 1, joined
    for width in widths:
        if width > left:
            segments, left = segments + 1, joined
        left -= width
    return segments


_PLAIN = str.maketrans(
    {
        "đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "₫": "d", "×": "x", "÷": ":", "·": "-", "•": "-", "→": "->",
        "‘": "'", "’": "'", "‚": "'", "′": "'", "`": "'", "´": "'", "“": '"', "”": '"', "„": '"', "″": '"',
        "«": '"', "»": '"', "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "―": "-", "−": "-",
        "…": "...", "⁄": "/", "\t": " ", "\u00ad": "", "\u2028": "\n", "\u2029": "\n",
    }
)  # fmt: skip
_PLAIN_WITHOUT_MARKS = _PLAIN | dict.fromkeys(range(0x300, 0x370), "")


def unaccent(text: str) -> str:
    """Return `text` in characters every phone can show (GSM-7), case kept: "Lớp 14h – Năm" → "Lop 14h - Nam".

    Pictures and other symbols without a plain form are left out; a letter that has none becomes "?".
    """
    plain = unicodedata.normalize("NFKD", nfc(text).translate(_PLAIN)).translate(_PLAIN_WITHOUT_MARKS)
    if _GSM7.issuperset(plain):  # nearly always; ten thousand texts are written at once in a storm
        return plain
    return "".join(_gsm7_or_nothing(char) for char in plain)


def _gsm7_or_nothing(char: str) -> str:
    if char in _GSM7 or char in _GSM7_ESCAPED:
        return char
    category = unicodedata.category(char)
    if category.startswith("Z"):
        return " "
    return "?" if category.startswith(("L", "N")) else ""
