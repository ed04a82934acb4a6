"""Which texts an act would bring about: it is done for a moment, its texts are read, then it is undone.

So what a page shows beforehand is what will go, by whatever rules.
"""

from collections.abc import Awaitable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor
from lopso.kernel.errors import InvalidInput, Refused
from notifications.models import Message, MessageAlso
from notifications.rules.topics import NEWS
from scheduling.models import ClassSession
from scheduling.rules.plan import Change
from scheduling.service.changes import change_session
from scheduling.service.series_changes import Scope, cancel_series, change_series
from scheduling.service.sessions import cancel_session


@dataclass(frozen=True, slots=True)
class Foreseen:
    """Texts of one wording that go at one time; `says` is one of them, with all marks."""

    purpose: str
    due_at: datetime
    texts: int
    segments: int
    says: str


@dataclass(frozen=True, slots=True)
class Outlook:
    """What would go, and why the act could not be done, as a sentence; then nothing would."""

    texts: Sequence[Foreseen] = ()
    refusal: str = ""

    @property
    def number(self) -> int:
        """All texts."""
        return sum(each.texts for each in self.texts)

    @property
    def segments(self) -> int:
        """All segments."""
        return sum(each.segments for each in self.texts)


@dataclass(frozen=True, slots=True)
class Aim:
    """What an act is about: one session (`scope` None), or several of its series."""

    session_id: int
    scope: Scope | None = None
    picked: Collection[int] | None = None


async def if_changed(db: AsyncSession, aim: Aim, change: Change, *, by: Actor, now: datetime) -> Outlook:
    """The texts that a change would send."""
    if aim.scope is None:
        act = change_session(db, aim.session_id, change, by=by, now=now)
    else:
        act = change_series(db, aim.session_id, change, scope=aim.scope, picked=aim.picked, by=by, now=now)
    return await _foresee(db, aim.session_id, act)


async def if_cancelled(db: AsyncSession, aim: Aim, reason: str, *, by: Actor, now: datetime) -> Outlook:
    """The texts that calling off would send."""
    if aim.scope is None:
        act = cancel_session(db, aim.session_id, reason=reason, by=by, now=now)
    else:
        act = cancel_series(
            db, aim.session_id, reason=reason, scope=aim.scope, picked=aim.picked, by=by, now=now
        )
    return await _foresee(db, aim.session_id, act)


async def _foresee(db: AsyncSession, session_id: int, act: Awaitable[object]) -> Outlook:
    series = select(ClassSession.series_id).where(ClassSession.id == session_id).scalar_subquery()
    beside = select(ClassSession.id).where(
        or_(ClassSession.id == session_id, ClassSession.series_id == series)
    )
    ids = (await db.scalars(beside)).all()  # before: the act may cut the series in two
    moment = await db.begin_nested()
    try:
        await act
        return Outlook(await _news(db, ids))
    except (Refused, InvalidInput) as refusal:
        fields = refusal.fields.values() if isinstance(refusal, InvalidInput) else ()
        return Outlook(refusal=" ".join(fields) or refusal.sentence)
    finally:
        await moment.rollback()


async def _news(db: AsyncSession, session_ids: Collection[int]) -> Sequence[Foreseen]:
    also = select(MessageAlso.message_id).where(MessageAlso.session_id.in_(session_ids))
    rows = await db.execute(
        select(
            Message.purpose,
            Message.due_at,
            func.count(),
            func.sum(Message.segments),
            func.min(Message.body_accented),
        )
        .where(
            or_(Message.session_id.in_(session_ids), Message.id.in_(also)),
            Message.purpose.in_(NEWS),
            Message.state == "planned",
        )
        .group_by(Message.purpose, Message.template_id, Message.due_at)
        .order_by(Message.due_at, Message.purpose.desc(), Message.template_id)
    )
    return [
        Foreseen(purpose, due_at, texts, int(segments), says)
        for purpose, due_at, texts, segments, says in rows
    ]
