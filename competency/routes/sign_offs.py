"""The assessor's queue, and taking a sign-off back."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from litestar import Request, get, post
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from competency.forms import read_id, read_pairs
from competency.queries.queue import QueueFilter, courses_waiting, queue
from competency.queries.sign_offs import sign_off_in
from competency.rules import level_labels
from competency.service.sign_offs import Signed, revoke_sign_off, sign_off
from lopso.kernel.access import Actor, Permission
from lopso.kernel.errors import InvalidInput
from lopso.kernel.i18n import gettext as _
from lopso.kernel.i18n import ngettext
from lopso.web.guards import in_ward
from lopso.web.pages import page, redirect

HERE = "/xac-nhan/{ward_id:str}"


async def _queue_page(
    db: AsyncSession,
    actor: Actor,
    ward_id: str,
    chosen: QueueFilter,
    *,
    number: int,
    status: int = 200,
    errors: dict[str, str] | None = None,
    picked: list[str] | None = None,
) -> Response[Any]:
    waiting = await queue(db, ward_id, chosen, number=number, reader_id=actor.user_id)
    return page(
        "competency/queue.html",
        ward_id=ward_id,
        status=status,
        waiting=waiting,
        chosen=chosen,
        courses=await courses_waiting(db, ward_id),
        here=_address(ward_id, chosen),
        level_labels=level_labels(),
        errors=errors or {},
        picked=picked or [],
    )


def _address(ward_id: str, chosen: QueueFilter) -> str:
    wanted = {"ten": chosen.name, "noi_dung": chosen.course_id, "buoi": chosen.session_id}
    query = urlencode({name: value for name, value in wanted.items() if value})
    return f"/xac-nhan/{ward_id}" + (f"?{query}" if query else "")


@get(HERE, opt=in_ward(Permission.SIGN_OFF))
async def sign_off_queue(
    ward_id: str,
    db: AsyncSession,
    actor: Actor,
    ten: str = "",
    noi_dung: str = "",
    buoi: str = "",
    trang: int = 1,
) -> Response[Any]:
    """Who waits for which sign-off: by name (`ten`), course (`noi_dung`) or session (`buoi`)."""
    in_ward(actor, Permission.SIGN_OFF, ward_id)
    chosen = QueueFilter(ten.strip()[:100], read_id(noi_dung), read_id(buoi))
    return await _queue_page(db, actor, ward_id, chosen, number=max(1, trang))


@post(HERE, opt=in_ward(Permission.SIGN_OFF))
async def sign(
    request: Request[Any, Any, Any],
    ward_id: str,
    db: AsyncSession,
    actor: Actor,
    now: datetime,
    ten: str = "",
    noi_dung: str = "",
    buoi: str = "",
) -> Response[Any]:
    """Sign what was ticked; what cannot be signed is said, the rest goes through."""
    in_ward(actor, Permission.SIGN_OFF, ward_id)
    chosen = QueueFilter(ten.strip()[:100], read_id(noi_dung), read_id(buoi))
    picked = [str(each) for each in (await request.form()).getall("pick", [])]
    signed = Signed()
    try:
        signed = await sign_off(db, ward_id, read_pairs(picked), by=actor, now=now)
        if not signed.done:
            raise InvalidInput({"": " ".join(dict.fromkeys(signed.refused.values()))})
    except InvalidInput as error:
        return await _queue_page(
            db, actor, ward_id, chosen, number=1, status=422, errors=error.fields, picked=picked
        )
    said = _("Đã xác nhận %(skills)s cho %(people)s.", skills=_skills(signed), people=_people(signed))
    if signed.refused:
        said += " " + _(
            "Còn %(n)s mục chưa xác nhận được: %(why)s",
            n=len(signed.refused),
            why=" ".join(dict.fromkeys(signed.refused.values())),
        )
    return redirect(_address(ward_id, chosen), flash=said, kind="warn" if signed.refused else "ok")


def _skills(signed: Signed) -> str:
    return ngettext("%(n)s kỹ năng", "%(n)s kỹ năng", len(signed.done))


def _people(signed: Signed) -> str:
    return ngettext("%(n)s người", "%(n)s người", len({each.learner_id for each in signed.done}))


@get(HERE + "/{sign_off_id:int}/thu-hoi", opt=in_ward(Permission.SIGN_OFF))
async def revoke_page(ward_id: str, sign_off_id: int, db: AsyncSession, actor: Actor) -> Response[Any]:
    """What will be taken back, and the question why."""
    in_ward(actor, Permission.SIGN_OFF, ward_id)
    return await _revoke_page(db, ward_id, sign_off_id)


@post(HERE + "/{sign_off_id:int}/thu-hoi", opt=in_ward(Permission.SIGN_OFF))
async def revoke(
    request: Request[Any, Any, Any],
    ward_id: str,
    sign_off_id: int,
    db: AsyncSession,
    actor: Actor,
    now: datetime,
) -> Response[Any]:
    """Take a sign-off back, with the reason."""
    in_ward(actor, Permission.SIGN_OFF, ward_id)
    reason = str((await request.form()).get("reason", ""))[:500]
    try:
        revoked = await revoke_sign_off(db, ward_id, sign_off_id, reason=reason, by=actor, now=now)
    except InvalidInput as error:
        return await _revoke_page(db, ward_id, sign_off_id, errors=error.fields)
    return redirect(
        f"/nguoi-hoc/{ward_id}/{revoked.learner_id}",
        flash=_("Đã thu hồi xác nhận. Kỹ năng này trở lại danh sách chờ xác nhận."),
    )


async def _revoke_page(
    db: AsyncSession, ward_id: str, sign_off_id: int, errors: dict[str, str] | None = None
) -> Response[Any]:
    return page(
        "competency/revoke_sign_off.html",
        ward_id=ward_id,
        status=422 if errors else 200,
        signed=await sign_off_in(db, ward_id, sign_off_id),
        level_labels=level_labels(),
        errors=errors or {},
    )


HANDLERS = [sign_off_queue, sign, revoke_page, revoke]
