"""A place before something is planned in it: it is the ward's, it is open, and we are alone at its door."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.errors import NotFound
from lopso.kernel.i18n import gettext as _
from scheduling.rules.plan import Where
from venues.models import Market, Room, Venue


async def hold(db: AsyncSession, ward_id: str, place: Where) -> Room | None:
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
