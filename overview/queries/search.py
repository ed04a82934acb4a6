"""The search: two statements, one for people, one for the calendar and its places."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import CompoundSelect, Subquery, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from overview.queries import place_hits, session_hits, staff_hits
from overview.queries.hits import FoundRow, HitGroup, Wanted, only
from overview.queries.learner_hits import learners_by_name, learners_by_number

Groups = Mapping[str, Callable[[], Subquery]]

_PEOPLE: Groups = {
    "learners": learners_by_name,
    "helpers": staff_hits.helpers_by_name,
    "teams": staff_hits.teams,
    "certificates": staff_hits.certificates,
}
_BY_NUMBER: Groups = {
    **_PEOPLE,
    "learners": learners_by_number,
    "helpers": staff_hits.helpers_by_number,
}
_CALENDAR: Groups = {
    "sessions": session_hits.sessions,
    "series": session_hits.series,
    "places": place_hits.places,
    "markets": place_hits.markets,
}
_OWN: Groups = {"sessions": session_hits.own_sessions}
_KINDS = {"by name": _PEOPLE, "by number": _BY_NUMBER, "calendar": _CALENDAR, "own": _OWN}

GROUPS = ("learners", "helpers", "sessions", "series", "teams", "places", "markets", "certificates")
"""In the order in which they are shown."""


async def search(db: AsyncSession, wanted: Wanted, *, group: str | None = None) -> Sequence[HitGroup]:
    """The groups that have hits, in the order of `GROUPS`; two statements at most.

    Args:
        group: only this one.
    """
    found: dict[str, HitGroup] = {}
    for statement in statements(wanted, group=group):
        found |= await _read(db, statement, wanted)
    return [found[name] for name in GROUPS if name in found]


def statements(wanted: Wanted, *, group: str | None = None) -> Sequence[CompoundSelect[Any]]:
    """What is asked of the database."""
    return [_statement(kind, group) for kind in _kinds(wanted) if group is None or group in _KINDS[kind]]


def _kinds(wanted: Wanted) -> list[str]:
    """Which statements have something to find."""
    kinds: list[str] = []
    if wanted.people and wanted.terms.name:
        kinds.append("by name" if wanted.terms.phone is None else "by number")
    if not wanted.terms.words and wanted.terms.day is None:
        return kinds
    if wanted.calendar:
        kinds.append("calendar")
    elif wanted.helper_id is not None:
        kinds.append("own")
    return kinds


@cache
def _statement(kind: str, group: str | None) -> CompoundSelect[Any]:
    parts = [only(make()) for name, make in _KINDS[kind].items() if group in (None, name)]
    statement = union_all(*parts)
    columns = statement.selected_columns
    return statement.order_by(columns.hit_group, columns.place)


async def _read(db: AsyncSession, statement: CompoundSelect[Any], wanted: Wanted) -> dict[str, HitGroup]:
    rows: dict[str, list[FoundRow]] = {}
    totals: dict[str, tuple[int, bool]] = {}
    for row in await db.execute(statement, wanted.parameters()):
        rows.setdefault(row.hit_group, []).append(
            FoundRow(row.hit_group, row.id, row.ward_id, row.name, row.detail)
        )
        totals[row.hit_group] = (row.total, row.more)
    return {name: HitGroup(name, each, *totals[name]) for name, each in rows.items()}
