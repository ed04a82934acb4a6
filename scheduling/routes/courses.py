"""Courses of a ward: the list, adding, changing, retiring one."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from litestar import get, post
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor, Permission
from lopso.kernel.errors import InvalidInput, NotFound
from lopso.kernel.i18n import gettext as _
from lopso.web.forms import Form
from lopso.web.guards import in_ward
from lopso.web.pages import page, redirect
from scheduling.forms.courses import CourseForm, CourseList
from scheduling.labels.calendar_views import calendar_tabs
from scheduling.queries import courses as queries
from scheduling.service import courses as service
from skills.models import Skill

HERE = "/lich/{ward_id:str}/noi-dung"
ONE = HERE + "/{course_id:int}"
PLANNED = in_ward(Permission.PLAN)


@get(HERE, opt=in_ward(Permission.SEE_CALENDAR))
async def courses(
    db: AsyncSession, actor: Actor, now: datetime, ward_id: str, params: CourseList
) -> Response[Any]:
    """The ward's courses, open or retired; three statements with the log-in."""
    return page(
        "scheduling/courses.html",
        ward_id=ward_id,
        here=_list_of(ward_id),
        calendar_tabs=calendar_tabs(ward_id, "courses", actor=actor),
        found=await queries.courses_page(db, ward_id, now=now, number=params.number, retired=params.retired),
        retired=params.retired,
        may_plan=actor.may(Permission.PLAN, ward_id),
    )


@get(HERE + "/moi", opt=PLANNED)
async def new_course(db: AsyncSession, ward_id: str) -> Response[Any]:
    """The form for a new course."""
    return await _form(db, ward_id, Form.of(CourseForm(title="", duration=90, skills=())))


@post(HERE + "/moi", opt=PLANNED)
async def add_course(
    form: Form[CourseForm], db: AsyncSession, actor: Actor, now: datetime, ward_id: str
) -> Response[Any]:
    """Add a course."""
    try:
        course = await service.add_course(db, ward_id, **_values(form), by=actor, now=now)
    except InvalidInput as error:
        return await _form(db, ward_id, form.refused(error))
    return redirect(_list_of(ward_id), flash=_("Đã thêm nội dung “%(title)s”.", title=course.title))


@get(ONE, opt=PLANNED)
async def edit_form(db: AsyncSession, ward_id: str, course_id: int) -> Response[Any]:
    """A course as it is, ready to be changed."""
    course = await queries.course(db, ward_id, course_id)
    if course is None:
        raise NotFound(_("Không tìm thấy nội dung này."))
    taught = await queries.taught_skills(db, course_id)
    form = CourseForm(
        title=course.title,
        duration=course.duration_minutes,
        summary=course.summary,
        skills=tuple(skill.id for skill in taught),
    )
    return await _form(
        db, ward_id, Form.of(form), course_id=course_id, older=taught, retired=course.retired_at is not None
    )


@post(ONE, opt=PLANNED)
async def edit_course(
    form: Form[CourseForm], db: AsyncSession, actor: Actor, now: datetime, ward_id: str, course_id: int
) -> Response[Any]:
    """Change a course."""
    try:
        course = await service.edit_course(db, ward_id, course_id, **_values(form), by=actor, now=now)
    except InvalidInput as error:
        older = await queries.taught_skills(db, course_id)
        return await _form(db, ward_id, form.refused(error), course_id=course_id, older=older)
    return redirect(_list_of(ward_id), flash=_("Đã lưu nội dung “%(title)s”.", title=course.title))


@post(ONE + "/ngung", opt=PLANNED)
async def retire_course(
    db: AsyncSession, actor: Actor, now: datetime, ward_id: str, course_id: int
) -> Response[Any]:
    """Take a course out of use."""
    course = await service.retire_course(db, ward_id, course_id, by=actor, now=now)
    return redirect(
        _list_of(ward_id),
        flash=_("Đã ngừng dùng “%(title)s”.", title=course.title),
        undo_url=f"{_list_of(ward_id)}/{course_id}/mo-lai",
    )


@post(ONE + "/mo-lai", opt=PLANNED)
async def reopen_course(
    db: AsyncSession, actor: Actor, now: datetime, ward_id: str, course_id: int
) -> Response[Any]:
    """Use a course again."""
    course = await service.reopen_course(db, ward_id, course_id, by=actor, now=now)
    return redirect(_list_of(ward_id), flash=_("Đã dùng lại “%(title)s”.", title=course.title))


def _list_of(ward_id: str) -> str:
    return f"/lich/{ward_id}/noi-dung"


def _values(form: Form[CourseForm]) -> dict[str, Any]:
    """What `service.add_course` takes."""
    typed = form.value()
    return {
        "title": typed.title,
        "skill_ids": typed.skills,
        "duration_minutes": typed.duration,
        "summary": typed.summary,
    }


async def _form(
    db: AsyncSession,
    ward_id: str,
    form: Form[CourseForm],
    *,
    course_id: int | None = None,
    older: Sequence[Skill] = (),
    retired: bool = False,
) -> Response[Any]:
    groups = await queries.skills_to_teach(db)
    current = {skill.id for skills in groups.values() for skill in skills}
    return page(
        "scheduling/course_form.html",
        ward_id=ward_id,
        form=form,
        here=_list_of(ward_id),
        course_id=course_id,
        groups=groups,
        older=[skill for skill in older if skill.id not in current],
        retired=retired,
    )


HANDLERS = [courses, new_course, add_course, edit_form, edit_course, retire_course, reopen_course]
