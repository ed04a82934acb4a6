"""Which texts an act would bring about: it is done for a moment, its texts are read, then it is undone.

So what a page shows beforehand is what will go, by whatever rules.
"""

from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import groupby
from typing import NamedTuple

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor
from lopso.kernel.errors import InvalidInput, Refused
from notifications.models import Message
from notifications.queries.texts import speaking_of
from notifications.rules.topics import NEWS
from scheduling.models import ClassSession
from scheduling.rules.plan import SessionChange
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


async def if_changed(
    db: AsyncSession, aim: Aim, change: SessionChange, *, by: Actor, now: datetime
) -> Outlook:
    """The texts that a change would send."""
    if aim.scope is None:
        act = partial(change_session, db, aim.session_id, change, by=by, now=now)
    else:
        act = partial(
            change_series, db, aim.session_id, change, scope=aim.scope, picked=aim.picked, by=by, now=now
        )
    return await _foresee(db, aim.session_id, act)


async def if_cancelled(db: AsyncSession, aim: Aim, reason: str, *, by: Actor, now: datetime) -> Outlook:
    """The texts that calling off would send."""
    if aim.scope is None:
        act = partial(cancel_session, db, aim.session_id, reason=reason, by=by, now=now)
    else:
        act = partial(
            cancel_series,
            db,
            aim.session_id,
            reason=reason,
            scope=aim.scope,
            picked=aim.picked,
            by=by,
            now=now,
        )
    return await _foresee(db, aim.session_id, act)


class _Waiting(NamedTuple):
    """A planned text; by the first three one knows whether it waited before, saying the same."""

    id: int
    says: str
    due_at: datetime
    purpose: str
    template_id: int
    segments: int


async def _foresee(db: AsyncSession, session_id: int, act: Callable[[], Awaitable[object]]) -> Outlook:
    series = select(ClassSession.series_id).where(ClassSession.id == session_id).scalar_subquery()
    beside = select(ClassSession.id).where(
        or_(ClassSession.id == session_id, ClassSession.series_id == series)
    )
    ids = (await db.scalars(beside)).all()  # before: the act may cut the series in two
    waiting = {text[:3] for text in await _news(db, ids)}
    moment = await db.begin_nested()
    try:
        await act()
        return Outlook(_grouped(text for text in await _news(db, ids) if text[:3] not in waiting))
    except (Refused, InvalidInput) as refusal:
        fields = refusal.fields.values() if isinstance(refusal, InvalidInput) else ()
        return Outlook(refusal=" ".join(fields) or refusal.sentence)
    finally:
        await moment.rollback()


async def _news(db: AsyncSession, session_ids: Collection[int]) -> Sequence[_Waiting]:
    """News about these sessions that is planned, in the order in which it goes."""
    rows = await db.execute(
        select(
            Message.id,
            Message.body_accented,
            Message.due_at,
            Message.purpose,
            Message.template_id,
            Message.segments,
        )
        .where(speaking_of(session_ids), Message.purpose.in_(NEWS), Message.state == "planned")
        .order_by(Message.due_at, Message.purpose.desc(), Message.template_id, Message.body_accented)
    )
    return [_Waiting(*row) for row in rows]


def _grouped(texts: Iterable[_Waiting]) -> Sequence[Foreseen]:
    found: list[Foreseen] = []
    for (due_at, purpose, _wording), alike in groupby(
        texts, key=lambda text: (text.due_at, text.purpose, text.template_id)
    ):
        several = list(alike)
        segments = sum(text.segments for text in several)
        found.append(Foreseen(purpose, due_at, len(several), segments, several[0].says))
    return found
