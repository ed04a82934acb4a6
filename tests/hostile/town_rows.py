"""Rows of every kind in a ward of the hostile town."""

from datetime import date, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from accounts.models import User
from learners.models import Learner
from learners.queries.consents import UnaskedFilters
from learners.service.consent_rounds import GivenConsents, note_consents
from lopso.kernel.settings import Settings
from lopso.kernel.text import fold
from scheduling.models import ClassSession, Closure, ClosureWard, Holiday
from scheduling.queries.series_state import series_state
from scheduling.service.series_history import note_series_change
from staffing.models import Absence
from tests.factories import (
    NOON,
    TEST,
    add_assignment,
    add_course,
    add_enrolment,
    add_helper,
    add_learner,
    add_room,
    add_series,
    add_session,
    add_team,
    add_text,
)
from tests.hostile.staged_lists import add_lists
from tests.learner_portal.cards import card_of
from tests.mails import add_mail, put_into_mailbox
from trainers.models import Trainer
from trainers.service.accounts import give_account
from venues.models import Aisle, Market, Neighbourhood


async def add_rows(
    db: AsyncSession, settings: Settings, ward_id: str, planner: User, *, number: int = 1
) -> dict[str, str]:
    """A coming session with people, places, a staged list, a mail: the ids by parameter name.

    Args:
        planner: who put somebody in another's place at `NOON`.
        number: tells the sets of one ward apart.
    """
    market_id, aisle_id = await _market(db, ward_id, f"Chợ {ward_id} {number}")
    neighbourhood = Neighbourhood(ward_id=ward_id, name=f"TDP {number + 4}", name_key=f"tdp {number + 4}")
    holiday = Holiday(ward_id=ward_id, day=date(2026, 12, 23 + number), name="Lễ hội")
    db.add_all([neighbourhood, holiday])
    course = await add_course(db, ward_id=ward_id, title=f"Nội dung {ward_id} {number}")
    room = await add_room(db, ward_id=ward_id, name=f"Phòng {number + 1}")
    series = await add_series(db, ward_id=ward_id, course=course)
    session = await add_session(
        db, ward_id=ward_id, course=course, series=series, room=room, starts_at=NOON + timedelta(days=3)
    )
    draft = await add_session(
        db, ward_id=ward_id, course=course, room=room, published=False, starts_at=NOON + timedelta(days=5)
    )
    learner = await add_learner(
        db, _name("Nguyễn Thị Hoa", number), ward_id=ward_id, phone=f"+849120{number - 1}{ward_id[-4:]}"
    )
    helper = await add_helper(
        db, _name("Trần Thị Lành", number), ward_id=ward_id, phone=f"+849130{number - 1}{ward_id[-4:]}"
    )
    team = await add_team(db, helper, ward_id=ward_id, name=f"Tổ {ward_id} {number}")
    await add_enrolment(db, session, learner)
    assignment = await add_assignment(db, session, helper, state="offered")
    message = await add_text(db, session, learner)
    mail = await add_mail(db, helper, state="failed")
    put_into_mailbox(db, mail)
    return {
        "ward_id": ward_id,
        "neighbourhood_id": str(neighbourhood.id),
        "market_id": market_id,
        "aisle_id": aisle_id,
        "holiday_id": str(holiday.id),
        "course_id": str(course.id),
        "venue_id": str(room.venue_id),
        "room_id": str(room.id),
        "series_id": str(series.id),
        "series_change": await _series_change(db, session),
        "session_id": str(session.id),
        "draft": str(draft.id),
        "learner_id": str(learner.id),
        "card": (await card_of(db, learner, settings)).removeprefix("/hv/"),
        "trainer_id": str(helper.id),
        "team_id": str(team.id),
        "assignment_id": str(assignment.id),
        "replaced": await _replaced(db, session, planner),
        "free_helper": str((await add_helper(db, "Võ Thị Rảnh", ward_id=ward_id)).id),
        "with_account": await _with_account(db, ward_id, number),
        "absence_id": await _absence(db, helper),
        "round_id": await _consents(db, learner),
        "closure_id": await _closure(db, ward_id),
        "message_id": str(message.id),
        "action_slug": "giu-lai",
        "code": "session_cancelled",
        "mail_id": str(mail.id),
        "number": "1",
        "row_ref": "0.2",
        "reference": str(message.reference),
        "anything": "x",
        **await add_lists(db, ward_id),
    }


async def _series_change(db: AsyncSession, session: ClassSession) -> str:
    """A change of a series that can still be undone: one seat more."""
    before = await series_state(db, session.ward_id, session.series_id or 0)
    session.capacity += 1
    changed = await note_series_change(db, session.ward_id, session.series_id or 0, before, by=TEST, now=NOON)
    return str(changed)


async def _closure(db: AsyncSession, ward_id: str) -> str:
    """A day on which everything was called off, one class among it."""
    day = NOON.date()
    closure = Closure(
        first_day=day, last_day=day, kinds=["ward_class"], reason="Mưa", created_at=NOON, created_by_name="Hà"
    )
    db.add(closure)
    await db.flush()
    db.add(ClosureWard(closure_id=closure.id, ward_id=ward_id, done_at=NOON, cancelled=1))
    session = await add_session(
        db, ward_id=ward_id, title="Lớp nghỉ vì mưa", starts_at=NOON + timedelta(hours=1)
    )
    session.cancelled_at, session.cancel_reason, session.closure_id = NOON, "Mưa", closure.id
    await db.flush()
    return str(closure.id)


def _name(name: str, number: int) -> str:
    return name if number == 1 else f"{name} Thứ Hai"


async def _market(db: AsyncSession, ward_id: str, name: str) -> tuple[str, str]:
    market = Market(ward_id=ward_id, name=name, name_key=fold(name))
    db.add(market)
    await db.flush()
    aisle = Aisle(market_id=market.id, name="Lô A", name_key="lo a", position=1)
    db.add(aisle)
    await db.flush()
    return str(market.id), str(aisle.id)


async def _replaced(db: AsyncSession, session: ClassSession, planner: User) -> str:
    """Somebody in whose place `planner` asked somebody else at `NOON`."""
    before, asked = [await add_helper(db, name, ward_id=session.ward_id) for name in ("Lê Văn Cũ", "Lê Mới")]
    row = await add_assignment(db, session, before, state="replaced")
    instead = await add_assignment(db, session, asked, state="offered")
    instead.offered_by = planner.id
    await db.flush()
    return str(row.id)


async def _with_account(db: AsyncSession, ward_id: str, number: int) -> str:
    """A helper who logs in by an invitation that is open."""
    helper = await add_helper(db, "Phan Thị Mời", ward_id=ward_id, phone=f"+849140{number - 1}{ward_id[-4:]}")
    await give_account(db, ward_id, helper.id, by=TEST, now=NOON)
    return str(helper.id)


async def _absence(db: AsyncSession, helper: Trainer) -> str:
    first = NOON.date() + timedelta(days=60)
    row = Absence(trainer_id=helper.id, first=first, last=first, reason="Ốm", noted_at=NOON)
    db.add(row)
    await db.flush()
    return str(row.id)


async def _consents(db: AsyncSession, learner: Learner) -> str:
    given = GivenConsents(("class",), NOON, "spoken", "")
    noted = await note_consents(
        db, learner.ward_id, UnaskedFilters(), given, learner_ids=[learner.id], by=TEST, now=NOON
    )
    return str(noted.id)
