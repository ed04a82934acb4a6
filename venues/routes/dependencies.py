"""What routes of every package may ask for: the ward of the address."""

from sqlalchemy.ext.asyncio import AsyncSession

from venues import queries
from venues.models import Ward


async def provide_ward(db: AsyncSession, ward_id: str) -> Ward:
    """Dependency `ward`: one statement, for a handler whose address has ``{ward_id:str}``.

    Raises:
        NoSuchWard: no ward has this code.
    """
    return await queries.ward(db, ward_id)
