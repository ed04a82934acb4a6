"""The learner's page for staff, with voiding a demonstration and issuing a certificate."""

from datetime import datetime
from typing import Any

from litestar import get, post
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from attendance.labels import mark_labels
from competency.forms.sign_offs import CertificateForm, RevocationReasonForm, TimelineParams
from competency.labels import certificate_status, level_labels
from competency.queries import learner as queries
from competency.queries.certificates import standing_certificates
from competency.queries.progress import progress
from competency.queries.sign_offs import standing_sign_offs
from competency.queries.timeline import timeline
from competency.rules import grouped
from competency.service.certificates import issue_certificate
from competency.service.demonstrations import void_demonstration
from lopso.kernel import audit
from lopso.kernel.access import Actor, Permission
from lopso.kernel.errors import InvalidInput
from lopso.kernel.i18n import gettext as _
from lopso.web.forms import Form
from lopso.web.guards import in_ward
from lopso.web.pages import is_htmx, page, redirect
from lopso.web.request import Request
from scheduling.labels.learner_classes import rhythm_label
from scheduling.queries.places import place_of
from scheduling.queries.upcoming_classes import upcoming_classes

HERE = "/nguoi-hoc/{ward_id:str}/{learner_id:int}"
FIRST_PAGES = TimelineParams()
CERTIFICATES_READ = 20  # the newest; people have one or two


@get(HERE, opt=in_ward(Permission.SEE_PEOPLE))
async def learner_page(
    ward_id: str, learner_id: int, db: AsyncSession, now: datetime, params: TimelineParams
) -> Response[Any]:
    """Coming classes, skills, what is missing for a certificate, the past; texts come as a part."""
    form = Form.blank(RevocationReasonForm)
    return await _learner_page(db, ward_id, learner_id, form, now, params=params)


async def _learner_page(
    db: AsyncSession,
    ward_id: str,
    learner_id: int,
    form: Form[RevocationReasonForm],
    now: datetime,
    *,
    params: TimelineParams = FIRST_PAGES,
    voiding: int | None = None,
) -> Response[Any]:
    learner, neighbourhood = await queries.learner_in(db, ward_id, learner_id)
    skills = await progress(db, learner_id, learner.audiences)
    papers = await standing_certificates(db, learner_id, limit=CERTIFICATES_READ)
    return page(
        "competency/learner.html",
        ward_id=ward_id,
        form=form,
        learner=learner,
        neighbourhood=neighbourhood,
        visits=await queries.visits(db, learner_id, now),
        upcoming=await upcoming_classes(db, learner_id, now=now, number=params.lop),
        progress=skills,
        certificate=certificate_status(skills, papers),
        timeline=await timeline(db, learner_id, number=params.trang),
        rhythm_label=rhythm_label,
        place_of=place_of,
        mark_labels=mark_labels(),
        level_labels=level_labels(),
        grouped=grouped,
        voiding=voiding,
    )


@post(HERE + "/so-dien-thoai", opt=in_ward(Permission.MANAGE_PEOPLE))
async def show_phone(
    request: Request, ward_id: str, learner_id: int, db: AsyncSession, actor: Actor, now: datetime
) -> Response[Any]:
    """The whole number, for those who manage people; each look is in the audit trail."""
    learner, _neighbourhood = await queries.learner_in(db, ward_id, learner_id)
    audit.note(db, learner, "learner.phone_shown", by=actor, now=now)
    name = "competency/_phone.html" if is_htmx(request) else "competency/phone.html"
    return page(name, ward_id=ward_id, status=200, learner=learner)


@post(HERE + "/minh-chung/{demonstration_id:int}/bo", opt=in_ward(Permission.PLAN))
async def void(
    form: Form[RevocationReasonForm],
    ward_id: str,
    learner_id: int,
    demonstration_id: int,
    db: AsyncSession,
    actor: Actor,
    now: datetime,
) -> Response[Any]:
    """Void one demonstration, with the reason."""
    try:
        reason = form.value().reason
        await void_demonstration(db, ward_id, learner_id, demonstration_id, reason=reason, by=actor, now=now)
    except InvalidInput as error:
        refused = form.refused(error)
        return await _learner_page(db, ward_id, learner_id, refused, now, voiding=demonstration_id)
    return redirect(f"/nguoi-hoc/{ward_id}/{learner_id}", flash=_("Đã bỏ minh chứng này."))


@get(HERE + "/chung-nhan", opt=in_ward(Permission.ISSUE_CERTIFICATES))
async def issue_page(ward_id: str, learner_id: int, db: AsyncSession) -> Response[Any]:
    """Which of the standing sign-offs are printed."""
    return await _issue_page(db, ward_id, learner_id, Form.blank(CertificateForm))


async def _issue_page(
    db: AsyncSession, ward_id: str, learner_id: int, form: Form[CertificateForm]
) -> Response[Any]:
    learner, _neighbourhood = await queries.learner_in(db, ward_id, learner_id)
    return page(
        "competency/issue.html",
        ward_id=ward_id,
        form=form,
        learner=learner,
        signed=await standing_sign_offs(db, learner_id),
        level_labels=level_labels(),
    )


@post(HERE + "/chung-nhan", opt=in_ward(Permission.ISSUE_CERTIFICATES))
async def issue(
    form: Form[CertificateForm],
    ward_id: str,
    learner_id: int,
    db: AsyncSession,
    actor: Actor,
    now: datetime,
) -> Response[Any]:
    """Issue a certificate for the chosen sign-offs."""
    if form.errors:
        return await _issue_page(db, ward_id, learner_id, form)
    ids = form.value().sign_off
    certificate = await issue_certificate(db, ward_id, learner_id, ids, by=actor, now=now)
    return redirect(f"/chung-nhan/{certificate.id}", flash=_("Đã cấp chứng nhận. Có thể in ngay."))


HANDLERS = [learner_page, show_phone, void, issue_page, issue]
