"""Opening cancelled sessions again, with the helpers of before."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from lopso.kernel.access import Actor
from lopso.kernel.errors import Refused
from lopso.kernel.i18n import gettext as _
from scheduling.models import Assignment, ClassSession
from scheduling.service.assignment_states import restore
from scheduling.service.locking import lock_helpers
from scheduling.service.reopening import publish_reopening, uncancel_sessions
from staffing.service.offers import refusals_for


@dataclass(frozen=True, slots=True)
class Reopening:
    """What became of opening sessions again.

    Attributes:
        session_ids: ascending.
        left_out: why helpers of before are not in them again, a sentence each.
    """

    session_ids: tuple[int, ...]
    left_out: tuple[str, ...]


async def reopen_sessions(
    db: AsyncSession, session_ids: Collection[int], *, by: Actor, now: datetime
) -> Reopening:
    """Undo the cancelling of sessions, by one act. Does not commit.

    Learners keep their seats, and whoever waits takes those that became free. Helpers are asked or agreed as
    before the cancelling, but for those who are elsewhere or away by now. Sessions that are not cancelled are
    passed over. They are of one ward; the number of statements grows with their places, not with the
    sessions.

    Raises:
        As `uncancel_sessions`.
    """
    cancelled_at = await uncancel_sessions(db, session_ids, by=by, now=now)
    sessions = list(cancelled_at)
    ended = await _ended_by_cancelling(db, {each.id: at for each, at in cancelled_at.items()})
    left_out = await _restore_helpers(db, sessions, ended, by=by, now=now)
    await publish_reopening(db, sessions, by=by, now=now)
    return Reopening(tuple(each.id for each in sessions), left_out)


async def _ended_by_cancelling(
    db: AsyncSession, cancelled_at: Mapping[int, datetime]
) -> Sequence[Assignment]:
    """The assignments that the cancelling ended, helpers loaded and locked; `cancelled_at` by session id."""
    rows = await db.scalars(
        select(Assignment)
        .where(Assignment.session_id.in_(cancelled_at), Assignment.state == "withdrawn")
        .options(joinedload(Assignment.trainer))
        .order_by(Assignment.session_id, Assignment.id)
        .execution_options(populate_existing=True)
    )
    ended = [row for row in rows if row.answered_at == cancelled_at[row.session_id]]
    await lock_helpers(db, {row.trainer_id for row in ended})
    return ended


async def _restore_helpers(
    db: AsyncSession,
    sessions: Sequence[ClassSession],
    ended: Sequence[Assignment],
    *,
    by: Actor,
    now: datetime,
) -> tuple[str, ...]:
    """Ask or book again those who could be asked now; why the others are not, a sentence each."""
    trainers = {row.trainer_id: row.trainer for row in ended}
    obstacles = await refusals_for(db, sessions, list(trainers.values()), by=by, now=now)
    left_out: list[str] = []
    for row in ended:
        obstacle = obstacles.get((row.trainer_id, row.session_id))
        if row.trainer.left_at is not None:
            left_out.append(_("%(name)s đã nghỉ, không còn dạy.", name=row.trainer.full_name))
        elif obstacle is not None:
            left_out.append(obstacle)
        else:
            restore(row)
    await db.flush()
    return tuple(dict.fromkeys(left_out))


async def try_reopening(
    db: AsyncSession, session_ids: Collection[int], *, by: Actor, now: datetime
) -> Reopening | str:
    """What `reopen_sessions` would do, or the sentence with which it refuses. Changes nothing.

    Rolled back to a savepoint: rows read before have to be read again.
    """
    savepoint = await db.begin_nested()
    try:
        return await reopen_sessions(db, session_ids, by=by, now=now)
    except Refused as refusal:
        return refusal.sentence
    finally:
        await savepoint.rollback()
