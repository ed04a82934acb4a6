"""A workbook to hand out: everything is text, nothing is a formula."""

import io
from collections.abc import Sequence
from typing import Any

import xlsxwriter  # pyright: ignore[reportMissingTypeStubs]  (it ships none)

_BEGINS_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def neutral(text: str) -> str:
    """Return `text` so that no spreadsheet takes it for a formula, even after an edit or a save as CSV."""
    return f"'{text}" if text.startswith(_BEGINS_FORMULA) else text


def as_typed(text: str) -> str:
    """Undo `neutral` on the way back in."""
    return text[1:] if text.startswith("'") and text[1:].startswith(_BEGINS_FORMULA) else text


def workbook_of(
    *,
    sheet: str,
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    emphasised: int | None = None,
    choices: tuple[int, Sequence[str]] | None = None,
) -> bytes:
    """Make an .xlsx with one sheet of texts (numbers and phones too, so that no zero is lost).

    Args:
        emphasised: index of a column to be seen first, such as the reason why a row came back.
        choices: index of a column with what may be chosen there from a list; other texts can be typed.
    """
    file = io.BytesIO()
    options: dict[str, Any] = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    book: Any = xlsxwriter.Workbook(file, options)  # its methods carry no types
    with book:
        page = book.add_worksheet(sheet[:31])
        bold = book.add_format(
            {"bold": True, "border": 1, "text_wrap": True, "valign": "top", "num_format": "@"}
        )
        plain = book.add_format({"num_format": "@", "valign": "top"})
        marked = book.add_format(
            {"num_format": "@", "valign": "top", "text_wrap": True, "bg_color": "#FFF3D6"}
        )
        for c, name in enumerate(header):
            page.write_string(0, c, neutral(name), bold)
            longest = max([len(name), *(len(row[c]) for row in rows if c < len(row))])
            page.set_column(c, c, min(60 if c == emphasised else 40, max(6, longest + 2)))
        for r, row in enumerate(rows, start=1):
            for c, text in enumerate(row):
                page.write_string(r, c, neutral(text), marked if c == emphasised else plain)
        if choices and rows:
            column, texts = choices
            offered = {"validate": "list", "source": list(texts), "error_type": "information"}
            page.data_validation(1, column, len(rows), column, offered)
            page.set_column(column, column, 2 + max(map(len, texts)))
        page.freeze_panes(1, 0)
        page.set_landscape()
        page.set_paper(9)  # A4
        page.fit_to_pages(1, 0)
        page.repeat_rows(0)
    return file.getvalue()
