"""Rows with damaged cells: kept back when the cell matters, else read without it, which is said."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from lopso.kernel.i18n import gettext as _
from lopso.kernel.workbook.damage import damage_of
from lopso.kernel.workbook.fields import ListLayout, cell_text
from lopso.kernel.workbook.kinds import ListKind, RowReader, RowReading
from lopso.kernel.workbook.reading import Cell
from lopso.kernel.workbook.results import Doubt
from lopso.kernel.workbook.rows import RawRow

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class DamagedCell:
    """A cell that is not to be believed.

    Attributes:
        field: of its column; None when the column is unknown. header: the column's name in the file.
        text: what stands there. reason: a sentence.
    """

    field: str | None
    header: str
    text: str
    reason: str


def read_sound_cells(raw: RawRow, kind: ListKind[T, Any], read_row: RowReader[T]) -> RowReading[T]:
    """Read a row without its damaged cells: those that matter keep it back, the others are named."""
    sound, damaged = _without_damage(raw, kind.layout)
    if not damaged:
        return _with_notes(raw, read_row(raw))
    labels = kind.labels()
    doubts: dict[str, Doubt] = {}
    left_out: dict[str, str] = {}
    for cell in damaged:
        label = labels.get(cell.field or "", cell.header)
        if cell.field is None or kind.layout.field(cell.field).minor:
            left_out[label] = cell.text
        else:
            doubts.setdefault(label, Doubt(label, cell.text, cell.reason))
    noted = [label for label in left_out if label != labels.get("ordinal")]
    if noted:
        sound = replace(sound, extras={**sound.extras, _("Ô hỏng trong danh sách"): ", ".join(noted)})
    reading = read_row(sound)
    notes = [_("Bỏ ô hỏng “%(field)s”: %(text)s", field=label, text=text) for label, text in left_out.items()]
    others = [doubt for doubt in reading.doubts if doubt.field not in doubts]
    reading = replace(reading, notes=[*notes, *reading.notes], doubts=[*doubts.values(), *others])
    return _with_notes(raw, reading)


def _with_notes(raw: RawRow, reading: RowReading[T]) -> RowReading[T]:
    """Say what was converted, and how many numbers of papers and accounts were taken out of the row."""
    said = [
        _("Đổi từ phông cũ: “%(typed)s” thành “%(text)s”", typed=typed, text=text)
        for typed, text in raw.converted
    ]
    if raw.numbers:
        said.append(_("Đã bỏ %(n)s số giấy tờ, tài khoản hoặc thẻ", n=raw.numbers))
    return replace(reading, notes=[*reading.notes, *said]) if said else reading


def _without_damage(row: RawRow, layout: ListLayout) -> tuple[RawRow, Sequence[DamagedCell]]:
    """Return the row without its damaged cells, and these."""
    damaged: list[DamagedCell] = []
    values: dict[str, list[Cell]] = {}
    for name, cells in row.values.items():
        for cell in cells:
            reason = damage_of(cell, question=layout.field(name).minor) or _font_doubt(row, name, cell)
            if reason is None:
                values.setdefault(name, []).append(cell)
            else:
                damaged.append(DamagedCell(name, name, cell_text(cell), reason))
    extras: dict[str, str] = {}
    for header, text in row.extras.items():
        reason = damage_of(text, question=True) or _font_doubt(row, header, text)
        if reason is None:
            extras[header] = text
        else:
            damaged.append(DamagedCell(None, header, text, reason))
    return (replace(row, values=values, extras=extras), damaged) if damaged else (row, ())


def _font_doubt(row: RawRow, column: str, cell: Cell) -> str | None:
    if column not in row.uncertain:
        return None
    return _("Chữ gõ bằng phông cũ, không đọc chắc được: %(text)s", text=cell_text(cell)[:60])
