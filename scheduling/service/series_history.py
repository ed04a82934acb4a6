"""Noting a change of a series, so that it can be undone."""

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor
from scheduling.models import SeriesChange, SeriesChangeSession
from scheduling.queries.series_state import SeriesSnapshot, series_state


async def note_series_change(
    db: AsyncSession, ward_id: str, series_id: int, before: SeriesSnapshot, *, by: Actor, now: datetime
) -> int | None:
    """Keep what is different from `before`; the id of the change, None where nothing is. Five statements.

    Sessions and series that the act made are not sessions that it changed.
    """
    await db.flush()
    after = await series_state(db, ward_id, series_id)
    sessions = [
        (number, old, after.sessions[number])
        for number, old in before.sessions.items()
        if number in after.sessions and after.sessions[number] != old
    ]
    if not sessions:
        return None
    rules: list[dict[str, Any]] = [
        {"series_id": number, "before": before.rules.get(number), "after": rule}
        for number, rule in sorted(after.rules.items())
        if before.rules.get(number) != rule
    ]
    change = SeriesChange(
        ward_id=ward_id, series_id=series_id, rules=rules, changed_at=now, changed_by=by.user_id
    )
    db.add(change)
    await db.flush()
    db.add_all(
        SeriesChangeSession(change_id=change.id, session_id=number, ward_id=ward_id, before=old, after=new)
        for number, old, new in sessions
    )
    await db.flush()
    return change.id
