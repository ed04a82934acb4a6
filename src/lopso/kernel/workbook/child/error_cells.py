"""Cells with an error value (#N/A, Err:502), which the reading library gives as empty: made cells of text."""

import re

_XLSX_CELL = re.compile(rb"""(<(?:\w+:)?c\b[^<>]*?\st=)(["'])e\2""")
_ODS_ERROR = re.compile(rb"""<(?:\w+:)?table-cell\b[^<>]*?\s(?!office:)\w+:value-type=["']error["'][^<>]*>""")
_ODS_VALUE = re.compile(rb"""\soffice:(?:string-|boolean-|date-|time-)?value=(?:"[^"]*"|'[^']*')""")
_ODS_TYPE = re.compile(rb"""(\soffice:value-type=)(?:"[^"]*"|'[^']*')""")


def errors_as_text(part: str, content: bytes) -> bytes:
    """Return an XML part whose cells with an error hold its text, "#N/A"; `part` is its name in the zip."""
    if "worksheets/" in part:
        return _XLSX_CELL.sub(rb'\1"str"', content)
    return _ODS_ERROR.sub(_ods_text, content) if part == "content.xml" else content


def _ods_text(found: re.Match[bytes]) -> bytes:
    return _ODS_TYPE.sub(rb'\1"string"', _ODS_VALUE.sub(b"", found[0]))
