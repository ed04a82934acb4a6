"""Tables in plain text: .csv and the like."""

import csv
import io
import re
from typing import Any

from lopso.kernel.workbook.child.limits import MAX_AREA, MAX_COLUMNS, MAX_ROWS, FileRefused
from lopso.kernel.workbook.child.values import row_values


def text_table(data: bytes) -> dict[str, Any]:
    text = _csv_text(data)
    # Markup and binary files would otherwise pass as one odd column.
    if "\0" in text or text.lstrip()[:1] in ("<", "{", "%") or not re.search(r"[,;\t]", text):
        raise FileRefused("not_a_workbook")
    head = text[:20_000]
    delimiter = max("\t;,", key=head.count)
    rows: list[list[Any]] = []
    width = 0
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            if len(rows) >= MAX_ROWS * 2 or len(rows) * len(row) > MAX_AREA:
                raise FileRefused("too_many_rows")
            width = max(width, len(row))
            rows.append(row_values([cell.strip() for cell in row[:MAX_COLUMNS]]))
    except csv.Error as error:
        raise FileRefused("broken") from error
    if sum(map(bool, rows)) > MAX_ROWS:
        raise FileRefused("too_many_rows")
    return {
        "name": "CSV",
        "visible": True,
        "start": [0, 0],
        "rows": rows,
        "merged": [],
        "columns_cut": max(0, width - MAX_COLUMNS),
    }


def _csv_text(data: bytes) -> str:
    encodings = ["utf-16"] if data.startswith((b"\xff\xfe", b"\xfe\xff")) else ["utf-8-sig", "cp1258"]
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise FileRefused("not_a_workbook")
