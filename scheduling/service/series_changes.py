"""Changing the sessions of a series that are still to come."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor
from lopso.kernel.errors import Refused
from lopso.kernel.i18n import gettext as _
from scheduling.errors import NotPossibleNow, SessionNotFound
from scheduling.labels.series import meeting_twice_label, same_time_label
from scheduling.models import ClassSession, Series
from scheduling.queries.series_changes import state_of, twice_a_week
from scheduling.queries.series_scope import SeriesScope, family_of, in_scope, standing_meetings
from scheduling.queries.series_state import series_state
from scheduling.queries.session_values import meeting_of, values_of
from scheduling.rules.plan import SessionChange
from scheduling.rules.recurrence import Slot
from scheduling.rules.series_change import ApartChoice, SeriesMeeting, change_meeting, crossing
from scheduling.service.changes import change_locked_session, publish_session_changes
from scheduling.service.series_history import note_series_change
from scheduling.service.series_split import ChangedMeetings, split_family
from scheduling.service.sessions import cancel_locked


@dataclass(frozen=True, slots=True)
class SeriesChangeResult:
    """Ids of the sessions changed, and why others were not; `change_id` is None where nothing changed."""

    session_ids: tuple[int, ...]
    left_out: tuple[str, ...]
    change_id: int | None = None


class MeetingChange(NamedTuple):
    """A session of a series as it is, and as it is to be."""

    session: ClassSession
    before: SeriesMeeting
    after: SeriesMeeting


async def change_series(
    db: AsyncSession,
    session_id: int,
    change: SessionChange,
    *,
    scope: SeriesScope,
    picked: Collection[int] | None = None,
    apart: ApartChoice = "picked",
    seen: str = "",
    by: Actor,
    now: datetime,
) -> SeriesChangeResult:
    """Change the coming sessions of a series as the one of `session_id`; past ones stay. Does not commit.

    Another time cuts the series in two where the change begins, each half with a rule of its own. Sessions
    whose new time or place is taken stay as they are and are named. Those that were moved by themselves
    stay at their time, unless they are picked.

    Args:
        picked: ids of the sessions wanted; None takes all in `scope`.
        apart: what becomes of those that were moved by themselves.
        seen: how the sessions in `scope` stood for whoever decided this (`state_of`); "" does not say it.

    Raises:
        SessionNotFound: no such session.
        NotPossibleNow: it is not of a series, nothing in `scope` could be changed, two meetings of the
            series would fall together, or they do not stand as they were `seen`.
    """
    anchor = await lock_series_of(db, session_id)
    like = meeting_of(anchor)
    if twice := await twice_a_week(db, anchor, change):
        raise NotPossibleNow(meeting_twice_label(twice))
    scoped = await in_scope(db, anchor, scope, now)
    if seen and seen != state_of(scoped):
        raise NotPossibleNow(_("Vừa có người đổi chuỗi này. Xin xem lại các ngày bên dưới rồi lưu lần nữa."))
    wanted = [each for each in scoped if _is_wanted(each, anchor, change, picked, apart)]
    if not wanted:
        raise NotPossibleNow(_("Không có buổi nào được chọn."))
    await _lock_all(db, wanted)
    series_id = anchor.series_id or 0
    state = await series_state(db, anchor.ward_id, series_id)
    if _later(change, like):
        wanted.reverse()  # later first: each then leaves its place before the next one needs it
    meetings: list[MeetingChange] = []
    for session in wanted:
        before = meeting_of(session)
        follow = session.id == session_id or picked is not None or apart == "follow"
        after = change_meeting(before, change, like=like, follow=follow)
        meetings.append(MeetingChange(session, before, after))
    others = {each.id: values_of(each).slot for each in await standing_meetings(db, anchor, now)}
    done, left_out = await _change_each(db, meetings, others, by=by, now=now)
    if not done and left_out:
        raise NotPossibleNow(" ".join(left_out))
    # Told while it is still one series: what people have read of it speaks of the whole.
    await publish_session_changes(db, [(session, before.values) for session, before in done], by=by, now=now)
    if change.retimes:
        await split_family(db, ChangedMeetings(change, like, done), by=by, now=now)
    ids = tuple(sorted(session.id for session, _before in done))
    noted = await note_series_change(db, anchor.ward_id, series_id, state, by=by, now=now)
    return SeriesChangeResult(ids, tuple(left_out), noted)


async def _change_each(
    db: AsyncSession,
    meetings: Sequence[MeetingChange],
    others: dict[int, Slot],
    *,
    by: Actor,
    now: datetime,
) -> tuple[list[tuple[ClassSession, SeriesMeeting]], list[str]]:
    """Change one after the other; those changed, as they were before, and why others stay.

    Args:
        others: times of the standing meetings of the series by session id; kept up to date.
    """
    done: list[tuple[ClassSession, SeriesMeeting]] = []
    left_out: list[str] = []
    for session, before, after in meetings:
        try:
            _check_alone(session, before, after, others)
            changed = await change_locked_session(
                db, session, after.values, rule_start=after.rule_start, by=by, now=now
            )
        except Refused as refusal:
            left_out.append(refusal.sentence)
            continue
        if changed:
            done.append((session, before))
            others[session.id] = after.values.slot
    return done, left_out


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
    anchor = await lock_series_of(db, session_id)
    wanted = [each for each in await in_scope(db, anchor, scope, now) if picked is None or each.id in picked]
    await _lock_all(db, wanted)
    still = [each for each in wanted if each.cancelled_at is None]
    if not still:
        raise NotPossibleNow(_("Không có buổi nào được chọn."))
    await cancel_locked(db, still, reason=reason, by=by, now=now)
    return tuple(sorted(each.id for each in still))


async def lock_series_of(db: AsyncSession, session_id: int) -> ClassSession:
    """The session, once nobody else changes its series or those that were one with it.

    Its own row is not locked: rows of sessions are locked in the order of their ids.

    Raises:
        SessionNotFound: no such session.
        NotPossibleNow: it is not of a series.
    """
    anchor = await db.get(ClassSession, session_id, populate_existing=True)
    if anchor is None:
        raise SessionNotFound(session_id)
    if anchor.series_id is None:
        raise NotPossibleNow(_("Buổi này không thuộc một chuỗi."))
    await db.scalars(
        select(Series.id)
        .where(Series.id.in_(family_of(anchor.ward_id, anchor.series_id)))
        .order_by(Series.id)
        .with_for_update()
    )
    await db.refresh(anchor)  # it may have been changed while this waited
    return anchor


async def _lock_all(db: AsyncSession, sessions: Sequence[ClassSession]) -> None:
    # In id order: two changes at once would otherwise wait for each other.
    await db.scalars(
        select(ClassSession)
        .where(ClassSession.id.in_([each.id for each in sessions]))
        .order_by(ClassSession.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def _is_wanted(
    session: ClassSession,
    anchor: ClassSession,
    change: SessionChange,
    picked: Collection[int] | None,
    apart: ApartChoice,
) -> bool:
    alone = change.retimes and session.rule_start is not None and session.id != anchor.id
    if alone and apart != "picked":
        return apart == "follow"
    return picked is None or session.id in picked


def _later(change: SessionChange, like: SeriesMeeting) -> bool:
    if not change.retimes:
        return False
    return change_meeting(like, change, like=like, follow=True).rule_start > like.rule_start


def _check_alone(
    session: ClassSession, before: SeriesMeeting, after: SeriesMeeting, others: dict[int, Slot]
) -> None:
    """Check that no other meeting of the series takes place then.

    Where both are in one room the database says so.
    """
    wanted = after.values
    if wanted.slot == before.values.slot or wanted.place.room_id is not None:
        return
    elsewhere = {number: slot for number, slot in others.items() if number != session.id}
    if crossing(wanted.slot, elsewhere) is not None:
        raise NotPossibleNow(same_time_label(wanted.slot))
