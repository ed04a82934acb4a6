"""Tokens of feeds, for the pages on which they are created and revoked."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from invitations.models import CalendarToken
from invitations.rules.feeds import FeedOwner
from lopso.kernel.errors import NotFound
from lopso.kernel.paging import PAGE_SIZE, Page, offset
from venues.models import Venue


def owner_columns(owner: FeedOwner) -> dict[str, Any]:
    """Values of the owner columns of this owner's token."""
    own_column = {"trainer": "trainer_id", "learner": "learner_id", "ward": "ward_id", "venue": "venue_id"}
    empty = dict.fromkeys(("trainer_id", "learner_id", "user_id", "ward_id", "venue_id"))
    return {**empty, "user_id": owner.user_id, own_column[owner.kind]: owner.id}


def active_token_of(owner: FeedOwner) -> tuple[ColumnElement[bool], ...]:
    """Conditions for the owner's one token that is not revoked."""
    columns = owner_columns(owner).items()
    return (
        # `== None` becomes IS NULL, which can use the index; IS NOT DISTINCT FROM cannot.
        *(getattr(CalendarToken, name) == value for name, value in columns),
        CalendarToken.revoked_at.is_(None),
    )


async def active_token(db: AsyncSession, owner: FeedOwner) -> CalendarToken | None:
    """The owner's token, if there is one; one statement."""
    return await db.scalar(select(CalendarToken).where(*active_token_of(owner)))


@dataclass(frozen=True, slots=True)
class VenueFeed:
    """An open venue of a ward, and a staff member's token of its feed if there is one."""

    id: int
    name: str
    token: CalendarToken | None


async def venue_feeds(db: AsyncSession, ward_id: str, *, user_id: int | None, number: int) -> Page[VenueFeed]:
    """The open venues of a ward by name, in pages, with this user's feeds; two statements."""
    open_venues = (Venue.ward_id == ward_id, Venue.closed_at.is_(None))
    total = await db.scalar(select(func.count()).select_from(Venue).where(*open_venues)) or 0
    held_by_user = and_(
        CalendarToken.venue_id == Venue.id,
        CalendarToken.user_id == user_id,
        CalendarToken.trainer_id.is_(None),
        CalendarToken.learner_id.is_(None),
        CalendarToken.revoked_at.is_(None),
    )
    rows = await db.execute(
        select(Venue.id, Venue.name, CalendarToken)
        .outerjoin(CalendarToken, held_by_user)
        .where(*open_venues)
        .order_by(Venue.name_key, Venue.id)
        .limit(PAGE_SIZE)
        .offset(offset(number))
    )
    return Page([VenueFeed(row[0], row[1], row[2]) for row in rows], max(1, number), total)


async def open_venue(db: AsyncSession, ward_id: str, venue_id: int) -> str:
    """Name of an open venue of a ward; one statement.

    Raises:
        NotFound: no such venue there, or it is closed.
    """
    name = await db.scalar(
        select(Venue.name).where(Venue.ward_id == ward_id, Venue.id == venue_id, Venue.closed_at.is_(None))
    )
    if name is None:
        raise NotFound
    return name
