"""Failed attempts of late, and whether a device or address is known for the account."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, false, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from accounts.models import KnownDevice, LoginFailure
from accounts.rules.clients import Client


@dataclass(frozen=True, slots=True)
class RecentFailures:
    """Failures within the window.

    Attributes:
        known_device: the browser has logged in to this account before.
        known_address: somebody has logged in to this account from this address before.
        from_device: for this account, from this known device.
        from_address: for this account from this address, by devices it does not know.
        of_account: for this account by devices it does not know, from wherever.
        of_address: from this address by unknown devices, for whatever account.
    """

    known_device: bool
    known_address: bool
    from_device: int
    from_address: int
    of_account: int
    of_address: int


async def recent_failures(
    db: AsyncSession, subject: bytes, user_id: int | None, client: Client, *, since: datetime
) -> RecentFailures:
    """What the throttle needs to know; one statement."""
    this_account, unknown = LoginFailure.identifier == subject, LoginFailure.device.is_(None)
    this_address = LoginFailure.address == client.address
    known = select(KnownDevice.user_id).where(KnownDevice.user_id == user_id)
    from_device = LoginFailure.device == client.device if client.device else false()
    row = (
        await db.execute(
            select(
                exists(known.where(KnownDevice.device == client.device)),
                exists(known.where(KnownDevice.address == client.address)),
                func.count().filter(this_account, from_device),
                func.count().filter(this_account, unknown, this_address),
                func.count().filter(this_account, unknown),
                func.count().filter(this_address, unknown),
            ).where(LoginFailure.at > since, or_(this_account, this_address))
        )
    ).one()
    return RecentFailures(*row)
