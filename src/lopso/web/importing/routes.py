"""Upload, review, rows, download, save and discard."""

from collections.abc import Collection
from datetime import datetime
from typing import Annotated, Any, TypeVar

from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.response import Response
from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor, Permission
from lopso.kernel.i18n import gettext as _
from lopso.kernel.workbook import importing, remembered, staging, turns
from lopso.kernel.workbook.reading import WorkbookRefused
from lopso.kernel.workbook.results import doubtful_workbook
from lopso.kernel.workbook.staging import StagedImport
from lopso.kernel.workbook.turns import TooManyFiles
from lopso.web.forms import Choice, Form, Many, PageNumber, Text
from lopso.web.guards import in_ward
from lopso.web.importing.answering import question_groups
from lopso.web.importing.config import ImportConfig
from lopso.web.importing.row_lists import RowList, row_page
from lopso.web.pages import redirect
from lopso.web.request import Request
from lopso.web.uploads import LARGEST_UPLOAD, uploaded, workbook_answer

T = TypeVar("T")


class AgreementForm(Struct, frozen=True, kw_only=True):
    """What was agreed to before saving, by the codes that the agreement's template offers."""

    agreed: Annotated[tuple[str, ...], Many(Text(60))] = ()


class RowParams(Struct, frozen=True, kw_only=True):
    """Which rows, and the page of them."""

    loai: Annotated[RowList, Choice(("moi", "doi", "sua"))] = "moi"
    trang: PageNumber = 1


def upload_routes(config: ImportConfig[T]) -> list[HTTPRouteHandler]:
    """Where to send a list."""
    path = config.upload_path

    @get(path, opt=in_ward(Permission.MANAGE_PEOPLE))
    async def upload_page(ward_id: str) -> Response[Any]:
        """Where to send a list."""
        return config.page("upload", ward_id)

    @post(path, opt=in_ward(Permission.MANAGE_PEOPLE), request_max_body_size=LARGEST_UPLOAD)
    async def upload(
        request: Request, ward_id: str, db: AsyncSession, actor: Actor, now: datetime
    ) -> Response[Any]:
        """Parse a list; nothing is saved but the staged import."""
        data = await uploaded(request, "file")
        try:
            if data is None:
                raise WorkbookRefused("none")
            await turns.take_turn(db)
            parsed = await importing.parse_for_ward(db, config.kind, data, ward_id=ward_id, now=now)
        except (WorkbookRefused, TooManyFiles) as refusal:
            return config.page("upload", ward_id, status=refusal.status, errors={"file": refusal.sentence})
        staged = await staging.stage(
            db, kind=config.kind.name, ward_id=ward_id, data=data, parsed=parsed, by=actor, now=now
        )
        return redirect(config.here(staged) if parsed.found else f"{config.here(staged)}/cot")

    return [upload_page, upload]


def review_routes(config: ImportConfig[T]) -> list[HTTPRouteHandler]:
    """What was read of it."""
    return [_review_route(config), _rows_route(config), _download_route(config)]


def _review_route(config: ImportConfig[T]) -> HTTPRouteHandler:
    @get(config.staged_path, opt=in_ward(Permission.MANAGE_PEOPLE))
    async def review(ward_id: str, staged_id: str, db: AsyncSession) -> Response[Any]:
        """What was read and what is doubtful; once saved, what was done."""
        staged = await config.staged(db, ward_id, staged_id)
        result = staging.result_of(staged)
        if result is not None:
            return config.page("result", ward_id, staged=staged, result=result)
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
    @get(config.staged_path + "/dong", opt=in_ward(Permission.MANAGE_PEOPLE))
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
    @post(config.staged_path + "/can-xem-lai", status_code=200, opt=in_ward(Permission.MANAGE_PEOPLE))
    async def download(
        ward_id: str, staged_id: str, db: AsyncSession, actor: Actor, now: datetime
    ) -> Response[Any]:
        """The doubtful rows as a workbook to correct; audited, because it holds phones."""
        staged = await config.staged(db, ward_id, staged_id)
        result = staging.result_of(staged)
        if result is not None:
            header, rows = result.header, result.doubtful
        else:
            parsed = config.parsed(staged)
            matched = await config.matched(db, staged, parsed)
            header, rows = parsed.header, matched.doubtful
        config.note(db, staged, "doubtful_rows_downloaded", by=actor, now=now, rows=len(rows))
        return workbook_answer(doubtful_workbook(header, rows), config.workbook_name)

    return download


def saving_routes(config: ImportConfig[T]) -> list[HTTPRouteHandler]:
    """Save or discard it."""
    path = config.staged_path

    @post(path + "/luu", opt=in_ward(Permission.MANAGE_PEOPLE))
    async def confirm(
        form: Form[AgreementForm],
        ward_id: str,
        staged_id: str,
        db: AsyncSession,
        actor: Actor,
        now: datetime,
    ) -> Response[Any]:
        """Save the good rows and the answers. Confirming again changes nothing."""
        agreed = form.value().agreed
        staged = await config.staged(db, ward_id, staged_id, lock=True)
        if staged.saved_at is None:
            await _save(config, db, staged, agreed, actor, now)
        return redirect(config.here(staged))

    @post(path + "/bo", opt=in_ward(Permission.MANAGE_PEOPLE))
    async def discard(ward_id: str, staged_id: str, db: AsyncSession) -> Response[Any]:
        """Drop the staged import."""
        await staging.discard(db, await config.staged(db, ward_id, staged_id, lock=True))
        return redirect(config.upload_address(ward_id), flash=_("Đã bỏ tệp này, chưa lưu gì."))

    return [confirm, discard]


async def _save(
    config: ImportConfig[T],
    db: AsyncSession,
    staged: StagedImport,
    agreed: Collection[str],
    by: Actor,
    now: datetime,
) -> None:
    """Save a staged list; remember how it was read for the ward's next one."""
    kind, ward_id, parsed = config.kind, staged.ward_id, config.parsed(staged)
    answers = staging.answers_of(staged)
    result = await importing.save_list(
        db, kind, ward_id, parsed, answers=answers, agreed=agreed, by=by, now=now
    )
    choices = staging.choices_of(staged)
    await remembered.remember(db, kind.name, ward_id, parsed.outlines, choices, by=by, now=now)
    staging.mark_saved(staged, result, now=now)
