"""Certificates for staff, and the public check."""

import asyncio
from datetime import datetime
from typing import Any

from litestar import get, post
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from competency.certificate_text import certificate_pdf, certificate_text, check_url
from competency.errors import RevokedCertificateNotPrinted
from competency.forms.sign_offs import RevokeCertificateForm, SerialParams
from competency.labels import level_labels, revoke_labels
from competency.models import Certificate
from competency.queries.certificates import certificate_by_id, certificate_by_serial
from competency.rules import grouped, read_serial
from competency.service.certificates import revoke_certificate
from lopso.kernel.access import Actor, Permission
from lopso.kernel.errors import InvalidInput, NotFound
from lopso.kernel.i18n import gettext as _
from lopso.kernel.i18n import language
from lopso.kernel.parsing import read_id
from lopso.kernel.qr import qr_svg
from lopso.web.forms import Form
from lopso.web.guards import PUBLIC, of_row, require_in_ward
from lopso.web.pages import page, redirect
from lopso.web.request import Request


async def _certificate(db: AsyncSession, actor: Actor, text: str) -> Certificate:
    """The certificate with this number, for somebody who sees people of its ward.

    Raises:
        NotFound: no such certificate, or one of another ward.
    """
    number = read_id(text)
    if number is None:
        raise NotFound
    certificate = await certificate_by_id(db, number)
    require_in_ward(actor, Permission.SEE_PEOPLE, certificate.ward_id)
    return certificate


@get("/chung-nhan/{name:str}", opt=of_row(Permission.SEE_PEOPLE))
async def certificate_page(request: Request, name: str, db: AsyncSession, actor: Actor) -> Response[Any]:
    """``/chung-nhan/12`` is the page, ``/chung-nhan/12.pdf`` the paper."""
    certificate = await _certificate(db, actor, name.removesuffix(".pdf"))
    public_url: str = request.app.state.settings.public_url
    if not name.endswith(".pdf"):
        return _page(certificate, public_url, Form.blank(RevokeCertificateForm))
    if certificate.revoked_at is not None:
        raise RevokedCertificateNotPrinted
    pdf = await asyncio.to_thread(certificate_pdf, certificate, public_url)
    return Response(
        pdf,
        media_type="application/pdf",
        headers={"content-disposition": f'inline; filename="chung-nhan-{grouped(certificate.serial)}.pdf"'},
    )


def _page(certificate: Certificate, public_url: str, form: Form[RevokeCertificateForm]) -> Response[Any]:
    return page(
        "competency/certificate.html",
        ward_id=certificate.ward_id,
        form=form,
        certificate=certificate,
        paper=certificate_text(certificate, public_url),
        qr=qr_svg(check_url(public_url, certificate.serial)),
        check_path=f"/kiem-tra/{grouped(certificate.serial)}",
        revoke_labels=revoke_labels(),
    )


@post("/chung-nhan/{name:str}/thu-hoi", opt=of_row(Permission.ISSUE_CERTIFICATES))
async def revoke(
    request: Request,
    form: Form[RevokeCertificateForm],
    name: str,
    db: AsyncSession,
    actor: Actor,
    now: datetime,
) -> Response[Any]:
    """Revoke a certificate, with kind and reason."""
    certificate = await _certificate(db, actor, name)
    ward_id = certificate.ward_id
    require_in_ward(actor, Permission.ISSUE_CERTIFICATES, ward_id)
    try:
        why = form.value()
        await revoke_certificate(
            db, ward_id, certificate.id, kind=why.kind, reason=why.reason, by=actor, now=now
        )
    except InvalidInput as error:
        return _page(certificate, request.app.state.settings.public_url, form.refused(error))
    return redirect(f"/chung-nhan/{certificate.id}", flash=_("Đã thu hồi chứng nhận."))


@get("/kiem-tra", opt=PUBLIC)
async def check(params: SerialParams) -> Response[Any]:
    """Where anybody types a serial (`so`); then on to the answer under its own address."""
    so = params.so
    if not so:
        return page("competency/check.html", typed="", errors={})
    serial = read_serial(so)
    if serial is None:
        return _not_a_serial(so)
    return redirect(f"/kiem-tra/{grouped(serial)}")


def _not_a_serial(typed: str) -> Response[Any]:
    errors = {"so": _("Số chứng nhận có 16 chữ và số, chia thành bốn nhóm. Xin xem lại trên giấy.")}
    return page("competency/check.html", status=422, typed=typed[:100], errors=errors)


@get("/kiem-tra/{typed:str}", opt=PUBLIC)
async def checked(typed: str, db: AsyncSession) -> Response[Any]:
    """Valid, revoked or unknown. What cannot be a serial is answered without asking the database."""
    serial = read_serial(typed)
    if serial is None:
        return _not_a_serial(typed)
    certificate = await certificate_by_serial(db, serial)
    levels, kinds = level_labels(), revoke_labels()
    kept: dict[str, Any] = certificate.snapshot if certificate else {}
    return page(
        "competency/check_result.html",
        status=200 if certificate else 404,
        serial=grouped(serial),
        certificate=certificate,
        kept=kept,
        skills=[
            (skill["name_en"] if language() == "en" else skill["name"], levels[skill["level"]].lower())
            for skill in kept.get("skills", ())
        ],
        draft=any(not edition["complete"] for edition in kept.get("editions", ())),
        why=kinds.get(certificate.revoke_kind or "") if certificate else None,
    )


HANDLERS = [certificate_page, revoke, check, checked]
