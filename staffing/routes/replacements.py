"""Putting somebody else in a helper's place."""

from datetime import datetime
from typing import Any
from urllib.parse import quote

from litestar import get, post
from litestar.response import Response
from msgspec.structs import replace as with_other
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor, Permission
from lopso.kernel.errors import InvalidInput, Refused
from lopso.kernel.i18n import gettext as _
from lopso.web.forms import Form
from lopso.web.guards import of_row
from lopso.web.pages import TemplatePage, is_htmx, page, redirect
from lopso.web.request import Request
from scheduling.models import Assignment
from scheduling.queries.access import visible_session
from scheduling.rules.commitments import AssignmentRole
from staffing.forms.assignments import OfferForm
from staffing.queries.assignments import staff_of
from staffing.routes import staffing_page as view
from staffing.routes.access import planned_assignment
from staffing.routes.helper_picker import picker_of
from staffing.service import assignments

HERE = "/buoi/{session_id:int}/phan-cong/{assignment_id:int}/thay"
PLANNED = of_row(Permission.PLAN, seen_by_helpers=True)


@get(HERE, opt=PLANNED)
async def replacing(session_id: int, assignment_id: int, db: AsyncSession, actor: Actor) -> TemplatePage:
    """Whom to put in somebody's place."""
    row = await planned_assignment(db, session_id, assignment_id, actor)
    session = await visible_session(db, session_id, by=actor)
    offer = OfferForm(role=_role(row))
    return await view.replacing_page(db, session, row, by=actor, offer=offer)


@post(HERE + "/tim", status_code=200, opt=PLANNED)
async def search_replacement(
    request: Request,
    form: Form[OfferForm],
    session_id: int,
    assignment_id: int,
    db: AsyncSession,
    actor: Actor,
) -> TemplatePage:
    """The same list narrowed by a name or a phone."""
    row = await planned_assignment(db, session_id, assignment_id, actor)
    session = await visible_session(db, session_id, by=actor)
    offer = with_other(form.sensible(), role=_role(row), whole_series=False)
    if is_htmx(request):
        staff = await staff_of(db, session)
        picker = await picker_of(db, session, staff, by=actor, offer=offer, leaving=row.trainer_id)
        return page(
            "staffing/_helper_picker.html",
            ward_id=session.ward_id,
            session=session,
            picker=picker,
            one=True,
        )
    return await view.replacing_page(db, session, row, by=actor, offer=offer)


@post(HERE, status_code=200, opt=PLANNED)
async def replace(
    form: Form[OfferForm],
    session_id: int,
    assignment_id: int,
    db: AsyncSession,
    actor: Actor,
    now: datetime,
) -> Response[Any]:
    """Put somebody else in a helper's place."""
    row = await planned_assignment(db, session_id, assignment_id, actor)
    offer = with_other(form.sensible(), role=_role(row), whole_series=False)
    errors: dict[str, str] = {}
    status = 422
    if len(offer.trainer_ids) != 1:
        errors["nguoi"] = _("Xin chọn một người thay.")
    else:
        try:
            result = await assignments.replace(
                db,
                row.id,
                offer.trainer_ids[0],
                reason=offer.reason,
                agreed=offer.agreed,
                by=actor,
                now=now,
            )
        except InvalidInput as refusal:
            errors = refusal.fields
        except Refused as refusal:
            errors["nguoi"], status = refusal.sentence, refusal.status
        else:
            names = {"new": result.name, "old": row.trainer.full_name}
            here = f"/buoi/{session_id}/phan-cong"
            undo = f"{here}/{assignment_id}/thay/hoan-tac?luc={quote(now.isoformat())}"
            return redirect(here, flash=_("%(new)s thay %(old)s.", **names), undo_url=undo)
    await db.rollback()
    row = await planned_assignment(db, session_id, assignment_id, actor)
    session = await visible_session(db, session_id, by=actor)
    return await view.replacing_page(db, session, row, by=actor, offer=offer, errors=errors, status=status)


def _role(row: Assignment) -> AssignmentRole:
    return "trainer" if row.role == "trainer" else "helper"


HANDLERS = [replacing, search_replacement, replace]
