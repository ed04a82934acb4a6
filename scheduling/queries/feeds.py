"""What a helper's private calendar shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from accounts.models import User
from scheduling.models import Assignment, CalendarToken, ClassSession
from scheduling.queries.place_words import place_name
from trainers.models import Trainer
from venues.models import Market, Room, Venue, Ward

LOOKS_BACK = timedelta(days=90)
SHOWN = 1000  # more than anybody helps in; a runaway import must not make a feed of any size

SILENT = ("declined", "no_show")
"""Askings that are no appointment of the helper's any more and never need to be taken back."""


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One appointment, all of it plain values so that what the feed says can be compared as a whole."""

    session_id: int
    version: int
    title: str
    starts_at: datetime
    ends_at: datetime
    role: str
    state: str
    called_off: bool
    place: str
    ward_phone: str | None


async def standing_token(db: AsyncSession, token_hash: bytes) -> tuple[CalendarToken, str | None] | None:
    """The feed behind a secret and the language its helper reads; one statement in each case.

    None for a secret unknown or rotated, and for that of somebody who left or lost the account.
    """
    row = (
        await db.execute(
            select(CalendarToken, User.language)
            .join(Trainer, Trainer.id == CalendarToken.trainer_id)
            .outerjoin(User, User.id == Trainer.user_id)
            .where(
                CalendarToken.token_hash == token_hash,
                CalendarToken.revoked_at.is_(None),
                Trainer.left_at.is_(None),
                User.disabled_at.is_(None),
            )
        )
    ).one_or_none()
    return (row[0], row[1]) if row else None


async def feed(db: AsyncSession, trainer_id: int, *, now: datetime) -> Sequence[FeedEntry]:
    """The helper's published sessions from 90 days ago on, by time; one statement.

    Of several askings into one session the last counts. One that was taken back stays in the list, so that
    calendars which copied it hear of it.
    """
    rows = await db.execute(
        select(
            ClassSession.id,
            ClassSession.version,
            ClassSession.title,
            ClassSession.starts_at,
            ClassSession.ends_at,
            Assignment.role,
            Assignment.state,
            ClassSession.cancelled_at,
            ClassSession.place,
            Room.name.label("room"),
            Venue.name.label("venue"),
            Venue.address,
            Venue.landmark,
            Market.name.label("market"),
            Ward.phone,
        )
        .distinct(Assignment.starts_at, Assignment.session_id)
        .select_from(Assignment)
        .join(ClassSession, ClassSession.id == Assignment.session_id)
        .join(Ward, Ward.id == ClassSession.ward_id)
        .outerjoin(Room, Room.id == ClassSession.room_id)
        .outerjoin(Venue, Venue.id == Room.venue_id)
        .outerjoin(Market, Market.id == ClassSession.market_id)
        .where(
            Assignment.trainer_id == trainer_id,
            Assignment.starts_at > now - LOOKS_BACK,
            ClassSession.published_at.is_not(None),
        )
        .order_by(Assignment.starts_at, Assignment.session_id, Assignment.id.desc())
        .limit(SHOWN)
    )
    return [
        FeedEntry(
            session_id=row.id,
            version=row.version,
            title=row.title,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            role=row.role,
            state=row.state,
            called_off=row.cancelled_at is not None,
            place=", ".join(
                part
                for part in (
                    place_name(words=row.place, room=row.room, venue=row.venue, market=row.market),
                    row.address,
                    row.landmark,
                )
                if part
            ),
            ward_phone=row.phone,
        )
        for row in rows
        if row.state not in SILENT
    ]
