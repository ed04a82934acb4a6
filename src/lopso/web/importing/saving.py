"""Saving or discarding a staged list."""

from collections.abc import Collection
from datetime import datetime
from typing import Annotated, Any, TypeVar

from litestar import post
from litestar.handlers import HTTPRouteHandler
from litestar.response import Response
from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor
from lopso.kernel.i18n import gettext as _
from lopso.kernel.workbook import importing, remembered, staging, unanswered
from lopso.kernel.workbook.staging import StagedImport
from lopso.web.forms import Form, Many, Text
from lopso.web.guards import in_ward
from lopso.web.importing.config import ImportConfig
from lopso.web.pages import redirect

T = TypeVar("T")


class AgreementForm(Struct, frozen=True, kw_only=True):
    """What was agreed to before saving, by the codes that the agreement's template offers."""

    agreed: Annotated[tuple[str, ...], Many(Text(60))] = ()


def saving_routes(config: ImportConfig[T]) -> list[HTTPRouteHandler]:
    """Save or discard it."""
    path = config.staged_path

    @post(path + "/luu", opt=in_ward(config.permission))
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

    @post(path + "/bo", opt=in_ward(config.permission))
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
    await unanswered.stage_unanswered(db, staged, parsed, result.unanswered, by=by, now=now)
