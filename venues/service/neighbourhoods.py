"""Thôn and tổ dân phố of a ward, each once however it is written."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import audit
from lopso.kernel.access import Actor
from lopso.kernel.errors import InvalidInput, NotFound
from lopso.kernel.i18n import gettext as _
from lopso.kernel.locking import locked_row
from venues.models import Neighbourhood, Ward
from venues.rules import NeighbourhoodName, neighbourhood_name
from venues.service.rows import LONGEST, change


async def add_neighbourhood(
    db: AsyncSession, ward_id: str, name: str, *, by: Actor, now: datetime
) -> Neighbourhood:
    """Add a neighbourhood; one the ward has already, however written, is returned as it is. Does not commit.

    Raises:
        InvalidInput: nothing is named. NotFound: no such ward.
    """
    ward = await db.get(Ward, ward_id)
    if ward is None:
        raise NotFound
    named = neighbourhood_name(name[:LONGEST], rural=ward.kind == "xã")
    if named is None:
        raise InvalidInput({"name": _("Xin ghi tên.")})
    ids = await neighbourhoods_named(db, ward_id, [named], by=by, now=now)
    return await db.get_one(Neighbourhood, ids[named.key])


async def rename_neighbourhood(
    db: AsyncSession, ward_id: str, neighbourhood_id: int, name: str, *, by: Actor, now: datetime
) -> Neighbourhood:
    """Correct a name; learners keep their neighbourhood.

    Raises:
        NotFound: no such neighbourhood in this ward.
        InvalidInput: nothing is named, or the ward has this one already.
    """
    row = await locked_row(db, Neighbourhood, ward_id, neighbourhood_id)
    ward = await db.get_one(Ward, ward_id)
    named = neighbourhood_name(name[:LONGEST], rural=ward.kind == "xã")
    if named is None:
        raise InvalidInput({"name": _("Xin ghi tên.")})
    await change(db, row, {"name": named.name, "name_key": named.key})
    audit.note(db, row, "neighbourhood.renamed", by=by, now=now)
    return row


async def neighbourhoods_named(
    db: AsyncSession, ward_id: str, names: Iterable[NeighbourhoodName], *, by: Actor, now: datetime
) -> dict[str, int]:
    """Return key → id for `names` in a ward, adding those it does not have yet. Does not commit."""
    wanted = {name.key: name.name for name in names}
    if not wanted:
        return {}
    rows = [{"ward_id": ward_id, "name": name, "name_key": key} for key, name in sorted(wanted.items())]
    added = await db.scalars(
        insert(Neighbourhood)
        .values(rows)
        .on_conflict_do_nothing(index_elements=["ward_id", "name_key"])
        .returning(Neighbourhood.name)
    )
    for name in added.all():
        audit.note(db, audit.Subject("neighbourhood", name, ward_id), "neighbourhood.added", by=by, now=now)
    known = await db.execute(
        select(Neighbourhood.name_key, Neighbourhood.id)
        .where(Neighbourhood.ward_id == ward_id)
        .where(Neighbourhood.name_key.in_(wanted))
    )
    return {row.name_key: row.id for row in known}
