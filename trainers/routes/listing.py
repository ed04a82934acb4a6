"""The ward's list of helpers, with filters and search."""

from typing import Any

from litestar import get, post
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Permission
from lopso.kernel.paging import Page
from lopso.web.forms import Form
from lopso.web.guards import in_ward
from lopso.web.pages import page, redirect
from people.forms import PersonSearch
from people.labels import phone_label
from trainers.forms import TrainerList
from trainers.labels import kind_labels, part_labels
from trainers.queries import trainers as queries
from trainers.queries.trainers import ListedTrainer

HERE = "/nguoi-day/{ward_id:str}"
SEEN = in_ward(Permission.SEE_PEOPLE)


@get(HERE, opt=SEEN)
async def helpers(ward_id: str, db: AsyncSession, params: TrainerList) -> Response[Any]:
    """The list by given name; four statements with the log-in."""
    found = await queries.trainers_page(
        db, ward_id, kind=params.loai, gone=params.da_nghi, number=params.trang
    )
    return _list_page(ward_id, found, kind=params.loai, gone=params.da_nghi)


@post(HERE + "/tim", status_code=200, opt=SEEN)
async def search(form: Form[PersonSearch], ward_id: str, db: AsyncSession) -> Response[Any]:
    """Find by name or phone. A POST, so that no name or number stands in an address."""
    wanted = form.value()
    if not wanted.q:
        return redirect(f"/nguoi-day/{ward_id}")
    found = await queries.search_page(db, ward_id, wanted.q, number=wanted.trang)
    return _list_page(ward_id, found, searched=wanted.q)


def _list_page(
    ward_id: str,
    found: Page[ListedTrainer],
    *,
    kind: str | None = None,
    gone: bool = False,
    searched: str = "",
) -> Response[Any]:
    return page(
        "trainers/list.html",
        ward_id=ward_id,
        found=found,
        searched=searched,
        kind=kind,
        gone=gone,
        kind_labels=kind_labels(),
        part_labels=part_labels,
        phone_label=phone_label,
    )


HANDLERS = [helpers, search]
