"""Whom a session's texts reach, and what they have to say. Each answers in one statement for any number."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, Select, false, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from learners.models import Consent, Learner
from lopso.kernel.phone import display, read_phone
from notifications.models import MessageTemplate, ReminderPolicy, ReminderTime
from notifications.rules.facts import Recipient, SessionFacts, Wording
from notifications.rules.phrases import Addressee
from notifications.rules.timing import USUAL, Policy, Times
from scheduling.models import ASSIGNMENT_ACTIVE, Assignment, ClassSession, Enrolment
from scheduling.rules.places import place_name
from trainers.models import Trainer
from venues.models import Market, Room, Venue, Ward


async def sessions_for_texts(db: AsyncSession, session_ids: Collection[int]) -> list[SessionFacts]:
    """Published sessions, their rows locked in id order: plans for one session are made one at a time."""
    return await _facts(
        db,
        _published()
        .where(ClassSession.id.in_(session_ids))
        .order_by(ClassSession.id)
        .with_for_update(of=ClassSession, key_share=True),
    )


async def sessions_by_id(
    db: AsyncSession, session_ids: Collection[int], *, after: datetime
) -> list[SessionFacts]:
    """Those of these published sessions that start after `after` and are not cancelled; none is locked."""
    return await _facts(db, _coming(after).where(ClassSession.id.in_(session_ids)))


async def sessions_of_series(
    db: AsyncSession, series_ids: Collection[int], *, after: datetime
) -> list[SessionFacts]:
    """The published sessions of these series that start after `after`, earliest first; none is locked."""
    return await _facts(db, _coming(after).where(ClassSession.series_id.in_(series_ids)))


async def sessions_coming(
    db: AsyncSession, ward_id: str, *, after: datetime, most: int
) -> list[SessionFacts]:
    """The next published sessions of a ward, earliest first; none is locked."""
    return await _facts(db, _coming(after).where(ClassSession.ward_id == ward_id).limit(most))


def _coming(after: datetime) -> Select[ClassSession, str, str, str, str | None, str]:
    return (
        _published()
        .where(ClassSession.starts_at > after, ClassSession.cancelled_at.is_(None))
        .order_by(ClassSession.starts_at, ClassSession.id)
    )


def _published() -> Select[ClassSession, str, str, str, str | None, str]:
    return (
        select(ClassSession, Venue.name, Room.name, Market.name, Ward.phone, Ward.full_name)
        .join(Ward, Ward.id == ClassSession.ward_id)
        .outerjoin(Room, Room.id == ClassSession.room_id)
        .outerjoin(Venue, Venue.id == Room.venue_id)
        .outerjoin(Market, Market.id == ClassSession.market_id)
        .where(ClassSession.published_at.is_not(None))
    )


async def _facts(
    db: AsyncSession, statement: Select[ClassSession, str, str, str, str | None, str]
) -> list[SessionFacts]:
    return [
        SessionFacts(
            session.id,
            session.ward_id,
            session.version,
            session.kind,
            session.title,
            session.starts_at,
            place_name(words=session.place, room=room, venue=venue, market=market),
            venue or market or session.place,
            display(phone) if phone else f"UBND {ward}",
            ward,
            session.cancelled_at is not None,
            session.series_id,
        )
        for session, venue, room, market, phone, ward in await db.execute(statement)
    ]


async def learners_to_text(db: AsyncSession, session_ids: Collection[int]) -> dict[int, list[Recipient]]:
    """Per session the enrolled learners with a mobile who did not withdraw their consent to texts."""
    rows = await db.execute(
        select(Enrolment.session_id, Learner)
        .join(Learner, Learner.id == Enrolment.learner_id)
        .where(
            Enrolment.session_id.in_(session_ids),
            Enrolment.state == "enrolled",
            *_reachable(),
        )
        .order_by(Enrolment.session_id, Learner.id)
    )
    found: dict[int, list[Recipient]] = {}
    for session_id, learner in rows:
        found.setdefault(session_id, []).append(_recipient(learner))
    return found


async def helpers_to_text(
    db: AsyncSession,
    session_ids: Collection[int],
    *,
    states: Collection[str] = ASSIGNMENT_ACTIVE,
) -> dict[int, list[Recipient]]:
    """Per session the helpers with a mobile whose assignment is in one of `states`."""
    rows = await db.execute(
        select(Assignment.session_id, Assignment.role, Trainer)
        .join(Trainer, Trainer.id == Assignment.trainer_id)
        .where(
            Assignment.session_id.in_(session_ids),
            Assignment.state.in_(states),
            Trainer.phone.is_not(None),
            Trainer.left_at.is_(None),
        )
        .order_by(Assignment.session_id, Trainer.id)
    )
    found: dict[int, dict[int, Recipient]] = {}
    for session_id, role, trainer in rows:
        if trainer.phone and read_phone(trainer.phone).kind == "mobile":
            title = {"female": "chị", "male": "anh"}.get(trainer.sex or "", "anh/chị")
            person = Addressee(trainer.full_name, title)
            recipient = Recipient(trainer.phone, person, trainer_id=trainer.id, role=role)
            found.setdefault(session_id, {}).setdefault(trainer.id, recipient)
    return {session_id: list(people.values()) for session_id, people in found.items()}


async def roles_of(db: AsyncSession, session_ids: Collection[int]) -> dict[tuple[int, int | None], str]:
    """The role of each helper who stands in these sessions, by session and trainer id."""
    rows = await db.execute(
        select(Assignment.session_id, Assignment.trainer_id, Assignment.role).where(
            Assignment.session_id.in_(session_ids), Assignment.state.in_(ASSIGNMENT_ACTIVE)
        )
    )
    return {(row.session_id, row.trainer_id): row.role for row in rows}


async def office_of(db: AsyncSession, ward_id: str) -> tuple[str, str]:
    """A ward as texts say it, and the number to call there (or the office where it has none)."""
    ward, phone = (await db.execute(select(Ward.full_name, Ward.phone).where(Ward.id == ward_id))).one()
    return ward, display(phone) if phone else f"UBND {ward}"


async def learners_by_id(db: AsyncSession, learner_ids: Collection[int]) -> dict[int, Recipient]:
    """Those of these learners who have a mobile and did not withdraw their consent to texts."""
    found = await db.scalars(
        select(Learner).where(Learner.id.in_(learner_ids), *_reachable()).order_by(Learner.id)
    )
    return {learner.id: _recipient(learner) for learner in found}


def _reachable() -> list[ColumnElement[bool]]:
    return [
        Learner.phone_kind == "mobile",
        Learner.phone.startswith("+84"),
        Learner.archived_at.is_(None),
        ~consent_withdrawn(Learner.id),
    ]


def _recipient(learner: Learner) -> Recipient:
    person = Addressee(learner.full_name, learner.title, learner.sex, learner.birth_year)
    return Recipient(learner.phone or "", person, learner_id=learner.id)


def consent_withdrawn(
    learner_id: InstrumentedAttribute[int] | InstrumentedAttribute[int | None],
) -> ColumnElement[bool]:
    """Whether this learner took back the consent to texts and gave none since."""
    # An aggregate: an EXISTS may be answered by reading the consents of everybody once.
    all_taken_back = (
        select(func.bool_and(Consent.withdrawn_at.is_not(None)))
        .where(Consent.learner_id == learner_id, Consent.purpose == "sms")
        .scalar_subquery()
    )
    return func.coalesce(all_taken_back, false())


async def policies_for(db: AsyncSession, ward_ids: Collection[str]) -> Mapping[str, Policy]:
    """Each ward's policy: what it changed, else the city's, else the built-in one; two statements."""
    city, wards = await city_and_wards(db, ward_ids)
    return {ward_id: wards.get(ward_id, city) for ward_id in ward_ids}


async def city_and_wards(db: AsyncSession, ward_ids: Collection[str]) -> tuple[Policy, Mapping[str, Policy]]:
    """The city's policy, and that of those wards who changed something of it; two statements."""
    rows = (
        await db.scalars(
            select(ReminderPolicy).where(
                or_(ReminderPolicy.ward_id.is_(None), ReminderPolicy.ward_id.in_(ward_ids))
            )
        )
    ).all()
    times = await db.scalars(
        select(ReminderTime).where(or_(ReminderTime.ward_id.is_(None), ReminderTime.ward_id.in_(ward_ids)))
    )
    kinds: dict[str | None, dict[str, Times]] = {}
    for each in times:
        kinds.setdefault(each.ward_id, {})[each.kind] = Times(each.day_before_at, each.hours_before)
    citys = next((row for row in rows if row.ward_id is None), None)
    city = USUAL if citys is None else _changed(USUAL, citys, kinds.get(None, {}))
    return city, {
        row.ward_id: _changed(city, row, kinds.get(row.ward_id, {}))
        for row in rows
        if row.ward_id is not None
    }


def _changed(base: Policy, row: ReminderPolicy, kinds: Mapping[str, Times]) -> Policy:
    """`base` with what `row` says otherwise."""
    return Policy(
        row.day_before_at if row.own_times else base.day_before_at,
        row.hours_before if row.own_times else base.hours_before,
        base.quiet_until if row.quiet_until is None else row.quiet_until,
        base.quiet_from if row.quiet_from is None else row.quiet_from,
        base.daily_cap if row.daily_cap is None else row.daily_cap,
        base.useless_minutes if row.useless_minutes is None else row.useless_minutes,
        kinds if row.own_times else base.kinds,
        base.monthly_budget if row.monthly_budget is None else row.monthly_budget,
        base.budget_warning if row.budget_warning is None else row.budget_warning,
    )


async def current_wordings(db: AsyncSession, *, language: str = "vi") -> Mapping[str, Wording]:
    """The wordings in force, by code."""
    rows = await db.scalars(
        select(MessageTemplate).where(
            MessageTemplate.language == language,
            MessageTemplate.activated_at.is_not(None),
            MessageTemplate.retired_at.is_(None),
        )
    )
    return {row.code: Wording(row.id, row.code, row.message_class, row.body_accented) for row in rows}
