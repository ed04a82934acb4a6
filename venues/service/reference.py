"""Reference data: the 40 wards and communes, and the seed list of markets. Loading twice changes nothing."""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.text import fold
from venues.models import Market, Ward


def _search(unit: dict[str, Any]) -> str:
    """All names by which people look for a ward, folded: both spellings and what it was merged from."""
    names = [unit["full_name"], unit["spelling_variant"] or "", *unit["former_units"], unit["code"]]
    return fold(" ".join(names).replace(",", " "))


async def load_wards(db: AsyncSession, units: list[dict[str, Any]]) -> int:
    """Insert wards that are not there yet and refresh the names of those that are.

    Args:
        units: ``code, name, full_name, kind, slug, former_units, spelling_variant``.

    Returns:
        How many wards are kept.
    """
    rows = [
        {
            "id": unit["code"],
            "name": unit["name"],
            "full_name": unit["full_name"],
            "kind": unit["kind"],
            "slug": unit["slug"],
            "spelling_variant": unit["spelling_variant"],
            "former_names": unit["former_units"],
            "search": _search(unit),
        }
        for unit in units
    ]
    statement = insert(Ward).values(rows)
    names = ("name", "full_name", "kind", "slug", "spelling_variant", "former_names", "search")
    await db.execute(
        statement.on_conflict_do_update(
            index_elements=[Ward.id], set_={name: statement.excluded[name] for name in names}
        )
    )
    return await db.scalar(select(func.count()).select_from(Ward)) or 0


async def load_markets(db: AsyncSession, markets: list[dict[str, Any]]) -> None:
    """Insert the markets that are not there yet; what ward officers corrected stays.

    A market is known by its name: one whose ward has since been filled in is not added again.
    """
    known = set((await db.scalars(select(Market.name_key))).all())
    db.add_all(
        Market(
            ward_id=market["ward_code"],
            name=market["name"],
            name_key=fold(market["name"]),
            former_ward=market["former_ward"] or "",
            verified=market["verified"],
        )
        for market in markets
        if fold(market["name"]) not in known
    )
    await db.flush()
