"""Importing a ward's list of teams by page: send it, look at what was understood, say yes."""

from datetime import datetime
from typing import Any

from litestar import Request, get, post
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import audit
from lopso.kernel.access import Actor, Permission
from lopso.kernel.i18n import gettext as _
from lopso.kernel.workbook import staging
from lopso.kernel.workbook.reading import WorkbookRefused
from lopso.kernel.workbook.results import doubtful_workbook
from lopso.web.guards import in_ward
from lopso.web.pages import page, redirect
from lopso.web.uploads import uploaded, workbook_answer
from trainers.importing import understand_file
from trainers.importing.drafts import TrainerDraft, labels
from trainers.importing.saving import save, sort_out

HERE = "/nguoi-day/{ward_id:str}/nhap"
KIND = "teams"


@get(HERE)
async def upload_page(ward_id: str, actor: Actor) -> Response[Any]:
    """Where to send a list."""
    in_ward(actor, Permission.MANAGE_PEOPLE, ward_id)
    return page("trainers/import_upload.html", ward_id=ward_id)


@post(HERE)
async def upload(
    request: Request[Any, Any, Any], ward_id: str, db: AsyncSession, actor: Actor, now: datetime
) -> Response[Any]:
    """Understand a list; nothing is saved but what waits for a yes."""
    in_ward(actor, Permission.MANAGE_PEOPLE, ward_id)
    data = await uploaded(request, "file")
    try:
        if data is None:
            raise WorkbookRefused("none")
        understood = await understand_file(db, data, ward_id=ward_id)
    except WorkbookRefused as refusal:
        return page(
            "trainers/import_upload.html", ward_id=ward_id, status=422, errors={"file": refusal.sentence}
        )
    staged = await staging.stage(
        db, kind=KIND, ward_id=ward_id, data=data, understood=understood, by=actor, now=now
    )
    return redirect(f"/nguoi-day/{ward_id}/nhap/{staged.id}")


@get(HERE + "/{staged_id:str}")
async def review(ward_id: str, staged_id: str, db: AsyncSession, actor: Actor) -> Response[Any]:
    """What was understood and what is doubtful; once saved, what was done."""
    in_ward(actor, Permission.MANAGE_PEOPLE, ward_id)
    staged = await staging.staged_in(db, KIND, ward_id, staged_id)
    result = staging.result_of(staged)
    if result is not None:
        return page("trainers/import_result.html", ward_id=ward_id, staged=staged, result=result)
    understood = staging.unpacked(staged, TrainerDraft.from_json)
    return page(
        "trainers/import_review.html",
        ward_id=ward_id,
        staged=staged,
        understood=understood,
        rows=await sort_out(db, ward_id, understood),
        labels=labels(),
    )


@post(HERE + "/{staged_id:str}/luu")
async def confirm(
    ward_id: str, staged_id: str, db: AsyncSession, actor: Actor, now: datetime
) -> Response[Any]:
    """Save the good rows. A second yes changes nothing."""
    in_ward(actor, Permission.MANAGE_PEOPLE, ward_id)
    staged = await staging.staged_in(db, KIND, ward_id, staged_id, lock=True)
    if staged.saved_at is None:
        result = await save(
            db,
            ward_id,
            staging.unpacked(staged, TrainerDraft.from_json),
            by=actor,
            now=now,
        )
        staging.close(staged, result, now=now)
    return redirect(f"/nguoi-day/{ward_id}/nhap/{staged_id}")


@post(HERE + "/{staged_id:str}/bo")
async def discard(ward_id: str, staged_id: str, db: AsyncSession, actor: Actor) -> Response[Any]:
    """Forget what was understood."""
    in_ward(actor, Permission.MANAGE_PEOPLE, ward_id)
    await staging.forget(db, await staging.staged_in(db, KIND, ward_id, staged_id, lock=True))
    return redirect(f"/nguoi-day/{ward_id}/nhap", flash=_("Đã bỏ tệp này, chưa lưu gì."))


@post(HERE + "/{staged_id:str}/can-xem-lai", status_code=200)
async def download(
    ward_id: str, staged_id: str, db: AsyncSession, actor: Actor, now: datetime
) -> Response[Any]:
    """The doubtful rows as a workbook to mend; noted, because phones go out."""
    in_ward(actor, Permission.MANAGE_PEOPLE, ward_id)
    staged = await staging.staged_in(db, KIND, ward_id, staged_id)
    result = staging.result_of(staged)
    if result is not None:
        header, rows = result.header, result.doubtful
    else:
        understood = staging.unpacked(staged, TrainerDraft.from_json)
        header, rows = understood.header, (await sort_out(db, ward_id, understood)).doubtful
    audit.record(
        db,
        by=actor,
        now=now,
        action="teams.doubtful_rows_downloaded",
        ward_id=ward_id,
        subject="staged_import",
        subject_id=staged_id,
        facts={"rows": len(rows)},
    )
    return workbook_answer(doubtful_workbook(header, rows), "to-doi-can-xem-lai.xlsx")


HANDLERS = [upload_page, upload, review, confirm, discard, download]
