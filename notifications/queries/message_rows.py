"""Messages as rows of a list: with their session, recipients and events."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, ColumnExpressionArgument, and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from lopso.kernel import clock
from lopso.kernel.paging import PAGE_SIZE, Page, offset
from notifications.models import DeliveryEvent, Message, MessageRecipient
from notifications.queries.message_conditions import (
    FIRST_DUE,
    NOT_REPLACED,
    SHOWN_STATE,
    about_sessions,
    on_day,
)
from notifications.queries.message_recipients import RecipientContact, recipients_of
from notifications.rules.delivery_problems import (
    CANCELLATIONS,
    UNWANTED,
    WRONG_NUMBER,
    ProblemKind,
    problem_kind,
)
from notifications.rules.states import BY_STAFF, PROBLEM_STATES
from scheduling.models import ClassSession


@dataclass(frozen=True, slots=True)
class MessageRow:
    """A message in a list: its session if it has one, its recipients, its events."""

    message: Message
    session: ClassSession | None
    people: Sequence[RecipientContact]
    events: Sequence[DeliveryEvent]

    @property
    def names(self) -> Sequence[str]:
        """The people's names."""
        return [person.name for person in self.people]

    @property
    def kind(self) -> ProblemKind:
        """Its delivery problem, if it has one."""
        return problem_kind(self.message.state, self.message.state_reason, self.message.error_code)

    @property
    def has_problem(self) -> bool:
        """Whether it may not have arrived."""
        return self.message.state in PROBLEM_STATES

    @property
    def of_use_until(self) -> datetime:
        """When it ceases to be of use, as people say it: "21h00", although that minute still counts."""
        message, session = self.message, self.session
        last = message.useless_after
        if session is None or message.purpose != "reminder_day_before":
            return last
        eve = clock.local_day(last) < clock.local_day(session.starts_at)
        return last - timedelta(minutes=1) if eve else last

    def goes_back(self, now: datetime) -> bool:
        """Whether staff withdrew it and may still undo that."""
        message = self.message
        by_hand = message.state == "withdrawn" and message.state_reason == BY_STAFF
        return by_hand and message.resolved_at is None and self._of_use(now)

    def goes_again(self, now: datetime) -> bool:
        """Whether a resend is possible: still true, in time, to a number that may work."""
        message = self.message
        if not self.has_problem or message.resolved_at is not None or self.kind in UNWANTED:
            return False
        phones = [person.phone for person in self.people]
        number = self.kind not in WRONG_NUMBER if message.to_phone in phones else len(phones) == 1
        return number and self._of_use(now)

    def _of_use(self, now: datetime) -> bool:
        message, session = self.message, self.session
        if message.useless_after <= now:
            return False
        return session is None or (
            session.version == message.session_version
            and (session.cancelled_at is not None) is (message.purpose in CANCELLATIONS)
        )


async def day_page(
    db: AsyncSession,
    ward_id: str,
    day: date,
    *,
    states: Collection[str] = (),
    session_id: int | None = None,
    number: int = 1,
) -> Page[MessageRow]:
    """Messages of a ward's day in the order in which they are sent; four statements.

    Args:
        states: only those in one of these, "held" among them.
        session_id: only those about this session.
    """
    where = on_day(ward_id, day)
    if states:
        where.append(SHOWN_STATE.in_(states))
    if session_id is not None:
        where.append(Message.session_id == session_id)
    return await page_of(db, where, order=(FIRST_DUE, Message.id), number=number)


async def session_page(db: AsyncSession, session_id: int, *, number: int = 1) -> Page[MessageRow]:
    """Messages about one session, alone or with others, newest batch first; three statements."""
    return await page_of(
        db,
        [about_sessions([session_id]), NOT_REPLACED],
        order=(Message.due_at.desc(), Message.purpose, Message.id),
        number=number,
    )


async def page_of(
    db: AsyncSession,
    where: Sequence[ColumnElement[bool]],
    *,
    order: Sequence[ColumnExpressionArgument[Any]],
    number: int,
    total: int | None = None,
) -> Page[MessageRow]:
    """A page of messages with their recipients and events; four statements, three where `total` is known."""
    if total is None:
        total = await db.scalar(select(func.count()).select_from(Message).where(*where)) or 0
    rows = (
        await db.execute(
            select(Message, ClassSession)
            .outerjoin(ClassSession, ClassSession.id == Message.session_id)
            .where(*where)
            .order_by(*order)
            .limit(PAGE_SIZE)
            .offset(offset(number))
        )
    ).all()
    ids = [message.id for message, _session in rows]
    people = await recipients_of(db, ids)
    events = await events_of(db, ids)
    return Page(
        [
            MessageRow(message, session, people.get(message.id, ()), events.get(message.id, ()))
            for message, session in rows
        ],
        number,
        total,
    )


async def events_of(db: AsyncSession, message_ids: Collection[int]) -> dict[int, list[DeliveryEvent]]:
    """The events of each message, in order; one statement."""
    rows = await db.scalars(
        select(DeliveryEvent)
        .where(DeliveryEvent.message_id.in_(message_ids))
        .order_by(DeliveryEvent.message_id, DeliveryEvent.id)
    )
    found: dict[int, list[DeliveryEvent]] = {}
    for event in rows:
        found.setdefault(event.message_id, []).append(event)
    return found


async def replacement_of(db: AsyncSession, message: Message) -> int | None:
    """The id of the resend that replaces this message; one statement."""
    reader, other = aliased(MessageRecipient), aliased(MessageRecipient)
    same_reader = (
        select(reader.id)
        .join(
            other,
            and_(
                other.learner_id.is_not_distinct_from(reader.learner_id),
                other.trainer_id.is_not_distinct_from(reader.trainer_id),
            ),
        )
        .where(reader.message_id == Message.id, other.message_id == message.id)
    )
    here = (
        Message.about == message.about
        if message.session_id is None
        else (Message.session_id == message.session_id)
    )
    return await db.scalar(
        select(Message.id)
        .where(
            here,
            Message.purpose == message.purpose,
            Message.session_version == message.session_version,
            Message.id > message.id,
            same_reader.exists(),
        )
        .order_by(Message.id)
        .limit(1)
    )
