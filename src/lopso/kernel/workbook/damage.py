"""Cells whose value was lost before the file reached us: error values, "?" for letters, turned text."""

import re

from lopso.kernel.i18n import gettext as _
from lopso.kernel.lost_letters import has_lost_letters
from lopso.kernel.workbook.fields import cell_text
from lopso.kernel.workbook.reading import Cell

_ERROR = re.compile(
    r"#(?:N/A|VALUE|REF|DIV/0|NUM|NAME|NULL|SPILL|CALC|GETTING_DATA|FIELD|BLOCKED|CONNECT|BUSY|UNKNOWN|EXTERNAL)\b"
    r"|^#[^\W\d_]{2,}[!?]$|^#{3,}$|\bErr:\d{3}\b"
)


def is_error(cell: Cell) -> bool:
    """Whether a spreadsheet could not compute the cell: #N/A, #REF!, Err:502, ####."""
    return isinstance(cell, str) and _ERROR.search(cell) is not None


_DITTO = re.compile(r"[\s\-–.]*(?:n[./]?t|như trên|nhu tren|[\"”“″〃]+|['’]{2}|//)[\s\-–.]*", re.IGNORECASE)


def is_ditto(cell: Cell) -> bool:
    """Whether a cell says "as above": nt, như trên, a ditto mark."""
    return isinstance(cell, str) and _DITTO.fullmatch(cell) is not None


# The one shows a text from right to left whatever it is, the other from left to right.
_TURNED = re.compile(r"[\u202d\u202e]")


def damage_of(cell: Cell, *, question: bool) -> str | None:
    """Return what is wrong with a cell, as a sentence; None when nothing is."""
    if is_error(cell):
        return _("Ô báo lỗi: %(text)s", text=cell_text(cell))
    if is_ditto(cell):
        return _("Ô chỉ ghi “như trên”, xin ghi rõ: %(text)s", text=cell_text(cell))
    if isinstance(cell, str) and _TURNED.search(cell):
        return _(
            "Chữ bị đảo chiều nên ô hiện ra khác với điều đã ghi: %(text)s", text=_TURNED.sub("", cell)[:60]
        )
    if isinstance(cell, str) and has_lost_letters(cell, question=question):
        return _("Chữ bị mất, thành dấu hỏi: %(text)s", text=cell_text(cell)[:60])
    return None
