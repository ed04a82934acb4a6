"""A file is parsed in two processes of its own, one after the other; none of it happens in this one.

`child` takes the bytes apart and knows nothing of the application. `work` finds the list in the sheets and
reads its rows, under the same limits, in a fork of a process that has imported what it needs (`fork_server`,
asked by `forked`). What comes back is passed on to the database unread.
"""

from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec import Struct

from lopso.kernel.i18n import Language, language
from lopso.kernel.workbook.choices import AS_GUESSED, ReadingChoices
from lopso.kernel.workbook.kinds import ListKind
from lopso.kernel.workbook.parsing_process.forked import run_forked
from lopso.kernel.workbook.reading import SECONDS, WorkbookRefused, read_sheets
from lopso.kernel.workbook.unstored import unpacked_sheets

_MAX_ANSWER = 48 * 2**20  # bytes


class ParseRequest(Struct, frozen=True, kw_only=True):
    """What to look for: the kind by its module and name, and what its rows depend on."""

    module: str
    kind: str
    context: dict[str, Any]
    language: Language
    choices: ReadingChoices


class ParseOutcome(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The first line of the answer.

    Attributes:
        refused: a reason of `WorkbookRefused`, "" when the file was read.
        sentence: its own words, if any.
        found: whether there is a list; without one the answer has the outlines of the sheets.
    """

    refused: str = ""
    sentence: str = ""
    found: bool = True


@dataclass(frozen=True, slots=True)
class ParsedFile:
    """A file as parsed.

    Attributes:
        json: the list as `packing.packed` makes it, in ASCII.
        found: False when there is none but a person may say where it is: it has `no_list` and outlines.
        sheets: what the list came from, without what must not be stored, for `parse_again`.
    """

    json: bytes
    sheets: bytes
    found: bool = True


async def parse_file(
    kind: ListKind[Any, Any], data: bytes, context: dict[str, Any], choices: ReadingChoices = AS_GUESSED
) -> ParsedFile:
    """Read the bytes of a workbook as a list of this kind.

    Raises:
        WorkbookRefused: the file cannot be read, is too big or too slow, or holds no such list.
    """
    return await _parse(kind, await read_sheets(data), context, choices)


async def parse_again(
    kind: ListKind[Any, Any], sheets: bytes, context: dict[str, Any], choices: ReadingChoices
) -> ParsedFile:
    """Read the `ParsedFile.sheets` of a file once more, in another way.

    Raises:
        WorkbookRefused: as for `parse_file`.
    """
    return await _parse(kind, unpacked_sheets(sheets), context, choices)


async def _parse(
    kind: ListKind[Any, Any], sheets: bytes, context: dict[str, Any], choices: ReadingChoices
) -> ParsedFile:
    request = ParseRequest(
        module=kind.module, kind=kind.name, context=context, language=language(), choices=choices
    )
    sent = msgspec.json.encode(request) + b"\n" + sheets
    answer = await run_forked(kind.module, sent, seconds=SECONDS, most=_MAX_ANSWER)
    first, _newline, rest = answer.partition(b"\n")
    outcome = msgspec.json.decode(first, type=ParseOutcome)
    if outcome.refused:
        raise WorkbookRefused(outcome.refused, outcome.sentence)
    parsed, _newline, kept = rest.partition(b"\n")
    return ParsedFile(parsed, kept, outcome.found)
