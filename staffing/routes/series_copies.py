"""Copying a series to other dates: form, preview of every date, confirmation."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from litestar import get, post
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import formatting
from lopso.kernel.access import Actor, Permission
from lopso.kernel.errors import InvalidInput, Refused
from lopso.kernel.i18n import gettext as _
from lopso.web.forms import Form
from lopso.web.guards import in_ward
from lopso.web.pages import page, redirect
from scheduling.labels.sessions import slots_label
from scheduling.queries.choices import Choices, choices
from scheduling.queries.places import place_of
from scheduling.rules.places import place_name
from staffing.forms.series_copy import CopyForm, read_copy
from staffing.queries.further_dates import further_dates
from staffing.queries.series_model import SeriesModel, series_model
from staffing.queries.skill_gaps import SkillGaps
from staffing.routes.further_meetings import dates_page, further_meetings_text
from staffing.service.series_copy import copy_plan, copy_series, people_of_copy

HERE = "/lich/{ward_id:str}/chuoi/{series_id:int}/chep"
PLANNED = in_ward(Permission.PLAN)


@get(HERE, opt=PLANNED)
async def copy_form(
    form: Form[CopyForm], db: AsyncSession, skill_gaps: SkillGaps, ward_id: str, series_id: int
) -> Response[Any]:
    """When the copy begins, where and with whom; eleven statements and the log-in."""
    model = await series_model(db, ward_id, series_id)
    if not form.typed.pairs(without=[]):
        form = Form.of(CopyForm(room=model.last.room_id, helpers=True))
    return await _form(db, model, await choices(db, ward_id), form.unchecked(), skill_gaps)


@get(HERE + "/xem-truoc", opt=PLANNED)
async def preview_copy(
    form: Form[CopyForm],
    db: AsyncSession,
    skill_gaps: SkillGaps,
    now: datetime,
    ward_id: str,
    series_id: int,
) -> Response[Any]:
    """Every date with what is in the way; sixteen statements and the log-in."""
    return await _preview(db, await series_model(db, ward_id, series_id), form, skill_gaps, now=now)


@post(HERE, opt=PLANNED)
async def copy(
    form: Form[CopyForm],
    db: AsyncSession,
    skill_gaps: SkillGaps,
    actor: Actor,
    now: datetime,
    ward_id: str,
    series_id: int,
) -> Response[Any]:
    """Plan the dates that were picked, as drafts."""
    picked = form.sensible().picked
    try:
        done = await copy_series(
            db, ward_id, series_id, read_copy(form), picked=picked, gaps=skill_gaps, by=actor, now=now
        )
    except (InvalidInput, Refused) as refusal:
        await db.rollback()
        model = await series_model(db, ward_id, series_id)
        return await _preview(db, model, form, skill_gaps, now=now, picked=picked, refusal=refusal)
    made = done.meetings
    return redirect(
        f"/lich/{ward_id}/chuoi/{done.series_id}",
        flash=further_meetings_text(made),
        kind="warn" if made.left_out or made.refusals or made.waiting else "ok",
    )


async def _form(
    db: AsyncSession, model: SeriesModel, offered: Choices, form: Form[CopyForm], gaps: SkillGaps
) -> Response[Any]:
    ward_id, series_id = model.series.ward_id, model.series.id
    return page(
        "staffing/series_copy.html",
        ward_id=ward_id,
        form=form,
        here=f"/lich/{ward_id}/chuoi/{series_id}/chep",
        series=f"/lich/{ward_id}/chuoi/{series_id}",
        model=model,
        lacking=len(await gaps.lacking(db, model.learners, model.last.course_id)),
        rule=slots_label(model.slots),
        room_options=_rooms(offered) if model.last.room_id else [],
    )


def _rooms(offered: Choices) -> list[tuple[int, str]]:
    """Rooms of the ward with their venues, for a select."""
    return [
        (each.id, place_name(words="", room=each.name, venue=each.venue.name, market=None))
        for each in offered.rooms.values()
    ]


async def _preview(
    db: AsyncSession,
    model: SeriesModel,
    form: Form[CopyForm],
    gaps: SkillGaps,
    *,
    now: datetime,
    picked: Collection[datetime] | None = None,
    refusal: InvalidInput | Refused | None = None,
) -> Response[Any]:
    ward_id, series_id = model.series.ward_id, model.series.id
    offered = await choices(db, ward_id)
    try:
        wanted = read_copy(form)
        plan = copy_plan(model, wanted, now=now)
        if plan.details.place.room_id is not None and plan.details.place.room_id not in offered.rooms:
            raise InvalidInput({"room": _("Phòng này đã đóng; xin chọn phòng khác.")})
    except InvalidInput as error:
        return await _form(db, model, offered, form.refused(error), gaps)
    people = await people_of_copy(db, model, wanted, gaps)
    seen = await further_dates(db, ward_id, plan, learners=people.learners, helpers=people.helpers, now=now)
    return dates_page(
        "staffing/series_copy_preview.html",
        people,
        form,
        seen,
        here=f"/lich/{ward_id}/chuoi/{series_id}/chep",
        picked=picked,
        refusal=refusal,
        wanted=wanted,
        starts_on=formatting.weekday_and_date(wanted.starts_on),
        place=dict(_rooms(offered)).get(plan.details.place.room_id or 0, place_of(model.last).name),
    )


HANDLERS = [copy_form, preview_copy, copy]
