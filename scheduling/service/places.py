"""Places of sessions: locked before something is planned in them; sessions follow when they are renamed."""

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.errors import NotFound
from lopso.kernel.events import publish
from lopso.kernel.i18n import gettext as _
from scheduling.events import SessionsReworded
from scheduling.models import ClassSession
from scheduling.rules.plan import SessionPlace
from venues.events import PlaceChanged
from venues.models import Market, Room, Venue


async def lock_place(db: AsyncSession, ward_id: str, place: SessionPlace) -> Room | None:
    """Check `place` and, if it is a room, let nobody else book it until this transaction ends.

    The exclusion in the database refuses a double booking by itself; waiting here keeps two bookings of
    one room from waiting for each other inside it, which would end one of them as a deadlock.

    Raises:
        NotFound: the room or market is closed or another ward's.
    """
    if place.market_id is not None:
        market = await db.scalar(
            select(Market.id).where(
                Market.ward_id == ward_id, Market.id == place.market_id, Market.closed_at.is_(None)
            )
        )
        if market is None:
            raise NotFound(_("Không tìm thấy chợ này."))
    if place.room_id is None:
        return None
    room = await db.scalar(
        select(Room)
        .join(Venue, Venue.id == Room.venue_id)
        .where(
            Room.ward_id == ward_id,
            Room.id == place.room_id,
            Room.closed_at.is_(None),
            Venue.closed_at.is_(None),
        )
        .with_for_update(of=Room, key_share=True)
    )
    if room is None:
        raise NotFound(_("Không tìm thấy phòng này."))
    return room


async def announce_place_change(db: AsyncSession, fact: PlaceChanged) -> None:
    """Publish that the coming sessions there have another place name. Listens to venues; does not commit."""
    coming = await db.scalars(
        select(ClassSession.id)
        .where(
            ClassSession.ward_id == fact.ward_id,
            ClassSession.starts_at > fact.at,
            ClassSession.published_at.is_not(None),
            ClassSession.cancelled_at.is_(None),
            or_(ClassSession.room_id.in_(fact.room_ids), ClassSession.market_id.in_(fact.market_ids)),
        )
        .order_by(ClassSession.id)
    )
    ids = tuple(coming)
    if ids:
        await publish(db, SessionsReworded(fact.ward_id, ids, fact.by, fact.at))
