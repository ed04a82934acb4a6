"""How the sessions and the rules of a series stand, to be kept beside a change that may be undone."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from scheduling.models import ClassSession, Series, SeriesSlot
from scheduling.queries.series_scope import family_of

_COLUMNS = (
    ClassSession.series_id,
    ClassSession.rule_start,
    ClassSession.starts_at,
    ClassSession.ends_at,
    ClassSession.room_id,
    ClassSession.market_id,
    ClassSession.place,
    ClassSession.title,
    ClassSession.capacity,
    ClassSession.need_trainers,
    ClassSession.need_helpers,
    ClassSession.note,
    ClassSession.version,
)
_TIMES = ("rule_start", "starts_at", "ends_at")
_RULE = ("starts_on", "ends_on", "meetings", "ended_at", "ends_on_before", "meetings_before")
_DAYS = ("starts_on", "ends_on", "ends_on_before")


@dataclass(frozen=True, slots=True)
class SeriesSnapshot:
    """Sessions and rules by id, as JSON keeps them."""

    sessions: dict[int, dict[str, Any]]
    rules: dict[int, dict[str, Any]]


async def series_state(db: AsyncSession, ward_id: str, series_id: int) -> SeriesSnapshot:
    """A series and those that were one with it, as the database has them; three statements."""
    family = family_of(ward_id, series_id)
    rows = await db.execute(
        select(ClassSession.id, *_COLUMNS).where(
            ClassSession.ward_id == ward_id, ClassSession.series_id.in_(family)
        )
    )
    sessions = {row.id: {column.key: _plain(getattr(row, column.key)) for column in _COLUMNS} for row in rows}
    rules: dict[int, dict[str, Any]] = {}
    for row in await db.execute(
        select(Series.id, *(getattr(Series, name) for name in _RULE)).where(Series.id.in_(family))
    ):
        rules[row.id] = {name: _plain(getattr(row, name)) for name in _RULE} | {"slots": []}
    for slot in await db.execute(
        select(SeriesSlot.series_id, SeriesSlot.weekday, SeriesSlot.starts_at, SeriesSlot.duration_minutes)
        .where(SeriesSlot.series_id.in_(family))
        .order_by(SeriesSlot.series_id, SeriesSlot.weekday, SeriesSlot.starts_at)
    ):
        rules[slot.series_id]["slots"].append([slot.weekday, _plain(slot.starts_at), slot.duration_minutes])
    return SeriesSnapshot(sessions, rules)


def session_columns(kept: dict[str, Any]) -> dict[str, Any]:
    """The values of a session that `series_state` wrote, as its columns take them."""
    return {
        name: datetime.fromisoformat(value) if name in _TIMES and value else value
        for name, value in kept.items()
    }


def rule_columns(kept: dict[str, Any]) -> dict[str, Any]:
    """The values of a rule that `series_state` wrote, without its weekly times, as its columns take them."""
    found = {name: kept[name] for name in _RULE}
    for name in _DAYS:
        found[name] = date.fromisoformat(found[name]) if found[name] else None
    found["ended_at"] = datetime.fromisoformat(found["ended_at"]) if found["ended_at"] else None
    return found


def moved(before: dict[str, Any], after: dict[str, Any]) -> bool:
    """Whether a session is at another time or place, so that people have to hear of it."""
    return bool(before["version"] != after["version"])


def visible(kept: dict[str, Any]) -> dict[str, Any]:
    """What people see of a session: not where the rule of its series is kept."""
    return {name: value for name, value in kept.items() if name not in ("series_id", "rule_start")}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime | date | time) else value
