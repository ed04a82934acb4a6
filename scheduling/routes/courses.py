"""Courses of a ward: the list, writing one down, changing it, retiring it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from litestar import Request, get, post
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor, Permission
from lopso.kernel.errors import InvalidInput, NotFound
from lopso.kernel.i18n import gettext as _
from lopso.web.guards import in_ward
from lopso.web.pages import page, redirect
from scheduling.forms.typed import Mistakes, Typed, number_in, read_number, typed
from scheduling.queries import courses as queries
from scheduling.service import courses as service
from skills.models import Skill

HERE = "/lich/{ward_id:str}/noi-dung"
ONE = HERE + "/{course_id:int}"


def _list_of(ward_id: str) -> str:
    return f"/lich/{ward_id}/noi-dung"


@get(HERE, opt=in_ward(Permission.SEE_CALENDAR))
async def courses(
    db: AsyncSession, actor: Actor, now: datetime, ward_id: str, trang: int = 1, ngung: str = ""
) -> Response[Any]:
    """The ward's courses, open or retired; three statements with the log-in."""
    in_ward(actor, Permission.SEE_CALENDAR, ward_id)
    retired = ngung == "1"
    return page(
        "scheduling/courses.html",
        ward_id=ward_id,
        here=_list_of(ward_id),
        calendar_of=ward_id,
        found=await queries.courses_page(db, ward_id, now=now, number=max(1, trang), retired=retired),
        retired=retired,
        may_plan=actor.may(Permission.PLAN, ward_id),
    )


@get(HERE + "/moi", opt=in_ward(Permission.PLAN))
async def new_course(db: AsyncSession, actor: Actor, ward_id: str) -> Response[Any]:
    """An empty form."""
    in_ward(actor, Permission.PLAN, ward_id)
    return await _form(db, ward_id, Typed().with_defaults(duration=90))


@post(HERE + "/moi", opt=in_ward(Permission.PLAN))
async def add_course(
    request: Request[Any, Any, Any], db: AsyncSession, actor: Actor, now: datetime, ward_id: str
) -> Response[Any]:
    """Write a course down."""
    in_ward(actor, Permission.PLAN, ward_id)
    form = typed(await request.form())
    try:
        values = _read(form)
        course = await service.add_course(db, ward_id, **values, by=actor, now=now)
    except InvalidInput as error:
        return await _form(db, ward_id, form, errors=error.fields)
    return redirect(_list_of(ward_id), flash=_("Đã thêm nội dung “%(title)s”.", title=course.title))


@get(ONE, opt=in_ward(Permission.PLAN))
async def edit_form(db: AsyncSession, actor: Actor, ward_id: str, course_id: int) -> Response[Any]:
    """A course as it is, ready to be changed."""
    in_ward(actor, Permission.PLAN, ward_id)
    course = await queries.course(db, ward_id, course_id)
    if course is None:
        raise NotFound(_("Không tìm thấy nội dung này."))
    taught = await queries.taught_skills(db, course_id)
    form = Typed().with_defaults(
        title=course.title,
        duration=course.duration_minutes,
        summary=course.summary,
        skills=[skill.id for skill in taught],
    )
    return await _form(
        db, ward_id, form, course_id=course_id, older=taught, retired=course.retired_at is not None
    )


@post(ONE, opt=in_ward(Permission.PLAN))
async def edit_course(
    request: Request[Any, Any, Any],
    db: AsyncSession,
    actor: Actor,
    now: datetime,
    ward_id: str,
    course_id: int,
) -> Response[Any]:
    """Change a course."""
    in_ward(actor, Permission.PLAN, ward_id)
    form = typed(await request.form())
    try:
        values = _read(form)
        course = await service.edit_course(db, ward_id, course_id, **values, by=actor, now=now)
    except InvalidInput as error:
        older = await queries.taught_skills(db, course_id)
        return await _form(db, ward_id, form, course_id=course_id, older=older, errors=error.fields)
    return redirect(_list_of(ward_id), flash=_("Đã lưu nội dung “%(title)s”.", title=course.title))


@post(ONE + "/ngung", opt=in_ward(Permission.PLAN))
async def retire_course(
    db: AsyncSession, actor: Actor, now: datetime, ward_id: str, course_id: int
) -> Response[Any]:
    """No new classes on it."""
    in_ward(actor, Permission.PLAN, ward_id)
    course = await service.retire_course(db, ward_id, course_id, by=actor, now=now)
    return redirect(
        _list_of(ward_id),
        flash=_("Đã ngừng dùng “%(title)s”.", title=course.title),
        undo_url=f"{_list_of(ward_id)}/{course_id}/mo-lai",
    )


@post(ONE + "/mo-lai", opt=in_ward(Permission.PLAN))
async def reopen_course(
    db: AsyncSession, actor: Actor, now: datetime, ward_id: str, course_id: int
) -> Response[Any]:
    """Plan with it again."""
    in_ward(actor, Permission.PLAN, ward_id)
    course = await service.reopen_course(db, ward_id, course_id, by=actor, now=now)
    return redirect(_list_of(ward_id), flash=_("Đã dùng lại “%(title)s”.", title=course.title))


def _read(form: Typed) -> dict[str, Any]:
    """What `service.add_course` takes.

    Raises:
        InvalidInput: a field is not what it should be.
    """
    mistakes = Mistakes()
    if not form.text("title"):
        mistakes.at("title", _("Xin đặt tên nội dung, ví dụ “Dùng VNeID”."))
    duration = number_in(form, "duration", 15, 720, mistakes)
    skills = [number for each in form.many("skills") if (number := read_number(each)) is not None]
    if not skills:
        mistakes.at("skills", _("Xin chọn ít nhất một kỹ năng."))
    mistakes.stop()
    return {
        "title": form.text("title"),
        "skill_ids": skills,
        "duration_minutes": duration,
        "summary": form.raw("summary").strip(),
    }


async def _form(
    db: AsyncSession,
    ward_id: str,
    form: Typed,
    *,
    course_id: int | None = None,
    older: Sequence[Skill] = (),
    retired: bool = False,
    errors: dict[str, str] | None = None,
) -> Response[Any]:
    groups = await queries.skills_to_teach(db)
    current = {skill.id for skills in groups.values() for skill in skills}
    return page(
        "scheduling/course_form.html",
        status=422 if errors else 200,
        ward_id=ward_id,
        here=_list_of(ward_id),
        course_id=course_id,
        form_values=form,
        groups=groups,
        older=[skill for skill in older if skill.id not in current],
        retired=retired,
        errors=errors or {},
    )


HANDLERS = [courses, new_course, add_course, edit_form, edit_course, retire_course, reopen_course]
