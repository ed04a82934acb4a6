"""The list of a ward's series."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.web.filters import unbroken
from scheduling.models import ClassSession
from scheduling.queries.series_list import SERIES_SHOWN, SERIES_STATES, SeriesList, series_of_ward
from scheduling.service.series import plan_series
from tests.conftest import TestApp
from tests.factories import NOON
from tests.planning import OTHER_WARD, WARD, Planning, add_planning

FIRST_MONDAY = date(2026, 12, 7)
BEFORE = NOON
BETWEEN = datetime.combine(FIRST_MONDAY + timedelta(days=3), NOON.timetz())
AFTER = datetime.combine(FIRST_MONDAY + timedelta(days=60), NOON.timetz())


async def add_series(
    db: AsyncSession,
    here: Planning,
    *,
    title: str = "Dùng VNeID",
    published: bool = True,
    weeks_later: int = 0,
) -> int:
    """Four sessions on Mondays and Wednesdays, somewhere without a room; returns the id of the series."""
    plan = here.weekly(
        starts_on=FIRST_MONDAY + timedelta(weeks=weeks_later), words="Nhà văn hóa Tây Lộc", title=title
    )
    made = await plan_series(db, WARD, plan, by=here.by, now=NOON)
    if published:
        await db.execute(
            update(ClassSession).where(ClassSession.series_id == made.series.id).values(published_at=NOON)
        )
    return made.series.id


async def cancel(db: AsyncSession, series_id: int, *, first: int) -> None:
    """Cancel the first so many sessions."""
    sessions = ClassSession.__table__.c
    chosen = (
        ClassSession.__table__.select()
        .with_only_columns(sessions.id)
        .where(sessions.series_id == series_id)
        .order_by(sessions.starts_at)
        .limit(first)
    )
    await db.execute(
        update(ClassSession)
        .where(ClassSession.id.in_(chosen))
        .values(cancelled_at=NOON, cancel_reason="Mưa bão")
    )


async def listed(
    db: AsyncSession, *, state: str = "", typed: str = "", now: datetime = BETWEEN
) -> SeriesList:
    return await series_of_ward(db, WARD, state=state, typed=typed, now=now)


@pytest.mark.parametrize(
    ("now", "published", "state", "held"),
    [
        (BEFORE, False, "draft", 0),
        (BEFORE, True, "upcoming", 0),
        (BETWEEN, True, "running", 2),
        (AFTER, True, "over", 4),
        (AFTER, False, "over", 0),
    ],
)
async def test_series_stands_in_the_state_of_its_sessions(
    db: AsyncSession, now: datetime, published: bool, state: str, held: int
) -> None:
    here = await add_planning(db)
    series_id = await add_series(db, here, published=published)

    found = await listed(db, now=now)

    (row,) = found.page.items
    assert (found.state, row.series.id, row.state) == (state, series_id, state)
    assert (row.held, row.total, row.drafts) == (held, 4, 4 if state == "draft" else 0)
    assert found.counts == {each: int(each == state) for each in SERIES_STATES}
    assert [slot.weekday for slot in row.slots] == [0, 2]


async def test_next_session_is_the_first_that_is_not_cancelled(db: AsyncSession) -> None:
    here = await add_planning(db)
    await cancel(db, await add_series(db, here), first=1)

    (row,) = (await listed(db, now=BEFORE)).page.items

    assert row.next_start == row.meeting.starts_at
    assert row.meeting.starts_at.date() == FIRST_MONDAY + timedelta(days=2)
    assert row.total == 3


async def test_series_of_which_all_is_cancelled_is_over(db: AsyncSession) -> None:
    here = await add_planning(db)
    await cancel(db, await add_series(db, here), first=4)

    found = await listed(db, now=BEFORE)

    (row,) = found.page.items
    assert (found.state, row.total, row.next_start) == ("over", 0, None)


async def test_last_session_is_shown_of_a_series_that_is_over(db: AsyncSession) -> None:
    here = await add_planning(db)
    await add_series(db, here)

    (row,) = (await listed(db, now=AFTER)).page.items

    assert row.meeting.starts_at.date() == FIRST_MONDAY + timedelta(days=9)


@pytest.mark.parametrize(
    ("typed", "number"), [("vneid", 2), ("tay loc qr", 1), ("Tây Lộc", 2), ("_", 2), ("zalo", 0), ("neid", 0)]
)
async def test_search_finds_words_without_accents(db: AsyncSession, typed: str, number: int) -> None:
    """In the title, the place and the course, which is “Dùng VNeID” for both."""
    here = await add_planning(db)
    await add_series(db, here)
    await add_series(db, here, title="Thanh toán QR")

    found = await listed(db, typed=typed)

    assert found.page.total == number


async def test_series_of_another_ward_are_not_listed(db: AsyncSession) -> None:
    here = await add_planning(db)
    await add_series(db, here)

    found = await series_of_ward(db, OTHER_WARD, state="", typed="", now=BETWEEN)

    assert (found.page.total, set(found.counts.values())) == (0, {0})


async def test_long_list_comes_in_pages_the_nearest_first(db: AsyncSession) -> None:
    here = await add_planning(db)
    ids = [await add_series(db, here, weeks_later=number) for number in range(SERIES_SHOWN + 2)]

    first = await series_of_ward(db, WARD, state="upcoming", typed="", now=BEFORE)
    second = await series_of_ward(db, WARD, state="upcoming", typed="", now=BEFORE, number=2)

    assert [row.series.id for page in (first, second) for row in page.page.items] == ids
    assert first.page.total == len(ids)


async def test_page_lists_series_with_their_times(app: TestApp) -> None:
    async with app.sessions.begin() as db:
        here = await add_planning(db)
        series_id = await add_series(db, here)
    async with app.client_as("ha@example.org") as client:
        answer = await client.get(f"/lich/{WARD}/chuoi")
        none = await client.get(f"/lich/{WARD}/chuoi?q=zalo")

    assert answer.status_code == 200
    assert f'href="/lich/{WARD}/chuoi/{series_id}"' in answer.text
    assert unbroken("Thứ Hai, thứ Tư 08h30 – 10h00") in answer.text
    assert "Không có chuỗi nào khớp với “zalo”" in none.text
