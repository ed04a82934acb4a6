"""The search in the header: hits while somebody types, and a page of its own."""

from datetime import datetime
from typing import Any

from litestar import get, post
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor, Permission
from lopso.kernel.clock import local_day
from lopso.web.forms import Form
from lopso.web.guards import PARTIAL, SIGNED_IN
from lopso.web.pages import page
from lopso.web.request import Request
from overview.forms import SearchForm
from overview.labels.hits import shown_groups
from overview.queries.hits import Wanted
from overview.queries.search import search
from overview.rules.search_terms import read_terms

HERE = "/tim"
SUGGESTED, SHOWN, OF_ONE_GROUP = 4, 8, 50
"""Hits of a group: while typing, on the page, and where one group is shown alone."""


@get(HERE, opt=SIGNED_IN)
async def search_page(
    request: Request, params: SearchForm, db: AsyncSession, actor: Actor, now: datetime
) -> Response[Any]:
    """The page with its field; what our own forms look for is posted and stands in no address."""
    return await _page("overview/search.html", request, params, db, actor, now)


@post(HERE, status_code=200, opt=SIGNED_IN)
async def find(
    request: Request, form: Form[SearchForm], db: AsyncSession, actor: Actor, now: datetime
) -> Response[Any]:
    """All groups with their best hits, or one group; three statements with the log-in."""
    return await _page("overview/search.html", request, form.sensible(), db, actor, now)


@post(f"{HERE}/goi-y", status_code=200, opt={**SIGNED_IN, **PARTIAL})
async def suggest(
    request: Request, form: Form[SearchForm], db: AsyncSession, actor: Actor, now: datetime
) -> Response[Any]:
    """The list under the field, while somebody types; three statements with the log-in."""
    return await _page("overview/_hits.html", request, form.sensible(), db, actor, now, size=SUGGESTED)


async def _page(
    name: str,
    request: Request,
    asked: SearchForm,
    db: AsyncSession,
    actor: Actor,
    now: datetime,
    *,
    size: int = SHOWN,
) -> Response[Any]:
    wards = {each.id: each.full_name for each in request.app.state.frame(actor, HERE, None).wards}
    ward_id = asked.ward_id if asked.ward_id in wards else next(iter(wards), None)
    wanted = Wanted(
        terms=read_terms(asked.typed, today=local_day(now)),
        people=_where(actor, Permission.SEE_PEOPLE, wards),
        calendar=_where(actor, Permission.SEE_CALENDAR, wards),
        ward_id=ward_id,
        helper_id=actor.user_id if actor.may_somewhere(Permission.TEACH) else None,
        now=now,
        size=size if asked.group is None else OF_ONE_GROUP,
        all_wards=actor.everywhere(Permission.SEE_PEOPLE),
    )
    found = await search(db, wanted, group=asked.group)
    return page(
        name,
        ward_id=ward_id,
        typed=asked.typed,
        group=asked.group,
        groups=shown_groups(found, wards=wards, now=now),
        helper_only=not wanted.people and not wanted.calendar,
        several_wards=len(wards) > 1,
    )


def _where(actor: Actor, permission: Permission, wards: dict[str, str]) -> list[str]:
    return [ward_id for ward_id in wards if actor.may(permission, ward_id)]


HANDLERS = [search_page, find, suggest]
