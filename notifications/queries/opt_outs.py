"""Opt-outs of numbers, and the upcoming sessions of a number."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select, union
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from learners.models import Learner
from lopso.kernel.db import one_of
from notifications.models import OptOut
from notifications.rules.topics import TOPIC_OF
from scheduling.models import ASSIGNMENT_ACTIVE, Assignment, ClassSession, Enrolment
from trainers.models import Trainer


async def active_opt_outs(db: AsyncSession, phone: str) -> list[OptOut]:
    """The opt-outs of this number in force, oldest first."""
    rows = await db.scalars(
        select(OptOut)
        .where(OptOut.phone == phone, OptOut.ended_at.is_(None))
        .order_by(OptOut.since, OptOut.id)
    )
    return list(rows)


async def refused_topics(db: AsyncSession, phones: Collection[str]) -> Mapping[str, frozenset[str | None]]:
    """By number the topics that it refuses (None: all); numbers that refuse nothing are left out."""
    if not phones:
        return {}
    rows = await db.execute(
        select(OptOut.phone, OptOut.topic).where(one_of(OptOut.phone, phones), OptOut.ended_at.is_(None))
    )
    found: dict[str, frozenset[str | None]] = {}
    for phone, topic in rows:
        found[phone] = found.get(phone, frozenset()) | {topic}
    return found


def refuses(refused: Mapping[str, frozenset[str | None]], phone: str, purpose: str) -> bool:
    """Whether `phone` refuses messages of this purpose, by the answer of `refused_topics`."""
    topics = refused.get(phone)
    return topics is not None and (None in topics or TOPIC_OF.get(purpose) in topics)


def opted_out(phone: InstrumentedAttribute[str | None], topics: Collection[str]) -> ColumnElement[bool]:
    """Whether this number refuses one of `topics`, or everything."""
    return (
        select(OptOut.id)
        .where(
            OptOut.phone == phone,
            OptOut.ended_at.is_(None),
            or_(OptOut.topic.is_(None), OptOut.topic.in_(topics)),
        )
        .exists()
    )


async def upcoming_session_ids(db: AsyncSession, phone: str, now: datetime) -> Sequence[int]:
    """Published sessions, in any ward, where somebody with this number has a seat or helps; one statement."""
    # The number alone has no index of its own; the searched words do.
    asked = func.to_tsquery("simple", "0" + phone[3:])
    published = (ClassSession.published_at.is_not(None), ClassSession.starts_at > now)
    learning = (
        select(ClassSession.id)
        .join(Enrolment, Enrolment.session_id == ClassSession.id)
        .join(Learner, Learner.id == Enrolment.learner_id)
        .where(*published, Enrolment.state == "enrolled")
        .where(Learner.search.op("@@")(asked), Learner.phone == phone)
    )
    helping = (
        select(ClassSession.id)
        .join(Assignment, Assignment.session_id == ClassSession.id)
        .join(Trainer, Trainer.id == Assignment.trainer_id)
        .where(*published, Assignment.state.in_(ASSIGNMENT_ACTIVE))
        .where(Trainer.search.op("@@")(asked), Trainer.phone == phone)
    )
    return sorted(await db.scalars(union(learning, helping)))
