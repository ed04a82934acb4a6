"""Reading tasks: the most urgent of each group in one statement, how many there are in another."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import CompoundSelect, Integer, Subquery, bindparam, func, literal, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor, Permission
from lopso.kernel.paging import PAGE_SIZE, Page, offset
from overview.queries.statements import AnySelect
from overview.queries.tasks import confirmations, messages, sessions
from overview.queries.tasks.rows import NOW, TaskGroup, TaskRow, parameters

SHOWN = 5
"""Tasks of a group on the page of all groups."""

COUNTED = 100
"""Most tasks that the menu counts: it says "99+" then."""

OWN: Mapping[str, Callable[[], AnySelect]] = {
    "own_unanswered": sessions.own_unanswered,
    "own_without_roll": sessions.own_without_roll,
}
_MAKERS: Mapping[str, Callable[[], AnySelect]] = {
    **OWN,
    "declined": sessions.declined,
    "short": sessions.short,
    "unanswered": sessions.unanswered,
    "without_roll": sessions.without_roll,
    "to_call": messages.to_call,
    "failed": messages.failed,
    "sign_offs": confirmations.sign_offs,
    "imports": confirmations.imports,
}
GROUPS = tuple(_MAKERS)

_PERMISSION = {
    "declined": Permission.PLAN,
    "short": Permission.PLAN,
    "unanswered": Permission.PLAN,
    "without_roll": Permission.PLAN,
    "to_call": Permission.SEE_MESSAGES,
    "failed": Permission.SEE_MESSAGES,
    "sign_offs": Permission.SIGN_OFF,
    "imports": Permission.MANAGE_PEOPLE,
}


def groups_of(actor: Actor, ward_id: str | None) -> tuple[str, ...]:
    """The groups that are this person's business: in a ward, and as a helper wherever that is."""
    own = OWN if actor.may_somewhere(Permission.TEACH) else ()
    if ward_id is None:
        return tuple(own)
    return (*own, *(name for name, needed in _PERMISSION.items() if actor.may(needed, ward_id)))


async def urgent_tasks(
    db: AsyncSession, actor: Actor, ward_id: str | None, *, now: datetime
) -> Sequence[TaskGroup]:
    """Groups that have tasks, the most urgent on top; one statement."""
    names = groups_of(actor, ward_id)
    if not names:
        return []
    values = parameters(ward_id=ward_id, reader_id=actor.user_id, now=now) | {"size": SHOWN, "skip": 0}
    found: dict[str, list[TaskRow]] = {}
    totals: dict[str, int] = {}
    for row in await db.execute(_most_urgent(names), values):
        found.setdefault(row.task_group, []).append(_row(row))
        totals[row.task_group] = row.total
    groups = [TaskGroup(name, rows, totals[name]) for name, rows in found.items()]
    return sorted(groups, key=lambda group: min(abs(row.at - now) for row in group.rows))


async def tasks_page(
    db: AsyncSession, actor: Actor, ward_id: str | None, group: str, *, now: datetime, number: int
) -> Page[TaskRow]:
    """One group, the most urgent first, in pages; one statement. Empty where it is not theirs.

    The first page instead of one beyond the last, as when the tasks of that page were done; two statements.
    """
    if group not in groups_of(actor, ward_id):
        return Page([], 1, 0)
    values = parameters(ward_id=ward_id, reader_id=actor.user_id, now=now)
    values |= {"size": PAGE_SIZE, "skip": offset(number)}
    rows = (await db.execute(_most_urgent((group,)), values)).all()
    if not rows and number > 1:
        return await tasks_page(db, actor, ward_id, group, now=now, number=1)
    return Page([_row(row) for row in rows], number, rows[0].total if rows else 0)


async def count_tasks(db: AsyncSession, actor: Actor, ward_id: str | None, *, now: datetime) -> int:
    """How many tasks there are, `COUNTED` at most; one statement."""
    names = groups_of(actor, ward_id)
    if not names:
        return 0
    values = parameters(ward_id=ward_id, reader_id=actor.user_id, now=now)
    return await db.scalar(_number(names), values) or 0


def _row(row: Any) -> TaskRow:
    return TaskRow(row.task_group, row.at, row.session_id, row.subject_id, row.name, row.detail)


@cache
def _most_urgent(names: Collection[str]) -> CompoundSelect[Any]:
    statement = union_all(*(_first(name) for name in names))
    columns = statement.selected_columns
    return statement.order_by(columns.task_group, columns.place)


def _first(name: str) -> AnySelect:
    tasks: Subquery = _MAKERS[name]().subquery(f"{name}_tasks")
    far = func.abs(func.extract("epoch", tasks.c.at - NOW))
    order = (far, tasks.c.session_id, tasks.c.subject_id)
    ranked = (
        select(
            literal(name).label("task_group"),
            *tasks.c,
            func.count().over().label("total"),
            func.row_number().over(order_by=order).label("place"),
        )
        .order_by(*order)
        .limit(bindparam("size", type_=Integer))
        .offset(bindparam("skip", type_=Integer))
        .subquery(f"{name}_ranked")
    )
    return select(ranked)


@cache
def _number(names: Collection[str]) -> Any:
    each = [
        select(literal(1).label("one")).select_from(_MAKERS[name]().limit(COUNTED).subquery(f"{name}_tasks"))
        for name in names
    ]
    some = select(union_all(*each).subquery("each").c.one).limit(COUNTED).subquery("some")
    return select(func.count()).select_from(some)


async def next_session(
    db: AsyncSession, actor: Actor, ward_id: str | None, *, now: datetime
) -> TaskRow | None:
    """The next published session of the ward, or of the helper's own: what comes when nothing waits."""
    make = sessions.next_of_ward if ward_id is not None else sessions.next_own
    values = parameters(ward_id=ward_id, reader_id=actor.user_id, now=now)
    row = (await db.execute(make(), values)).one_or_none()
    return None if row is None else TaskRow("next", row.at, row.session_id, None, row.name, row.detail)
