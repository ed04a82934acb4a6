"""Review of a staged list, its rows, the workbook of the doubtful ones; all as parsed, nothing saved."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, TypeVar

from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.response import Response
from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor
from lopso.kernel.workbook import staging, unanswered
from lopso.kernel.workbook.results import DoubtfulRow, ImportResult, doubtful_workbook
from lopso.kernel.workbook.staging import StagedImport
from lopso.web.forms import Choice, PageNumber
from lopso.web.guards import in_ward
from lopso.web.importing.answering import question_groups
from lopso.web.importing.config import ImportConfig
from lopso.web.importing.row_lists import RowList, row_page
from lopso.web.pages import redirect
from lopso.web.uploads import workbook_answer

T = TypeVar("T")


class RowParams(Struct, frozen=True, kw_only=True):
    """Which rows, and the page of them."""

    loai: Annotated[RowList, Choice(("moi", "doi", "sua"))] = "moi"
    trang: PageNumber = 1


def review_routes(config: ImportConfig[T]) -> list[HTTPRouteHandler]:
    """What was read of it."""
    return [_review_route(config), _rows_route(config), _download_route(config)]


def _review_route(config: ImportConfig[T]) -> HTTPRouteHandler:
    @get(config.staged_path, opt=in_ward(config.permission))
    async def review(ward_id: str, staged_id: str, db: AsyncSession) -> Response[Any]:
        """What was read and what is doubtful; once saved, what was done."""
        staged = await config.staged(db, ward_id, staged_id)
        result = staging.result_of(staged)
        if result is not None:
            waiting = await unanswered.unanswered_list(db, staged)
            return config.page(
                "result", ward_id, staged=staged, result=result, waiting=waiting, after=config.after_saving
            )
        parsed = config.parsed(staged)
        if parsed.no_list:
            return redirect(f"{config.here(staged)}/cot")
        rows = await config.matched(db, staged, parsed)
        return config.page(
            "review",
            ward_id,
            staged=staged,
            parsed=parsed,
            rows=rows,
            groups=question_groups(rows),
            reason_of=config.kind.same_as_known,
            labels=config.kind.labels(),
            own_kind=config.kind.described(),
            title_of=config.kind.title,
            agreement=config.agreement,
        )

    return review


def _rows_route(config: ImportConfig[T]) -> HTTPRouteHandler:
    @get(config.staged_path + "/dong", opt=in_ward(config.permission))
    async def rows(
        ward_id: str, staged_id: str, params: RowParams, db: AsyncSession, actor: Actor, now: datetime
    ) -> Response[Any]:
        """The new people, the changed ones or the rows to correct, a page at a time; audited: phones."""
        staged = await config.staged(db, ward_id, staged_id)
        if staged.saved_at is not None:
            return redirect(config.here(staged))
        parsed = config.parsed(staged)
        matched = await config.matched(db, staged, parsed)
        config.note(db, staged, "staged_rows_shown", by=actor, now=now, rows=params.loai)
        return config.page(
            "rows",
            ward_id,
            staged=staged,
            kind=params.loai,
            shown=row_page(config.kind, matched, params.loai, params.trang),
            many_sheets=len(parsed.sheets) > 1,
            labels=config.kind.labels(),
        )

    return rows


def _download_route(config: ImportConfig[T]) -> HTTPRouteHandler:
    @post(config.staged_path + "/can-xem-lai", status_code=200, opt=in_ward(config.permission))
    async def download(
        ward_id: str, staged_id: str, db: AsyncSession, actor: Actor, now: datetime
    ) -> Response[Any]:
        """The doubtful rows as a workbook to correct; audited, because it holds phones."""
        staged = await config.staged(db, ward_id, staged_id)
        result = staging.result_of(staged)
        if result is not None:
            header, rows = result.header, await _not_saved_since(db, staged, result)
        else:
            parsed = config.parsed(staged)
            matched = await config.matched(db, staged, parsed)
            header, rows = parsed.header, matched.doubtful
        config.note(db, staged, "doubtful_rows_downloaded", by=actor, now=now, rows=len(rows))
        return workbook_answer(doubtful_workbook(header, rows), config.workbook_name)

    return download


async def _not_saved_since(
    db: AsyncSession, staged: StagedImport, result: ImportResult
) -> Sequence[DoubtfulRow]:
    """The doubtful rows of a saved list, without those that were answered on the page afterwards."""
    waiting = await unanswered.unanswered_list(db, staged)
    answered = waiting is not None and waiting.saved_at is not None
    return [row for row in result.doubtful if not (answered and row.existing)]
