"""Rows for tests: few, dull, unsurprising. Each adds, flushes and returns one row."""

from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from accounts import service as accounts
from accounts.models import User
from lopso.kernel.access import Actor, Grant, Role, system
from lopso.kernel.text import fold
from venues.models import Room, Venue, Ward

NOON = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
"""Monday 23 November 2026, 12h00 in Huế."""

PASSWORD = "con đò sông Hương"

TEST = system("test")


async def add_ward(db: AsyncSession, *, ward_id: str = "19753", name: str = "Phú Xuân") -> Ward:
    """A phường."""
    ward = Ward(
        id=ward_id,
        name=name,
        full_name=f"Phường {name}",
        kind="phường",
        slug=fold(name).replace(" ", "-"),
        phone="+842343823456",
        search=fold(name),
    )
    db.add(ward)
    await db.flush()
    return ward


async def add_room(
    db: AsyncSession, *, ward_id: str = "19753", name: str = "Hội trường", seats: int = 30
) -> Room:
    """A room in a venue of its own."""
    venue = Venue(
        ward_id=ward_id,
        name=f"Nhà văn hóa {name}",
        name_key=fold(f"Nhà văn hóa {name}"),
        address="12 Đinh Tiên Hoàng",
        landmark="cạnh trường mầm non Hoa Sen",
    )
    db.add(venue)
    await db.flush()
    room = Room(ward_id=ward_id, venue_id=venue.id, name=name, name_key=fold(name), seats=seats)
    db.add(room)
    await db.flush()
    return room


async def add_user(
    db: AsyncSession,
    *roles: tuple[Role, str | None],
    name: str = "Lê Thị Thu Hà",
    email: str = "ha@example.org",
    now: datetime = NOON,
) -> User:
    """An account that logs in with `email` and PASSWORD, holding `roles`."""
    user = await accounts.add_user(db, name=name, password=PASSWORD, email=email, by=TEST, now=now)
    for role, ward_id in roles:
        await accounts.grant_role(db, user.id, role, ward_id, by=TEST, now=now)
    await db.flush()
    return user


def actor_for(user: User, *roles: tuple[Role, str | None]) -> Actor:
    """The actor that `user` would be with these roles."""
    return Actor(user.id, user.name, tuple(Grant(role, ward_id) for role, ward_id in roles))
