"""The process: a request and sheets on standard input → outcome and list on standard output."""

import json
import sys

from lopso.kernel.workbook.child.limits import limit_process

limit_process()

import msgspec  # noqa: E402  (limited first)

from lopso.kernel.i18n import speak  # noqa: E402
from lopso.kernel.workbook.kinds import kind_named  # noqa: E402
from lopso.kernel.workbook.packing import packed  # noqa: E402
from lopso.kernel.workbook.parsing import parse_list  # noqa: E402
from lopso.kernel.workbook.parsing_process import ParseOutcome, ParseRequest  # noqa: E402
from lopso.kernel.workbook.reading import WorkbookRefused, sheets_of  # noqa: E402


def main() -> None:
    first, _newline, sheets = sys.stdin.buffer.read().partition(b"\n")
    request = msgspec.json.decode(first, type=ParseRequest)
    speak(request.language)
    try:
        parsed = _parsed(request, sheets)
    except WorkbookRefused as refusal:
        _write(ParseOutcome(refused=refusal.reason, sentence=refusal.sentence), b"")
    except MemoryError:
        _write(ParseOutcome(refused="too_big"), b"")
    else:
        _write(ParseOutcome(), parsed)


def _parsed(request: ParseRequest, sheets: bytes) -> bytes:
    kind = kind_named(request.module, request.kind)
    parsed = parse_list(sheets_of(sheets), kind, kind.row_reader(request.context))
    return json.dumps(packed(parsed), separators=(",", ":")).encode("ascii")


def _write(outcome: ParseOutcome, parsed: bytes) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(outcome) + b"\n" + parsed)


if __name__ == "__main__":
    main()
