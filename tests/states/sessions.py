"""Sessions, series, assignments and enrolments in every state."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from itertools import count
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from learners.models import Learner
from scheduling.models import (
    ASSIGNMENT_STATES,
    SESSION_KINDS,
    Assignment,
    ClassSession,
    Closure,
    ClosureWard,
    Course,
    Enrolment,
    Series,
    SeriesSlot,
)
from staffing.models import Absence
from tests.factories import NOON, add_assignment, add_enrolment
from tests.states.objects import WARD, Objects
from trainers.models import Trainer
from venues.models import Market, Room

DAY = timedelta(days=1)


@dataclass
class Planner:
    """Makes sessions of one course, each on a day of its own."""

    db: AsyncSession
    course: Course
    room: Room
    closed_room: Room
    market: Market
    helper: Trainer
    learners: Sequence[Learner]
    objects: Objects

    def __post_init__(self) -> None:
        self._days = count(1)

    async def session(self, state: str, *, days: int | None = None, **columns: Any) -> ClassSession:
        """A published ward class without a room, some day after tomorrow, kept under `state`."""
        starts_at = NOON + DAY * (days or 2 + next(self._days))
        values: dict[str, Any] = {
            "ward_id": WARD,
            "kind": "ward_class",
            "course_id": self.course.id,
            "title": f"Thanh toán QR: {state}",
            "place": "Nhà văn hóa TDP 5",
            "starts_at": starts_at,
            "ends_at": starts_at + timedelta(hours=2),
            "original_start": starts_at,
            "capacity": 3,
            "need_trainers": 1,
            "need_helpers": 2,
            "created_at": NOON - 30 * DAY,
            "published_at": NOON - 20 * DAY,
        }
        row = ClassSession(**values | columns)
        self.db.add(row)
        await self.db.flush()
        self.objects.add("session", state, session_id=row.id)
        return row

    async def people(self, session: ClassSession, *, helper: str = "accepted", learners: int = 2) -> None:
        """A helper in this state, and learners enrolled; those beyond the capacity wait."""
        await add_assignment(self.db, session, self.helper, state=helper)
        for number, learner in enumerate(self.learners[:learners]):
            state = "enrolled" if number < session.capacity else "waitlisted"
            await add_enrolment(self.db, session, learner, state=state)
        await self.db.refresh(session)


async def add_sessions(plan: Planner) -> None:
    """Sessions in every state, with people in most of them."""
    cancelled: dict[str, Any] = {"cancelled_at": NOON, "cancel_reason": "Mưa lớn"}
    for state, columns in {
        "draft": {"published_at": None},
        "published": {},
        "in a room, with a note": {
            "room_id": plan.room.id,
            "place": "",
            "note": "Mang theo sổ <b>",
            "title": "Một tên buổi rất dài “có ngoặc” & <dấu> " * 2,
        },
        "in a closed room": {"room_id": plan.closed_room.id, "place": ""},
        "begins soon": {"starts_at": NOON + timedelta(hours=1), "ends_at": NOON + timedelta(hours=3)},
        "over": {"days": -3},
        "cancelled": cancelled,
        "cancelled draft": cancelled | {"published_at": None},
        "cancelled and over": cancelled | {"days": -5},
    }.items():
        await plan.people(await plan.session(state, **columns))
    for kind in SESSION_KINDS:
        place: dict[str, Any] = {"market_id": plan.market.id} if kind == "market_round" else {}
        course = {} if kind == "ward_class" else {"course_id": None}
        await plan.people(await plan.session(f"kind {kind}", kind=kind, **place, **course))
    await plan.session("market without aisle", kind="market_round", market_id=plan.market.id, place="")
    await plan.session("without anybody")
    await plan.session("draft without anybody", published_at=None, need_trainers=0, need_helpers=0)
    await plan.people(await plan.session("full with a waiting list", capacity=1), learners=3)
    await plan.people(await plan.session("over with a waiting list", days=-7, capacity=1), learners=3)
    for helper in ASSIGNMENT_STATES:
        session = await plan.session(f"whose only helper is {helper}")
        await plan.people(session, helper=helper)
    everybody_left = await plan.session("whose learners all left")
    for learner in plan.learners[:2]:
        await add_enrolment(plan.db, everybody_left, learner, state="cancelled")


async def add_closures(plan: Planner) -> None:
    """Closures that wait for the worker, have cancelled something, are made up for, or found nothing."""
    day = date(2027, 11, 2)
    for state, done in {"waiting": False, "done": True, "made up for": True, "empty": True}.items():
        closure = Closure(
            first_day=day,
            last_day=day + DAY,
            kinds=list(SESSION_KINDS),
            reason="Mưa bão <b>",
            created_at=NOON,
            created_by_name="Lê Thị Thu Hà",
        )
        plan.db.add(closure)
        await plan.db.flush()
        number = 1 if state in ("done", "made up for") else 0
        plan.db.add(
            ClosureWard(
                closure_id=closure.id,
                ward_id=WARD,
                done_at=NOON if done else None,
                cancelled=number if done else None,
            )
        )
        plan.objects.add("closure", state, closure_id=closure.id)
        if number:
            closed = await plan.session(
                f"closed, {state}", cancelled_at=NOON, cancel_reason="Mưa bão", closure_id=closure.id
            )
            await plan.people(closed, helper="withdrawn")
            if state == "made up for":
                await plan.session("makes up for another", makes_up_for_id=closed.id)


async def add_series(plan: Planner) -> None:
    """Series with sessions that are drafts, published, past and cancelled."""
    past, coming = (-20, -13), (401, 408)
    cancelled: dict[str, Any] = {"cancelled_at": NOON, "cancel_reason": "Mưa lớn"}
    for state, (days, columns, sessions) in {
        "draft": (coming, {}, {"published_at": None}),
        "published": ((415, 422), {}, {}),
        "running": ((-27, 429), {}, {}),
        "ended": (past, {}, {}),
        "cancelled": ((436, 443), {}, cancelled),
        "until a day": (
            (450, 457),
            {"meetings": None, "ends_on": date(2028, 6, 1)},
            {"room_id": plan.room.id, "place": ""},
        ),
        "without sessions": ((), {}, {}),
        "without course": ((464, 471), {"course_id": None}, {"course_id": None, "kind": "home_visit"}),
    }.items():
        await _series(plan, state, days, columns, sessions)
    first = int(plan.objects.found["series"]["running"]["series_id"])
    await _series(plan, "split", (478, 485), {"split_from_id": first}, {})


async def _series(
    plan: Planner, state: str, days: Sequence[int], columns: dict[str, Any], sessions: dict[str, Any]
) -> None:
    values: dict[str, Any] = {"ward_id": WARD, "course_id": plan.course.id, "starts_on": date(2026, 10, 5)}
    values |= {"meetings": 10, "skips_holidays": True, "created_at": NOON}
    row = Series(**values | columns)
    plan.db.add(row)
    await plan.db.flush()
    plan.objects.add("series", state, series_id=row.id)
    if state != "cancelled":
        plan.db.add(SeriesSlot(series_id=row.id, weekday=0, starts_at=time(12, 0), duration_minutes=120))
    for number, day in enumerate(days, 1):
        title = f"of a series {state}, {number}"
        await plan.people(await plan.session(title, days=day, series_id=row.id, **sessions))
        if number > 1 or state in ("split", "until a day", "without course"):
            del plan.objects.found["session"][title]


async def add_rows_of_sessions(plan: Planner) -> None:
    """Every assignment and enrolment of the sessions so far, once a state of both."""
    rows = await plan.db.execute(
        select(Assignment, ClassSession).join(ClassSession, ClassSession.id == Assignment.session_id)
    )
    for assignment, session in rows.all():
        values = {"session_id": session.id, "assignment_id": assignment.id}
        plan.objects.once("assignment", f"{assignment.state}, {when(session)}", **values)
    rows = await plan.db.execute(
        select(Enrolment, ClassSession).join(ClassSession, ClassSession.id == Enrolment.session_id)
    )
    for row, session in rows.all():
        values = {"session_id": session.id, "learner_id": row.learner_id}
        plan.objects.once("enrolment", f"{row.state}, {when(session)}", **values)


def when(session: ClassSession) -> str:
    """Whether it is published, cancelled, over; of a series."""
    words = [
        "draft" if session.published_at is None else "published",
        "cancelled" if session.cancelled_at else "",
        "over" if session.ends_at <= NOON else "begun" if session.starts_at <= NOON else "coming",
        "of a series" if session.series_id else "",
    ]
    return " ".join(word for word in words if word)


async def add_absences(db: AsyncSession, objects: Objects, helper: Trainer) -> None:
    """The helper is away next year, was away, and was not away after all."""
    for state, days, cancelled in (("coming", 500, None), ("over", -30, None), ("cancelled", 600, NOON)):
        first = NOON.date() + timedelta(days=days)
        row = Absence(
            trainer_id=helper.id,
            first=first,
            last=first + timedelta(days=2),
            reason="Ốm <b>",
            noted_at=NOON,
            cancelled_at=cancelled,
        )
        db.add(row)
        await db.flush()
        objects.add("absence", state, absence_id=row.id, trainer_id=helper.id)
