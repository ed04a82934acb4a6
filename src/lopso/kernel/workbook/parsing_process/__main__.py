"""The process: a request and sheets on standard input → outcome, list and sheets on standard output."""

import json
import sys
from collections.abc import Sequence
from typing import Any

from lopso.kernel.workbook.child.limits import limit_process

limit_process()

import msgspec  # noqa: E402  (limited first)

from lopso.kernel.i18n import gettext as _  # noqa: E402  (limited first)
from lopso.kernel.i18n import speak  # noqa: E402  (limited first)
from lopso.kernel.workbook.kinds import ListKind, kind_named  # noqa: E402  (limited first)
from lopso.kernel.workbook.outlines import outlines  # noqa: E402  (limited first)
from lopso.kernel.workbook.packing import packed  # noqa: E402  (limited first)
from lopso.kernel.workbook.parsing import parse_list  # noqa: E402  (limited first)
from lopso.kernel.workbook.parsing_process import ParseOutcome, ParseRequest  # noqa: E402  (limited first)
from lopso.kernel.workbook.reading import Sheet, WorkbookRefused, sheets_of  # noqa: E402  (limited first)
from lopso.kernel.workbook.results import ParsedList  # noqa: E402  (limited first)
from lopso.kernel.workbook.rows import NoTableFound  # noqa: E402  (limited first)
from lopso.kernel.workbook.unstored import kept_sheets, unpacked_sheets  # noqa: E402  (limited first)


def main() -> None:
    first, _newline, sheets = sys.stdin.buffer.read().partition(b"\n")
    request = msgspec.json.decode(first, type=ParseRequest)
    speak(request.language)
    try:
        parsed, found = _parsed(request, sheets)
    except WorkbookRefused as refusal:
        _write(ParseOutcome(refused=refusal.reason, sentence=refusal.sentence), b"")
    except MemoryError:
        _write(ParseOutcome(refused="too_big"), b"")
    else:
        _write(ParseOutcome(found=found), parsed)


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


def _write(outcome: ParseOutcome, parsed: bytes) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(outcome) + b"\n" + parsed)


if __name__ == "__main__":
    main()
