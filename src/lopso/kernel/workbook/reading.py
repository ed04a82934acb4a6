"""A file somebody uploaded, read in a child process: see `child` for what is limited there."""

import asyncio
import contextlib
import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, TypeAlias, cast

from lopso.kernel import formatting
from lopso.kernel.errors import DomainError
from lopso.kernel.i18n import N_
from lopso.kernel.i18n import gettext as _
from lopso.kernel.workbook import child
from lopso.kernel.workbook.child.limits import MAX_FILE, MAX_ROWS

Cell: TypeAlias = str | float | int | bool | date | datetime | time | timedelta | None

SECONDS = 30
"""How long one file may take, start of the child included."""

_MAX_SHEETS_JSON = 64 * 2**20  # bytes
_REFUSED = b'{"refused"'


class WorkbookRefused(DomainError):
    """The file cannot be read. `reason` is a word for tests and logs; the sentence is for the person."""

    status = 422

    def __init__(self, reason: str, sentence: str = "") -> None:
        super().__init__(sentence or _sentence(reason))
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet as read.

    Attributes:
        first_row, first_column: number of the first used row and column as the person sees them, from 1.
        rows: without empty cells at the end of a row; a blank row is an empty list.
        merged: ranges (top, left, bottom, right), inclusive, as indexes into `rows`.
        hidden_rows, hidden_columns: what the person does not see, as indexes into `rows` and into a row.
        columns_cut: how many used columns to the right were not read.
        fonts: of the cells with marked letters that are in an old font ("TCVN3", "VNI") or partly ("mixed").
    """

    name: str
    visible: bool
    first_row: int
    first_column: int
    rows: Sequence[Sequence[Cell]]
    merged: Sequence[tuple[int, int, int, int]] = ()
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    columns_cut: int = 0
    fonts: Mapping[tuple[int, int], str] = field(default_factory=dict[tuple[int, int], str])


async def read_workbook(data: bytes, *, seconds: float = SECONDS) -> list[Sheet]:
    """Read .xlsx, .xls, .ods or .csv. Formulas give the value last computed.

    Raises:
        WorkbookRefused: not a workbook, broken, encrypted, too big, too slow…
    """
    return sheets_of(await read_sheets(data, seconds=seconds))


async def read_sheets(data: bytes, *, seconds: float = SECONDS) -> bytes:
    """As `read_workbook`, but return the sheets as the JSON that the child wrote, for `sheets_of`.

    Raises:
        WorkbookRefused: not a workbook, broken, encrypted, too big, too slow…
    """
    if len(data) > MAX_FILE:
        raise WorkbookRefused("file_too_big")
    output = await run_limited(child.__name__, data, seconds=seconds, most=_MAX_SHEETS_JSON)
    if output.startswith(_REFUSED):
        raise WorkbookRefused(json.loads(output)["refused"])
    return output


def sheets_of(written: bytes) -> list[Sheet]:
    """Return the sheets of what `read_sheets` returned."""
    return [_sheet(each) for each in json.loads(written)["sheets"]]


async def read_file(path: Path) -> bytes:
    """Return the bytes of a file on this machine, for `read_workbook`.

    Raises:
        WorkbookRefused: there is no such file, it may not be read, or it is too big.
    """
    try:
        return await asyncio.to_thread(_beginning, path)
    except OSError:
        raise WorkbookRefused("no_file") from None


def _beginning(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_FILE + 1)


async def run_limited(module: str, data: bytes, *, seconds: float, most: int) -> bytes:
    """Run `module` as a process of its own with `data` as its input; return what it wrote.

    The module limits its own memory and processor time.

    Args:
        most: bytes of output.

    Raises:
        WorkbookRefused: it took longer than `seconds`, needed more than it may, or broke.
    """
    # The child gets no variable of ours: the environment holds secrets.
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", "-m", module),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        cwd=tempfile.gettempdir(),
        env={},
    )
    try:
        output = await asyncio.wait_for(_exchange(process, data, most), seconds)
    except BaseException as error:  # cancelled too: the child must not outlive its request
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        if isinstance(error, TimeoutError):
            raise WorkbookRefused("too_slow") from None
        raise
    if await process.wait() == 0 and output:
        return output
    # Killed by the memory or the processor limit; or the reading library gave up on nonsense.
    killed = process.returncode is not None and process.returncode < 0
    raise WorkbookRefused("too_big" if killed else "broken")


async def _exchange(process: asyncio.subprocess.Process, data: bytes, most: int) -> bytes:
    assert process.stdin is not None  # noqa: S101  (piped above)
    assert process.stdout is not None  # noqa: S101  (piped above)
    with contextlib.suppress(ConnectionError):
        process.stdin.write(data)
        await process.stdin.drain()
        process.stdin.close()
    output = bytearray()
    while chunk := await process.stdout.read(2**16):
        output += chunk
        if len(output) > most:
            raise WorkbookRefused("too_big")
    return bytes(output)


def _sheet(answer: dict[str, Any]) -> Sheet:
    top, left = answer["start"]
    return Sheet(
        name=answer["name"],
        visible=answer["visible"],
        first_row=top + 1,
        first_column=left + 1,
        rows=[[_cell(value) for value in row] for row in answer["rows"]],
        merged=[
            (t - top, n - left, b - top, r - left)
            for t, n, b, r in answer["merged"]
            if t >= top and n >= left
        ],
        hidden_rows=frozenset(row - top for row in answer.get("hidden_rows", ())),
        hidden_columns=frozenset(column - left for column in answer.get("hidden_columns", ())),
        columns_cut=answer.get("columns_cut", 0),
        fonts={
            (row, column): font
            for row, first, last, font in answer.get("fonts", ())
            for column in range(first, last + 1)
        },
    )


def _cell(value: Any) -> Cell:
    if not isinstance(value, dict):
        return value
    ((kind, written),) = cast(dict[str, Any], value).items()
    match kind:
        case "date":
            return date.fromisoformat(written)
        case "datetime":
            return datetime.fromisoformat(written)
        case "time":
            return time.fromisoformat(written)
        case _:
            return timedelta(seconds=written)


_TOO_BIG = N_("Tệp này quá lớn để đọc an toàn. Hãy chép danh sách sang một tệp Excel mới rồi thử lại.")
_BROKEN = N_("Tệp này bị hỏng, không đọc được. Hãy mở bằng Excel, lưu lại rồi thử lại.")
_SENTENCES = {
    "none": N_("Xin chọn tệp danh sách."),
    "no_file": N_("Không mở được tệp này."),
    "empty": N_("Tệp này trống."),
    "unpacks_too_big": _TOO_BIG,
    "too_big": _TOO_BIG,
    "too_slow": N_(
        "Đọc tệp này lâu quá nên đã dừng, chưa lưu gì. Máy chủ có thể đang bận: xin chờ vài phút rồi thử lại."
        " Nếu vẫn vậy, hãy chép danh sách sang một tệp Excel mới."
    ),
    "too_many_sheets": N_("Tệp có quá nhiều trang tính. Hãy giữ lại trang có danh sách rồi thử lại."),
    "far_cell": N_(
        "Trong tệp có ô nằm rất xa danh sách. Hãy chép danh sách sang một tệp Excel mới rồi thử lại."
    ),
    "document_type": N_(
        "Tệp có nội dung lạ nên không đọc. Hãy chép danh sách sang một tệp Excel mới rồi thử lại."
    ),
    "encrypted": N_("Tệp này có mật khẩu. Hãy bỏ mật khẩu rồi thử lại."),
    "formulas_only": N_("Các ô là công thức chưa có kết quả. Hãy mở tệp bằng Excel, lưu lại rồi thử lại."),
    "binary_workbook": N_("Hãy lưu tệp dưới dạng “Excel Workbook (.xlsx)” rồi thử lại."),
    "not_a_workbook": N_("Tệp này không phải bảng tính. Hãy chọn tệp Excel (.xlsx, .xls) hoặc .csv."),
}


def _sentence(reason: str) -> str:
    if reason == "file_too_big":
        return _(
            "Tệp lớn quá %(n)s MB. Hãy bỏ bớt ảnh hoặc chia danh sách thành nhiều tệp.", n=MAX_FILE >> 20
        )
    if reason == "too_many_rows":
        return _("Danh sách dài quá %(n)s dòng. Hãy chia thành nhiều tệp.", n=formatting.number(MAX_ROWS))
    return _(_SENTENCES.get(reason, _BROKEN))
