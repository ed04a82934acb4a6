"""The assessor's queue; sign-offs given and revoked."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from litestar import get, post
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from competency.forms.sign_offs import QueueParams, RevocationReasonForm, SignOffForm
from competency.labels import level_labels
from competency.queries.queue import QueueFilter, courses_waiting, queue
from competency.queries.sign_offs import sign_off_in
from competency.service.sign_offs import Signed, revoke_sign_off, sign_off
from lopso.kernel.access import Actor, Permission
from lopso.kernel.errors import InvalidInput
from lopso.kernel.i18n import gettext as _
from lopso.kernel.i18n import ngettext
from lopso.web.forms import Form
from lopso.web.guards import in_ward
from lopso.web.pages import page, redirect

HERE = "/xac-nhan/{ward_id:str}"
SIGNED = in_ward(Permission.SIGN_OFF)


async def _queue_page(
    db: AsyncSession,
    actor: Actor,
    ward_id: str,
    form: Form[SignOffForm],
    params: QueueParams,
    number: int = 1,
) -> Response[Any]:
    chosen = _filter(params)
    return page(
        "competency/queue.html",
        ward_id=ward_id,
        form=form,
        waiting=await queue(db, ward_id, chosen, number=number, reader_id=actor.user_id),
        chosen=chosen,
        courses=await courses_waiting(db, ward_id),
        here=_address(ward_id, chosen),
        level_labels=level_labels(),
        picked=form.typed.many("pick"),
    )


def _filter(params: QueueParams) -> QueueFilter:
    return QueueFilter(params.ten, params.noi_dung, params.buoi)


def _address(ward_id: str, chosen: QueueFilter) -> str:
    wanted = {"ten": chosen.name, "noi_dung": chosen.course_id, "buoi": chosen.session_id}
    query = urlencode({name: value for name, value in wanted.items() if value})
    return f"/xac-nhan/{ward_id}" + (f"?{query}" if query else "")


@get(HERE, opt=SIGNED)
async def sign_off_queue(ward_id: str, db: AsyncSession, actor: Actor, params: QueueParams) -> Response[Any]:
    """Who waits for which sign-off."""
    return await _queue_page(db, actor, ward_id, Form.blank(SignOffForm), params, params.trang)


@post(HERE, opt=SIGNED)
async def sign(
    form: Form[SignOffForm],
    ward_id: str,
    db: AsyncSession,
    actor: Actor,
    now: datetime,
    params: QueueParams,
) -> Response[Any]:
    """Sign what was ticked; what cannot be signed is said, the rest goes through."""
    try:
        signed = await sign_off(db, ward_id, form.value().pick, by=actor, now=now)
        if not signed.done:
            raise InvalidInput({"": " ".join(dict.fromkeys(signed.refused.values()))})
    except InvalidInput as error:
        return await _queue_page(db, actor, ward_id, form.refused(error), params)
    said = _("Đã xác nhận %(skills)s cho %(people)s.", skills=_skills(signed), people=_people(signed))
    if signed.refused:
        said += " " + _(
            "Còn %(n)s mục chưa xác nhận được: %(why)s",
            n=len(signed.refused),
            why=" ".join(dict.fromkeys(signed.refused.values())),
        )
    return redirect(_address(ward_id, _filter(params)), flash=said, kind="warn" if signed.refused else "ok")


def _skills(signed: Signed) -> str:
    return ngettext("%(n)s kỹ năng", "%(n)s kỹ năng", len(signed.done))


def _people(signed: Signed) -> str:
    return ngettext("%(n)s người", "%(n)s người", len({each.learner_id for each in signed.done}))


@get(HERE + "/{sign_off_id:int}/thu-hoi", opt=SIGNED)
async def revoke_page(ward_id: str, sign_off_id: int, db: AsyncSession) -> Response[Any]:
    """What will be revoked, and the question why."""
    return await _revoke_page(db, ward_id, sign_off_id, Form.blank(RevocationReasonForm))


@post(HERE + "/{sign_off_id:int}/thu-hoi", opt=SIGNED)
async def revoke(
    form: Form[RevocationReasonForm],
    ward_id: str,
    sign_off_id: int,
    db: AsyncSession,
    actor: Actor,
    now: datetime,
) -> Response[Any]:
    """Revoke a sign-off, with the reason."""
    try:
        reason = form.value().reason
        revoked = await revoke_sign_off(db, ward_id, sign_off_id, reason=reason, by=actor, now=now)
    except InvalidInput as error:
        return await _revoke_page(db, ward_id, sign_off_id, form.refused(error))
    return redirect(
        f"/nguoi-hoc/{ward_id}/{revoked.learner_id}",
        flash=_("Đã thu hồi xác nhận. Kỹ năng này trở lại danh sách chờ xác nhận."),
    )


async def _revoke_page(
    db: AsyncSession, ward_id: str, sign_off_id: int, form: Form[RevocationReasonForm]
) -> Response[Any]:
    return page(
        "competency/revoke_sign_off.html",
        ward_id=ward_id,
        form=form,
        signed=await sign_off_in(db, ward_id, sign_off_id),
        level_labels=level_labels(),
    )


HANDLERS = [sign_off_queue, sign, revoke_page, revoke]
