"""The ward's list of learners, with filters and search."""

from typing import Any

from litestar import get, post
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from learners.forms import LearnerList
from learners.labels import audience_label, audience_labels
from learners.models import Learner
from learners.queries import learners as queries
from learners.queries.learners import LearnerFilters
from lopso.kernel.access import Permission
from lopso.kernel.paging import Page
from lopso.web.forms import Form
from lopso.web.guards import in_ward
from lopso.web.pages import page, redirect
from people.forms import PersonSearch
from people.labels import phone_label
from venues.queries import neighbourhood_choices

HERE = "/nguoi-hoc/{ward_id:str}"
SEEN = in_ward(Permission.SEE_PEOPLE)


@get(HERE, opt=SEEN)
async def learners(ward_id: str, db: AsyncSession, params: LearnerList) -> Response[Any]:
    """The list by given name, filtered by neighbourhood and audience; five statements with the log-in."""
    filters = LearnerFilters(params.to, params.nhom, archived=params.luu_tru, without_consent=params.chua_hoi)
    found = await queries.learners_page(db, ward_id, filters, number=params.trang)
    return await _list_page(db, ward_id, found, filters=filters)


@post(HERE + "/tim", status_code=200, opt=SEEN)
async def search(form: Form[PersonSearch], ward_id: str, db: AsyncSession) -> Response[Any]:
    """Find by name or phone. A POST, so that no name or number stands in an address."""
    wanted = form.value()
    if not wanted.q:
        return redirect(f"/nguoi-hoc/{ward_id}")
    found = await queries.search_page(db, ward_id, wanted.q, number=wanted.trang)
    return await _list_page(db, ward_id, found, searched=wanted.q)


async def _list_page(
    db: AsyncSession,
    ward_id: str,
    found: Page[Learner],
    *,
    filters: LearnerFilters | None = None,
    searched: str = "",
) -> Response[Any]:
    return page(
        "learners/list.html",
        ward_id=ward_id,
        found=found,
        searched=searched,
        filters=filters or LearnerFilters(),
        filtered=filters not in (None, LearnerFilters()),
        places=await neighbourhood_choices(db, ward_id),
        audience_labels=audience_labels(),
        audience_label=audience_label,
        phone_label=phone_label,
    )


HANDLERS = [learners, search]
