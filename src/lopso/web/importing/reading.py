"""Pages to have a staged list read in another way: header row and columns, hidden parts."""

from datetime import datetime
from typing import Annotated, Any, TypeVar

import msgspec
from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.response import Response
from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.errors import NotFound
from lopso.kernel.i18n import gettext as _
from lopso.kernel.workbook import staging, turns
from lopso.kernel.workbook.child.limits import MAX_COLUMNS
from lopso.kernel.workbook.choices import ReadingChoices, SheetChoice
from lopso.kernel.workbook.fields import LEFT_OUT
from lopso.kernel.workbook.outlines import SheetOutline
from lopso.web.forms import Form, Many, Text, Tick, WholeNumber
from lopso.web.guards import in_ward
from lopso.web.importing.config import ImportConfig
from lopso.web.pages import redirect

T = TypeVar("T")

_MOST_SHEETS = 50
OutlineNumber = Annotated[int, WholeNumber(0, _MOST_SHEETS)]


class SheetParams(Struct, frozen=True, kw_only=True):
    """Which of the outlined sheets, from 0."""

    bang: OutlineNumber = 0


class HeaderForm(Struct, frozen=True, kw_only=True):
    """The number of the header row as the person sees it, 0 for none."""

    sheet: OutlineNumber = 0
    header: Annotated[int, WholeNumber(0, 2_000_000)] = 0


class ColumnsForm(HeaderForm, frozen=True, kw_only=True):
    """The columns below a header row, each as ``index:field``; no field keeps it as a remark."""

    column: Annotated[tuple[str, ...], Many(Text(60), most=MAX_COLUMNS)] = ()


class HiddenForm(Struct, frozen=True, kw_only=True):
    """Whether hidden rows, columns and sheets are to be read."""

    hidden: Tick = False


def reading_routes(config: ImportConfig[T]) -> list[HTTPRouteHandler]:
    """Header row and columns; hidden parts."""
    return [*_column_routes(config), _hidden_route(config)]


def _column_routes(config: ImportConfig[T]) -> list[HTTPRouteHandler]:
    path = config.staged_path + "/cot"

    @get(path, opt=in_ward(config.permission))
    async def columns(ward_id: str, staged_id: str, params: SheetParams, db: AsyncSession) -> Response[Any]:
        """The top of a sheet, to say which row is the header and what each column holds."""
        staged = await config.staged(db, ward_id, staged_id)
        parsed = config.parsed(staged)
        outline = _outline(parsed.outlines, params.bang)
        return config.page(
            "columns",
            ward_id,
            staged=staged,
            parsed=parsed,
            outline=outline,
            number=params.bang,
            choices=_field_choices(config),
        )

    @post(path + "/tieu-de", opt=in_ward(config.permission))
    async def choose_header(
        form: Form[HeaderForm], ward_id: str, staged_id: str, db: AsyncSession, now: datetime
    ) -> Response[Any]:
        """Read the list below another header row; its columns are guessed, and shown again."""
        chosen = form.value()
        await _read_again(config, db, ward_id, staged_id, chosen, {}, now)
        return redirect(f"{config.address}/{ward_id}/nhap/{staged_id}/cot?bang={chosen.sheet}#cot")

    @post(path, opt=in_ward(config.permission))
    async def choose_columns(
        form: Form[ColumnsForm], ward_id: str, staged_id: str, db: AsyncSession, now: datetime
    ) -> Response[Any]:
        """Read the list with these columns."""
        chosen = form.value()
        here = f"{config.address}/{ward_id}/nhap/{staged_id}"
        if await _read_again(config, db, ward_id, staged_id, chosen, _fields(chosen.column), now):
            return redirect(here, flash=_("Đã đọc lại theo các cột đã chọn."))
        refusal = config.kind.column_needed()
        return redirect(f"{here}/cot?bang={chosen.sheet}", flash=refusal, kind="warn")

    return [columns, choose_header, choose_columns]


def _hidden_route(config: ImportConfig[T]) -> HTTPRouteHandler:
    @post(config.staged_path + "/cho-an", opt=in_ward(config.permission))
    async def read_hidden(
        form: Form[HiddenForm], ward_id: str, staged_id: str, db: AsyncSession, now: datetime
    ) -> Response[Any]:
        """Read hidden rows, columns and sheets too, or only what is shown."""
        hidden = form.value().hidden
        await turns.take_turn(db)
        staged = await config.staged(db, ward_id, staged_id, lock=True)
        choices = msgspec.structs.replace(staging.choices_of(staged), hidden=hidden)
        await staging.parse_staged_again(db, config.kind, staged, choices, now=now)
        said = _("Đã đọc cả dòng, cột đang ẩn.") if hidden else _("Chỉ đọc những gì thấy trong Excel.")
        return redirect(config.here(staged), flash=said)

    return read_hidden


async def _read_again(
    config: ImportConfig[T],
    db: AsyncSession,
    ward_id: str,
    staged_id: str,
    chosen: HeaderForm,
    fields: dict[int, str],
    now: datetime,
) -> bool:
    """Read a sheet as chosen; return whether there is a list then."""
    await turns.take_turn(db)
    staged = await config.staged(db, ward_id, staged_id, lock=True)
    name = _outline(config.parsed(staged).outlines, chosen.sheet).name
    before = staging.choices_of(staged)
    sheets = {**before.sheets, name: SheetChoice(header=chosen.header, fields=fields)}
    parsed = await staging.parse_staged_again(
        db, config.kind, staged, ReadingChoices(hidden=before.hidden, sheets=sheets), now=now
    )
    return parsed.found


def _outline(outlines: tuple[SheetOutline, ...], number: int) -> SheetOutline:
    if number >= len(outlines):
        raise NotFound
    return outlines[number]


def _fields(columns: tuple[str, ...]) -> dict[int, str]:
    """Return index to field of what the form sent; the reader passes over fields it does not know."""
    pairs = (each.partition(":") for each in columns)
    return {
        int(index): field
        for index, _colon, field in pairs
        if index.isascii() and index.isdigit() and int(index[:9]) < MAX_COLUMNS
    }


def _field_choices(config: ImportConfig[T]) -> list[tuple[str, str]]:
    """What a column may hold, for a list to choose from: field and words."""
    labels = config.kind.labels()
    offered = [field.name for field in config.kind.layout.fields if field.stored and not field.added_by_us]
    named = [(name, labels[name]) for name in offered if name in labels]
    return [*named, ("", _("Giữ trong ghi chú")), (LEFT_OUT.name, _("Không đọc cột này"))]
