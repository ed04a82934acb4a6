"""Names of persons as people type them: spaces, capitals, forms of address."""

import re
from dataclasses import dataclass

from lopso.kernel.text import nfc


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


def tidy_name(text: str) -> TidyName:
    """Return the name with single spaces, in Title Case when it was typed all in one case, its title apart.

    Names in mixed case are kept as typed. "Ông LÊ VĂN VINH" gives ("Lê Văn Vinh", "Ông").
    A name that is only a title, or empty, is returned as it is.
    """
    words = nfc(text).replace("\u00ad", "").split()
    title = None
    if len(words) > 1:
        first = words[0].casefold().rstrip(".:")
        if first in _SURE_TITLES:
            title = _SURE_TITLES[first]
        elif first in _UNSURE_TITLES and len(words) > 3:
            title = _UNSURE_TITLES[first]
        if title is not None:
            words = words[1:]
    name = " ".join(words).strip(" ,;:")
    if name == name.upper() or name == name.lower():
        name = " ".join(_capitalised(word) for word in name.split())
    return TidyName(name, title)


def _capitalised(word: str) -> str:
    # "h'hen", "y-moan": highland names carry a capital after the mark too.
    return re.sub(r"[^\W\d_]+", lambda part: part[0][0].upper() + part[0][1:].lower(), word)
