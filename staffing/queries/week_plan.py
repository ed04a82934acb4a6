"""The open places of a ward's week with everybody who could take them."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta

from sqlalchemy import and_, false, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor
from scheduling.models import Assignment, ClassSession
from staffing.queries.board import ROLES, board_facts
from staffing.queries.short_sessions import ShortSession
from staffing.rules.picks import Pick
from staffing.rules.week_plan.places import OpenPlace, PlannedSession

LATELY = timedelta(weeks=6)
"""Who accepted in a series within this time before a session is one of its regulars."""


async def open_places(
    db: AsyncSession, ward_id: str, shorts: Sequence[ShortSession], *, picked: Collection[Pick], by: Actor
) -> Sequence[OpenPlace]:
    """The places of `shorts` that lack people, each with whoever is not in the session; nine statements.

    Who has declined a session is not proposed for it again, unless they are picked.
    """
    if not shorts:
        return []
    known = await board_facts(db, ward_id, shorts, wanted={pick.trainer_id for pick in picked}, by=by)
    regulars = await _regulars(db, [each.session for each in shorts])
    places: list[OpenPlace] = []
    for short in shorts:
        session = short.session
        planned = PlannedSession(
            id=session.id,
            ward_id=session.ward_id,
            site=_site(session),
            starts_at=session.starts_at,
            ends_at=session.ends_at,
            regulars=frozenset(regulars[session.id]),
        )
        there = known.in_session(session)
        for role in ROLES:
            weighed = map(known.suitability(session, role), (one for one in known.facts if one not in there))
            candidates = [
                each
                for each in weighed
                if not each.facts.declined or Pick(session.id, role, each.facts.trainer_id) in picked
            ]
            if short.missing(role):
                places.append(OpenPlace(planned, role, short.missing(role), candidates))
    return places


async def _regulars(db: AsyncSession, sessions: Sequence[ClassSession]) -> Mapping[int, Collection[int]]:
    """Trainer ids by session id."""
    earlier = (
        select(ClassSession.series_id, Assignment.starts_at, Assignment.trainer_id)
        .join(Assignment, Assignment.session_id == ClassSession.id)
        .where(
            Assignment.state == "accepted",
            or_(
                *(
                    and_(
                        ClassSession.series_id == each.series_id,
                        ClassSession.starts_at < each.starts_at,
                        ClassSession.starts_at >= each.starts_at - LATELY,
                    )
                    for each in sessions
                    if each.series_id is not None
                ),
                false(),
            ),
        )
    )
    found: defaultdict[int, set[int]] = defaultdict(set)
    for series_id, starts_at, trainer_id in await db.execute(earlier):
        for each in sessions:
            if each.series_id == series_id and each.starts_at - LATELY <= starts_at < each.starts_at:
                found[each.id].add(trainer_id)
    return found


def _site(session: ClassSession) -> str:
    if session.room is not None:
        return f"venue {session.room.venue_id}"
    return f"market {session.market_id}" if session.market_id else session.place
