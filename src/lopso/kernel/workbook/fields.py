"""What a list is expected to hold, declared: the names its columns go by, and what their values look like."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from lopso.kernel import formatting
from lopso.kernel.text import fold, nfc
from lopso.kernel.workbook.reading import Cell


@dataclass(frozen=True, slots=True)
class ListField:
    """One thing a column may hold.

    Attributes:
        name: how code calls it.
        headers: column names as wards write them, with accents; the order means nothing.
        looks_like: how much a value looks like this field, 0 to 1; None when values may be anything.
        several: more than one column may feed it ("Điện thoại 1", "Điện thoại 2").
        by_content: may be recognised by its values alone, without a known column name.
        weak_header: its one-word names are also ordinary values ("Nam"), so they do not prove a header row.
        continued_by: the field of a nameless column to its right ("Họ và tên" written over two columns).
        stored: False for what must not be stored (an ID number): recognised in order to be left out.
        long_numbers: its values are long numbers by nature (phones), which are not taken for account numbers.
        minor: a row is good without it: a damaged value of it is left out, and does not keep the row back.
        added_by_us: True for what we wrote into a workbook we handed back: left out without a word.
    """

    name: str
    headers: tuple[str, ...]
    looks_like: Callable[[Cell], float] | None = None
    several: bool = False
    by_content: bool = False
    weak_header: bool = False
    stored: bool = True
    continued_by: str | None = None
    long_numbers: bool = False
    minor: bool = False
    added_by_us: bool = False


@dataclass(frozen=True, slots=True)
class ListLayout:
    """What one kind of list holds.

    Attributes:
        fields: every field that may occur.
        required: names of fields of which at least one column must be found.
        identity: names of fields of which a row must fill at least one to be about somebody.
        repeated: those of `identity` that hold for every row over which their cell is merged; the others are
            one row's, however tall their cell is.
        section: whether a lone text between the rows is a heading for the rows below it ("TỔ DÂN PHỐ 3").
    """

    fields: Sequence[ListField]
    required: frozenset[str]
    identity: frozenset[str]
    section: Callable[[str], bool] = lambda text: False
    repeated: frozenset[str] = frozenset()

    def field(self, name: str) -> ListField:
        """Return the field called `name`."""
        return next(field for field in (*self.fields, LEFT_OUT) if field.name == name)


LEFT_OUT = ListField("left_out", (), several=True, stored=False)
"""A column that a person chose not to have read."""

RETURNED_COLUMNS = ListField(
    "returned", ("Dòng trong tệp", "Lý do cần xem lại"), several=True, stored=False, added_by_us=True
)
"""The columns added to a workbook of rows to correct; Vietnamese, like the workbook around them."""

PRIVATE_NUMBERS = ListField("private_numbers", (), several=True, stored=False)
"""Unknown columns whose values are numbers of papers, accounts or cards."""

ATTENDANCE = ListField("attendance", (), several=True, stored=False)
"""Unknown columns in which presence is marked, day by day, and their sums."""
EXISTING_COLUMN = ListField("existing", ("Có thể là người này",), stored=False, added_by_us=True)
ANSWER_COLUMN = ListField("answer", ("Trả lời (chọn một)",), added_by_us=True)
"""Two more where a row may be somebody known: who that is, and the answer, which is read."""


_NUMBERING = re.compile(
    r"^\s*(?:câu\s*(?:hỏi\s*)?)?(?:[(\[]?\d{1,2}(?:\.\d{1,2})*[\s.):\]/-]+|[(\[]?[a-zđ][)\]]\s*|[ivx]{1,4}\.\s+)",
    re.IGNORECASE,
)
_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|\*+")
_LONGEST_NAME = 14  # words: a question of a form; longer texts are titles and explanations


@lru_cache(maxsize=20_000)
def header_similarity(text: str, field: ListField) -> float:
    """Return how much a column name means `field`: 1 its very name, from 0.6 it contains one.

    A number before it ("1. Họ và tên", "Câu 2: …") and what stands in brackets do not count against it.
    """
    bare = _NUMBERING.sub("", text)
    texts = dict.fromkeys((bare, _BRACKETS.sub(" ", bare)))
    return max(_similarity(each, field) for each in texts)


def _similarity(text: str, field: ListField) -> float:
    tokens = _tokens(text)
    if not tokens or len(tokens) > _LONGEST_NAME:
        return 0.0
    best = 0.0
    for name in field.headers:
        wanted = _tokens(name)
        if tokens == wanted:
            # "Năm" and "Nam" fold to the same word; the accents decide.
            same_accents = nfc(name).casefold() in nfc(text).casefold()
            best = max(best, 1.0 if same_accents else 0.95)
        elif _contains(tokens, wanted) and (len(wanted) > 1 or _same_word(text, name)):
            best = max(best, 0.5 + 0.4 * len(wanted) / len(tokens))
    has_digits = any(char.isdigit() for char in text) and not re.fullmatch(r"\D*\b\d\s*", text.strip())
    return best - 0.35 if has_digits and best < 0.95 else best


def _same_word(text: str, name: str) -> bool:
    """Whether a name of one word stands in the text, with its accents ("Đội", not "Đối") or with none."""
    words = re.findall(r"\w+", nfc(text).casefold())
    return nfc(name).casefold() in words or fold(name) in words


@lru_cache(maxsize=20_000)
def _tokens(text: str) -> tuple[str, ...]:
    return tuple(re.findall(r"[a-z0-9]+", fold(text)))


def _contains(tokens: tuple[str, ...], wanted: tuple[str, ...]) -> bool:
    return any(tokens[i : i + len(wanted)] == wanted for i in range(len(tokens) - len(wanted) + 1))


def cell_text(cell: Cell) -> str:
    """Return what the person sees in the cell: no ".0" behind whole numbers, dates as dd/mm/yyyy."""
    match cell:
        case None:
            return ""
        case bool():
            return "x" if cell else ""
        case float() if cell.is_integer():
            return str(int(cell))
        case float() | int():
            return str(cell)
        case str():
            return " ".join(nfc(cell).replace("\u00a0", " ").split())
        case date():  # datetime too
            return formatting.full_date(cell.date() if isinstance(cell, datetime) else cell)
        case _:
            return str(cell)
