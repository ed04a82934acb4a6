"""What happened to a learner: attendance, demonstrations, sign-offs and certificates in one order."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Row, Text, and_, cast, exists, false, func, literal, null, or_, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from accounts.models import User
from competency.models import Certificate, Demonstration, SignOff, SignOffEvidence
from competency.queries.certificates import is_printed
from competency.queries.evidence import still_present
from competency.queries.learner import latest_marks
from lopso.kernel.i18n import language
from lopso.kernel.paging import PAGE_SIZE, Page, offset
from scheduling.models import ClassSession
from skills.models import Skill

LearnerTimelineKind = Literal["attendance", "demonstration", "sign_off", "certificate"]


@dataclass(frozen=True, slots=True)
class LearnerTimelineEntry:
    """One entry of a learner's timeline.

    Attributes:
        at: UTC. For attendance, when the session began.
        ref_id: of the mark, demonstration, sign-off or certificate.
        what: the mark, the level, or the certificate's serial.
        person: who recorded, observed, signed or issued it.
        ended_at: voided or revoked; `reason` says why.
        flagged: rests on a mark corrected to not present, or on something voided.
    """

    kind: LearnerTimelineKind
    at: datetime
    ref_id: int
    session_id: int | None
    session_title: str | None
    skill_code: str | None
    skill: str | None
    what: str
    person: str | None
    ended_at: datetime | None
    reason: str | None
    flagged: bool


async def timeline(db: AsyncSession, learner_id: int, *, number: int) -> Page[LearnerTimelineEntry]:
    """Everything that happened to a learner, newest first. One statement; two on a page past the last."""
    entries = union_all(
        _attendance(learner_id),
        _demonstrations(learner_id),
        _sign_offs(learner_id),
        _certificates(learner_id),
    ).subquery("entries")
    counted = select(entries, func.count().over().label("total")).subquery("counted")
    rows: Sequence[Row[Any]] = (await db.execute(_page_of(counted, number))).all()
    total = rows[0][-1] if rows else 0
    if not rows and number > 1:
        total = await db.scalar(select(func.count()).select_from(entries)) or 0
    entries_shown = [LearnerTimelineEntry(*tuple(row)[:-1]) for row in rows]
    return Page(entries_shown, max(1, number), total)


def _page_of(entries: Any, number: int) -> Any:
    """The statement for rows of `LearnerTimelineEntry`, each with the number of all entries at the end."""
    person = aliased(User)
    return (
        select(
            entries.c.kind,
            entries.c.at,
            entries.c.ref_id,
            entries.c.session_id,
            ClassSession.title,
            Skill.code,
            Skill.name_en if language() == "en" else Skill.name_vi,
            entries.c.what,
            person.name,
            entries.c.ended_at,
            entries.c.reason,
            entries.c.flagged,
            entries.c.total,
        )
        .select_from(entries)
        .outerjoin(ClassSession, ClassSession.id == entries.c.session_id)
        .outerjoin(Skill, Skill.id == entries.c.skill_id)
        .outerjoin(person, person.id == entries.c.person_id)
        # Within one instant: first who came, then what was shown, signed and certified.
        .order_by(entries.c.at.desc(), entries.c.rank.desc(), entries.c.ref_id.desc())
        .limit(PAGE_SIZE)
        .offset(offset(number))
    )


def _attendance(learner_id: int) -> Any:
    latest = latest_marks(learner_id)
    return (
        select(
            literal("attendance").label("kind"),
            literal(1).label("rank"),
            ClassSession.starts_at.label("at"),
            latest.c.id.label("ref_id"),
            latest.c.session_id.label("session_id"),
            cast(null(), Skill.id.type).label("skill_id"),
            latest.c.mark.label("what"),
            latest.c.recorded_by.label("person_id"),
            cast(null(), Demonstration.voided_at.type).label("ended_at"),
            cast(null(), Text()).label("reason"),
            false().label("flagged"),
        )
        .select_from(latest)
        .join(ClassSession, ClassSession.id == latest.c.session_id)
        .where(latest.c.mark != "cleared")
    )


def _demonstrations(learner_id: int) -> Any:
    return select(
        literal("demonstration"),
        literal(2),
        Demonstration.observed_at,
        Demonstration.id,
        Demonstration.session_id,
        Demonstration.skill_id,
        Demonstration.level,
        Demonstration.observed_by,
        Demonstration.voided_at,
        Demonstration.void_reason,
        and_(Demonstration.voided_at.is_(None), ~still_present()),
    ).where(Demonstration.learner_id == learner_id)


def _sign_offs(learner_id: int) -> Any:
    shaky = exists().where(
        SignOffEvidence.sign_off_id == SignOff.id,
        Demonstration.id == SignOffEvidence.demonstration_id,
        or_(Demonstration.voided_at.is_not(None), ~still_present()),
    )
    return select(
        literal("sign_off"),
        literal(3),
        SignOff.signed_at,
        SignOff.id,
        null(),
        SignOff.skill_id,
        SignOff.level,
        SignOff.signed_by,
        SignOff.revoked_at,
        SignOff.revoke_reason,
        and_(SignOff.revoked_at.is_(None), shaky),
    ).where(SignOff.learner_id == learner_id)


def _certificates(learner_id: int) -> Any:
    # One of the sign-offs it was made of, revoked since, puts the paper in doubt.
    shaky = exists().where(
        SignOff.learner_id == learner_id,
        SignOff.revoked_at.is_not(None),
        is_printed(),
    )
    return select(
        literal("certificate"),
        literal(4),
        Certificate.issued_at,
        Certificate.id,
        null(),
        null(),
        Certificate.serial,
        Certificate.issued_by,
        Certificate.revoked_at,
        Certificate.revoke_reason,
        and_(Certificate.revoked_at.is_(None), shaky),
    ).where(Certificate.learner_id == learner_id)
