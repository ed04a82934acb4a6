"""Which messages a change of sessions would send.

The change is applied inside a savepoint, its planned messages are read, and the savepoint is rolled back: the
preview follows the same rules as the change itself.
"""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from invitations.queries.changed_invites import invites_changed
from lopso.kernel.access import Actor
from lopso.kernel.errors import InvalidInput, Refused
from notifications.queries.change_audience import people_by_session, reach_of
from notifications.rules.topics import CHANGE_NOTICES
from notifications.service.preview_messages import ChangePreview, grouped_messages, planned_notices
from scheduling.models import ClassSession
from scheduling.queries.series_scope import SeriesScope, families_of
from scheduling.rules.plan import SessionChange
from scheduling.rules.series_change import ApartChoice
from scheduling.service.changes import change_session
from scheduling.service.enrolment_moves import move_enrolments
from scheduling.service.series_changes import cancel_series, change_series
from scheduling.service.sessions import cancel_session
from staffing.service.further_meetings import Extension, extend_series
from staffing.service.reopening import reopen_sessions
from wordings.rules.facts import OFFERS, SEATS


@dataclass(frozen=True, slots=True)
class PreviewTarget:
    """The session to change, or the sessions of its series.

    Attributes:
        scope: None: the one session alone.
        picked: ids of those in `scope` that are meant; None: all.
        apart: what becomes of those that were moved by themselves.
    """

    session_id: int
    scope: SeriesScope | None = None
    picked: Collection[int] | None = None
    apart: ApartChoice = "picked"


async def preview_change(
    db: AsyncSession, target: PreviewTarget, change: SessionChange, *, by: Actor, now: datetime
) -> ChangePreview:
    """Preview what `change_session` or `change_series` would send."""
    if target.scope is None:
        apply = partial(change_session, db, target.session_id, change, by=by, now=now)
    else:
        apply = partial(
            change_series,
            db,
            target.session_id,
            change,
            scope=target.scope,
            picked=target.picked,
            apart=target.apart,
            by=by,
            now=now,
        )
    return await _preview(db, await _with_siblings(db, [target.session_id]), apply, now=now)


async def preview_cancellation(
    db: AsyncSession, target: PreviewTarget, reason: str, *, by: Actor, now: datetime
) -> ChangePreview:
    """Preview what `cancel_session` or `cancel_series` would send."""
    if target.scope is None:
        apply = partial(cancel_session, db, target.session_id, reason=reason, by=by, now=now)
    else:
        apply = partial(
            cancel_series,
            db,
            target.session_id,
            reason=reason,
            scope=target.scope,
            picked=target.picked,
            by=by,
            now=now,
        )
    return await _preview(db, await _with_siblings(db, [target.session_id]), apply, now=now)


async def preview_move(
    db: AsyncSession,
    learner_id: int,
    *,
    leave: Collection[int],
    join: Collection[int],
    by: Actor,
    now: datetime,
) -> ChangePreview:
    """Preview what `move_enrolments` would send: of the new seat, and to those who move up."""
    apply = partial(move_enrolments, db, learner_id, leave=leave, join=join, by=by, now=now)
    return await _preview(
        db, await _with_siblings(db, [*leave, *join]), apply, SEATS, of_sessions=False, now=now
    )


async def preview_reopening(
    db: AsyncSession, session_ids: Collection[int], *, by: Actor, now: datetime
) -> ChangePreview:
    """Preview what `reopen_sessions` would send."""
    apply = partial(reopen_sessions, db, session_ids, by=by, now=now)
    purposes = (*CHANGE_NOTICES, *SEATS, *OFFERS)
    return await _preview(db, await _with_siblings(db, session_ids), apply, purposes, now=now)


async def preview_extension(
    db: AsyncSession,
    ward_id: str,
    series_id: int,
    wanted: Extension,
    *,
    picked: Collection[datetime],
    by: Actor,
    now: datetime,
) -> ChangePreview:
    """Preview what `extend_series` would send of seats and offers in the new meetings."""
    savepoint = await db.begin_nested()
    try:
        done = await extend_series(db, ward_id, series_id, wanted, picked=picked, by=by, now=now)
        new = await planned_notices(db, done.session_ids, (*SEATS, *OFFERS))
        return ChangePreview(
            grouped_messages(new), invites=await invites_changed(db, done.session_ids, at=now)
        )
    except (Refused, InvalidInput) as refusal:
        return ChangePreview(refusal=_sentence(refusal))
    finally:
        await savepoint.rollback()


def _sentence(refusal: Refused | InvalidInput) -> str:
    fields = refusal.fields.values() if isinstance(refusal, InvalidInput) else ()
    return " ".join(fields) or refusal.sentence


async def _with_siblings(db: AsyncSession, session_ids: Collection[int]) -> Sequence[int]:
    """These sessions and all of their series; read before the change, which may split a series."""
    siblings = select(ClassSession.id).where(
        or_(ClassSession.id.in_(session_ids), ClassSession.series_id.in_(families_of(session_ids)))
    )
    return (await db.scalars(siblings)).all()


async def _preview(
    db: AsyncSession,
    ids: Sequence[int],
    apply: Callable[[], Awaitable[object]],
    purposes: Collection[str] = CHANGE_NOTICES,
    *,
    of_sessions: bool = True,
    now: datetime,
) -> ChangePreview:
    planned_before = {message[:3] for message in await planned_notices(db, ids, purposes)}
    before = await people_by_session(db, ids) if of_sessions else None
    savepoint = await db.begin_nested()
    try:
        await apply()
        planned = await planned_notices(db, ids, purposes)
        new = [message for message in planned if message[:3] not in planned_before]
        reach = await reach_of(db, before, [message.id for message in new]) if before else None
        return ChangePreview(
            grouped_messages(new), reach=reach, invites=await invites_changed(db, ids, at=now)
        )
    except (Refused, InvalidInput) as refusal:
        return ChangePreview(refusal=_sentence(refusal))
    finally:
        await savepoint.rollback()
