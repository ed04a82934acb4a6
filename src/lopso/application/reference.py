"""Reference data that every installation starts from; loading it again changes nothing."""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import system
from lopso.kernel.clock import local_day
from lopso.kernel.paths import shipped
from notifications.service.policy import load_policy
from scheduling.service.holidays import load_holidays
from skills.models import Framework
from skills.service import load_edition
from venues.service import load_markets, load_wards
from wordings.service.shipped import load_wordings

LOADER = system("lopso db upgrade")


def data(name: str) -> dict[str, Any]:
    """A shipped data file, by its name without ending."""
    return json.loads((shipped("data") / f"{name}.json").read_text(encoding="utf-8"))


async def load(db: AsyncSession, *, now: datetime) -> None:
    """Wards, markets, the skills framework, holidays of this year and the next, wordings, reminder times."""
    await load_wards(db, data("hue_wards")["wards"])
    await load_markets(db, data("markets")["markets"])
    if await db.scalar(select(Framework.id).limit(1)) is None:  # never over an edition the city has chosen
        await load_edition(db, data("skills_framework"), by=LOADER, now=now)
    await load_wordings(db, by=LOADER, now=now)
    await load_policy(db, by=LOADER, now=now)
    this_year = local_day(now).year
    await load_holidays(db, (this_year, this_year + 1), by=LOADER, now=now)
