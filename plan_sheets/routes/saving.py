"""Saving a plan sheet, or discarding it."""

from datetime import datetime
from typing import Any

from litestar import post
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor
from lopso.kernel.errors import Refused
from lopso.kernel.i18n import gettext as _
from lopso.kernel.i18n import ngettext
from lopso.kernel.workbook import remembered, staging
from lopso.kernel.workbook.results import ImportResult
from lopso.web.guards import in_ward
from lopso.web.pages import redirect
from plan_sheets.forms import ReviewQuery
from plan_sheets.labels.unsaved import unsaved_rows
from plan_sheets.routes.review import review_page
from plan_sheets.routes.uploading import CONFIG, StagedPlan, staged_plan
from plan_sheets.rules.decided_rows import counts_of
from plan_sheets.service.remaining import keep_remaining
from plan_sheets.service.saving import SavedPlan, lock_plan_of, save_plan


@post(CONFIG.staged_path + "/luu", opt=in_ward(CONFIG.permission))
async def confirm(
    ward_id: str, staged_id: str, db: AsyncSession, actor: Actor, now: datetime
) -> Response[Any]:
    """Plan the rows that are ready; the others wait. Confirming again plans nothing twice."""
    await lock_plan_of(db, ward_id)
    plan = await staged_plan(db, ward_id, staged_id, now=now, lock=True)
    here = CONFIG.here(plan.staged)
    if plan.staged.saved_at is not None or plan.parsed.no_list:
        return redirect(here)
    try:
        async with db.begin_nested():
            saved = await save_plan(db, ward_id, plan.review.rows, by=actor, now=now)
    except Refused as refusal:
        again = await staged_plan(db, ward_id, staged_id, now=now)
        return review_page(again, ReviewQuery(), refusal=refusal.sentence, status=refusal.status)
    await _finish(db, plan, saved, actor, now)
    said = ngettext(
        "Đã lập %(n)s chuỗi (%(sessions)s buổi), còn là bản nháp.",
        "Đã lập %(n)s chuỗi (%(sessions)s buổi), còn là bản nháp.",
        len(saved.series_ids),
        sessions=saved.sessions,
    )
    refusals = " ".join(saved.refusals[:3])
    return redirect(here, flash=f"{said} {refusals}".strip(), kind="warn" if refusals else "ok")


async def _finish(db: AsyncSession, plan: StagedPlan, saved: SavedPlan, by: Actor, now: datetime) -> None:
    """Note the act; the rows that were not planned wait, or the sheet is done with."""
    counts = counts_of(plan.review.rows)
    waiting = unsaved_rows(plan.review.rows, plan.review.damaged, plan.review.names)
    result = ImportResult(
        read=plan.parsed.read,
        saved=len(saved.series_ids),
        already_known=counts["known"] + counts["repeated"] + plan.review.repeated,
        header=plan.parsed.header,
        doubtful=plan.review.damaged,
        skipped=counts["skipped"] + plan.review.too_many,
    )
    CONFIG.note(
        db, plan.staged, "imported", by=by, now=now, rows={**result.counts(), "waiting": len(waiting)}
    )
    choices = staging.choices_of(plan.staged)
    ward_id, outlines = plan.staged.ward_id, plan.parsed.outlines
    await remembered.remember(db, CONFIG.kind.name, ward_id, outlines, choices, by=by, now=now)
    if any(each.waits for each in plan.review.rows):
        keep_remaining(plan.staged, plan.review.rows)
    else:
        staging.mark_saved(plan.staged, result, now=now)
    await db.flush()


@post(CONFIG.staged_path + "/bo", opt=in_ward(CONFIG.permission))
async def discard(ward_id: str, staged_id: str, db: AsyncSession) -> Response[Any]:
    """Drop the sheet; what was planned of it stays."""
    await staging.discard(db, await CONFIG.staged(db, ward_id, staged_id, lock=True))
    return redirect(CONFIG.upload_address(ward_id), flash=_("Đã bỏ tệp này."))


HANDLERS = [confirm, discard]
