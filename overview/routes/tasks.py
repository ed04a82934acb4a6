"""What waits to be done, and how much of it: for a ward, and for a helper."""

from datetime import datetime
from typing import Any

from litestar import get
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor, Permission
from lopso.web.guards import PARTIAL, SIGNED_IN, in_ward
from lopso.web.pages import page, redirect
from lopso.web.request import Request
from overview.forms import TaskQuery
from overview.labels.tasks import group_heading, shown_tasks, task_words, when_and_where
from overview.queries.tasks.reading import (
    COUNTED,
    OWN,
    count_tasks,
    groups_of,
    next_session,
    tasks_page,
    urgent_tasks,
)

HERE = "/viec-can-lam"
IN_WARD = HERE + "/{ward_id:str}"
SEEN = in_ward(Permission.SEE_CALENDAR)
_KEPT = {"cache-control": "private, max-age=15"}
"""The number in the menu may be a quarter of a minute old, so that quick steps from page to page ask once."""


@get(HERE, opt=SIGNED_IN)
async def own_tasks(
    request: Request, db: AsyncSession, actor: Actor, now: datetime, params: TaskQuery
) -> Response[Any]:
    """A helper's own; those of a ward are on its page. Two statements, three when all is done."""
    ward = request.app.state.frame(actor, HERE, None).ward
    if ward is not None and set(groups_of(actor, ward.id)) - set(OWN):
        return redirect(f"{HERE}/{ward.id}")
    return await _page(db, actor, None, params, now)


@get(IN_WARD, opt=SEEN)
async def ward_tasks(
    ward_id: str, db: AsyncSession, actor: Actor, now: datetime, params: TaskQuery
) -> Response[Any]:
    """A ward's, and a helper's own. Two statements with the log-in, three when all is done."""
    return await _page(db, actor, ward_id, params, now)


@get(f"{HERE}/so", opt={**SIGNED_IN, **PARTIAL})
async def own_number(db: AsyncSession, actor: Actor, now: datetime) -> Response[Any]:
    """How many there are, for the menu; two statements with the log-in."""
    return await _number(db, actor, None, now)


@get(f"{IN_WARD}/so", opt={**SEEN, **PARTIAL})
async def ward_number(ward_id: str, db: AsyncSession, actor: Actor, now: datetime) -> Response[Any]:
    """How many there are, for the menu; two statements with the log-in."""
    return await _number(db, actor, ward_id, now)


async def _page(
    db: AsyncSession, actor: Actor, ward_id: str | None, params: TaskQuery, now: datetime
) -> Response[Any]:
    here = HERE if ward_id is None else f"{HERE}/{ward_id}"
    if params.group is not None:
        found = await tasks_page(db, actor, ward_id, params.group, now=now, number=params.number)
        tasks = [task_words(row, ward_id, now) for row in found.items]
        heading = group_heading(params.group)[0]
        return page(
            "overview/task_group.html", ward_id=ward_id, here=here, found=found, tasks=tasks, heading=heading,
            group=params.group,
        )  # fmt: skip
    groups = await urgent_tasks(db, actor, ward_id, now=now)
    coming = None if groups else await next_session(db, actor, ward_id, now=now)
    return page(
        "overview/tasks.html",
        ward_id=ward_id,
        here=here,
        groups=[shown_tasks(group, ward_id, now) for group in groups],
        tasks_count=_shown(sum(group.total for group in groups)),
        coming=coming,
        coming_words=" · ".join(when_and_where(coming, now)) if coming else "",
    )


async def _number(db: AsyncSession, actor: Actor, ward_id: str | None, now: datetime) -> Response[Any]:
    number = await count_tasks(db, actor, ward_id, now=now)
    answer = page("overview/_task_number.html", ward_id=ward_id, tasks_count=_shown(number))
    answer.headers.update(_KEPT)
    return answer


def _shown(number: int) -> str:
    """The number as the menu shows it; "" for none."""
    return f"{COUNTED - 1}+" if number >= COUNTED else str(number or "")


HANDLERS = [own_tasks, ward_tasks, own_number, ward_number]
