"""Doors of a session's people: who is in it, whom to ask, who ends it."""

from datetime import datetime
from typing import Any

from litestar import Request, get, post
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor, Permission
from lopso.kernel.errors import InvalidInput, NotFound, Refused
from lopso.kernel.i18n import gettext as _
from lopso.kernel.i18n import ngettext
from lopso.web.guards import in_ward, of_row, own_or
from lopso.web.pages import Page, is_htmx, page, redirect
from scheduling.forms.assignments import Asking, read_answer, read_asking, reason_of, role_of
from scheduling.forms.picks import words_of
from scheduling.labels.helpers import role_label
from scheduling.models import Assignment, ClassSession
from scheduling.queries.access import visible_session
from scheduling.queries.assignments import assignment_in, coming_in_series, staff_of
from scheduling.queries.places import place_of
from scheduling.routes import assignments_page as view
from scheduling.service import answers, assignments
from scheduling.service.assignments import OfferResult

Req = Request[Any, Any, Any]

PLANNED = of_row(Permission.PLAN, seen_by_helpers=True)


@get("/buoi/{session_id:int}/phan-cong", opt=own_or(Permission.SEE_CALENDAR))
async def staffing(
    request: Req, session_id: int, db: AsyncSession, actor: Actor, now: datetime, vai: str | None = None
) -> Page:
    """Who is in a session and whom to ask; as a part of the session's page when htmx asks."""
    session = await visible_session(db, session_id, by=actor)
    if is_htmx(request):
        return await view.staffing_panel(db, session, by=actor, now=now)
    role = role_of(vai) if vai else view.default_role(await staff_of(db, session))
    asking = Asking((), "", role, agreed=False, whole_series=False, reason="")
    return await view.staffing_page(db, session, by=actor, now=now, asking=asking)


@post("/buoi/{session_id:int}/phan-cong/tim", status_code=200, opt=PLANNED)
async def search(request: Req, session_id: int, db: AsyncSession, actor: Actor, now: datetime) -> Page:
    """The same list narrowed by a name or a phone; by POST, so that neither stands in an address."""
    session = await planned(db, session_id, actor)
    asking = read_asking(await request.form())
    if is_htmx(request):
        staff = await staff_of(db, session)
        picker = await view.picker_of(db, session, staff, by=actor, asking=asking)
        return page("scheduling/_helper_picker.html", ward_id=session.ward_id, session=session, picker=picker)
    return await view.staffing_page(db, session, by=actor, now=now, asking=asking)


@post("/buoi/{session_id:int}/phan-cong", status_code=200, opt=PLANNED)
async def ask(request: Req, session_id: int, db: AsyncSession, actor: Actor, now: datetime) -> Response[Any]:
    """Ask those ticked; for a whole series first show what that would mean."""
    session = await planned(db, session_id, actor)
    asking = read_asking(await request.form())
    if not asking.trainer_ids:
        errors = {"nguoi": _("Xin chọn ít nhất một người trong danh sách.")}
        return await view.staffing_page(
            db, session, by=actor, now=now, asking=asking, errors=errors, status=422
        )
    if asking.whole_series:
        return await _preview(db, session, asking, actor, now)
    asked = await assignments.offer_assignments(
        db, [session_id], asking.trainer_ids, role=asking.role, agreed=asking.agreed, by=actor, now=now
    )
    refusals = [each.refusal for each in asked if each.refusal]
    if len(refusals) == len(asked):
        await db.rollback()
        session = await visible_session(db, session_id, by=actor)
        errors = {f"nguoi-{n}" if n else "nguoi": each for n, each in enumerate(refusals)}
        return await view.staffing_page(
            db, session, by=actor, now=now, asking=asking, errors=errors, status=409
        )
    done = ", ".join(each.name for each in asked if not each.refusal)
    flash = " ".join([_("Đã phân công %(names)s.", names=done), *refusals])
    return redirect(_here(session_id), flash=flash, kind="warn" if refusals else "ok")


@post("/buoi/{session_id:int}/phan-cong/ca-loat", status_code=200, opt=PLANNED)
async def ask_series(
    request: Req, session_id: int, db: AsyncSession, actor: Actor, now: datetime
) -> Response[Any]:
    """Ask those ticked into this and all coming sessions of the series; a list says what became of it."""
    session = await planned(db, session_id, actor)
    asking = read_asking(await request.form())
    sessions = await coming_in_series(db, session, now=now)
    asked = await assignments.offer_assignments(
        db,
        [each.id for each in sessions],
        asking.trainer_ids,
        role=asking.role,
        agreed=asking.agreed,
        by=actor,
        now=now,
    )
    return _series_page("scheduling/series_offers.html", session, sessions, asked, asking)


@get("/buoi/{session_id:int}/phan-cong/{assignment_id:int}", opt=PLANNED)
async def member(session_id: int, assignment_id: int, db: AsyncSession, actor: Actor, now: datetime) -> Page:
    """One person in a session, and everything that can be done about it."""
    row = await _row(db, session_id, assignment_id, actor)
    session = await visible_session(db, session_id, by=actor)
    return await view.member_page(db, session, row, by=actor, now=now)


@post(
    "/buoi/{session_id:int}/phan-cong/{assignment_id:int}/tra-loi",
    status_code=200,
    opt=PLANNED,
)
async def write_down_answer(
    request: Req, session_id: int, assignment_id: int, db: AsyncSession, actor: Actor, now: datetime
) -> Response[Any]:
    """A coordinator writes down what a helper said on the phone."""
    row = await _row(db, session_id, assignment_id, actor)
    said = read_answer(await request.form())
    try:
        await answers.answer(db, row.id, accept=said.accept, reason=said.reason, by=actor, now=now)
    except (Refused, InvalidInput) as refusal:
        return await _refused(db, session_id, assignment_id, refusal, actor, now)
    flash = _("Đã ghi: %(name)s nhận lời.") if said.accept else _("Đã ghi: %(name)s báo bận.")
    return redirect(
        _here(session_id),
        flash=flash % {"name": row.trainer.full_name},
        undo_url=f"{_here(session_id)}/{assignment_id}/hoan-tac",
    )


@post(
    "/buoi/{session_id:int}/phan-cong/{assignment_id:int}/hoan-tac",
    status_code=200,
    opt=PLANNED,
)
async def take_back(
    session_id: int, assignment_id: int, db: AsyncSession, actor: Actor, now: datetime
) -> Response[Any]:
    """Undo an answer written down by mistake."""
    row = await _row(db, session_id, assignment_id, actor)
    try:
        await answers.undo_answer(db, row.id, by=actor, now=now)
    except Refused as refusal:
        return await _refused(db, session_id, assignment_id, refusal, actor, now)
    return redirect(_here(session_id), flash=_("%(name)s lại ở mục chờ trả lời.", name=row.trainer.full_name))


@post("/buoi/{session_id:int}/phan-cong/{assignment_id:int}/rut", status_code=200, opt=PLANNED)
async def withdraw(
    request: Req, session_id: int, assignment_id: int, db: AsyncSession, actor: Actor, now: datetime
) -> Response[Any]:
    """Take somebody off a session, or off it and the later ones of its series."""
    row = await _row(db, session_id, assignment_id, actor)
    form = await request.form()
    reason = reason_of(form)
    name, number = row.trainer.full_name, 1
    try:
        if words_of(form, "pham_vi") == "loat":
            number = await assignments.withdraw_from_series(db, row.id, reason=reason, by=actor, now=now)
        else:
            await assignments.withdraw(db, row.id, reason=reason, by=actor, now=now)
    except (Refused, InvalidInput) as refusal:
        return await _refused(db, session_id, assignment_id, refusal, actor, now)
    if number > 1:
        flash = _("Đã rút phân công của %(name)s khỏi %(n)s buổi.", name=name, n=number)
        return redirect(_here(session_id), flash=flash)
    return redirect(_here(session_id), flash=_("Đã rút phân công của %(name)s.", name=name))


@post(
    "/buoi/{session_id:int}/phan-cong/{assignment_id:int}/vai-tro",
    status_code=200,
    opt=PLANNED,
)
async def change_role(
    request: Req,
    session_id: int,
    assignment_id: int,
    db: AsyncSession,
    actor: Actor,
    now: datetime,
    vai: str | None = None,
) -> Response[Any]:
    """Have somebody teach instead of help, or the other way round."""
    row = await _row(db, session_id, assignment_id, actor)
    role = role_of(words_of(await request.form(), "vai") or vai)
    before, name = row.role, row.trainer.full_name
    try:
        await assignments.change_role(db, row.id, role, by=actor, now=now)
    except Refused as refusal:
        return await _refused(db, session_id, assignment_id, refusal, actor, now)
    undo = f"{_here(session_id)}/{assignment_id}/vai-tro?vai={before}" if before != role else None
    flash = _("%(name)s nay là %(role)s.", name=name, role=role_label(role))
    return redirect(_here(session_id), flash=flash, undo_url=undo)


@post(
    "/buoi/{session_id:int}/phan-cong/{assignment_id:int}/vang-mat",
    status_code=200,
    opt=PLANNED,
)
async def absence(
    request: Req, session_id: int, assignment_id: int, db: AsyncSession, actor: Actor, now: datetime
) -> Response[Any]:
    """Write down that somebody did not come, or did after all."""
    row = await _row(db, session_id, assignment_id, actor)
    came = (await request.form()).get("den") == "1"
    try:
        await assignments.record_absence(db, row.id, came=came, by=actor, now=now)
    except Refused as refusal:
        return await _refused(db, session_id, assignment_id, refusal, actor, now)
    flash = _("Đã ghi: %(name)s có mặt.") if came else _("Đã ghi: %(name)s không đến.")
    return redirect(_here(session_id), flash=flash % {"name": row.trainer.full_name})


@get("/buoi/{session_id:int}/phan-cong/{assignment_id:int}/thay", opt=PLANNED)
async def replacing(session_id: int, assignment_id: int, db: AsyncSession, actor: Actor) -> Page:
    """Whom to put in somebody's place."""
    row = await _row(db, session_id, assignment_id, actor)
    session = await visible_session(db, session_id, by=actor)
    asking = Asking((), "", role_of(row.role), agreed=False, whole_series=False, reason=row.reason)
    return await view.replacing_page(db, session, row, by=actor, asking=asking)


@post(
    "/buoi/{session_id:int}/phan-cong/{assignment_id:int}/thay/tim",
    status_code=200,
    opt=PLANNED,
)
async def search_replacement(
    request: Req, session_id: int, assignment_id: int, db: AsyncSession, actor: Actor
) -> Page:
    """The same list narrowed by a name or a phone."""
    row = await _row(db, session_id, assignment_id, actor)
    session = await visible_session(db, session_id, by=actor)
    asking = _same_role(read_asking(await request.form()), row)
    if is_htmx(request):
        staff = await staff_of(db, session)
        picker = await view.picker_of(db, session, staff, by=actor, asking=asking)
        return page(
            "scheduling/_helper_picker.html",
            ward_id=session.ward_id,
            session=session,
            picker=picker,
            one=True,
        )
    return await view.replacing_page(db, session, row, by=actor, asking=asking)


@post("/buoi/{session_id:int}/phan-cong/{assignment_id:int}/thay", status_code=200, opt=PLANNED)
async def replace(
    request: Req, session_id: int, assignment_id: int, db: AsyncSession, actor: Actor, now: datetime
) -> Response[Any]:
    """Put somebody else in a helper's place."""
    row = await _row(db, session_id, assignment_id, actor)
    asking = _same_role(read_asking(await request.form()), row)
    errors: dict[str, str] = {}
    status = 422
    if len(asking.trainer_ids) != 1:
        errors["nguoi"] = _("Xin chọn một người thay.")
    else:
        try:
            asked = await assignments.replace(
                db,
                row.id,
                asking.trainer_ids[0],
                reason=asking.reason,
                agreed=asking.agreed,
                by=actor,
                now=now,
            )
        except InvalidInput as refusal:
            errors = refusal.fields
        except Refused as refusal:
            errors["nguoi"], status = refusal.sentence, refusal.status
        else:
            names = {"new": asked.name, "old": row.trainer.full_name}
            return redirect(_here(session_id), flash=_("%(new)s thay %(old)s.", **names))
    await db.rollback()
    row = await _row(db, session_id, assignment_id, actor)
    session = await visible_session(db, session_id, by=actor)
    return await view.replacing_page(db, session, row, by=actor, asking=asking, errors=errors, status=status)


async def planned(db: AsyncSession, session_id: int, actor: Actor) -> ClassSession:
    """A session this person plans; one they may only see is forbidden, any other does not exist."""
    session = await visible_session(db, session_id, by=actor)
    in_ward(actor, Permission.PLAN, session.ward_id)
    return session


async def _row(db: AsyncSession, session_id: int, assignment_id: int, actor: Actor) -> Assignment:
    await planned(db, session_id, actor)
    row = await assignment_in(db, session_id, assignment_id)
    if row is None:
        raise NotFound
    return row


async def _refused(
    db: AsyncSession,
    session_id: int,
    assignment_id: int,
    refusal: Refused | InvalidInput,
    actor: Actor,
    now: datetime,
) -> Page:
    """The person's page as it is now, with the sentence on it."""
    await db.rollback()
    row = await _row(db, session_id, assignment_id, actor)
    session = await visible_session(db, session_id, by=actor)
    errors = refusal.fields if isinstance(refusal, InvalidInput) else {"": refusal.sentence}
    return await view.member_page(db, session, row, by=actor, now=now, errors=errors, status=refusal.status)


async def _preview(
    db: AsyncSession, session: ClassSession, asking: Asking, actor: Actor, now: datetime
) -> Page:
    sessions = await coming_in_series(db, session, now=now)
    asked = await assignments.preview_offers(
        db, [each.id for each in sessions], asking.trainer_ids, by=actor, now=now
    )
    return _series_page("scheduling/series_offer_preview.html", session, sessions, asked, asking)


def _series_page(
    template: str,
    session: ClassSession,
    sessions: list[ClassSession],
    asked: list[OfferResult],
    asking: Asking,
) -> Page:
    by_session = {each.id: [one for one in asked if one.session_id == each.id] for each in sessions}
    done = sum(each.refusal is None for each in asked)
    return page(
        template,
        ward_id=session.ward_id,
        session=session,
        place=place_of(session),
        dates=[(each, by_session[each.id]) for each in sessions],
        names=list(dict.fromkeys(each.name for each in asked)),
        done=done,
        left_out=len(asked) - done,
        done_words=ngettext("%(n)s lượt phân công", "%(n)s lượt phân công", done),
        role_name=role_label(asking.role),
        asking=asking,
    )


def _same_role(asking: Asking, row: Assignment) -> Asking:
    return Asking(
        asking.trainer_ids,
        asking.typed,
        role_of(row.role),
        agreed=asking.agreed,
        whole_series=False,
        reason=asking.reason,
    )


def _here(session_id: int) -> str:
    return f"/buoi/{session_id}/phan-cong"


HANDLERS = [
    staffing,
    search,
    ask,
    ask_series,
    member,
    write_down_answer,
    take_back,
    withdraw,
    change_role,
    absence,
    replacing,
    search_replacement,
    replace,
]
