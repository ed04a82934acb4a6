"""Whether a row is about a person: asked of what it says, not of a list of phrases that headings have."""

from lopso.kernel.i18n import gettext as _
from lopso.kernel.lost_digits import lost_digits
from lopso.kernel.person_names import TidyName
from lopso.kernel.phone import read_phone
from lopso.kernel.surnames import is_surname
from lopso.kernel.workbook.columns import looks_like_ordinal
from lopso.kernel.workbook.fields import cell_text
from lopso.kernel.workbook.reading import Cell
from lopso.kernel.workbook.rows import RawRow
from people.birth_years import looks_like_year
from people.cells import read_name
from people.columns import NAMES

_BIRTH = frozenset({"birth", "birth_male", "birth_female", "age"})
_SAY_NOTHING = NAMES | {"ordinal", "note"}
_LONGEST_NUMBERING = 4  # "12", "XIII": the number of a row or a heading
_SECOND_WORDS = {"thị", "văn"}


def reason_to_doubt_person(row: RawRow, usual: frozenset[str]) -> str | None:
    """Return why a row may be about nobody, as a sentence; None when enough speaks for a person.

    Args:
        usual: the fields that most rows of its list fill.
    """
    facts = frozenset(row.values) - _SAY_NOTHING
    name = read_name(row)
    if looks_like_a_person(name):
        return _only_a_name() if _lacks_facts(row, facts, usual) else None
    if any(map(looks_like_year, _cells(row, _BIRTH))):
        return None
    if not usual & _BIRTH and (len(facts) > 1 or _has_mobile(row)):
        return None
    if heading := probable_heading(row, name):
        return heading_doubt(heading)
    return _("Có thể không phải tên một người: %(text)s", text=name.name[:60])


def probable_heading(row: RawRow, name: TidyName) -> str:
    """Return the text of a row that holds one text, which has not the form of a name; "" for other rows."""
    texts = [cell_text(cell) for field, cells in row.values.items() if field != "ordinal" for cell in cells]
    texts += [*row.extras.values(), *map(cell_text, row.values.get("ordinal", ()))]
    texts = [text for text in texts if len(text) > _LONGEST_NUMBERING]
    if len(texts) != 1 or looks_like_a_person(name) or not any(map(str.isalpha, texts[0])):
        return ""
    return texts[0]


def heading_doubt(text: str) -> str:
    """The sentence for a row that is probably a heading."""
    return _("Giống dòng tiêu đề của một tổ, nhóm, không phải tên một người: %(text)s", text=text[:60])


def looks_like_a_person(name: TidyName) -> bool:
    """Whether a text has the form of a person's name: a surname, and given names that begin with capitals."""
    words = name.name.split()
    if not 2 <= len(words) <= 7:
        return bool(name.title) and len(words) == 1
    if words[0].istitle() and all(word.islower() for word in words[1:]):
        return False  # "Đoàn thanh niên"
    return is_surname(words[0]) or words[1].casefold() in _SECOND_WORDS


def _lacks_facts(row: RawRow, facts: frozenset[str], usual: frozenset[str]) -> bool:
    """Whether a row with a name has none of what the others have."""
    asked = usual - _SAY_NOTHING
    if facts & (_BIRTH | {"phone"}) or (not asked and "ordinal" not in usual):
        return False
    numbered = any(map(looks_like_ordinal, row.values.get("ordinal", ())))
    if asked and not facts:
        return True
    return "ordinal" in usual and not numbered


def _only_a_name() -> str:
    return _("Chỉ có họ tên, thiếu những gì các dòng khác có: có thể không phải một người")


def _cells(row: RawRow, fields: frozenset[str]) -> list[Cell]:
    return [cell for field in fields for cell in row.values.get(field, ())]


def _has_mobile(row: RawRow) -> bool:
    return any(
        not lost_digits(cell) and read_phone(cell).kind == "mobile" for cell in row.values.get("phone", ())
    )
