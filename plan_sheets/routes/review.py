"""The review of a plan sheet: what becomes of its rows, a page at a time."""

from datetime import datetime
from functools import partial
from typing import Any

from litestar import get, post
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor
from lopso.kernel.paging import page_of
from lopso.kernel.workbook import staging
from lopso.kernel.workbook.results import doubtful_workbook
from lopso.web.guards import in_ward
from lopso.web.pages import redirect
from lopso.web.uploads import workbook_answer
from plan_sheets.forms import ReviewQuery
from plan_sheets.labels.fields import field_labels
from plan_sheets.labels.rows import difference_label, row_place, row_rule, state_labels
from plan_sheets.labels.unsaved import unsaved_rows
from plan_sheets.routes.uploading import CONFIG, StagedPlan, staged_plan
from plan_sheets.rules.decided_rows import counts_of
from plan_sheets.rules.unclear_names import unclear_names

SHOWN = 20


@get(CONFIG.staged_path, opt=in_ward(CONFIG.permission))
async def review(
    ward_id: str, staged_id: str, params: ReviewQuery, db: AsyncSession, now: datetime
) -> Response[Any]:
    """What was read and what will be planned; once saved, what was done."""
    staged = await CONFIG.staged(db, ward_id, staged_id)
    result = staging.result_of(staged)
    if result is not None:
        return CONFIG.page_of("plan_sheets/result.html", ward_id, staged=staged, result=result)
    if CONFIG.parsed(staged).no_list:
        return redirect(f"{CONFIG.here(staged)}/cot")
    return review_page(await staged_plan(db, ward_id, staged_id, now=now), params)


def review_page(
    plan: StagedPlan, params: ReviewQuery, *, refusal: str = "", status: int = 200
) -> Response[Any]:
    """The page of rows in one state."""
    rows = plan.review.rows
    counts = counts_of(rows)
    state = params.state or next((each for each in state_labels() if counts[each]), "new")
    new = [each for each in rows if each.state == "new"]
    names = plan.review.names
    return CONFIG.page_of(
        "plan_sheets/review.html",
        plan.staged.ward_id,
        status=status,
        staged=plan.staged,
        here=CONFIG.here(plan.staged),
        parsed=plan.parsed,
        review=plan.review,
        states=[(each, label, counts[each]) for each, label in state_labels().items() if counts[each]],
        state=state,
        shown=page_of([each for each in rows if each.state == state], params.number, SHOWN),
        unclear=len(unclear_names(rows)),
        series=len(new),
        sessions=sum(len(each.slots) for each in new),
        recognised=sum(each.state == "known" and each.series is not None for each in rows),
        labels=field_labels(),
        place_of=partial(row_place, names=names),
        rule_of=row_rule,
        difference_of=partial(difference_label, names=names),
        own_kind=CONFIG.kind.described(),
        many_sheets=len(plan.parsed.sheets) > 1,
        refusal=refusal,
    )


@post(CONFIG.staged_path + "/can-xem-lai", status_code=200, opt=in_ward(CONFIG.permission))
async def download(
    ward_id: str, staged_id: str, db: AsyncSession, actor: Actor, now: datetime
) -> Response[Any]:
    """The rows that are not planned yet as a workbook to correct."""
    plan = await staged_plan(db, ward_id, staged_id, now=now)
    rows = unsaved_rows(plan.review.rows, plan.review.damaged, plan.review.names)
    CONFIG.note(db, plan.staged, "doubtful_rows_downloaded", by=actor, now=now, rows=len(rows))
    return workbook_answer(doubtful_workbook(plan.parsed.header, rows), CONFIG.workbook_name)


HANDLERS = [review, download]
