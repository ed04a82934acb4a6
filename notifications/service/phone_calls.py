"""Noting whom staff called, and that they did not."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import audit
from lopso.kernel.access import Actor
from notifications.models import PhoneCall
from notifications.queries.call_list import helpers_to_call, learners_to_call
from scheduling.models import ClassSession


async def note_calls(
    db: AsyncSession,
    session: ClassSession,
    *,
    learner_ids: Collection[int] | None,
    trainer_ids: Collection[int] | None,
    by: Actor,
    now: datetime,
) -> int:
    """Note who of the call list knows of the session as it stands; how many. Does not commit.

    Others than those of the list are passed over, and who was noted at the same moment counts once. Four
    statements, whatever the number.

    Args:
        learner_ids, trainer_ids: of these; None: everybody on the list.
    """
    learners = [each.learner_id for each in await learners_to_call(db, session, now=now)]
    helpers = [each.trainer_id for each in await helpers_to_call(db, session, now=now)]
    rows = [
        {"learner_id": each, "trainer_id": None}
        for each in learners
        if learner_ids is None or each in learner_ids
    ]
    rows += [
        {"learner_id": None, "trainer_id": each}
        for each in dict.fromkeys(helpers)
        if trainer_ids is None or each in trainer_ids
    ]
    if not rows:
        return 0
    shared = {
        "session_id": session.id,
        "session_version": session.version,
        "noted_at": now,
        "noted_by": by.user_id,
    }
    statement = insert(PhoneCall).on_conflict_do_nothing().returning(PhoneCall.id)
    noted = len((await db.scalars(statement, [shared | row for row in rows])).all())
    if noted:
        audit.note(db, session, "call_list.called", by=by, now=now, people=noted)
    return noted


async def undo_calls(
    db: AsyncSession, session: ClassSession, at: datetime, *, by: Actor, now: datetime
) -> int:
    """Delete what `by` noted of this session at the instant `at`; how many. Does not commit."""
    deleted = await db.scalars(
        delete(PhoneCall)
        .where(PhoneCall.session_id == session.id, PhoneCall.noted_at == at)
        .where(PhoneCall.noted_by.is_not_distinct_from(by.user_id))
        .returning(PhoneCall.id)
    )
    undone = len(deleted.all())
    if undone:
        audit.note(db, session, "call_list.not_called", by=by, now=now, people=undone)
    return undone
