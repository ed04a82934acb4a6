"""What unclear names of a plan sheet mean, for all rows that have them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from litestar import get, post
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.i18n import ngettext
from lopso.kernel.parsing import read_id
from lopso.kernel.workbook import staging
from lopso.web.forms import Form
from lopso.web.guards import in_ward
from lopso.web.pages import redirect
from plan_sheets.forms import BY_WORDS, MOST_NAMES, NamesForm
from plan_sheets.routes.uploading import CONFIG, StagedPlan, staged_plan
from plan_sheets.rules.answers import RowAnswer, kept_answer, written_answer
from plan_sheets.rules.unclear_names import UnclearName, unclear_names

PATH = CONFIG.staged_path + "/ten"


@get(PATH, opt=in_ward(CONFIG.permission))
async def names_page(ward_id: str, staged_id: str, db: AsyncSession, now: datetime) -> Response[Any]:
    """The names that are not known, each with what it may mean."""
    plan = await staged_plan(db, ward_id, staged_id, now=now)
    found = unclear_names(plan.review.rows)
    if plan.staged.saved_at is not None or not found:
        return redirect(CONFIG.here(plan.staged))
    names = plan.review.names
    return CONFIG.page_of(
        "plan_sheets/names.html",
        ward_id,
        staged=plan.staged,
        here=CONFIG.here(plan.staged),
        names=found[:MOST_NAMES],
        more=max(0, len(found) - MOST_NAMES),
        options={
            "course": [(each, course.title) for each, course in names.courses.items()],
            "place": [(each, room.label) for each, room in names.rooms.items()],
        },
        by_words=BY_WORDS,
    )


@post(PATH, opt=in_ward(CONFIG.permission))
async def give_meanings(
    form: Form[NamesForm], ward_id: str, staged_id: str, db: AsyncSession, now: datetime
) -> Response[Any]:
    """Note what was chosen; names without a choice stay unclear."""
    meanings = form.value().meanings
    plan = await staged_plan(db, ward_id, staged_id, now=now, lock=True)
    if plan.staged.saved_at is not None:
        return redirect(CONFIG.here(plan.staged))
    by_key = {each.key: each for each in unclear_names(plan.review.rows)}
    chosen = 0
    for key, _colon, meaning in (each.partition(":") for each in meanings):
        if key in by_key and meaning:
            chosen += _note(plan, by_key[key], meaning)
    said = ngettext("Đã chọn cho %(n)s tên.", "Đã chọn cho %(n)s tên.", chosen) if chosen else ""
    return redirect(CONFIG.here(plan.staged), flash=said or None)


def _note(plan: StagedPlan, name: UnclearName, meaning: str) -> int:
    """Note the meaning for every row that has the name; whether it is one."""
    chosen = _chosen(name, meaning)
    if not chosen:
        return 0
    for reference in name.rows:
        before = kept_answer(staging.answers_of(plan.staged).get(reference, ""))
        after: RowAnswer = msgspec.structs.replace(before, **chosen)
        staging.answer(plan.staged, [reference], written_answer(after))
    return 1


def _chosen(name: UnclearName, meaning: str) -> Mapping[str, Any]:
    number = read_id(meaning)
    if name.column == "course":
        return {"course": number} if number is not None else {}
    if meaning == BY_WORDS:
        return {"by_words": True, "room": None}
    return {"room": number, "by_words": False} if number is not None else {}


HANDLERS = [names_page, give_meanings]
