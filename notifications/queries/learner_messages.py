"""What was said to one learner, and of which coming sessions."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, case, false, func, or_, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from lopso.kernel.access import Actor, Permission
from lopso.kernel.paging import Page
from notifications.models import Message, MessageRecipient, MessageSession
from notifications.queries.message_conditions import NOT_REPLACED, SHOWN_STATE, TOLD_BY_STAFF
from notifications.queries.message_rows import MessageRow, page_of
from notifications.rules.states import PENDING_STATES, PROBLEM_STATES, SENT_STATES
from scheduling.models import ClassSession, Enrolment
from wordings.rules.facts import SEATS

TOLD_ABOUT = 200
"""Coming sessions of one learner of which is said whether they were told."""


@dataclass(frozen=True, slots=True)
class SessionNews:
    """What a learner heard of one coming session as it now stands.

    Attributes:
        told_at: when the last text that was sent went, or was said by telephone.
        purpose: of that text; "" when none went.
        due_at: when the next one is due; None when none is planned.
        failed: a text did not arrive, none arrived after it, and nobody has taken care of it.
    """

    session_id: int
    told_at: datetime | None = None
    purpose: str = ""
    due_at: datetime | None = None
    failed: bool = False


async def learner_messages(
    db: AsyncSession, learner_id: int, *, by: Actor, number: int = 1
) -> Page[MessageRow]:
    """Texts that name the learner, in the wards whose texts `by` may see; four statements.

    What was said comes first, newest on top; then what is to be said, next on top.
    """
    naming = select(MessageRecipient.message_id).where(MessageRecipient.learner_id == learner_id)
    at, pending = func.coalesce(Message.sent_at, Message.due_at), Message.state.in_(PENDING_STATES)
    order = (pending, case((~pending, at)).desc(), at, Message.id)
    return await page_of(db, [Message.id.in_(naming), NOT_REPLACED, _seen_by(by)], order=order, number=number)


def _seen_by(by: Actor) -> ColumnElement[bool]:
    if by.everywhere(Permission.SEE_MESSAGES):
        return Message.ward_id.is_not(None)
    wards = by.wards(Permission.SEE_MESSAGES)
    return Message.ward_id.in_(wards) if wards else false()


class _Mention(NamedTuple):
    """A text to the learner that speaks of a session, or of a series from that session on."""

    session_id: int
    series_id: int | None
    starts_at: datetime
    current: bool
    purpose: str
    told: bool
    pending: bool
    lost: bool
    at: datetime


async def news_of_sessions(db: AsyncSession, learner_id: int, *, now: datetime) -> Sequence[SessionNews]:
    """What the learner heard of each coming session with a seat, `TOLD_ABOUT` at most; two statements."""
    coming = (
        await db.execute(
            select(ClassSession.id, ClassSession.series_id, ClassSession.starts_at, ClassSession.version)
            .join(Enrolment, Enrolment.session_id == ClassSession.id)
            .where(
                Enrolment.learner_id == learner_id,
                Enrolment.state != "cancelled",
                ClassSession.published_at.is_not(None),
                ClassSession.ends_at > now,
            )
            .order_by(ClassSession.starts_at, ClassSession.id)
            .limit(TOLD_ABOUT)
        )
    ).all()
    if not coming:
        return []
    series = {each.series_id for each in coming if each.series_id is not None}
    mentions = await _mentions(db, learner_id, [each.id for each in coming], series)
    by_session: dict[int, list[_Mention]] = {}
    by_series: dict[int, list[_Mention]] = {}
    for each in mentions:
        if each.current:
            by_session.setdefault(each.session_id, []).append(each)
        if each.purpose in SEATS and each.series_id is not None:
            by_series.setdefault(each.series_id, []).append(each)
    return [_news(each.id, [*by_session.get(each.id, ()), *_covering(by_series, each)]) for each in coming]


def _covering(by_series: Mapping[int, Sequence[_Mention]], session: Any) -> list[_Mention]:
    """Texts about the seat in a series that cover this session: not after a change of its time."""
    if session.version > 1:
        return []
    texts = by_series.get(session.series_id, ())
    return [each for each in texts if each.session_id != session.id and each.starts_at <= session.starts_at]


def _news(session_id: int, mentions: Sequence[_Mention]) -> SessionNews:
    sent = max((each for each in mentions if each.told), key=_at, default=None)
    due = min((each.at for each in mentions if each.pending), default=None)
    lost = max((each.at for each in mentions if each.lost), default=None)
    return SessionNews(
        session_id,
        sent.at if sent else None,
        sent.purpose if sent else "",
        due,
        lost is not None and (sent is None or sent.at < lost),
    )


def _at(mention: _Mention) -> datetime:
    return mention.at


async def _mentions(
    db: AsyncSession, learner_id: int, session_ids: Sequence[int], series_ids: Collection[int | None]
) -> list[_Mention]:
    naming = select(MessageRecipient.message_id).where(MessageRecipient.learner_id == learner_id)
    also = aliased(MessageSession)
    spoken = union_all(
        select(Message.id.label("message_id"), Message.session_id, Message.session_version).where(
            Message.id.in_(naming), Message.session_id.is_not(None)
        ),
        select(also.message_id, also.session_id, also.session_version).where(also.message_id.in_(naming)),
    ).subquery()
    rows = await db.execute(
        select(
            ClassSession.id,
            ClassSession.series_id,
            ClassSession.starts_at,
            spoken.c.session_version == ClassSession.version,
            Message.purpose,
            or_(Message.state.in_(SENT_STATES), TOLD_BY_STAFF),
            SHOWN_STATE.in_(PENDING_STATES),
            and_(Message.state.in_(PROBLEM_STATES), Message.resolved_at.is_(None)),
            case((TOLD_BY_STAFF, Message.resolved_at), else_=func.coalesce(Message.sent_at, Message.due_at)),
        )
        .join(spoken, spoken.c.session_id == ClassSession.id)
        .join(Message, Message.id == spoken.c.message_id)
        .where(or_(ClassSession.id.in_(session_ids), ClassSession.series_id.in_(series_ids)))
    )
    return [_Mention(*row) for row in rows]
