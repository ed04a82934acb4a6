"""A learner's page for staff: who, how often, what was shown, what was signed, what is still to learn."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import (
    Text,
    and_,
    cast,
    exists,
    false,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import JSONPATH, distinct_on
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from accounts.models import User
from attendance.models import AttendanceMark
from attendance.queries import standing_mark
from competency.models import AwaitingSignOff, Certificate, Demonstration, SignOff, SignOffEvidence
from competency.queries.evidence import still_present
from competency.rules import framework_audiences
from learners.models import Learner
from lopso.kernel.errors import NotFound
from lopso.kernel.i18n import language
from lopso.kernel.paging import PAGE_SIZE, Page, offset
from scheduling.models import ClassSession, Enrolment
from skills.models import Audience, Framework, Skill
from venues.models import Neighbourhood

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


@dataclass(frozen=True, slots=True)
class Visits:
    """How often somebody came; visits, not people.

    Attributes:
        expected: sessions begun, not cancelled, in which the learner had a seat.
        attended: of those, marked present, late or left early.
        excused: of those, absent with leave.
        unmarked: of those, nobody called the roll for this learner.
        extra: sessions attended without a seat.
    """

    expected: int
    attended: int
    excused: int
    unmarked: int
    extra: int


@dataclass(frozen=True, slots=True)
class SkillProgress:
    """A skill and how far the learner is.

    Attributes:
        asked: the current edition asks it of this learner.
        level: of the standing sign-off; None when not signed.
        awaiting: the level that waits for an assessor.
        shown: at least one demonstration stands.
    """

    skill_id: int
    code: str
    name: str
    asked: bool
    sign_off_id: int | None
    level: str | None
    signed_at: datetime | None
    signer: str | None
    awaiting: str | None
    shown: bool


async def learner_in(db: AsyncSession, ward_id: str, learner_id: int) -> tuple[Learner, str | None]:
    """The learner and the name of their neighbourhood.

    Raises:
        NotFound: no such learner in this ward.
    """
    row = (
        await db.execute(
            select(Learner, Neighbourhood.name)
            .outerjoin(Neighbourhood, Neighbourhood.id == Learner.neighbourhood_id)
            .where(Learner.id == learner_id, Learner.ward_id == ward_id)
        )
    ).one_or_none()
    if row is None:
        raise NotFound
    learner, neighbourhood = row
    return learner, neighbourhood


async def visits(db: AsyncSession, learner_id: int, now: datetime) -> Visits:
    """The learner's attendance in numbers, up to `now`. One statement."""
    mark = standing_mark(
        AttendanceMark.mark, session_id=Enrolment.session_id, learner_id=Enrolment.learner_id
    ).scalar_subquery()
    seats = (
        select(mark.label("mark"))
        .select_from(Enrolment)
        .join(ClassSession, ClassSession.id == Enrolment.session_id)
        .where(Enrolment.learner_id == learner_id, Enrolment.state == "enrolled")
        .where(ClassSession.cancelled_at.is_(None), ClassSession.starts_at <= now)
        .subquery()
    )
    latest = _latest_per_session(learner_id)
    seat = exists().where(
        Enrolment.session_id == latest.c.session_id,
        Enrolment.learner_id == learner_id,
        Enrolment.state == "enrolled",
    )
    extra = select(func.count()).where(latest.c.is_present, ~seat).scalar_subquery()
    attended = seats.c.mark.in_(("present", "late", "left_early"))
    row = (
        await db.execute(
            select(
                func.count(),
                func.count().filter(attended),
                func.count().filter(seats.c.mark == "excused"),
                func.count().filter(or_(seats.c.mark.is_(None), seats.c.mark == "cleared")),
                extra,
            ).select_from(seats)
        )
    ).one()
    return Visits(*row)


def _latest_per_session(learner_id: int) -> Any:
    return (
        select(AttendanceMark)
        .ext(distinct_on(AttendanceMark.session_id))
        .where(AttendanceMark.learner_id == learner_id)
        .order_by(AttendanceMark.session_id, AttendanceMark.happened_at.desc(), AttendanceMark.id.desc())
        .subquery()
    )


async def timeline(db: AsyncSession, learner_id: int, *, number: int) -> Page[LearnerTimelineEntry]:
    """Everything that happened to a learner, newest first. Two statements."""
    entries = union_all(
        _attendance(learner_id),
        _demonstrations(learner_id),
        _sign_offs(learner_id),
        _certificates(learner_id),
    ).subquery("entries")
    total = await db.scalar(select(func.count()).select_from(entries)) or 0
    person = aliased(User)
    rows = await db.execute(
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
    return Page([LearnerTimelineEntry(*row) for row in rows], max(1, number), total)


def _attendance(learner_id: int) -> Any:
    latest = _latest_per_session(learner_id)
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
    # The snapshot names the sign-offs it was made of; one of them revoked since puts the paper in doubt.
    printed = func.jsonb_path_query_array(Certificate.snapshot, cast("$.skills[*].sign_off_id", JSONPATH()))
    shaky = exists().where(
        SignOff.learner_id == learner_id,
        SignOff.revoked_at.is_not(None),
        printed.op("@>")(func.to_jsonb(SignOff.id)),
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


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a learner is. `audiences` are the names of the edition's audiences they belong to."""

    audiences: Sequence[str]
    skills: Sequence[SkillProgress]


async def progress(db: AsyncSession, learner_id: int, audiences: Collection[str]) -> Progress:
    """Skills asked of this learner by the current edition, and any other shown or signed. Two statements.

    Asked is the union over the learner's audiences. In the framework's order, older editions last.
    """
    belongs_to = await _audiences(db, audiences)
    asked_codes = {code for audience in belongs_to for code in audience.skill_codes}
    signer = aliased(User)
    shown = exists().where(
        Demonstration.learner_id == learner_id,
        Demonstration.skill_id == Skill.id,
        Demonstration.voided_at.is_(None),
    )
    asked = and_(Framework.is_current, Skill.code.in_(asked_codes))
    rows = await db.execute(
        select(
            Skill.id,
            Skill.code,
            Skill.name_en if language() == "en" else Skill.name_vi,
            asked,
            SignOff.id,
            SignOff.level,
            SignOff.signed_at,
            signer.name,
            AwaitingSignOff.level,
            shown,
        )
        .join(Framework, Framework.id == Skill.framework_id)
        .outerjoin(
            SignOff,
            and_(
                SignOff.learner_id == learner_id,
                SignOff.skill_id == Skill.id,
                SignOff.revoked_at.is_(None),
            ),
        )
        .outerjoin(signer, signer.id == SignOff.signed_by)
        .outerjoin(
            AwaitingSignOff,
            and_(AwaitingSignOff.learner_id == learner_id, AwaitingSignOff.skill_id == Skill.id),
        )
        .where(or_(asked, SignOff.id.is_not(None), shown))
        .order_by(Framework.is_current.desc(), Framework.id.desc(), Skill.position, Skill.id)
    )
    names = [each.name_en if language() == "en" else each.name_vi for each in belongs_to]
    return Progress(names, [SkillProgress(*row) for row in rows])


async def _audiences(db: AsyncSession, tags: Collection[str]) -> Sequence[Audience]:
    """The current edition's audiences that a learner with these tags belongs to."""
    rows = await db.scalars(
        select(Audience)
        .join(Framework, Framework.id == Audience.framework_id)
        .where(Framework.is_current)
        .order_by(Audience.position)
    )
    known = {each.code: each for each in rows}
    return [known[code] for code in framework_audiences(tags, known)]
