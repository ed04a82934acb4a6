"""Who teaches and helps in a session, and whom to ask."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from litestar import get, post
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor, Permission
from lopso.kernel.i18n import gettext as _
from lopso.kernel.i18n import ngettext
from lopso.web.forms import Form
from lopso.web.guards import of_row, own_or
from lopso.web.pages import TemplatePage, is_htmx, page, redirect
from lopso.web.request import Request
from scheduling.labels.names import distinct_names, masked_phone
from scheduling.models import ClassSession
from scheduling.queries.access import visible_session
from scheduling.queries.places import place_of
from scheduling.queries.series import coming_in_series
from staffing.forms.assignments import OfferForm, RoleForm
from staffing.labels.helpers import role_label
from staffing.queries.assignments import staff_of
from staffing.queries.helper_facts import helpers_by_id
from staffing.routes import staffing_page as view
from staffing.routes.access import session_to_staff
from staffing.routes.helper_picker import picker_of
from staffing.service import offers
from staffing.service.offers import OfferResult

HERE = "/buoi/{session_id:int}/phan-cong"
PLANNED = of_row(Permission.PLAN, seen_by_helpers=True)


@get(HERE, opt=own_or(Permission.SEE_CALENDAR))
async def staffing(
    request: Request, session_id: int, db: AsyncSession, actor: Actor, now: datetime, params: RoleForm
) -> TemplatePage:
    """Who is in a session and whom to ask; as a part of the session's page when htmx asks."""
    session = await visible_session(db, session_id, by=actor)
    if is_htmx(request):
        return await view.staffing_panel(db, session, by=actor, now=now)
    role = params.role or view.default_role(await staff_of(db, session))
    return await view.staffing_page(db, session, by=actor, now=now, offer=OfferForm(role=role))


@post(HERE + "/tim", status_code=200, opt=PLANNED)
async def search(
    request: Request,
    form: Form[OfferForm],
    session_id: int,
    db: AsyncSession,
    actor: Actor,
    now: datetime,
) -> TemplatePage:
    """The same list narrowed by a name or a phone; by POST, so that neither stands in an address."""
    session = await session_to_staff(db, session_id, actor)
    offer = form.sensible()
    if is_htmx(request):
        staff = await staff_of(db, session)
        picker = await picker_of(db, session, staff, by=actor, offer=offer)
        return page("staffing/_helper_picker.html", ward_id=session.ward_id, session=session, picker=picker)
    return await view.staffing_page(db, session, by=actor, now=now, offer=offer)


@post(HERE, status_code=200, opt=PLANNED)
async def ask(
    form: Form[OfferForm], session_id: int, db: AsyncSession, actor: Actor, now: datetime
) -> Response[Any]:
    """Ask those ticked; for a whole series first show what that would mean."""
    session = await session_to_staff(db, session_id, actor)
    offer = form.sensible()
    if not offer.trainer_ids:
        errors = {"nguoi": _("Xin chọn ít nhất một người trong danh sách.")}
        return await view.staffing_page(
            db, session, by=actor, now=now, offer=offer, errors=errors, status=422
        )
    if offer.whole_series:
        return await _preview(db, session, offer, actor, now)
    results = await offers.offer_assignments(
        db, [session_id], offer.trainer_ids, role=offer.role, agreed=offer.agreed, by=actor, now=now
    )
    refusals = [each.refusal for each in results if each.refusal]
    if len(refusals) == len(results):
        await db.rollback()
        session = await visible_session(db, session_id, by=actor)
        errors = {f"nguoi-{n}" if n else "nguoi": each for n, each in enumerate(refusals)}
        return await view.staffing_page(
            db, session, by=actor, now=now, offer=offer, errors=errors, status=409
        )
    names = await _names(db, results)
    done = ", ".join(names[each.trainer_id] for each in results if not each.refusal)
    flash = " ".join([_("Đã phân công %(names)s.", names=done), *refusals])
    return redirect(f"/buoi/{session_id}/phan-cong", flash=flash, kind="warn" if refusals else "ok")


@post(HERE + "/ca-loat", status_code=200, opt=PLANNED)
async def ask_series(
    form: Form[OfferForm], session_id: int, db: AsyncSession, actor: Actor, now: datetime
) -> Response[Any]:
    """Ask those ticked into this and all coming sessions of the series; a list says what became of it."""
    session = await session_to_staff(db, session_id, actor)
    offer = form.sensible()
    sessions = await coming_in_series(db, session, now=now)
    results = await offers.offer_assignments(
        db,
        [each.id for each in sessions],
        offer.trainer_ids,
        role=offer.role,
        agreed=offer.agreed,
        by=actor,
        now=now,
    )
    return await _series_page(db, "staffing/series_offers.html", session, sessions, results, offer)


async def _preview(
    db: AsyncSession, session: ClassSession, offer: OfferForm, actor: Actor, now: datetime
) -> TemplatePage:
    sessions = await coming_in_series(db, session, now=now)
    results = await offers.preview_offers(
        db, [each.id for each in sessions], offer.trainer_ids, by=actor, now=now
    )
    return await _series_page(db, "staffing/series_offer_preview.html", session, sessions, results, offer)


async def _series_page(
    db: AsyncSession,
    template: str,
    session: ClassSession,
    sessions: Sequence[ClassSession],
    results: Sequence[OfferResult],
    offer: OfferForm,
) -> TemplatePage:
    by_session = {each.id: [one for one in results if one.session_id == each.id] for each in sessions}
    done = sum(each.refusal is None for each in results)
    return page(
        template,
        ward_id=session.ward_id,
        session=session,
        place=place_of(session),
        dates=[(each, by_session[each.id]) for each in sessions],
        names=await _names(db, results),
        done=done,
        left_out=len(results) - done,
        done_words=ngettext("%(n)s lượt phân công", "%(n)s lượt phân công", done),
        role_name=role_label(offer.role),
        offer=offer,
    )


async def _names(db: AsyncSession, results: Sequence[OfferResult]) -> dict[int, str]:
    """Names by trainer id, namesakes told apart by their phones; one statement."""
    ids = list(dict.fromkeys(each.trainer_id for each in results))
    known = await helpers_by_id(db, ids)
    helpers = [known[one] for one in ids]
    return distinct_names(
        {each.id: (each.full_name, masked_phone(each.phone) if each.phone else "") for each in helpers}
    )


HANDLERS = [staffing, search, ask, ask_series]
