"""Registering somebody in the middle of enrolling: saved, ticked, and the other ticks stay."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from litestar import post
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from learners.service.consents import answer_consents
from learners.service.learners import register
from lopso.kernel.access import Actor, Permission
from lopso.kernel.clock import local_day
from lopso.kernel.errors import InvalidInput
from lopso.kernel.i18n import gettext as _
from lopso.web.forms import Form
from lopso.web.guards import of_row, require_in_ward
from lopso.web.pages import redirect
from scheduling.forms.enrolments import MOST_AT_ONCE, EnrolForm, class_value
from scheduling.forms.newcomers import NewcomerForm
from scheduling.routes import enrolments_page as view
from scheduling.routes.access import planned_session
from scheduling.service.enrolments import check_open, full_name


@post("/buoi/{session_id:int}/ghi-danh/nguoi-moi", status_code=200, opt=of_row(Permission.MANAGE_PEOPLE))
async def add_newcomer(
    form: Form[NewcomerForm], session_id: int, db: AsyncSession, actor: Actor, now: datetime
) -> Response[Any]:
    """Put somebody on the ward's list, with the check for doubles, and tick them."""
    session = await planned_session(db, session_id, actor)
    require_in_ward(actor, Permission.MANAGE_PEOPLE, session.ward_id)
    check_open(session, now)
    choice = Form.read(EnrolForm, form.sent, today=local_day(now)).sensible()
    try:
        if len(choice.learner_ids) >= MOST_AT_ONCE:
            raise InvalidInput({"nguoi": view.too_many()})
        said = form.value()
        learner = await register(db, session.ward_id, said.details, by=actor, now=now, another=said.another)
    except InvalidInput as error:
        refused = form.refused(error)
        return await view.enrolments_page(
            db,
            session,
            by=actor,
            now=now,
            form=choice,
            newcomer=refused.typed,
            error=error,
            errors=refused.errors,
            status=422,
        )
    await answer_consents(db, session.ward_id, learner.id, said.answers, how="spoken", by=actor, now=now)
    name = full_name(learner)
    return redirect(
        _with_ticks(session_id, choice, learner.id),
        flash=_("Đã thêm %(name)s vào danh sách và đánh dấu chọn. Bấm Ghi danh để xếp vào lớp.", name=name),
    )


def _with_ticks(session_id: int, choice: EnrolForm, learner_id: int) -> str:
    """The page with the same choice, and the newcomer ticked too. Ids stand in it, no names."""
    fields = [("nguoi", str(each)) for each in (*choice.learner_ids, learner_id)]
    if choice.whole_series:
        fields.append(("pham_vi", "loat"))
    if choice.alike is not None:
        fields.append(("nhu_lop", class_value(*choice.alike)))
    if choice.neighbourhood_id is not None:
        fields.append(("to", str(choice.neighbourhood_id)))
    if choice.audience is not None:
        fields.append(("nhom", choice.audience))
    return f"/buoi/{session_id}/ghi-danh?{urlencode(fields)}"


HANDLERS = [add_newcomer]
