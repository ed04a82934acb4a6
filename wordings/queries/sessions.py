"""Sessions as messages speak of them. Each function is one statement for any number."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.phone import display
from scheduling.models import ClassSession
from scheduling.rules.places import place_name
from venues.models import Market, Room, Venue, Ward
from wordings.rules.facts import SessionFacts


async def lock_sessions(db: AsyncSession, session_ids: Collection[int]) -> list[SessionFacts]:
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


async def upcoming_sessions(
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
            session.closure_id,
        )
        for session, venue, room, market, phone, ward in await db.execute(statement)
    ]


async def ward_contact(db: AsyncSession, ward_id: str) -> tuple[str, str]:
    """A ward as texts say it, and the number to call there (or the office where it has none)."""
    ward, phone = (await db.execute(select(Ward.full_name, Ward.phone).where(Ward.id == ward_id))).one()
    return ward, display(phone) if phone else f"UBND {ward}"
