"""Sending a list; it waits as a staged import."""

from datetime import datetime
from typing import Any, TypeVar

from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor
from lopso.kernel.workbook import importing, staging, turns, unanswered
from lopso.kernel.workbook.reading import WorkbookRefused
from lopso.kernel.workbook.turns import TooManyFiles
from lopso.web.guards import in_ward
from lopso.web.importing.config import ImportConfig
from lopso.web.pages import redirect
from lopso.web.request import Request
from lopso.web.uploads import LARGEST_UPLOAD, uploaded

T = TypeVar("T")


def upload_routes(config: ImportConfig[T]) -> list[HTTPRouteHandler]:
    """Where to send a list."""
    path = config.upload_path

    @get(path, opt=in_ward(config.permission))
    async def upload_page(ward_id: str, db: AsyncSession) -> Response[Any]:
        """Where to send a list; those that wait."""
        return await _upload_page(config, db, ward_id)

    @post(path, opt=in_ward(config.permission), request_max_body_size=LARGEST_UPLOAD)
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
            errors = {"file": refusal.sentence}
            return await _upload_page(config, db, ward_id, status=refusal.status, errors=errors)
        staged = await staging.stage(
            db, kind=config.kind.name, ward_id=ward_id, data=data, parsed=parsed, by=actor, now=now
        )
        return redirect(config.here(staged) if parsed.found else f"{config.here(staged)}/cot")

    return [upload_page, upload]


async def _upload_page(
    config: ImportConfig[T], db: AsyncSession, ward_id: str, **context: Any
) -> Response[Any]:
    waiting = await unanswered.waiting_lists(db, config.kind.name, ward_id)
    return config.page("upload", ward_id, waiting=waiting, **context)
