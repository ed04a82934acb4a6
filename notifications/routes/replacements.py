"""Undoing a replacement before anybody reads of it."""

from datetime import datetime
from typing import Any

from litestar import post
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import formatting
from lopso.kernel.access import Actor, Permission
from lopso.kernel.errors import NotFound, Refused
from lopso.kernel.i18n import gettext as _
from lopso.web.guards import of_row
from lopso.web.pages import redirect
from notifications.forms import ReplacedAtQuery
from notifications.queries.replacement_texts import told_of_replacement
from scheduling.queries.sessions import session_to_plan
from staffing.service.undone_replacements import UndoneReplacement, undo_replacement


@post(
    "/buoi/{session_id:int}/phan-cong/{assignment_id:int}/thay/hoan-tac",
    status_code=200,
    opt=of_row(Permission.PLAN),
)
async def undo(
    session_id: int,
    assignment_id: int,
    db: AsyncSession,
    actor: Actor,
    now: datetime,
    params: ReplacedAtQuery,
) -> Response[Any]:
    """The helper of before is in the place again, while who was asked has neither answered nor read of it.

    Who knows is asked once the open texts are locked: until then a worker may take one.
    """
    session = await session_to_plan(db, actor, session_id)
    back = f"/buoi/{session.id}/phan-cong"
    if params.at is None:
        raise NotFound
    try:
        done = await undo_replacement(db, session_id, assignment_id, replaced_at=params.at, by=actor, now=now)
    except Refused as refusal:
        await db.rollback()
        return redirect(back, flash=refusal.sentence, kind="warn")
    before, asked = done.before.trainer, done.asked.trainer
    told = await told_of_replacement(
        db, session_id, before_id=before.id, asked_id=asked.id, replaced_at=params.at
    )
    if told is None:
        return redirect(back, flash=_undone_sentence(done))
    trainer_id, gone_at = told
    names = {
        "name": (asked if trainer_id == asked.id else before).full_name,
        "when": formatting.when(gone_at),
    }
    await db.rollback()
    sentence = _(
        "Tin cho %(name)s đã đi lúc %(when)s nên không hoàn tác được nữa. Muốn đổi, xin thay người lần nữa.",
        **names,
    )
    return redirect(back, flash=sentence, kind="warn")


def _undone_sentence(done: UndoneReplacement) -> str:
    names = {"old": done.before.trainer.full_name, "new": done.asked.trainer.full_name}
    if done.restored:
        return _("Đã hoàn tác: %(old)s lại ở trong buổi, %(new)s không phải đến.", **names)
    return _("Đã hoàn tác: %(new)s không phải đến, buổi này vẫn chờ người thay %(old)s.", **names)


HANDLERS = [undo]
