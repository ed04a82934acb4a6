"""A file is parsed in two processes of its own, one after the other; none of it happens in this one.

`child` takes the bytes apart and knows nothing of the application; `__main__` of this package finds the list
in the sheets and reads its rows, under the same limits. What comes back is passed on to the database unread.
"""

from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec import Struct

from lopso.kernel.i18n import Language, language
from lopso.kernel.workbook.kinds import ListKind
from lopso.kernel.workbook.reading import SECONDS, WorkbookRefused, read_sheets, run_limited

_MAX_ANSWER = 48 * 2**20  # bytes


class ParseRequest(Struct, frozen=True, kw_only=True):
    """What to look for: the kind by its module and name, and what its rows depend on."""

    module: str
    kind: str
    context: dict[str, Any]
    language: Language


class ParseOutcome(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The first line of the answer; `refused` is a reason of `WorkbookRefused`, `sentence` its own words."""

    refused: str = ""
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class ParsedFile:
    """A file as parsed.

    `json` is the list as `packing.packed` makes it, in ASCII.
    """

    json: bytes


async def parse_file(kind: ListKind[Any, Any], data: bytes, context: dict[str, Any]) -> ParsedFile:
    """Read the bytes of a workbook as a list of this kind.

    Raises:
        WorkbookRefused: the file cannot be read, is too big or too slow, or holds no such list.
    """
    return await _parse(kind, await read_sheets(data), context)


async def _parse(kind: ListKind[Any, Any], sheets: bytes, context: dict[str, Any]) -> ParsedFile:
    request = ParseRequest(module=kind.module, kind=kind.name, context=context, language=language())
    answer = await run_limited(
        __name__, msgspec.json.encode(request) + b"\n" + sheets, seconds=SECONDS, most=_MAX_ANSWER
    )
    first, _newline, parsed = answer.partition(b"\n")
    outcome = msgspec.json.decode(first, type=ParseOutcome)
    if outcome.refused:
        raise WorkbookRefused(outcome.refused, outcome.sentence)
    return ParsedFile(parsed)
