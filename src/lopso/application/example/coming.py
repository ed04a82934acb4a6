"""The weeks to come: classes with seats and helpers, a market round; and a class that is on right now."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.application.example.city import (
    PHU_XUAN,
    SERIES,
    class_details,
    some_learners,
    weekly_slot,
)
from lopso.kernel import clock
from lopso.kernel.access import Actor
from scheduling.models import Course
from scheduling.rules.plan import SeriesPlan, SessionPlace, SessionTemplate
from scheduling.rules.recurrence import Slot, WeeklyRule
from scheduling.service.enrolments import enrol
from scheduling.service.series import plan_series
from scheduling.service.sessions import plan_session, publish_sessions
from staffing.service.offers import offer_assignments
from trainers.models import Trainer
from venues.models import Market


async def plan_coming(
    db: AsyncSession,
    courses: Sequence[Course],
    rooms: Sequence[int],
    by: Actor,
    helper: Actor,
    now: datetime,
) -> None:
    """This week from today on and the next three."""
    today = clock.local_day(now)
    own = await db.scalar(select(Trainer.id).where(Trainer.user_id == helper.user_id))
    others = (
        await db.scalars(
            select(Trainer.id)
            .where(Trainer.ward_id == PHU_XUAN, Trainer.user_id.is_(None), Trainer.phone.is_not(None))
            .order_by(Trainer.id)
            .limit(40)
        )
    ).all()
    offset = 0
    for number, (course, room, slots, capacity, helpers, published) in enumerate(SERIES):
        rule = WeeklyRule(
            tuple(weekly_slot(courses[course], each) for each in slots),
            today + timedelta(days=1),
            clock.monday_of(today) + timedelta(days=27),
            None,
        )
        made = await plan_series(
            db,
            PHU_XUAN,
            SeriesPlan(class_details(courses[course], rooms[room], capacity, helpers), rule, True),
            by=by,
            now=now,
        )
        await enrol(
            db, made.session_ids, await some_learners(db, offset, capacity - 6 + 2 * number), by=by, now=now
        )
        offset += 15
        if not published:
            continue
        await publish_sessions(db, made.session_ids, by=by, now=now)
        team = others[number * 4 : number * 4 + helpers - number % 2]
        await offer_assignments(db, made.session_ids, team, role="helper", agreed=True, by=by, now=now)
        if own is not None and number in (0, 2):
            await offer_assignments(
                db, made.session_ids, [own], role="trainer", agreed=number == 0, by=by, now=now
            )
    await _market_round(db, own, by, now)


async def plan_class_now(
    db: AsyncSession, course: Course, room_id: int, by: Actor, helper: Actor, now: datetime
) -> None:
    """A class that began within the last half hour, with the helper in it."""
    own = await db.scalar(select(Trainer.id).where(Trainer.user_id == helper.user_id))
    begun = now.replace(minute=now.minute // 30 * 30, second=0, microsecond=0)
    planned_at = begun - timedelta(hours=1)
    slot = Slot(begun, begun + timedelta(minutes=course.duration_minutes))
    session = await plan_session(
        db, PHU_XUAN, class_details(course, room_id, 25, 2), slot, by=by, now=planned_at
    )
    await enrol(db, [session.id], await some_learners(db, 0, 22), by=by, now=planned_at)
    await publish_sessions(db, [session.id], by=by, now=planned_at)
    if own is not None:
        await offer_assignments(db, [session.id], [own], role="trainer", agreed=True, by=by, now=planned_at)


async def _market_round(db: AsyncSession, own: int | None, by: Actor, now: datetime) -> None:
    market_id = await db.scalar(
        select(Market.id).where(Market.ward_id == PHU_XUAN, Market.name == "Chợ Đông Ba")
    )
    dawn = clock.at(clock.local_day(now) + timedelta(days=2), time(6))
    details = SessionTemplate(
        kind="market_round",
        title="Chợ số: mã QR cho tiểu thương",
        course_id=None,
        place=SessionPlace(market_id=market_id, words="Đường số 4 đến Đường số 6"),
        capacity=40,
        need_trainers=1,
        need_helpers=4,
    )
    session = await plan_session(db, PHU_XUAN, details, Slot(dawn, dawn + timedelta(hours=2)), by=by, now=now)
    await publish_sessions(db, [session.id], by=by, now=now)
    if own is not None:
        await offer_assignments(db, [session.id], [own], role="trainer", agreed=False, by=by, now=now)
