"""Away for some days: said by the helper, or by a coordinator for a helper who phones."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from litestar import get, post
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import formatting
from lopso.kernel.access import Actor, Permission
from lopso.kernel.clock import local_day
from lopso.kernel.errors import InvalidInput, NotFound
from lopso.kernel.i18n import gettext as _
from lopso.kernel.i18n import ngettext
from lopso.web.forms import Form
from lopso.web.guards import SIGNED_IN, in_ward
from lopso.web.pages import TemplatePage, is_htmx, page, redirect
from lopso.web.request import Request
from scheduling.forms.absences import AbsenceForm
from scheduling.labels.helpers import absence_days, ready_reasons
from scheduling.queries import absences as queries
from scheduling.queries.own_assignments import own_trainer
from scheduling.queries.places import place_of
from scheduling.rules.suitability import ActivePeriod
from scheduling.service.absences import CancelledAbsence, NotedAbsence, cancel_absence, note_absence
from trainers.models import Trainer
from trainers.queries.trainers import trainer_in

OWN = "/viec-cua-toi/nghi"
OF_HELPER = "/nguoi-day/{ward_id:str}/{trainer_id:int}/bao-nghi"
PLANNED = in_ward(Permission.PLAN)


@get(OWN, opt=SIGNED_IN)
async def own_absence(
    request: Request, form: Form[AbsenceForm], db: AsyncSession, actor: Actor, now: datetime
) -> TemplatePage:
    """When one is away, which sessions lie in it, one confirmation."""
    return await _page(request, db, await _me(db, actor), form, actor, now)


@post(OWN + "/xem", status_code=200, opt=SIGNED_IN)
async def look_at_own_days(
    request: Request, form: Form[AbsenceForm], db: AsyncSession, actor: Actor, now: datetime
) -> TemplatePage:
    """The sessions of the days typed; nothing is noted yet."""
    return await _look(request, db, await _me(db, actor), form, actor, now)


@post(OWN, status_code=200, opt=SIGNED_IN)
async def note_own_absence(
    request: Request, form: Form[AbsenceForm], db: AsyncSession, actor: Actor, now: datetime
) -> Response[Any]:
    """Give back all sessions of those days."""
    me = await _me(db, actor)
    try:
        noted = await _note(db, me, form.value(), actor, now)
    except InvalidInput as error:
        await db.rollback()
        return await _page(request, db, await _me(db, actor), form.refused(error), actor, now)
    undo = f"{OWN}/{noted.absence.id}/hoan-tac"
    return redirect("/viec-cua-toi", flash=_noted_sentence(me, noted, own=True), undo_url=undo)


@post(OWN + "/{absence_id:int}/hoan-tac", status_code=200, opt=SIGNED_IN)
async def cancel_own_absence(absence_id: int, db: AsyncSession, actor: Actor, now: datetime) -> Response[Any]:
    """One is there after all."""
    me = await _me(db, actor)
    cancelled = await cancel_absence(db, absence_id, trainer_id=me.id, by=actor, now=now)
    return redirect("/viec-cua-toi", flash=_cancelled_sentence(cancelled), kind=_kind(cancelled))


@get(OF_HELPER, opt=PLANNED)
async def absence(
    request: Request,
    form: Form[AbsenceForm],
    ward_id: str,
    trainer_id: int,
    db: AsyncSession,
    actor: Actor,
    now: datetime,
) -> TemplatePage:
    """The same for a helper who phones; as a part of the helper's page when htmx asks."""
    trainer = await trainer_in(db, ward_id, trainer_id)
    return await _page(request, db, trainer, form, actor, now)


@post(OF_HELPER + "/xem", status_code=200, opt=PLANNED)
async def look_at_days(
    request: Request,
    form: Form[AbsenceForm],
    ward_id: str,
    trainer_id: int,
    db: AsyncSession,
    actor: Actor,
    now: datetime,
) -> TemplatePage:
    """The sessions of the days typed; nothing is noted yet."""
    trainer = await trainer_in(db, ward_id, trainer_id)
    return await _look(request, db, trainer, form, actor, now)


@post(OF_HELPER, status_code=200, opt=PLANNED)
async def note_helper_absence(
    request: Request,
    form: Form[AbsenceForm],
    ward_id: str,
    trainer_id: int,
    db: AsyncSession,
    actor: Actor,
    now: datetime,
) -> Response[Any]:
    """A coordinator notes it."""
    trainer = await trainer_in(db, ward_id, trainer_id)
    try:
        noted = await _note(db, trainer, form.value(), actor, now)
    except InvalidInput as error:
        await db.rollback()
        trainer = await trainer_in(db, ward_id, trainer_id)
        return await _page(request, db, trainer, form.refused(error), actor, now)
    return redirect(
        f"/lich/{ward_id}?tuan={noted.absence.first.isoformat()}",
        flash=_noted_sentence(trainer, noted, own=False),
        kind="warn" if noted.elsewhere else "ok",
        undo_url=f"{_here(trainer)}/{noted.absence.id}/hoan-tac",
    )


@post(OF_HELPER + "/{absence_id:int}/hoan-tac", status_code=200, opt=PLANNED)
async def cancel_helper_absence(
    ward_id: str, trainer_id: int, absence_id: int, db: AsyncSession, actor: Actor, now: datetime
) -> Response[Any]:
    """The helper is there after all."""
    trainer = await trainer_in(db, ward_id, trainer_id)
    cancelled = await cancel_absence(db, absence_id, trainer_id=trainer.id, by=actor, now=now)
    return redirect(_here(trainer), flash=_cancelled_sentence(cancelled), kind=_kind(cancelled))


async def _me(db: AsyncSession, actor: Actor) -> Trainer:
    me = await own_trainer(db, actor)
    if me is None:
        raise NotFound
    return me.trainer


async def _note(
    db: AsyncSession, trainer: Trainer, typed: AbsenceForm, actor: Actor, now: datetime
) -> NotedAbsence:
    first, last = typed.days(now)
    return await note_absence(db, trainer.id, first=first, last=last, reason=typed.reason, by=actor, now=now)


async def _look(
    request: Request, db: AsyncSession, trainer: Trainer, form: Form[AbsenceForm], actor: Actor, now: datetime
) -> TemplatePage:
    if not is_htmx(request):
        return await _page(request, db, trainer, form, actor, now)
    context = await _context(db, trainer, form, actor, now)
    errors = dict(form.errors)  # in the part itself, which htmx puts in whatever it says
    return page("scheduling/_absence_sessions.html", ward_id=trainer.ward_id, errors=errors, **context)


async def _page(
    request: Request, db: AsyncSession, trainer: Trainer, form: Form[AbsenceForm], actor: Actor, now: datetime
) -> TemplatePage:
    context = await _context(db, trainer, form, actor, now)
    if is_htmx(request):
        return page("scheduling/_absences.html", ward_id=trainer.ward_id, **context)
    return page("scheduling/absence.html", ward_id=trainer.ward_id, form=form, **context)


async def _context(
    db: AsyncSession, trainer: Trainer, form: Form[AbsenceForm], actor: Actor, now: datetime
) -> dict[str, Any]:
    """Absences that are coming, the form, and what lies in the days typed; two statements."""
    own = trainer.user_id is not None and trainer.user_id == actor.user_id
    first, last = form.sensible().days(now)
    rows = await queries.assignments_within(
        db,
        trainer.id,
        first,
        last,
        now=now,
        wards=queries.wards_given_back(trainer, actor),
        drafts=not own,
    )
    return {
        "trainer": trainer,
        "own": own,
        "here": OWN if own else _here(trainer),
        "days_in_words": absence_days(ActivePeriod(first, max(first, last))),
        "rows": [(row, row.session, place_of(row.session).name) for row in rows],
        "absences": [
            (each, absence_days(ActivePeriod(each.first, each.last)))
            for each in await queries.coming_absences(db, trainer.id, today=local_day(now))
        ],
        "first": form.typed["tu"] or formatting.full_date(first),
        "last": form.typed["den"] or formatting.full_date(last),
        "ready_reasons": ready_reasons(),
    }


def _here(trainer: Trainer) -> str:
    return f"/nguoi-day/{trainer.ward_id}/{trainer.id}/bao-nghi"


def _noted_sentence(trainer: Trainer, noted: NotedAbsence, *, own: bool) -> str:
    days = absence_days(ActivePeriod(noted.absence.first, noted.absence.last))
    who: Mapping[str, object] = {"name": trainer.full_name, "days": days}
    said = [_("Đã ghi bạn nghỉ %(days)s.", **who) if own else _("Đã ghi %(name)s nghỉ %(days)s.", **who)]
    if noted.given_back:
        said.append(
            ngettext(
                "%(n)s buổi được trả lại để tìm người thay.",
                "%(n)s buổi được trả lại để tìm người thay.",
                noted.given_back,
            )
        )
    if noted.elsewhere:
        said.append(
            ngettext(
                "%(n)s buổi ở nơi khác vẫn giữ, xin báo nơi đó.",
                "%(n)s buổi ở nơi khác vẫn giữ, xin báo nơi đó.",
                noted.elsewhere,
            )
        )
    return " ".join(said)


def _cancelled_sentence(cancelled: CancelledAbsence) -> str:
    said = [_("Đã bỏ ngày nghỉ.")]
    if cancelled.taken_again:
        said.append(ngettext("%(n)s buổi lại như trước.", "%(n)s buổi lại như trước.", cancelled.taken_again))
    if cancelled.filled:
        said.append(_("Đã có người thay ở: %(titles)s.", titles=", ".join(cancelled.filled)))
    if cancelled.still_away:
        said.append(
            ngettext(
                "%(n)s buổi vẫn báo bận vì trùng một lần báo nghỉ khác.",
                "%(n)s buổi vẫn báo bận vì trùng một lần báo nghỉ khác.",
                cancelled.still_away,
            )
        )
    return " ".join(said)


def _kind(cancelled: CancelledAbsence) -> Any:
    return "warn" if cancelled.filled else "ok"


HANDLERS = [
    own_absence,
    look_at_own_days,
    note_own_absence,
    cancel_own_absence,
    absence,
    look_at_days,
    note_helper_absence,
    cancel_helper_absence,
]
