"""Lists of texts for pages: a ward's day, what needs a telephone call, one session, a search."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, ColumnExpressionArgument, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from learners.models import Learner
from lopso.kernel import clock
from lopso.kernel.paging import PAGE_SIZE, Page, offset
from lopso.kernel.search import people_query
from notifications.models import Message, MessageRecipient
from notifications.rules.states import TROUBLE
from scheduling.models import ClassSession
from trainers.models import Trainer

RECENT = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class TextRow:
    """A text in a list; `names` are the people it speaks of."""

    message: Message
    session_title: str
    session_starts_at: datetime
    names: Sequence[str]


@dataclass(frozen=True, slots=True)
class Tally:
    """How many texts of a day are in each state, and their segments that cost something."""

    by_state: dict[str, int]
    segments: int

    def of(self, states: Collection[str]) -> int:
        """How many are in one of `states`."""
        return sum(self.by_state.get(state, 0) for state in states)

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.by_state.values())


async def day_tally(db: AsyncSession, ward_id: str, day: date) -> Tally:
    """The texts of a ward that go, went or should have gone on `day`; one statement."""
    rows = await db.execute(
        select(Message.state, func.count(), func.coalesce(func.sum(Message.segments), 0))
        .where(*_on_day(ward_id, day))
        .group_by(Message.state)
    )
    counts: dict[str, int] = {}
    segments = 0
    for state, number, in_segments in rows:
        counts[state] = number
        if state not in ("withdrawn", "suppressed", "expired", "failed"):
            segments += int(in_segments)
    return Tally(counts, segments)


async def day_page(
    db: AsyncSession, ward_id: str, day: date, *, states: Collection[str] = (), number: int = 1
) -> Page[TextRow]:
    """The texts of a ward's day in the order in which they go; three statements."""
    where = [*_on_day(ward_id, day)]
    if states:
        where.append(Message.state.in_(states))
    return await _page(db, where, order=(Message.due_at, Message.id), number=number)


async def trouble_page(db: AsyncSession, ward_id: str, *, now: datetime, number: int = 1) -> Page[TextRow]:
    """Texts of the last week that perhaps reached nobody, newest first; three statements."""
    return await _page(
        db, _in_trouble(ward_id, now), order=(Message.due_at.desc(), Message.id.desc()), number=number
    )


async def trouble_count(db: AsyncSession, ward_id: str, *, now: datetime) -> int:
    """How many texts `trouble_page` lists; one statement."""
    return await db.scalar(select(func.count()).select_from(Message).where(*_in_trouble(ward_id, now))) or 0


async def search_page(db: AsyncSession, ward_id: str, typed: str, *, number: int = 1) -> Page[TextRow]:
    """Texts to whoever has this name or number, newest first; three statements."""
    query = people_query(typed, wards=None)
    if query is None:
        return Page((), 1, 0)
    asked = func.to_tsquery("simple", query)
    named = exists().where(
        MessageRecipient.message_id == Message.id,
        or_(
            MessageRecipient.learner_id.in_(select(Learner.id).where(Learner.search.op("@@")(asked))),
            MessageRecipient.trainer_id.in_(select(Trainer.id).where(Trainer.search.op("@@")(asked))),
        ),
    )
    return await _page(
        db,
        [Message.ward_id == ward_id, named],
        order=(Message.due_at.desc(), Message.id.desc()),
        number=number,
    )


async def session_page(db: AsyncSession, session_id: int, *, number: int = 1) -> Page[TextRow]:
    """The texts about one session, newest wave first; three statements."""
    return await _page(
        db,
        [Message.session_id == session_id],
        order=(Message.due_at.desc(), Message.purpose, Message.id),
        number=number,
    )


@dataclass(frozen=True, slots=True)
class Wave:
    """The texts of one purpose about one session: when they go, how far they got, one of them to read."""

    purpose: str
    due_at: datetime
    by_state: dict[str, int]
    segments: int
    sample: str

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.by_state.values())


async def waves(db: AsyncSession, session_id: int) -> list[Wave]:
    """The texts about one session by purpose and time, earliest first; one statement."""
    rows = await db.execute(
        select(
            Message.purpose,
            Message.session_version,
            Message.state,
            func.min(Message.due_at),
            func.count(),
            func.sum(Message.segments),
            func.min(Message.body_accented),
        )
        .where(Message.session_id == session_id)
        .group_by(Message.purpose, Message.session_version, Message.state)
        .order_by(func.min(Message.due_at), Message.purpose, Message.session_version)
    )
    found: dict[tuple[str, int], Wave] = {}
    for purpose, version, state, due_at, number, segments, sample in rows:
        known = found.get((purpose, version))
        found[purpose, version] = Wave(
            purpose,
            min(known.due_at, due_at) if known else due_at,
            {**(known.by_state if known else {}), state: number},
            (known.segments if known else 0) + int(segments),
            # A text that still stands says more than one that was taken back.
            known.sample if known and state == "withdrawn" else sample,
        )
    return list(found.values())


async def _page(
    db: AsyncSession,
    where: Sequence[ColumnElement[bool]],
    *,
    order: Sequence[ColumnExpressionArgument[Any]],
    number: int,
) -> Page[TextRow]:
    total = await db.scalar(select(func.count()).select_from(Message).where(*where)) or 0
    rows = (
        await db.execute(
            select(Message, ClassSession.title, ClassSession.starts_at)
            .join(ClassSession, ClassSession.id == Message.session_id)
            .where(*where)
            .order_by(*order)
            .limit(PAGE_SIZE)
            .offset(offset(number))
        )
    ).all()
    names = await names_of(db, [message.id for message, _title, _start in rows])
    return Page(
        [TextRow(message, title, start, names.get(message.id, ())) for message, title, start in rows],
        number,
        total,
    )


async def names_of(db: AsyncSession, message_ids: Collection[int]) -> dict[int, list[str]]:
    """Whom each text speaks of, by given name; one statement."""
    rows = await db.execute(
        select(MessageRecipient.message_id, func.coalesce(Learner.full_name, Trainer.full_name))
        .outerjoin(Learner, Learner.id == MessageRecipient.learner_id)
        .outerjoin(Trainer, Trainer.id == MessageRecipient.trainer_id)
        .where(MessageRecipient.message_id.in_(message_ids))
        .order_by(func.coalesce(Learner.sort_key, Trainer.sort_key))
    )
    found: dict[int, list[str]] = {}
    for message_id, name in rows:
        found.setdefault(message_id, []).append(name)
    return found


def _on_day(ward_id: str, day: date) -> list[ColumnElement[bool]]:
    return [
        Message.ward_id == ward_id,
        Message.due_at >= clock.start_of_day(day),
        Message.due_at < clock.start_of_day(day + timedelta(days=1)),
    ]


def _in_trouble(ward_id: str, now: datetime) -> list[ColumnElement[bool]]:
    return [
        Message.ward_id == ward_id,
        Message.due_at >= now - RECENT,
        Message.due_at <= now,
        Message.state.in_(TROUBLE),
    ]
