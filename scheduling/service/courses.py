"""Courses: what a ward teaches."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.dml import ReturningInsert, ReturningUpdate

from lopso.kernel import audit
from lopso.kernel.access import Actor
from lopso.kernel.db import violated
from lopso.kernel.errors import InvalidInput, NotFound
from lopso.kernel.i18n import gettext as _
from lopso.kernel.text import fold, nfc
from scheduling.models import Course, CourseSkill
from skills.models import Framework, Skill


async def add_course(
    db: AsyncSession,
    ward_id: str,
    *,
    title: str,
    skill_ids: Sequence[int],
    duration_minutes: int,
    summary: str = "",
    by: Actor,
    now: datetime,
) -> Course:
    """Add a course; its skills come from the current edition, in teaching order.

    Raises:
        InvalidInput: no title, a title already in use, an impossible duration, an unknown skill.
    """
    values = await _checked(db, ward_id, None, title, summary, duration_minutes)
    course = await _stored(db, insert(Course).values(ward_id=ward_id, **values).returning(Course))
    await _teach(db, course, skill_ids)
    audit.note(db, course, "course.added", by=by, now=now, title=course.title, skills=list(skill_ids))
    return course


async def edit_course(
    db: AsyncSession,
    ward_id: str,
    course_id: int,
    *,
    title: str,
    skill_ids: Sequence[int],
    duration_minutes: int,
    summary: str,
    by: Actor,
    now: datetime,
) -> Course:
    """Change a course. Sessions already planned keep their title and length, and teach the new skills.

    Raises:
        NotFound: no such course in this ward.
        InvalidInput: as in `add_course`; skills of an older edition may stay, not come.
    """
    course = await _locked(db, ward_id, course_id)
    values = await _checked(db, ward_id, course_id, title, summary, duration_minutes)
    course = await _stored(db, _changing(course, values))
    await _teach(db, course, skill_ids)
    audit.note(db, course, "course.edited", by=by, now=now, title=course.title, skills=list(skill_ids))
    return course


async def retire_course(
    db: AsyncSession, ward_id: str, course_id: int, *, by: Actor, now: datetime
) -> Course:
    """Plan no new classes with a course; planned ones stay. Twice changes nothing."""
    course = await _locked(db, ward_id, course_id)
    if course.retired_at is None:
        course.retired_at = now
        audit.note(db, course, "course.retired", by=by, now=now, title=course.title)
    return course


async def reopen_course(
    db: AsyncSession, ward_id: str, course_id: int, *, by: Actor, now: datetime
) -> Course:
    """Allow planning with a retired course again.

    Raises:
        InvalidInput: another course has taken its title meanwhile.
    """
    course = await _locked(db, ward_id, course_id)
    if course.retired_at is not None:
        course = await _stored(db, _changing(course, {"retired_at": None}))
        audit.note(db, course, "course.reopened", by=by, now=now, title=course.title)
    return course


async def _locked(db: AsyncSession, ward_id: str, course_id: int) -> Course:
    course = await db.scalar(
        select(Course).where(Course.ward_id == ward_id, Course.id == course_id).with_for_update()
    )
    if course is None:
        raise NotFound(_("Không tìm thấy nội dung này."))
    return course


async def _checked(
    db: AsyncSession, ward_id: str, course_id: int | None, title: str, summary: str, duration_minutes: int
) -> dict[str, Any]:
    title = " ".join(nfc(title).split())
    wrong: dict[str, str] = {}
    if not title:
        wrong["title"] = _("Xin đặt tên nội dung, ví dụ “Dùng VNeID”.")
    elif len(title) > 120:
        wrong["title"] = _("Tên dài quá 120 chữ.")
    if not 15 <= duration_minutes <= 720:
        wrong["duration"] = _("Thời lượng từ 15 phút đến 12 giờ.")
    if wrong:
        raise InvalidInput(wrong)
    return {
        "title": title,
        "title_key": fold(title),
        "summary": nfc(summary).strip()[:2000],
        "duration_minutes": duration_minutes,
    }


def _changing(course: Course, values: dict[str, Any]) -> ReturningUpdate[Course]:
    return update(Course).where(Course.id == course.id).values(**values).returning(Course)


async def _stored(db: AsyncSession, statement: ReturningInsert[Course] | ReturningUpdate[Course]) -> Course:
    try:
        async with db.begin_nested():
            found = await db.scalars(statement.execution_options(populate_existing=True))
            return found.one()
    except IntegrityError as error:
        if violated(error) == "uq_course_open_title":
            raise InvalidInput({"title": _("Phường, xã đã có nội dung mang tên này.")}) from error
        raise


async def _teach(db: AsyncSession, course: Course, skill_ids: Sequence[int]) -> None:
    wanted = list(dict.fromkeys(skill_ids))
    if not wanted:
        raise InvalidInput({"skills": _("Xin chọn ít nhất một kỹ năng.")})
    kept = await db.scalars(select(CourseSkill.skill_id).where(CourseSkill.course_id == course.id))
    current = await db.scalars(
        select(Skill.id)
        .join(Framework, Framework.id == Skill.framework_id)
        .where(Framework.is_current, Skill.id.in_(wanted))
    )
    if set(wanted) - set(kept) - set(current):
        raise NotFound(_("Không tìm thấy một kỹ năng trong khung hiện hành."))
    await db.execute(delete(CourseSkill).where(CourseSkill.course_id == course.id))
    db.add_all(
        CourseSkill(course_id=course.id, skill_id=skill_id, position=position)
        for position, skill_id in enumerate(wanted, start=1)
    )
    await db.flush()


async def check_course_open(db: AsyncSession, ward_id: str, course_id: int | None) -> None:
    """Make sure that a course, if one is given, is the ward's and not retired.

    Raises:
        NotFound: it is not.
    """
    if course_id is None:
        return
    course = await db.scalar(
        select(Course.id).where(
            Course.ward_id == ward_id, Course.id == course_id, Course.retired_at.is_(None)
        )
    )
    if course is None:
        raise NotFound(_("Không tìm thấy nội dung này."))
