"""Changing the sessions of a series that are still to come."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor
from lopso.kernel.errors import Refused
from lopso.kernel.i18n import gettext as _
from scheduling.errors import NotPossibleNow
from scheduling.models import ClassSession
from scheduling.queries.places import with_place
from scheduling.rules.plan import SessionChange, SessionValues, apply_change
from scheduling.service.changes import change_locked_session, publish_changes, values_of
from scheduling.service.series_split import split_series
from scheduling.service.sessions import cancel_locked, lock_session

SeriesScope = Literal["following", "all"]
"""Which sessions of a series: this one and those after it, or every one still to come."""


@dataclass(frozen=True, slots=True)
class SeriesChangeResult:
    """Ids of the sessions changed, and why others were not."""

    session_ids: tuple[int, ...]
    left_out: tuple[str, ...]


async def in_scope(
    db: AsyncSession, anchor: ClassSession, scope: SeriesScope, now: datetime
) -> Sequence[ClassSession]:
    """Sessions of the anchor's series still to come and not cancelled, with place, earliest first."""
    since = max(now, anchor.starts_at) if scope == "following" else now
    found = await db.scalars(
        select(ClassSession)
        .options(*with_place())
        .where(
            ClassSession.ward_id == anchor.ward_id,
            ClassSession.series_id == anchor.series_id,
            ClassSession.cancelled_at.is_(None),
            ClassSession.starts_at >= since,
            ClassSession.starts_at > now,
        )
        .order_by(ClassSession.starts_at, ClassSession.id)
    )
    return found.all()


async def change_series(
    db: AsyncSession,
    session_id: int,
    change: SessionChange,
    *,
    scope: SeriesScope,
    picked: Collection[int] | None = None,
    by: Actor,
    now: datetime,
) -> SeriesChangeResult:
    """Change the coming sessions of a series as the one of `session_id`; past ones stay. Does not commit.

    Another time cuts the series in two where the change begins, each half with a rule of its own. Sessions
    whose new time or place is taken stay as they are and are named.

    Args:
        picked: ids of the sessions wanted; None takes all in `scope`.

    Raises:
        SessionNotFound: no such session.
        NotPossibleNow: it is not of a series, or nothing in `scope` could be changed.
    """
    if change.day is not None:
        raise ValueError("a series keeps its weekdays; one session can be moved to another day")
    anchor = await lock_session(db, session_id)
    if anchor.series_id is None:
        raise NotPossibleNow(_("Buổi này không thuộc một chuỗi."))
    like = values_of(anchor)
    wanted = [each for each in await in_scope(db, anchor, scope, now) if picked is None or each.id in picked]
    await _lock_all(db, wanted)
    if not wanted:
        raise NotPossibleNow(_("Không có buổi nào được chọn."))
    if change.retimes and apply_change(like, change).slot.starts_at > like.slot.starts_at:
        wanted.reverse()  # later first: each then leaves its place before the next one needs it
    done: list[tuple[ClassSession, SessionValues]] = []
    left_out: list[str] = []
    for session in wanted:
        before = values_of(session)
        try:
            if await change_locked_session(
                db, session, apply_change(before, change, like=like), by=by, now=now
            ):
                done.append((session, before))
        except Refused as refusal:
            left_out.append(refusal.sentence)
    if not done and left_out:
        raise NotPossibleNow(" ".join(left_out))
    # Told while it is still one series: what people have read of it speaks of the whole.
    await publish_changes(db, done, by=by, now=now)
    sessions = [session for session, _before in done]
    if change.retimes and done:
        first = min(sessions, key=lambda each: each.original_start)
        await split_series(db, anchor, first, like, change, by=by, now=now)
    return SeriesChangeResult(tuple(sorted(each.id for each in sessions)), tuple(left_out))


async def cancel_series(
    db: AsyncSession,
    session_id: int,
    *,
    reason: str,
    scope: SeriesScope,
    picked: Collection[int] | None = None,
    by: Actor,
    now: datetime,
) -> tuple[int, ...]:
    """Cancel coming sessions of a series by one act; their ids, ascending. Does not commit.

    Args:
        picked: ids of the sessions wanted; None takes all in `scope`.

    Raises:
        SessionNotFound: no such session.
        InvalidInput: without a reason.
        NotPossibleNow: it is not of a series, or no session was picked.
    """
    anchor = await lock_session(db, session_id)
    if anchor.series_id is None:
        raise NotPossibleNow(_("Buổi này không thuộc một chuỗi."))
    wanted = [each for each in await in_scope(db, anchor, scope, now) if picked is None or each.id in picked]
    await _lock_all(db, wanted)
    still = [each for each in wanted if each.cancelled_at is None]
    if not still:
        raise NotPossibleNow(_("Không có buổi nào được chọn."))
    await cancel_locked(db, still, reason=reason, by=by, now=now)
    return tuple(sorted(each.id for each in still))


async def _lock_all(db: AsyncSession, sessions: Sequence[ClassSession]) -> None:
    # In id order: two changes at once would otherwise wait for each other.
    await db.scalars(
        select(ClassSession)
        .where(ClassSession.id.in_([each.id for each in sessions]))
        .order_by(ClassSession.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
