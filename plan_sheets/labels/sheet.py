"""A plan sheet to hand out: rows that are read back as they were."""

from collections.abc import Sequence

from lopso.kernel import formatting
from lopso.kernel.workbook.writing import workbook_of
from plan_sheets.queries.export import SheetRow
from scheduling.labels.sessions import slots_label

HEADER = (
    *("STT", "Nội dung", "Địa điểm", "Lịch học", "Bắt đầu", "Kết thúc", "Số buổi", "Số học viên"),
    *("Phụ trách", "Mã chuỗi"),
)
"""Vietnamese, like the sheets of wards."""


def plan_workbook(rows: Sequence[SheetRow]) -> bytes:
    """The workbook of some rows."""
    return workbook_of(sheet="Kế hoạch", header=HEADER, rows=[_cells(*each) for each in enumerate(rows, 1)])


def _cells(number: int, row: SheetRow) -> list[str]:
    return [
        str(number),
        row.course,
        row.place,
        slots_label(row.times).replace("\u2060", ""),
        formatting.full_date(row.starts_on),
        formatting.full_date(row.ends_on) if row.ends_on else "",
        str(row.meetings or ""),
        str(row.seats),
        row.helpers,
        str(row.code or ""),
    ]
