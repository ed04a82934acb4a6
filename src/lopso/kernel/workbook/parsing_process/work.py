"""What the process does: a request and sheets → outcome, list and sheets."""

import json
from collections.abc import Sequence
from typing import Any

import msgspec

from lopso.kernel.i18n import gettext as _
from lopso.kernel.i18n import speak
from lopso.kernel.workbook.kinds import ListKind, kind_named
from lopso.kernel.workbook.outlines import outlines
from lopso.kernel.workbook.packing import packed
from lopso.kernel.workbook.parsing import parse_list
from lopso.kernel.workbook.parsing_process import ParseOutcome, ParseRequest
from lopso.kernel.workbook.reading import Sheet, WorkbookRefused, sheets_of
from lopso.kernel.workbook.results import ParsedList
from lopso.kernel.workbook.rows import NoTableFound
from lopso.kernel.workbook.unstored import kept_sheets, unpacked_sheets


def answer(written: bytes) -> bytes:
    """Answer a `ParseRequest`, a new line and sheets.

    Returns:
        A `ParseOutcome`, a new line, the list as JSON, a new line, and the sheets it came from.
    """
    first, _newline, sheets = written.partition(b"\n")
    request = msgspec.json.decode(first, type=ParseRequest)
    speak(request.language)
    try:
        parsed, found = _parsed(request, sheets)
    except WorkbookRefused as refusal:
        return _line(ParseOutcome(refused=refusal.reason, sentence=refusal.sentence))
    except MemoryError:
        return _line(ParseOutcome(refused="too_big"))
    return _line(ParseOutcome(found=found)) + parsed


def _parsed(request: ParseRequest, written: bytes) -> tuple[bytes, bool]:
    """Return the list as JSON, a new line and the sheets it came from; and whether there is a list."""
    kind = kind_named(request.module, request.kind)
    sheets = sheets_of(written)
    try:
        parsed = parse_list(sheets, kind, kind.row_reader(request.context), request.choices)
    except NoTableFound as refusal:
        parsed = _nothing_found(kind, sheets, refusal)
    kept = kept_sheets(written, kind.layout, parsed.fields)
    parsed.outlines = outlines(sheets_of(unpacked_sheets(kept)), kind.layout, request.choices)
    if parsed.no_list and not parsed.outlines:
        raise NoTableFound(parsed.no_list)
    written_list = json.dumps(packed(parsed), separators=(",", ":")).encode("ascii")
    return written_list + b"\n" + kept, not parsed.no_list


def _nothing_found(
    kind: ListKind[Any, Any], sheets: Sequence[Sheet], refusal: NoTableFound
) -> ParsedList[Any]:
    """Return a list without rows, for a person to say which columns it has.

    Raises:
        NoTableFound: it is another kind of list.
    """
    if other := kind.other_kind(sheets):
        raise NoTableFound(
            _(
                "Tệp này là %(other)s, không phải %(own)s. Xin chọn tệp khác.",
                other=other,
                own=kind.described(),
            )
        ) from refusal
    return ParsedList(header=[], columns=[], sheets=[], no_list=refusal.sentence)


def _line(outcome: ParseOutcome) -> bytes:
    return msgspec.json.encode(outcome) + b"\n"
