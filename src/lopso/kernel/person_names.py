"""Names of persons as people type them: spaces, capitals, forms of address."""

import re
from dataclasses import dataclass

from lopso.kernel.i18n import gettext as _
from lopso.kernel.surnames import is_surname, may_be_middle_name
from lopso.kernel.text import half_width, nfc


@dataclass(frozen=True, slots=True)
class TidyName:
    """A name ready to be stored, and the form of address that stood before it ("Bà", "O"), if any."""

    name: str
    title: str | None


# Folded with tones kept: "Bà" is a form of address, "Bá" and "Ba" are names.
_SURE_TITLES = {
    "ông": "Ông", "ôn": "Ôn", "ô": "Ông", "bà": "Bà", "o": "O", "mệ": "Mệ", "mụ": "Mụ", "cụ": "Cụ",
    "chị": "Chị", "cô": "Cô", "chú": "Chú", "bác": "Bác", "dì": "Dì", "dượng": "Dượng", "mợ": "Mợ",
    "thím": "Thím", "cậu": "Cậu", "thầy": "Thầy", "ông/bà": "Ông/Bà", "anh/chị": "Anh/Chị",
}  # fmt: skip
# Also given names ("Anh Thư", "Em"): a form of address only before a whole name.
_UNSURE_TITLES = {"anh": "Anh", "em": "Em"}
# Also surnames: a form of address only where a name with its own surname follows.
_TITLES_AND_SURNAMES = {"ông", "ôn"}
_NEVER_SURNAMES = {
    "thị",
    "văn",
    "đình",
    "hữu",
}  # after "Cô" as well, they leave nothing else to be the surname
_MIDDLE_NAMES = {"thị", "văn"}


LONGEST_NAME = 200  # characters
_STACKED_MARKS = re.compile(r"[\u0300-\u036f]{2}")  # marks of one letter that no Vietnamese letter has
_BETWEEN_NAMES = re.compile(r"\s*[,;/&+]\s*|\s+-\s+|\s+và\s+", re.IGNORECASE)


def name_fault(name: str) -> str | None:
    """Return why a tidy name is not that of one person, as a sentence; None when it may be."""
    if len(name) > LONGEST_NAME:
        return _("Họ tên quá dài")
    if _STACKED_MARKS.search(name):
        return _("Họ tên có dấu lạ")
    if sum(map(is_whole_name, _BETWEEN_NAMES.split(name))) > 1:
        return _("Một ô ghi tên nhiều người: mỗi người xin ghi một dòng")
    return None


def is_whole_name(text: str) -> bool:
    """Whether a text has a surname and a given name."""
    words = tidy_name(text).name.split()
    return len(words) > 1 and is_surname(words[0])


def tidy_name(text: str) -> TidyName:
    """Return the name with single spaces, in Title Case when it was typed all in one case, its title apart.

    Names in mixed case are kept as typed. "Ông LÊ VĂN VINH" gives ("Lê Văn Vinh", "Ông"), while Ông is the
    surname of "Ông Thị Hạnh". A name that is only a title, or empty, is returned as it is.
    """
    words = half_width(nfc(text)).replace("\u00ad", "").split()
    title = _title(words)
    if title is not None:
        words = words[1:]
    name = " ".join(words).strip(" ,;:")
    if name == name.upper() or name == name.lower():
        name = " ".join(_capitalised(word) for word in name.split())
    return TidyName(name, title)


def _title(words: list[str]) -> str | None:
    """Return the form of address that stands before a name, None when the first word belongs to the name."""
    if len(words) < 2:
        return None
    first, rest = words[0].casefold(), [word.casefold() for word in words[1:]]
    plain = first.rstrip(".:")
    if plain in _UNSURE_TITLES:
        return _UNSURE_TITLES[plain] if len(rest) > 2 else None
    if first == plain in _TITLES_AND_SURNAMES and not _has_surname(rest):
        return None
    if first == plain == "cô" and len(rest) > 1 and rest[0] in _NEVER_SURNAMES and not _has_surname(rest):
        return None
    return _SURE_TITLES.get(plain)


def _has_surname(words: list[str]) -> bool:
    """Whether words are a name with its surname, or a given name alone, and not the rest of a name."""
    first = words[0]
    if len(words) == 1:
        return True
    if len(words) > 2 and words[1] in _MIDDLE_NAMES and first not in _MIDDLE_NAMES:
        return True
    return is_surname(first) and (len(words) > 2 or not may_be_middle_name(first))


def _capitalised(word: str) -> str:
    # "h'hen", "y-moan": highland names carry a capital after the mark too.
    return re.sub(r"[^\W\d_]+", lambda part: part[0][0].upper() + part[0][1:].lower(), word)
