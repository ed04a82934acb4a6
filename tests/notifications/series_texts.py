"""Series, helpers and the texts about them, for tests of announcements."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor, Role
from notifications.models import Message
from scheduling.models import Assignment, ClassSession, Course, Series
from tests.classroom import WARD
from tests.factories import NOON, actor_for, add_user
from tests.notifications.scenario import THURSDAY, add_class
from trainers.models import Trainer

SERIES = "14h00 thứ Năm hằng tuần từ 26/11, 4 buổi"


async def add_series(db: AsyncSession, course: Course, *, weeks: int = 4) -> list[ClassSession]:
    """Published sessions on Thursdays at 14h00."""
    series = Series(
        ward_id=WARD,
        course_id=course.id,
        starts_on=date(2026, 11, 26),
        meetings=weeks,
        skips_holidays=True,
        created_at=NOON,
    )
    db.add(series)
    await db.flush()
    sessions = [
        await add_class(db, course, starts_at=THURSDAY + timedelta(weeks=week)) for week in range(weeks)
    ]
    for session in sessions:
        session.series_id = series.id
    await db.flush()
    return sessions


async def coordinator(db: AsyncSession) -> Actor:
    user = await add_user(db, (Role.COORDINATOR, WARD))
    return actor_for(user, (Role.COORDINATOR, WARD))


async def add_trainer(db: AsyncSession, name: str, phone: str) -> Trainer:
    """A helper of the ward without offers."""
    trainer = Trainer(
        ward_id=WARD,
        kind="digital_ambassador",
        full_name=name,
        sex="male",
        name_key=name.lower(),
        sort_key=name.lower(),
        phone=phone,
        enlisted_at=NOON,
    )
    db.add(trainer)
    await db.flush()
    return trainer


async def assignment(db: AsyncSession, session: ClassSession, trainer: Trainer) -> Assignment:
    """The latest assignment of this helper in this session."""
    found = await db.scalars(
        select(Assignment)
        .where(Assignment.session_id == session.id, Assignment.trainer_id == trainer.id)
        .order_by(Assignment.id.desc())
        .limit(1)
    )
    return found.one()


async def texts(db: AsyncSession, *purposes: str) -> Sequence[Message]:
    """The texts of these purposes, oldest first."""
    rows = await db.scalars(
        select(Message)
        .where(Message.purpose.in_(purposes))
        .order_by(Message.id)
        .execution_options(populate_existing=True)
    )
    return rows.all()


async def said(db: AsyncSession, *purposes: str) -> Sequence[tuple[str, str, str]]:
    """Purpose, state and words of the texts of these purposes, oldest first."""
    return [(row.purpose, row.state, row.body_accented) for row in await texts(db, *purposes)]


async def gone(db: AsyncSession, *, at: datetime) -> None:
    """Mark all texts that are due as sent."""
    due = Message.due_at <= at
    for state in ("claimed", "sending", "sent"):
        lease = None if state == "sent" else at + timedelta(minutes=1)
        await db.execute(
            update(Message)
            .where(due, Message.state.not_in(("withdrawn", "sent")))
            .values(state=state, lease_until=lease, sent_at=at)
            .execution_options(synchronize_session=False)
        )
