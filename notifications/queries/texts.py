"""Lists of texts for pages: a ward's day, what needs a telephone call, one session, a search."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    ColumnExpressionArgument,
    Select,
    Subquery,
    and_,
    case,
    func,
    or_,
    select,
    union,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, aliased

from learners.models import Learner
from lopso.kernel import clock
from lopso.kernel.paging import PAGE_SIZE, Page, offset
from lopso.kernel.phone import read_phone
from lopso.kernel.search import people_query
from notifications.models import DeliveryEvent, Message, MessageRecipient, MessageSession
from notifications.rules.delivery_problems import (
    CANCELLATIONS,
    UNWANTED,
    WRONG_NUMBER,
    ProblemKind,
    problem_kind,
)
from notifications.rules.states import BY_STAFF, PROBLEM_STATES
from scheduling.models import ClassSession
from trainers.models import Trainer

FOUND = 500
"""The most texts a search shows; who looks for an older one knows its day."""

PEOPLE = 200
"""The most people a search by name looks at: with more, it is no name yet."""

SHOWN_STATE: ColumnElement[str] = case(
    (and_(Message.state == "planned", Message.held_at.is_not(None)), "held"), else_=Message.state
)
"""The state as people see it: "held" beside those of the ledger."""

_ALONE = aliased(Message)


def speaking_of(session_ids: Collection[int]) -> ColumnElement[bool]:
    """Whether a text speaks of one of these sessions, alone or with others.

    Two lookups put together: an "or" over two tables could be answered only by reading all texts.
    """
    return Message.id.in_(
        union(
            select(_ALONE.id).where(_ALONE.session_id.in_(session_ids)),
            select(MessageSession.message_id).where(MessageSession.session_id.in_(session_ids)),
        )
    )


COSTLY = ("planned", "held", "claimed", "sending", "sent", "delivered", "undelivered", "ambiguous")
"""States of texts that cost something, or will."""

NOT_REPLACED = or_(Message.state != "withdrawn", Message.resolution != "sent_again")
"""All texts but those that were taken out and put back: another stands in their place."""

FIRST_DUE: ColumnElement[datetime] = func.coalesce(Message.first_due_at, Message.due_at)
"""When a text should have gone, whatever retries it needed; by ward this has an index."""


@dataclass(frozen=True, slots=True)
class RecipientContact:
    """A learner or a helper whom a message is for; `phone` is the number they have now."""

    name: str
    ward_id: str
    learner_id: int | None
    trainer_id: int | None
    phone: str | None

    @property
    def edit_path(self) -> str:
        """The page on which their data are corrected."""
        if self.learner_id is not None:
            return f"/nguoi-hoc/{self.ward_id}/{self.learner_id}/sua"
        return f"/nguoi-day/{self.ward_id}/{self.trainer_id}/sua"


@dataclass(frozen=True, slots=True)
class TextRow:
    """A text in a list: its session if it has one, the people it speaks of, what happened to it."""

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
        """Its delivery problem, for a text that may not have arrived."""
        return problem_kind(self.message.state, self.message.state_reason, self.message.error_code)

    @property
    def of_use_until(self) -> datetime:
        """When it ceases to be of use, as people say it: "21h00", though that minute still counts."""
        message, session = self.message, self.session
        last = message.useless_after
        if session is None or message.purpose != "reminder_day_before":
            return last
        eve = clock.local_day(last) < clock.local_day(session.starts_at)
        return last - timedelta(minutes=1) if eve else last

    def goes_back(self, now: datetime) -> bool:
        """Whether somebody took it out by hand and may still put it back."""
        message = self.message
        by_hand = message.state == "withdrawn" and message.state_reason == BY_STAFF
        return by_hand and message.resolved_at is None and self._of_use(now)

    def goes_again(self, now: datetime) -> bool:
        """Whether it is of use to send it once more: still true, in time, to a number that may work."""
        message = self.message
        if message.state not in PROBLEM_STATES or message.resolved_at is not None or self.kind in UNWANTED:
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
) -> Page[TextRow]:
    """The texts of a ward's day in the order in which they go; four statements.

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


async def search_page(db: AsyncSession, ward_id: str, typed: str, *, number: int = 1) -> Page[TextRow]:
    """Texts of a ward to whoever has this name or number, newest first, `FOUND` at most; four statements.

    Learners are those of the ward, helpers those of the city, `PEOPLE` of each at most. A whole number also
    finds texts sent to it when it was somebody else's, or before it was mended.
    """
    learners, helpers = people_query(typed, wards={ward_id}), people_query(typed, wards=None)
    if learners is None or helpers is None:
        return Page((), 1, 0)
    here = [ward_id]
    found = [
        _recent(_texts_for(MessageRecipient.learner_id, Learner.id, Learner.search, learners), here),
        _recent(_texts_for(MessageRecipient.trainer_id, Trainer.id, Trainer.search, helpers), here),
    ]
    whole = whole_number(typed)
    if whole is not None:
        found.append(_recent(select(*_FOUND).where(Message.to_phone == whole), here))
    return await _found_page(db, union(*(select(each.subquery()) for each in found)).subquery(), number)


async def number_page(
    db: AsyncSession, phone: str, *, wards: Collection[str] | None, number: int = 1
) -> Page[TextRow]:
    """Texts to a number (E.164) in these wards (None: all), newest first, `FOUND` at most; four queries."""
    texts = _recent(select(*_FOUND).where(Message.to_phone == phone), wards)
    return await _found_page(db, texts.subquery(), number)


_FOUND = (Message.id, Message.due_at, Message.ward_id)


def _texts_for(
    reader: InstrumentedAttribute[int | None],
    person: InstrumentedAttribute[int],
    search: InstrumentedAttribute[Any],
    query: str,
) -> Select[int, datetime, str]:
    asked = func.to_tsquery("simple", query)
    people = select(person).where(search.op("@@")(asked)).order_by(person).limit(PEOPLE)
    return (
        select(*_FOUND)
        .join(MessageRecipient, MessageRecipient.message_id == Message.id)
        .where(reader.in_(people))
    )


def _recent(texts: Select[int, datetime, str], wards: Collection[str] | None) -> Select[int, datetime]:
    # OFFSET keeps the ward out of the search for the texts: its index would have the whole ledger read.
    all_of_them = texts.offset(0).subquery()
    found = select(all_of_them.c.id, all_of_them.c.due_at)
    if wards is not None:
        found = found.where(all_of_them.c.ward_id.in_(wards))
    return found.order_by(all_of_them.c.due_at.desc(), all_of_them.c.id.desc()).limit(FOUND)


async def _found_page(db: AsyncSession, found: Subquery, number: int) -> Page[TextRow]:
    newest = select(found.c.id).order_by(found.c.due_at.desc(), found.c.id.desc()).limit(FOUND)
    return await page_of(
        db,
        [Message.id.in_(newest)],
        order=(Message.due_at.desc(), Message.id.desc()),
        number=number,
    )


def whole_number(typed: str) -> str | None:
    """The number (E.164) when a whole one was typed, in whatever form."""
    reading = read_phone(typed) if any(char.isdigit() for char in typed) else None
    return reading.e164 if reading is not None and reading.remark is None else None


async def session_page(db: AsyncSession, session_id: int, *, number: int = 1) -> Page[TextRow]:
    """The texts about one session, alone or with others, newest batch first; three statements."""
    return await page_of(
        db,
        [speaking_of([session_id]), NOT_REPLACED],
        order=(Message.due_at.desc(), Message.purpose, Message.id),
        number=number,
    )


async def in_its_place(db: AsyncSession, message: Message) -> int | None:
    """The text that was planned once more instead of this one; one statement."""
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


async def page_of(
    db: AsyncSession,
    where: Sequence[ColumnElement[bool]],
    *,
    order: Sequence[ColumnExpressionArgument[Any]],
    number: int,
    total: int | None = None,
) -> Page[TextRow]:
    """A page of texts with their people and histories; four statements, three where `total` is known."""
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
            TextRow(message, session, people.get(message.id, ()), events.get(message.id, ()))
            for message, session in rows
        ],
        number,
        total,
    )


async def events_of(db: AsyncSession, message_ids: Collection[int]) -> dict[int, list[DeliveryEvent]]:
    """What happened to each text, in order; one statement."""
    rows = await db.scalars(
        select(DeliveryEvent)
        .where(DeliveryEvent.message_id.in_(message_ids))
        .order_by(DeliveryEvent.message_id, DeliveryEvent.id)
    )
    found: dict[int, list[DeliveryEvent]] = {}
    for event in rows:
        found.setdefault(event.message_id, []).append(event)
    return found


async def recipients_of(db: AsyncSession, message_ids: Collection[int]) -> dict[int, list[RecipientContact]]:
    """Whom each text is for, by given name; one statement."""
    rows = await db.execute(
        select(
            MessageRecipient.message_id,
            func.coalesce(Learner.full_name, Trainer.full_name),
            func.coalesce(Learner.ward_id, Trainer.ward_id),
            MessageRecipient.learner_id,
            MessageRecipient.trainer_id,
            func.coalesce(Learner.phone, Trainer.phone),
        )
        .outerjoin(Learner, Learner.id == MessageRecipient.learner_id)
        .outerjoin(Trainer, Trainer.id == MessageRecipient.trainer_id)
        .where(MessageRecipient.message_id.in_(message_ids))
        .order_by(func.coalesce(Learner.sort_key, Trainer.sort_key), MessageRecipient.id)
    )
    found: dict[int, list[RecipientContact]] = {}
    for message_id, name, ward_id, learner_id, trainer_id, phone in rows:
        contact = RecipientContact(name, ward_id, learner_id, trainer_id, phone)
        found.setdefault(message_id, []).append(contact)
    return found


async def names_of(db: AsyncSession, message_ids: Collection[int]) -> dict[int, list[str]]:
    """The names of each message's recipients, by given name; one statement."""
    found = await recipients_of(db, message_ids)
    return {message_id: [person.name for person in people] for message_id, people in found.items()}


def on_day(ward_id: str, day: date) -> list[ColumnElement[bool]]:
    """The texts of a ward that go, went or should have gone on `day`."""
    return [
        Message.ward_id == ward_id,
        clock.start_of_day(day) <= FIRST_DUE,
        clock.start_of_day(day + timedelta(days=1)) > FIRST_DUE,
        NOT_REPLACED,
    ]
