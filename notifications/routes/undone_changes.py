"""Undoing a change of a series before anybody is told; afterwards, changing it back with a preview."""

from datetime import datetime
from typing import Any

from litestar import get, post
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import formatting
from lopso.kernel.access import Actor, Permission
from lopso.kernel.errors import NotFound, Refused
from lopso.kernel.i18n import gettext as _
from lopso.kernel.i18n import ngettext
from lopso.web.guards import in_ward
from lopso.web.pages import TemplatePage, is_htmx, page, redirect
from lopso.web.request import Request
from notifications.forms import SeriesChangeQuery
from notifications.queries.series_change_texts import change_news
from scheduling.labels.links import change_back_address
from scheduling.queries.series_history import LastChange, change_of, last_change
from scheduling.queries.sessions import sessions_of_series
from scheduling.service.undone_series_changes import undo_series_change

HERE = "/lich/{ward_id:str}/chuoi/{series_id:int}/lan-doi"
PLANNED = in_ward(Permission.PLAN)


@get(HERE, opt=PLANNED)
async def last_change_panel(
    request: Request, ward_id: str, series_id: int, db: AsyncSession, now: datetime
) -> TemplatePage:
    """A part of the page of a series: undo of the last change until somebody is told, afterwards why not.

    Without scripts it is a page of its own. Five statements and the log-in.
    """
    sessions = await sessions_of_series(db, ward_id, series_id)
    if not sessions:
        raise NotFound(_("Không tìm thấy chuỗi buổi học này."))
    change = await last_change(db, ward_id, series_id, now=now)
    news = await change_news(db, change.versions, changed_at=change.changed_at) if change else None
    return page(
        "notifications/_series_change.html" if is_htmx(request) else "notifications/series_change.html",
        ward_id=ward_id,
        title=sessions[0].title,
        series=f"/lich/{ward_id}/chuoi/{series_id}",
        here=f"/lich/{ward_id}/chuoi/{series_id}/lan-doi",
        change=change if change and change.anchor else None,
        news=news,
        change_back=_change_back(change) if change else None,
    )


@post(HERE + "/hoan-tac", opt=PLANNED)
async def undo_change(
    ward_id: str, series_id: int, db: AsyncSession, actor: Actor, now: datetime, params: SeriesChangeQuery
) -> Response[Any]:
    """Undo a change while nobody was told of it; afterwards show the change back, filled in.

    Who was told is asked once the open texts and mails are locked: until then a worker may take one.
    """
    change = await change_of(db, ward_id, series_id, params.change_id or 0, now=now)
    if change is None:
        raise NotFound
    back = f"/lich/{ward_id}/chuoi/{series_id}"
    change_back = _change_back(change) or back
    try:
        done = await undo_series_change(db, ward_id, change.id, by=actor, now=now)
    except Refused as refusal:
        await db.rollback()
        return redirect(back, flash=refusal.sentence, kind="warn")
    news = await change_news(db, change.versions, changed_at=change.changed_at)
    if news.first_gone_at is not None:
        await db.rollback()
        sentence = _(
            "Tin đầu tiên về lần đổi này đã đi lúc %(when)s nên không hoàn tác được nữa."
            " Xin xem lại rồi đổi lại như cũ.",
            when=formatting.when(news.first_gone_at),
        )
        return redirect(change_back, flash=sentence, kind="warn")
    flash = ngettext(
        "Đã hoàn tác: %(n)s buổi lại như trước. Không ai nhận tin.",
        "Đã hoàn tác: %(n)s buổi lại như trước. Không ai nhận tin.",
        change.number,
    )
    return redirect(f"/lich/{ward_id}/chuoi/{done.series_id}", flash=flash)


def _change_back(change: LastChange) -> str | None:
    """The preview of changing it back; None where none of its sessions is still to come."""
    if change.anchor is None:
        return None
    return change_back_address(*change.anchor)


HANDLERS = [last_change_panel, undo_change]
