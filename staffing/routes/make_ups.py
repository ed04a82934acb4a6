"""Making up for the sessions that a closure cancelled: a date for each, one decision for all."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from litestar import get, post
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import formatting
from lopso.kernel.access import Actor, Permission
from lopso.kernel.clock import local_day
from lopso.kernel.errors import InvalidInput, Refused
from lopso.kernel.i18n import gettext as _
from lopso.kernel.i18n import ngettext
from lopso.web.forms import Form
from lopso.web.guards import in_ward
from lopso.web.pages import page, redirect
from scheduling.labels.closures import closure_days_label
from scheduling.labels.refusals import refusal_text
from scheduling.queries.places import place_of
from staffing.forms.make_ups import MakeUpForm, typed_dates, wanted_dates
from staffing.labels.make_ups import make_up_notes
from staffing.queries.make_ups import (
    ClosedSession,
    MissedClasses,
    days_searched,
    missed_classes,
    occupied_between,
)
from staffing.rules.make_ups import MakeUpDate, TypedDate, judge, propose_dates
from staffing.service.make_ups import MakeUps, make_up

HERE = "/lich/{ward_id:str}/day-bu/{closure_id:int}"
PLANNED = in_ward(Permission.PLAN)


@dataclass(frozen=True, slots=True)
class MakeUpRow:
    """A cancelled session of the page: the date proposed or typed, and what speaks against it.

    `none_free`: no date could be proposed.
    """

    closed: ClosedSession
    when: str
    place: str
    date: TypedDate
    checked: bool
    notes: list[str]
    people: str
    instead: str
    none_free: bool


@get(HERE, opt=PLANNED)
async def make_up_page(
    db: AsyncSession, actor: Actor, now: datetime, ward_id: str, closure_id: int
) -> Response[Any]:
    """A date for each cancelled session; eleven statements and the log-in."""
    classes = await missed_classes(db, ward_id, closure_id, by=actor)
    proposed = await _proposed(db, classes, ward_id, now)
    dates = {number: _as_typed(each) for number, each in proposed.items()}
    return _page(classes, Form.blank(MakeUpForm), dates, proposed, picked=None)


@post(HERE, opt=PLANNED)
async def plan_make_ups(
    form: Form[MakeUpForm], db: AsyncSession, actor: Actor, now: datetime, ward_id: str, closure_id: int
) -> Response[Any]:
    """Plan those ticked, or say what speaks against the dates typed."""
    classes = await missed_classes(db, ward_id, closure_id, by=actor)
    dates = typed_dates(form, classes.left, local_day(now))
    wanted, errors = wanted_dates(form, dates)
    try:
        if errors:
            raise InvalidInput(errors)
        if form.sensible().check:
            return await _checked(db, classes, form, dates, ward_id)
        done = await make_up(db, classes, wanted, by=actor, now=now)
    except (InvalidInput, Refused) as refusal:
        await db.rollback()
        said = refusal.fields if isinstance(refusal, InvalidInput) else {"": refusal_text(refusal) or ""}
        classes = await missed_classes(db, ward_id, closure_id, by=actor)
        return await _checked(db, classes, form.refused(InvalidInput(said)), dates, ward_id)
    return redirect(
        f"/lich/nghi-dong-loat/{closure_id}",
        flash=_made_up_text(done),
        kind="warn" if done.waiting or done.refusals else "ok",
    )


def _made_up_text(done: MakeUps) -> str:
    said = [ngettext("Đã xếp %(n)s buổi dạy bù.", "Đã xếp %(n)s buổi dạy bù.", len(done.session_ids))]
    if done.waiting:
        said.append(ngettext("%(n)s người học phải chờ chỗ.", "%(n)s người học phải chờ chỗ.", done.waiting))
    return " ".join((*said, *done.refusals))


async def _proposed(
    db: AsyncSession, classes: MissedClasses, ward_id: str, now: datetime
) -> Mapping[int, MakeUpDate]:
    first, last = days_searched(classes, now)
    missed = [each.missed for each in classes.left]
    occupied = await occupied_between(db, ward_id, missed, first, last)
    return propose_dates(missed, occupied, first_day=first)


async def _checked(
    db: AsyncSession,
    classes: MissedClasses,
    form: Form[MakeUpForm],
    dates: Mapping[int, TypedDate],
    ward_id: str,
) -> Response[Any]:
    """The page with what was typed, and what speaks against it."""
    picked = form.sensible().picked
    slots = {
        number: each.slot for number, each in dates.items() if each.slot is not None and number in picked
    }
    judged: dict[int, MakeUpDate] = {}
    if slots:
        days = [each.day for each in slots.values()]
        missed = [each.missed for each in classes.left]
        occupied = await occupied_between(db, ward_id, missed, min(days), max(days))
        for each in missed:
            if slot := slots.get(each.id):
                judged[each.id] = judge(each, slot, occupied)
                occupied.take(each, slot)
    return _page(classes, form, dates, judged, picked=picked)


def _as_typed(found: MakeUpDate) -> TypedDate:
    slot = found.slot
    return TypedDate(formatting.full_date(slot.day), formatting.hour(slot.starts_at), slot)


def _page(
    classes: MissedClasses,
    form: Form[MakeUpForm],
    dates: Mapping[int, TypedDate],
    judged: Mapping[int, MakeUpDate],
    *,
    picked: tuple[int, ...] | None,
) -> Response[Any]:
    ward_id, closure = classes.sessions[0].session.ward_id, classes.closure
    return page(
        "staffing/make_ups.html",
        ward_id=ward_id,
        form=form,
        here=f"/lich/{ward_id}/day-bu/{closure.id}",
        closure=f"/lich/nghi-dong-loat/{closure.id}",
        days=closure_days_label(closure.first_day, closure.last_day),
        left=len(classes.left),
        rows=[_row(each, classes, dates, judged, picked) for each in classes.sessions],
    )


def _row(
    closed: ClosedSession,
    classes: MissedClasses,
    dates: Mapping[int, TypedDate],
    judged: Mapping[int, MakeUpDate],
    picked: tuple[int, ...] | None,
) -> MakeUpRow:
    session, instead = closed.session, closed.instead
    found = judged.get(session.id)
    return MakeUpRow(
        closed=closed,
        when=formatting.day_and_hours(session.starts_at, session.ends_at),
        place=place_of(session).name,
        date=dates.get(session.id) or TypedDate("", "", None),
        checked=session.id in picked if picked is not None else found is not None,
        notes=make_up_notes(found, classes.names) if found is not None else [],
        people=_("%(n)s người học", n=len(closed.missed.learners)),
        instead=formatting.day_and_hours(instead.starts_at, instead.ends_at) if instead else "",
        none_free=picked is None and found is None,
    )


HANDLERS = [make_up_page, plan_make_ups]
