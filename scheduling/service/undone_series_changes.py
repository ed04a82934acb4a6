"""Undoing a change of a series: its sessions and its rule get back what they had."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import audit, formatting
from lopso.kernel.access import Actor
from lopso.kernel.db import violated
from lopso.kernel.errors import NotFound, Refused
from lopso.kernel.events import publish
from lopso.kernel.i18n import gettext as _
from scheduling.errors import HelperBusy, NotPossibleNow, RoomTaken
from scheduling.events import SessionsRestored, SessionsReworded
from scheduling.models import (
    ASSIGNMENT_ACTIVE,
    Assignment,
    ClassSession,
    Series,
    SeriesChange,
    SeriesChangeSession,
    SeriesSlot,
)
from scheduling.queries.series_scope import family_of
from scheduling.queries.series_state import moved, rule_columns, series_state, session_columns, visible
from scheduling.rules.plan import SessionPlace
from scheduling.rules.recurrence import Slot, WeeklySlot
from scheduling.service.changes import helpers_busy_text
from scheduling.service.locking import lock_helpers, lock_series
from scheduling.service.places import lock_place
from scheduling.service.series_split import set_slots
from scheduling.service.sessions import room_taken_sentence
from scheduling.service.waitlist import fill_free_seats


@dataclass(frozen=True, slots=True)
class UndoneChange:
    """What was undone.

    Attributes:
        series_id: the series that the sessions are in again.
        session_ids: of all sessions that the change had touched, ascending.
        moved: those that are back at another time or place, with the version that the change gave them.
    """

    series_id: int
    changed_at: datetime
    session_ids: tuple[int, ...]
    moved: Mapping[int, int]


async def undo_series_change(
    db: AsyncSession, ward_id: str, change_id: int, *, by: Actor, now: datetime
) -> UndoneChange:
    """Give the sessions of a change back what they had before it. Does not commit.

    Whether somebody has read of the change is for the caller to ask, before it commits: the event that this
    publishes locks the open texts and mails.

    Raises:
        NotFound: no such change in this ward.
        NotPossibleNow: it was undone; a session, or the rule of the series, was changed since, or the
            session begins; or more people have seats by now.
        RoomTaken, HelperBusy: the old room is taken, or a helper is elsewhere, at the old time by now.
    """
    change = await _lock_change(db, ward_id, change_id)
    kept = (
        await db.scalars(select(SeriesChangeSession).where(SeriesChangeSession.change_id == change_id))
    ).all()
    sessions = await _lock_sessions(db, [each.session_id for each in kept])
    await _check_unchanged(db, change, kept)
    _check_times(kept, now=now)
    await _lock_places(db, ward_id, [each.before for each in kept if moved(each.before, each.after)])
    await _restore_sessions(db, [(sessions[each.session_id], each) for each in kept], by=by)
    await _restore_rules(db, change)
    change.undone_at = now
    await db.flush()
    for each in kept:
        await db.refresh(sessions[each.session_id])
    series = await db.get_one(Series, change.series_id)
    ids = tuple(sorted(sessions))
    audit.note(db, series, "series.change_undone", by=by, now=now, change=change_id, sessions=list(ids))
    await _publish(db, change, [(sessions[each.session_id], each) for each in kept], by=by, now=now)
    back = {each.session_id: each.after["version"] for each in kept if moved(each.before, each.after)}
    return UndoneChange(series.id, change.changed_at, ids, back)


async def _lock_change(db: AsyncSession, ward_id: str, change_id: int) -> SeriesChange:
    series_id = await db.scalar(
        select(SeriesChange.series_id).where(SeriesChange.ward_id == ward_id, SeriesChange.id == change_id)
    )
    if series_id is None:
        raise NotFound(_("Không tìm thấy lần đổi này."))
    await lock_series(db, family_of(ward_id, series_id))
    change = await db.get_one(SeriesChange, change_id, with_for_update=True, populate_existing=True)
    if change.undone_at is not None:
        raise NotPossibleNow(_("Lần đổi này đã được hoàn tác từ trước."))
    return change


async def _lock_sessions(db: AsyncSession, ids: Sequence[int]) -> dict[int, ClassSession]:
    """In id order and with the strongest lock, as `lock_session` does."""
    found = await db.scalars(
        select(ClassSession)
        .where(ClassSession.id.in_(ids))
        .order_by(ClassSession.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {each.id: each for each in found}


async def _check_unchanged(
    db: AsyncSession, change: SeriesChange, kept: Sequence[SeriesChangeSession]
) -> None:
    """Check that sessions and rules are as the change left them; the series it made has no others."""
    state = await series_state(db, change.ward_id, change.series_id)
    made = {each["series_id"] for each in change.rules if each["before"] is None}
    known = {each.session_id for each in kept}
    further = any(
        each["series_id"] in made and number not in known for number, each in state.sessions.items()
    )
    same_sessions = all(state.sessions.get(each.session_id) == each.after for each in kept)
    same_rules = all(state.rules.get(each["series_id"]) == each["after"] for each in change.rules)
    if further or not same_sessions or not same_rules or not kept:
        raise NotPossibleNow(
            _("Chuỗi này đã được đổi tiếp sau lần đổi đó nên không hoàn tác được nữa. Xin đổi lại bằng tay.")
        )


def _check_times(kept: Sequence[SeriesChangeSession], *, now: datetime) -> None:
    for each in kept:
        if visible(each.before) == visible(each.after):
            continue
        before, after = session_columns(each.before), session_columns(each.after)
        if min(before["starts_at"], after["starts_at"]) <= now:
            when = formatting.day_and_hours(after["starts_at"], after["ends_at"])
            raise NotPossibleNow(
                _(
                    "Buổi %(when)s đã bắt đầu, hoặc giờ cũ của buổi đã qua, nên không hoàn tác được.",
                    when=when,
                )
            )


async def _lock_places(db: AsyncSession, ward_id: str, kept: Sequence[dict[str, Any]]) -> None:
    places = {SessionPlace(each["room_id"], each["market_id"]) for each in kept}
    for place in sorted(places, key=lambda each: (each.room_id or 0, each.market_id or 0)):
        try:
            await lock_place(db, ward_id, place)
        except NotFound as error:
            raise NotPossibleNow(_("Phòng hoặc chợ cũ đã đóng nên không hoàn tác được.")) from error


async def _restore_sessions(
    db: AsyncSession, wanted: Sequence[tuple[ClassSession, SeriesChangeSession]], *, by: Actor
) -> None:
    """Restore one after the other; one whose old place is still another's waits until that one has gone."""
    helpers = await db.scalars(
        select(Assignment.trainer_id).where(
            Assignment.session_id.in_([session.id for session, _kept in wanted]),
            Assignment.state.in_(ASSIGNMENT_ACTIVE),
        )
    )
    await lock_helpers(db, set(helpers))
    waiting = list(wanted)
    while waiting:
        blocked: list[tuple[ClassSession, SeriesChangeSession]] = []
        refusal: Refused | None = None
        for session, kept in waiting:
            try:
                await _restore(db, session, kept, by=by)
            except Refused as error:
                refusal = refusal or error
                blocked.append((session, kept))
        if refusal is not None and len(blocked) == len(waiting):
            raise refusal
        waiting = blocked


async def _restore(db: AsyncSession, session: ClassSession, kept: SeriesChangeSession, *, by: Actor) -> None:
    before = session_columns(kept.before)
    version = kept.after["version"] + int(moved(kept.before, kept.after))
    try:
        async with db.begin_nested():
            await db.execute(
                update(ClassSession)
                .where(ClassSession.id == session.id)
                .values(**before | {"version": version})
                .execution_options(synchronize_session=False)
            )
    except IntegrityError as error:
        slot = Slot(before["starts_at"], before["ends_at"])
        place = SessionPlace(before["room_id"], before["market_id"], before["place"])
        match violated(error):
            case "ex_class_session_room_once":
                sentence = await room_taken_sentence(db, place, slot, without=[session.id])
                raise RoomTaken(sentence) from error
            case "ex_assignment_helper_once":
                raise HelperBusy(await helpers_busy_text(db, session.id, slot, by=by)) from error
            case "ck_class_session_seats_within_capacity":
                raise NotPossibleNow(
                    _("Đã có thêm người ghi danh, nhiều hơn số chỗ cũ, nên không hoàn tác được.")
                ) from error
            case _:
                raise


async def _restore_rules(db: AsyncSession, change: SeriesChange) -> None:
    for each in change.rules:
        series_id, before = each["series_id"], each["before"]
        if before is None:
            await _delete_series(db, change, series_id)
            continue
        await db.execute(
            update(Series)
            .where(Series.id == series_id)
            .values(**rule_columns(before))
            .execution_options(synchronize_session=False)
        )
        await set_slots(
            db,
            series_id,
            [WeeklySlot(day, time.fromisoformat(at), length) for day, at, length in before["slots"]],
        )
        await db.refresh(await db.get_one(Series, series_id))


async def _delete_series(db: AsyncSession, change: SeriesChange, series_id: int) -> None:
    """Delete the series that the change made; what refers to it refers to the one it was split from."""
    origin = select(Series.split_from_id).where(Series.id == series_id).scalar_subquery()
    await db.execute(
        update(Series)
        .where(Series.ward_id == change.ward_id, Series.copied_from_id == series_id)
        .values(copied_from_id=origin)
        .execution_options(synchronize_session=False)
    )
    await db.execute(delete(SeriesSlot).where(SeriesSlot.series_id == series_id))
    made = await db.get_one(Series, series_id)
    try:
        async with db.begin_nested():
            await db.execute(
                delete(Series).where(Series.id == series_id).execution_options(synchronize_session=False)
            )
    except IntegrityError:  # a row of a plan sheet refers to it: it stays, without sessions
        return
    db.expunge(made)


async def _publish(
    db: AsyncSession,
    change: SeriesChange,
    restored: Sequence[tuple[ClassSession, SeriesChangeSession]],
    *,
    by: Actor,
    now: datetime,
) -> None:
    public = [(session, kept) for session, kept in restored if session.published_at is not None]
    back = {session.id: kept for session, kept in public if moved(kept.before, kept.after)}
    if back:
        versions = tuple((number, back[number].before["version"]) for number in sorted(back))
        starts = tuple(
            (number, datetime.fromisoformat(back[number].after["starts_at"])) for number in sorted(back)
        )
        await publish(db, SessionsRestored(versions, starts, change.changed_at, by, now))
    reworded = sorted(
        session.id
        for session, kept in public
        if session.id not in back and kept.before["title"] != kept.after["title"]
    )
    if reworded:
        await publish(db, SessionsReworded(change.ward_id, tuple(reworded), by, now))
    larger = [session.id for session, kept in restored if kept.before["capacity"] > kept.after["capacity"]]
    await fill_free_seats(db, larger, by=by, now=now)
