"""One row of a plan sheet: what it says, what is wrong with it, and its answers."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from litestar import get, post
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.errors import NotFound
from lopso.kernel.i18n import gettext as _
from lopso.kernel.parsing import read_id
from lopso.kernel.workbook import staging
from lopso.web.forms import Form
from lopso.web.guards import in_ward
from lopso.web.pages import redirect
from plan_sheets.forms import BY_WORDS, RowForm
from plan_sheets.labels.fields import field_labels
from plan_sheets.labels.rows import difference_label, row_place, row_rule, state_labels
from plan_sheets.routes.uploading import CONFIG, StagedPlan, staged_plan
from plan_sheets.rules.answers import RowAnswer, written_answer
from plan_sheets.rules.decided_rows import DecidedRow
from plan_sheets.rules.plan_rows import DAY_FIELDS

PATH = CONFIG.staged_path + "/dong/{row_ref:str}"
_SELDOM = ("when", *DAY_FIELDS)


@get(PATH, opt=in_ward(CONFIG.permission))
async def row_page(
    ward_id: str, staged_id: str, row_ref: str, db: AsyncSession, now: datetime
) -> Response[Any]:
    """The row with its cells to correct."""
    plan = await staged_plan(db, ward_id, staged_id, now=now)
    if plan.staged.saved_at is not None:
        return redirect(CONFIG.here(plan.staged))
    return _page(plan, _row(plan, row_ref))


@post(PATH, opt=in_ward(CONFIG.permission))
async def correct_row(
    form: Form[RowForm], ward_id: str, staged_id: str, row_ref: str, db: AsyncSession, now: datetime
) -> Response[Any]:
    """Note the answer; a row that still cannot be planned is shown again with the reason."""
    plan = await staged_plan(db, ward_id, staged_id, now=now, lock=True)
    if plan.staged.saved_at is not None:
        return redirect(CONFIG.here(plan.staged))
    row = _row(plan, row_ref)
    if form.errors:
        return _page(plan, row, form=form)
    answer = _answer(form.value(), row)
    staging.answer(plan.staged, [row_ref], written_answer(answer))
    await db.flush()
    again = _row(await staged_plan(db, ward_id, staged_id, now=now), row_ref)
    here = CONFIG.here(plan.staged)
    if again.state == "open":
        return redirect(
            f"{here}/dong/{row_ref}", flash=_("Đã ghi; dòng này còn chỗ cần xem lại."), kind="warn"
        )
    said = state_labels()[again.state]
    return redirect(here, flash=_("Dòng %(n)s: %(state)s.", n=again.found.file.number, state=said.lower()))


def _row(plan: StagedPlan, row_ref: str) -> DecidedRow:
    for each in plan.review.rows:
        if each.found.file.reference == row_ref:
            return each
    raise NotFound


def _answer(form: RowForm, row: DecidedRow) -> RowAnswer:
    before = row.found.answer
    if form.act != "save":
        return msgspec.structs.replace(before, skip=form.act == "skip")
    file = row.found.file.row
    texts = {name: text for name, text in form.texts.items() if text != file.text(name)}
    shown = row.found
    renamed = {name for name, text in form.texts.items() if text != shown.row.text(name)}
    place = "" if "place" in renamed and form.room == _shown_room(row) else form.room
    return RowAnswer(
        seen=True,
        texts=texts,
        course=None if "course" in renamed and form.course_id == shown.course else form.course_id,
        room=read_id(place),
        by_words=place == BY_WORDS,
        helper=None if "helper" in renamed and form.helper_id == shown.helper else form.helper_id,
        drop=form.drop,
        another=form.another,
        keep=form.keep,
    )


def _shown_room(row: DecidedRow) -> str:
    """What the list of rooms shows for a row; a name typed anew is followed instead."""
    place = row.found.place
    return "" if place is None else str(place.room_id or BY_WORDS)


def _chosen(row: DecidedRow) -> Mapping[str, Any]:
    """What the lists and ticks of a row show when its page is opened."""
    found, answer = row.found, row.found.answer
    return {
        "course_id": found.course,
        "room": _shown_room(row),
        "helper_id": found.helper,
        "drop": answer.drop,
        "another": answer.another,
        "keep": answer.keep,
    }


def _page(plan: StagedPlan, row: DecidedRow, *, form: Form[RowForm] | None = None) -> Response[Any]:
    names, found = plan.review.names, row.found
    faults = {each.field: each.sentence for each in row.faults}
    errors = form.errors if form is not None else {}
    shown = form.typed if form is not None else None
    cells = {name: shown[name] if shown is not None else found.row.text(name) for name in field_labels()}
    return CONFIG.page_of(
        "plan_sheets/row.html",
        plan.staged.ward_id,
        status=422 if form is not None else 200,
        staged=plan.staged,
        here=CONFIG.here(plan.staged),
        row=row,
        cells=cells,
        chosen=shown if shown is not None else _chosen(row),
        seldom=[name for name in _SELDOM if cells[name]],
        labels=field_labels(),
        errors=errors,
        faults=faults,
        problems=faults | errors,
        state=state_labels()[row.state],
        place=row_place(row, names),
        rule=row_rule(row),
        changes=[difference_label(each, names) for each in row.changes],
        since=[difference_label(each, names) for each in row.since],
        courses=[(each, course.title) for each, course in names.courses.items()],
        rooms=[(each, room.label) for each, room in names.rooms.items()],
        helpers=list(names.helpers.items()),
        by_words=BY_WORDS,
        many_sheets=len(plan.parsed.sheets) > 1,
    )


HANDLERS = [row_page, correct_row]
