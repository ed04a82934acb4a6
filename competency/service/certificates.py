"""Certificates: issued as a snapshot with a public serial, and revoked."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from accounts.models import User
from competency.errors import NothingToCertify
from competency.events import CertificateIssued, CertificateRevoked
from competency.models import Certificate, Demonstration, SignOff, SignOffEvidence
from competency.rules import REVOKE_KINDS, new_serial
from competency.service.readiness import lock_learners
from learners.models import Learner
from lopso.kernel import audit
from lopso.kernel.access import Actor
from lopso.kernel.clock import local_day
from lopso.kernel.errors import Forbidden, InvalidInput, NotFound
from lopso.kernel.events import publish
from lopso.kernel.i18n import gettext as _
from lopso.kernel.parsing import one_line
from skills.models import Framework, Skill
from venues.models import Ward


async def issue_certificate(
    db: AsyncSession,
    ward_id: str,
    learner_id: int,
    sign_off_ids: Collection[int],
    *,
    by: Actor,
    now: datetime,
) -> Certificate:
    """Issue a certificate for standing sign-offs of one learner. Does not commit.

    Raises:
        Forbidden: the actor is no person.
        NotFound: no such learner in this ward.
        NothingToCertify: none of these sign-offs stands for this learner.
    """
    if by.user_id is None:
        raise Forbidden
    await lock_learners(db, [learner_id])
    printed = await _printed_person(db, ward_id, learner_id)
    skills, editions = await _signed_skills(db, learner_id, sign_off_ids)
    if not skills:
        raise NothingToCertify
    certificate = Certificate(
        ward_id=ward_id,
        learner_id=learner_id,
        serial=new_serial(),
        snapshot={
            **printed,
            "issued_on": local_day(now).isoformat(),
            "issuer": by.name,
            "editions": editions,
            "skills": skills,
        },
        issued_at=now,
        issued_by=by.user_id,
    )
    db.add(certificate)
    await db.flush()
    audit.note(
        db,
        certificate,
        "certificate.issued",
        by=by,
        now=now,
        learner_id=learner_id,
        sign_offs=[each["sign_off_id"] for each in skills],
    )
    await publish(db, CertificateIssued(ward_id, certificate.id, learner_id, by, now))
    return certificate


async def _printed_person(db: AsyncSession, ward_id: str, learner_id: int) -> dict[str, Any]:
    """Name, title and ward as printed."""
    row = (
        await db.execute(
            select(Learner, Ward.full_name)
            .join(Ward, Ward.id == Learner.ward_id)
            .where(Learner.id == learner_id, Learner.ward_id == ward_id)
        )
    ).one_or_none()
    if row is None:
        raise NotFound
    learner, ward_name = row
    return {"name": learner.full_name, "title": learner.title, "ward": ward_name}


async def _signed_skills(
    db: AsyncSession, learner_id: int, sign_off_ids: Collection[int]
) -> tuple[Sequence[dict[str, Any]], Sequence[dict[str, Any]]]:
    """Skills as printed, in the framework's order, and the editions they point into by position."""
    shown_at = (
        select(func.max(Demonstration.observed_at))
        .join(SignOffEvidence, SignOffEvidence.demonstration_id == Demonstration.id)
        .where(SignOffEvidence.sign_off_id == SignOff.id)
        .scalar_subquery()
    )
    rows = await db.execute(
        select(SignOff, Skill, Framework, User.name, shown_at)
        .join(Skill, Skill.id == SignOff.skill_id)
        .join(Framework, Framework.id == Skill.framework_id)
        .join(User, User.id == SignOff.signed_by)
        .where(SignOff.id.in_(sign_off_ids), SignOff.learner_id == learner_id, SignOff.revoked_at.is_(None))
        .order_by(Framework.id, Skill.position, Skill.id)
    )
    editions: dict[int, dict[str, Any]] = {}
    skills: list[dict[str, Any]] = []
    for signed, skill, framework, signer, shown in rows:
        editions.setdefault(framework.id, _edition(framework))
        skills.append(
            {
                "sign_off_id": signed.id,
                "edition": list(editions).index(framework.id),
                "code": skill.code,
                "name": skill.name_vi,
                "name_en": skill.name_en,
                "level": signed.level,
                "shown_on": _day(shown),
                "signed_on": _day(signed.signed_at),
                "signer": signer,
                "signer_id": signed.signed_by,
            }
        )
    return skills, list(editions.values())


def _edition(framework: Framework) -> dict[str, Any]:
    return {
        "code": framework.code,
        "version": framework.version,
        "title": framework.title,
        "number": framework.number,
        "issued_on": framework.issued_on.isoformat() if isinstance(framework.issued_on, date) else None,
        "issuer": framework.issuer,
        "complete": framework.complete,
    }


def _day(instant: datetime) -> str:
    return local_day(instant).isoformat()


async def revoke_certificate(
    db: AsyncSession, ward_id: str, certificate_id: int, *, kind: str, reason: str, by: Actor, now: datetime
) -> Certificate:
    """Revoke a certificate with the reason given. Twice changes nothing. Does not commit.

    Args:
        kind: one of `REVOKE_KINDS`; shown by the public check.
        reason: for the ward's own people.

    Raises:
        NotFound: no such certificate in this ward.
        InvalidInput: no reason, or none of the kinds.
    """
    found = await db.scalar(
        select(Certificate)
        .where(Certificate.id == certificate_id, Certificate.ward_id == ward_id)
        .with_for_update()
    )
    if found is None:
        raise NotFound
    if found.revoked_at is not None:
        return found
    reason = one_line(reason)
    wrong: dict[str, str] = {}
    if kind not in REVOKE_KINDS:
        wrong["kind"] = _("Xin chọn một loại lý do.")
    if not reason:
        wrong["reason"] = _("Xin ghi lý do thu hồi.")
    if wrong:
        raise InvalidInput(wrong)
    found.revoked_at, found.revoked_by, found.revoke_kind, found.revoke_reason = now, by.user_id, kind, reason
    audit.note(
        db,
        found,
        "certificate.revoked",
        by=by,
        now=now,
        kind=kind,
        reason=reason,
        learner_id=found.learner_id,
    )
    await publish(db, CertificateRevoked(ward_id, found.id, by, now))
    return found
