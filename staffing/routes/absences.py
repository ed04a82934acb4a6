"""Away for some days: said by the helper, or by a coordinator for a helper who phones."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from litestar import get, post
from litestar.di import Provide
from litestar.handlers import HTTPRouteHandler
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
from scheduling.queries.places import place_of
from staffing.forms.absences import AbsenceForm
from staffing.labels.helpers import absence_days, ready_reasons
from staffing.queries import absences as queries
from staffing.queries.own_assignments import own_trainer
from staffing.rules.suitability import ActivePeriod
from staffing.service.absences import CancelledAbsence, NotedAbsence, cancel_absence, note_absence
from trainers.models import Trainer
from trainers.queries.trainers import trainer_in

OWN = "/viec-cua-toi/nghi"
OF_HELPER = "/nguoi-day/{ward_id:str}/{trainer_id:int}/bao-nghi"


async def own_helper(db: AsyncSession, actor: Actor) -> Trainer:
    """The helper who is logged in."""
    me = await own_trainer(db, actor)
    if me is None:
        raise NotFound
    return me.trainer


async def helper_of_ward(db: AsyncSession, ward_id: str, trainer_id: int) -> Trainer:
    """The helper of the address, for whom a coordinator says it."""
    return await trainer_in(db, ward_id, trainer_id)


def absence_routes(
    path: str, helper_of: Callable[..., Awaitable[Trainer]], opt: Mapping[str, Any]
) -> Sequence[HTTPRouteHandler]:
    """Page and commands for the absences of one helper.

    Args:
        path: with the parameters of `helper_of`.
        helper_of: who is away, called as a dependency of the routes.
        opt: who may open them.
    """
    dependencies = {"who": Provide(helper_of)}

    @get(path, opt=opt, dependencies=dependencies)
    async def absence(
        request: Request, form: Form[AbsenceForm], who: Trainer, db: AsyncSession, actor: Actor, now: datetime
    ) -> TemplatePage:
        """When somebody is away, which sessions lie in it; as a part of the helper's page when htmx asks."""
        return await _page(request, db, who, form, actor, now)

    @post(path + "/xem", status_code=200, opt=opt, dependencies=dependencies)
    async def look_at_days(
        request: Request, form: Form[AbsenceForm], who: Trainer, db: AsyncSession, actor: Actor, now: datetime
    ) -> TemplatePage:
        """The sessions of the days typed; nothing is noted yet."""
        return await _look(request, db, who, form, actor, now)

    @post(path, status_code=200, opt=opt, dependencies=dependencies)
    async def note_absence_of(
        request: Request, form: Form[AbsenceForm], who: Trainer, db: AsyncSession, actor: Actor, now: datetime
    ) -> Response[Any]:
        """Give back all sessions of those days."""
        return await _note(request, db, who, form, actor, now)

    @post(path + "/{absence_id:int}/hoan-tac", status_code=200, opt=opt, dependencies=dependencies)
    async def cancel_absence_of(
        absence_id: int, who: Trainer, db: AsyncSession, actor: Actor, now: datetime
    ) -> Response[Any]:
        """The helper is there after all."""
        cancelled = await cancel_absence(db, absence_id, trainer_id=who.id, by=actor, now=now)
        address = "/viec-cua-toi" if _is_own(who, actor) else _here(who, actor)
        kind = "warn" if cancelled.filled or cancelled.still_away else "ok"
        return redirect(address, flash=_cancelled_sentence(cancelled), kind=kind)

    return absence, look_at_days, note_absence_of, cancel_absence_of


async def _note(
    request: Request, db: AsyncSession, helper: Trainer, form: Form[AbsenceForm], actor: Actor, now: datetime
) -> Response[Any]:
    """Note it; with a mistake, the page again."""
    own = _is_own(helper, actor)
    try:
        typed = form.value()
        first, last = typed.days(now)
        noted = await note_absence(
            db, helper.id, first=first, last=last, reason=typed.reason, by=actor, now=now
        )
    except InvalidInput as error:
        await db.rollback()
        await db.refresh(helper)
        return await _page(request, db, helper, form.refused(error), actor, now)
    return redirect(
        "/viec-cua-toi" if own else f"/lich/{helper.ward_id}?tuan={first.isoformat()}",
        flash=_noted_sentence(helper, noted, own=own),
        kind="warn" if noted.elsewhere else "ok",
        undo_url=f"{_here(helper, actor)}/{noted.absence.id}/hoan-tac",
    )


async def _look(
    request: Request, db: AsyncSession, trainer: Trainer, form: Form[AbsenceForm], actor: Actor, now: datetime
) -> TemplatePage:
    if not is_htmx(request):
        return await _page(request, db, trainer, form, actor, now)
    context = await _context(db, trainer, form, actor, now)
    errors = dict(form.errors)  # in the part itself, which htmx puts in whatever it says
    return page("staffing/_absence_sessions.html", ward_id=trainer.ward_id, errors=errors, **context)


async def _page(
    request: Request, db: AsyncSession, trainer: Trainer, form: Form[AbsenceForm], actor: Actor, now: datetime
) -> TemplatePage:
    context = await _context(db, trainer, form, actor, now)
    if is_htmx(request):
        return page("staffing/_absences.html", ward_id=trainer.ward_id, **context)
    return page("staffing/absence.html", ward_id=trainer.ward_id, form=form, **context)


async def _context(
    db: AsyncSession, trainer: Trainer, form: Form[AbsenceForm], actor: Actor, now: datetime
) -> dict[str, Any]:
    """Absences that are coming, the form, and what lies in the days typed; two statements."""
    own = _is_own(trainer, actor)
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
        "here": _here(trainer, actor),
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


def _is_own(trainer: Trainer, actor: Actor) -> bool:
    return trainer.user_id is not None and trainer.user_id == actor.user_id


def _here(trainer: Trainer, actor: Actor) -> str:
    return OWN if _is_own(trainer, actor) else f"/nguoi-day/{trainer.ward_id}/{trainer.id}/bao-nghi"


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


HANDLERS = [
    *absence_routes(OWN, own_helper, SIGNED_IN),
    *absence_routes(OF_HELPER, helper_of_ward, in_ward(Permission.PLAN)),
]
