"""Courses: unique titles, skills of the current edition, retirement."""

from datetime import date

import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.errors import InvalidInput, NotFound
from scheduling.queries.courses import CourseRow, courses_page, skills_to_teach, taught_skills
from scheduling.service.courses import add_course, edit_course, reopen_course, retire_course
from scheduling.service.sessions import cancel_session, plan_session
from skills.models import Framework
from tests.classroom import add_framework
from tests.factories import NOON
from tests.planning import OTHER_WARD, WARD, Planning, add_planning, slot


async def add(db: AsyncSession, here: Planning, title: str, skills: list[int], *, ward: str = WARD) -> int:
    course = await add_course(
        db, ward, title=title, skill_ids=skills, duration_minutes=120, by=here.by, now=NOON
    )
    return course.id


async def test_course_skills_keep_their_order(db: AsyncSession) -> None:
    here = await add_planning(db)
    [skills] = (await skills_to_teach(db)).values()
    order = [skills[2].id, skills[0].id]

    course = await add(db, here, "  Thanh  toán QR ", order)

    assert [skill.id for skill in await taught_skills(db, course)] == order


async def test_course_list_counts_held_and_coming_sessions(db: AsyncSession) -> None:
    here = await add_planning(db)
    days = [date(2026, 12, day) for day in (7, 8, 9)]
    ids = [(await plan_session(db, WARD, here.details(), slot(day), by=here.by, now=NOON)).id for day in days]
    await cancel_session(db, ids[2], reason="Mưa lớn", by=here.by, now=NOON)

    page = await courses_page(db, WARD, now=slot(days[0]).ends_at)

    assert page.items == [CourseRow(here.course.id, "Dùng VNeID", "", 90, False, 3, 1, 1)]
    assert (await courses_page(db, OTHER_WARD, now=NOON)).items == []


async def test_course_title_is_unique_in_ward_in_any_writing(db: AsyncSession) -> None:
    here = await add_planning(db)
    [skills] = (await skills_to_teach(db)).values()
    other = await add(db, here, "Thanh toán QR", [skills[0].id])
    await add(db, here, "Dùng VNeID", [skills[0].id], ward=OTHER_WARD)

    with pytest.raises(InvalidInput) as refusal:
        await add(db, here, "dung vneid", [skills[0].id])
    with pytest.raises(InvalidInput):
        await edit_course(
            db,
            WARD,
            other,
            title="DÙNG VNEID",
            skill_ids=[skills[0].id],
            duration_minutes=60,
            summary="",
            by=here.by,
            now=NOON,
        )

    assert refusal.value.fields == {"title": "Phường, xã đã có nội dung mang tên này."}
    await retire_course(db, WARD, here.course.id, by=here.by, now=NOON)
    await add(db, here, "Dùng VNeID", [skills[0].id])
    with pytest.raises(InvalidInput):
        await reopen_course(db, WARD, here.course.id, by=here.by, now=NOON)


async def test_new_skills_are_of_current_edition_and_older_stay(db: AsyncSession) -> None:
    here = await add_planning(db)
    old = [skill.id for skill in await taught_skills(db, here.course.id)]
    await db.execute(update(Framework).values(is_current=False))
    new = [skill.id for skill in await add_framework(db, skills=2, version="2.0")]

    course = await edit_course(
        db,
        WARD,
        here.course.id,
        title="Dùng VNeID",
        skill_ids=[old[0], *new],
        duration_minutes=60,
        summary="Mang theo căn cước",
        by=here.by,
        now=NOON,
    )

    assert [skill.id for skill in await taught_skills(db, course.id)] == [old[0], *new]
    assert (course.duration_minutes, course.summary) == (60, "Mang theo căn cước")
    with pytest.raises(NotFound):
        await add(db, here, "Lớp cũ", [old[0]])


async def test_impossible_course_values_are_refused_at_field(db: AsyncSession) -> None:
    here = await add_planning(db)

    for title, minutes, skills, field in [
        ("", 90, [1], "title"),
        ("x" * 121, 90, [1], "title"),
        ("Lớp", 10, [1], "duration"),
        ("Lớp", 90, [], "skills"),
    ]:
        with pytest.raises(InvalidInput) as refusal:
            await add_course(
                db, WARD, title=title, skill_ids=skills, duration_minutes=minutes, by=here.by, now=NOON
            )
        assert list(refusal.value.fields) == [field]
    with pytest.raises(NotFound):
        await retire_course(db, OTHER_WARD, here.course.id, by=here.by, now=NOON)
