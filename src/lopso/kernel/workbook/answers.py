"""What a person answers to "is this the same person?": on the page, or in a workbook handed back."""

from collections.abc import Mapping
from typing import TypeAlias

from lopso.kernel.i18n import gettext as _
from lopso.kernel.text import fold

SAME = "same"
"""The same record: the row's values hold. ``same:12`` where several may be meant: the record with id 12."""

OTHER = "other"
SKIP = "skip"
ASK = "ask"
"""The answer that a workbook or an earlier list gave is taken back: the row is asked about."""


Answers: TypeAlias = Mapping[str, str]
"""Reference of a row (`row_reference`) to its answer."""

NO_ANSWERS: Answers = {}

WRITTEN: Mapping[str, str] = {SAME: "Cùng người: cập nhật", OTHER: "Người khác", SKIP: "Bỏ qua"}
"""The answers as a workbook offers them; Vietnamese, like the workbook around them."""

_MEANS = {
    "cung nguoi cap nhat": SAME, "cung nguoi": SAME, "cap nhat": SAME, "trung": SAME, "trung nguoi": SAME,
    "la mot": SAME, "mot nguoi": SAME, "nguoi khac": OTHER, "khac": OTHER, "khac nguoi": OTHER,
    "nguoi moi": OTHER, "them moi": OTHER, "bo qua": SKIP, "bo": SKIP, "khong luu": SKIP,
}  # fmt: skip


def read_answer(text: str) -> str:
    """Return the answer a cell gives, "" when it gives none that is understood."""
    words = "".join(char if char.isalnum() else " " for char in fold(text))
    return _MEANS.get(" ".join(words.split()), "")


def answer_labels(*, in_file: bool = False) -> dict[str, str]:
    """Return the answers by code, as buttons say them; `in_file`: about two rows of one file."""
    same = _("Cùng người: gộp hai dòng") if in_file else _("Cùng người: cập nhật")
    return {SAME: same, OTHER: _("Người khác"), SKIP: _("Bỏ qua")}


def row_reference(sheet: int, row: int) -> str:
    """Return what names a row of a file: the sheet's place among those read, and the row's number there."""
    return f"{sheet}.{row}"
