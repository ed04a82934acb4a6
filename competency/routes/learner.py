"""The learner's page for staff, and what can be done from it."""

from datetime import datetime
from typing import Any

from litestar import Request, get, post
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from attendance.rules import mark_labels
from competency.forms import read_id
from competency.queries import learner as queries
from competency.queries.sign_offs import standing_sign_offs
from competency.rules import grouped, level_labels
from competency.service.certificates import issue_certificate
from competency.service.demonstrations import void_demonstration
from lopso.kernel import audit
from lopso.kernel.access import Actor, Permission
from lopso.kernel.errors import InvalidInput
from lopso.kernel.i18n import gettext as _
from lopso.web.guards import in_ward
from lopso.web.pages import is_htmx, page, redirect

HERE = "/nguoi-hoc/{ward_id:str}/{learner_id:int}"


@get(HERE, opt=in_ward(Permission.SEE_PEOPLE))
async def learner_page(
    ward_id: str, learner_id: int, db: AsyncSession, actor: Actor, now: datetime, trang: int = 1
) -> Response[Any]:
    """Who it is, how often they came, what they showed, what was confirmed, what is still to learn."""
    in_ward(actor, Permission.SEE_PEOPLE, ward_id)
    return await _learner_page(db, ward_id, learner_id, now, number=max(1, trang))


async def _learner_page(
    db: AsyncSession,
    ward_id: str,
    learner_id: int,
    now: datetime,
    *,
    number: int = 1,
    status: int = 200,
    voiding: int | None = None,
    errors: dict[str, str] | None = None,
) -> Response[Any]:
    learner, neighbourhood = await queries.learner_in(db, ward_id, learner_id)
    return page(
        "competency/learner.html",
        ward_id=ward_id,
        status=status,
        learner=learner,
        neighbourhood=neighbourhood,
        visits=await queries.visits(db, learner_id, now),
        progress=await queries.progress(db, learner_id, learner.audiences),
        story=await queries.timeline(db, learner_id, number=number),
        mark_labels=mark_labels(),
        level_labels=level_labels(),
        grouped=grouped,
        voiding=voiding,
        errors=errors or {},
    )


@post(HERE + "/so-dien-thoai", opt=in_ward(Permission.MANAGE_PEOPLE))
async def show_phone(
    request: Request[Any, Any, Any],
    ward_id: str,
    learner_id: int,
    db: AsyncSession,
    actor: Actor,
    now: datetime,
) -> Response[Any]:
    """The whole number, for those who look after people; each look is in the audit trail."""
    in_ward(actor, Permission.MANAGE_PEOPLE, ward_id)
    learner, _neighbourhood = await queries.learner_in(db, ward_id, learner_id)
    audit.record(
        db,
        by=actor,
        now=now,
        action="learner.phone_shown",
        ward_id=ward_id,
        subject="learner",
        subject_id=learner_id,
    )
    name = "competency/_phone.html" if is_htmx(request) else "competency/phone.html"
    return page(name, ward_id=ward_id, status=200, learner=learner)


@post(HERE + "/minh-chung/{demonstration_id:int}/bo", opt=in_ward(Permission.PLAN))
async def void(
    request: Request[Any, Any, Any],
    ward_id: str,
    learner_id: int,
    demonstration_id: int,
    db: AsyncSession,
    actor: Actor,
    now: datetime,
) -> Response[Any]:
    """Take one demonstration back, with the reason."""
    in_ward(actor, Permission.PLAN, ward_id)
    reason = str((await request.form()).get("reason", ""))[:500]
    try:
        await void_demonstration(db, ward_id, demonstration_id, reason=reason, by=actor, now=now)
    except InvalidInput as error:
        return await _learner_page(
            db, ward_id, learner_id, now, status=422, voiding=demonstration_id, errors=error.fields
        )
    return redirect(f"/nguoi-hoc/{ward_id}/{learner_id}", flash=_("Đã bỏ minh chứng này."))


@get(HERE + "/chung-nhan", opt=in_ward(Permission.ISSUE_CERTIFICATES))
async def issue_page(ward_id: str, learner_id: int, db: AsyncSession, actor: Actor) -> Response[Any]:
    """Which of the confirmed skills go on paper."""
    in_ward(actor, Permission.ISSUE_CERTIFICATES, ward_id)
    return await _issue_page(db, ward_id, learner_id)


async def _issue_page(
    db: AsyncSession, ward_id: str, learner_id: int, errors: dict[str, str] | None = None
) -> Response[Any]:
    learner, _neighbourhood = await queries.learner_in(db, ward_id, learner_id)
    return page(
        "competency/issue.html",
        ward_id=ward_id,
        status=422 if errors else 200,
        learner=learner,
        signed=await standing_sign_offs(db, learner_id),
        level_labels=level_labels(),
        errors=errors or {},
    )


@post(HERE + "/chung-nhan", opt=in_ward(Permission.ISSUE_CERTIFICATES))
async def issue(
    request: Request[Any, Any, Any],
    ward_id: str,
    learner_id: int,
    db: AsyncSession,
    actor: Actor,
    now: datetime,
) -> Response[Any]:
    """Issue a certificate for the chosen sign-offs."""
    in_ward(actor, Permission.ISSUE_CERTIFICATES, ward_id)
    chosen = [read_id(str(each)) for each in (await request.form()).getall("sign_off", [])]
    ids = [each for each in chosen if each is not None]
    if not ids:
        errors = {"sign_off": _("Xin chọn ít nhất một kỹ năng đã được xác nhận.")}
        return await _issue_page(db, ward_id, learner_id, errors)
    certificate = await issue_certificate(db, ward_id, learner_id, ids, by=actor, now=now)
    return redirect(f"/chung-nhan/{certificate.id}", flash=_("Đã cấp chứng nhận. Có thể in ngay."))


HANDLERS = [learner_page, show_phone, void, issue_page, issue]
