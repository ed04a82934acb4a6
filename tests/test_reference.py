"""What every installation starts from, loaded from the shipped files into a real database."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.application import reference
from lopso.kernel.errors import Refused
from lopso.kernel.text import fold
from skills.models import Framework, Skill
from skills.service import load_edition
from tests.factories import NOON, TEST
from venues.models import Market, Ward


async def counts(db: AsyncSession) -> dict[str, int]:
    tables = {"wards": Ward, "markets": Market, "editions": Framework, "skills": Skill}
    return {
        name: await db.scalar(select(func.count()).select_from(table)) or 0 for name, table in tables.items()
    }


async def test_loading_twice_is_loading_once(db: AsyncSession) -> None:
    await reference.load(db, now=NOON)
    first = await counts(db)
    await reference.load(db, now=NOON)
    assert first == {"wards": 40, "markets": 23, "editions": 1, "skills": 42}
    assert await counts(db) == first


@pytest.mark.parametrize(
    ("spoken", "expected"),
    [
        ("Tây Lộc", {"Phú Xuân"}),
        ("19753", {"Phú Xuân"}),
        ("thuỷ xuân", {"Thủy Xuân"}),
        ("Thủy Xuân", {"Thủy Xuân"}),
        ("hoa chau", {"Hóa Châu"}),
    ],
)
async def test_ward_is_found_by_its_former_names(db: AsyncSession, spoken: str, expected: set[str]) -> None:
    await reference.load(db, now=NOON)
    found = await db.scalars(select(Ward.name).where(Ward.search.contains(fold(spoken))))
    assert expected <= set(found)


async def test_new_edition_leaves_the_old_one_unchanged(db: AsyncSession) -> None:
    data = reference.data("skills_framework")
    old = await load_edition(db, data, by=TEST, now=NOON)
    old_skills = set((await db.scalars(select(Skill.id))).all())

    new = await load_edition(db, {**data, "version": "2.0", "complete": True}, by=TEST, now=NOON)

    await db.refresh(old)
    assert (old.is_current, new.is_current) == (False, True)
    assert old_skills <= set((await db.scalars(select(Skill.id))).all())


async def test_other_content_under_a_loaded_version_is_refused(db: AsyncSession) -> None:
    data = reference.data("skills_framework")
    await load_edition(db, data, by=TEST, now=NOON)
    with pytest.raises(Refused, match="nội dung khác"):
        await load_edition(db, {**data, "title": "Khác"}, by=TEST, now=NOON)


async def test_upgrade_does_not_replace_the_citys_own_edition(db: AsyncSession) -> None:
    data = reference.data("skills_framework")
    await load_edition(db, {**data, "code": "hue", "complete": True}, by=TEST, now=NOON)
    await reference.load(db, now=NOON)
    assert (await db.scalars(select(Framework.code).where(Framework.is_current))).all() == ["hue"]
