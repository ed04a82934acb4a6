"""What was previewed changed before it was confirmed: nothing is done in silence, the page shows it anew."""

import re
from collections.abc import Mapping
from datetime import date

from sqlalchemy import func, select

from scheduling.models import ClassSession
from scheduling.service.holidays import add_holiday
from scheduling.service.sessions import cancel_session, publish_sessions
from staffing.service.further_meetings import Extension, extend_series
from tests.conftest import TestApp
from tests.factories import NOON
from tests.planning import WARD, Planning, add_planning, slot
from tests.scheduling.plan_pages import FORM, picks, series_form, words
from tests.scheduling.series_changes import tuesdays
from wordings.service.shipped import load_wordings

NOT_ANY_MORE = "Có ngày đã chọn vừa không còn lập được nữa"


async def seeded(app: TestApp) -> tuple[Planning, list[int], str]:
    """Three published Tuesdays: their ids, and the address of their series."""
    async with app.sessions.begin() as db:
        here = await add_planning(db)
        await load_wordings(db, by=here.by, now=NOON)
        sessions = await tuesdays(db, here, meetings=3)
        ids = [each.id for each in sessions]
        await publish_sessions(db, ids, by=here.by, now=NOON)
        return here, ids, f"/lich/{WARD}/chuoi/{sessions[0].series_id}"


async def standing(app: TestApp) -> int:
    async with app.sessions() as db:
        rows = select(func.count()).select_from(ClassSession).where(ClassSession.cancelled_at.is_(None))
        return await db.scalar(rows) or 0


async def test_date_that_became_a_day_off_is_not_left_out_in_silence(app: TestApp) -> None:
    here, _ids, _series = await seeded(app)
    before = await standing(app)
    async with app.client_as("ha@example.org") as client:
        form: Mapping[str, str] = series_form(here) | {"skip": "1", "room": str(here.small.id)}
        chosen = picks((await client.get(f"{FORM}/xem-truoc", params=form)).text)
        day = date(2026, 12, 9)
        async with app.sessions.begin() as db:
            await add_holiday(
                db, day=day, name="Lễ hội làng", ward_id=WARD, tentative=False, by=here.by, now=NOON
            )
        refused = await client.post(FORM, data={**form, "pick": chosen})

    gone = "2026-12-09T01:30Z"
    assert gone in chosen
    assert refused.status_code == 409
    assert NOT_ANY_MORE in words(refused.text)
    assert set(picks(refused.text)) >= set(chosen) - {gone}  # what was ticked stays
    assert await standing(app) == before


async def test_extension_after_somebody_elses_adds_nothing(app: TestApp) -> None:
    _here, _ids, series = await seeded(app)
    wanted = {"meetings": "2"}
    async with app.client_as("ha@example.org") as client:
        chosen = picks((await client.get(f"{series}/them-buoi/xem-truoc", params=wanted)).text)
        first = await client.post(f"{series}/them-buoi", data=wanted | {"pick": chosen})
        second = await client.post(f"{series}/them-buoi", data=wanted | {"pick": chosen})

    assert (first.status_code, second.status_code) == (303, 409)
    assert NOT_ANY_MORE in words(second.text)
    assert await standing(app) == 5


async def test_copy_of_a_series_that_lost_a_meeting_is_shown_again(app: TestApp) -> None:
    here, ids, series = await seeded(app)
    wanted = {"starts_on": "02/03/2027"}
    async with app.client_as("ha@example.org") as client:
        chosen = picks((await client.get(f"{series}/chep/xem-truoc", params=wanted)).text)
        async with app.sessions.begin() as db:
            await cancel_session(db, ids[2], reason="Mưa lớn", by=here.by, now=NOON)
        refused = await client.post(f"{series}/chep", data=wanted | {"pick": chosen})
        again = await client.post(f"{series}/chep", data=wanted | {"pick": picks(refused.text)})

    assert (len(chosen), refused.status_code) == (3, 409)
    assert (len(picks(refused.text)), again.status_code) == (2, 303)
    assert await standing(app) == 4


async def test_early_end_cancels_no_meeting_that_was_not_shown(app: TestApp) -> None:
    here, _ids, series = await seeded(app)
    end = {"last_day": "08/12/2026", "reason": "Hết kinh phí"}
    number = int(series.rpartition("/")[2])
    async with app.client_as("ha@example.org") as client:
        preview = await client.get(f"{series}/ket-thuc-som/xem-truoc", params=end)
        async with app.sessions.begin() as db:
            more = Extension(None, 1, learners=False, helpers=False, publish=True)
            picked = [slot(date(2026, 12, 29)).starts_at]
            await extend_series(db, WARD, number, more, picked=picked, by=here.by, now=NOON)
        refused = await client.post(f"{series}/ket-thuc-som", data=end | seen_on(preview.text))
        left = await standing(app)
        done = await client.post(f"{series}/ket-thuc-som", data=end | seen_on(refused.text))

    assert (refused.status_code, left) == (409, 4)
    assert "Vừa có người đổi các buổi này." in words(refused.text)
    assert "Hủy 3 buổi" in words(refused.text)
    assert "Hết kinh phí" in refused.text  # nothing typed is lost
    assert (done.status_code, await standing(app)) == (303, 1)


def seen_on(page: str) -> dict[str, str]:
    [seen] = re.findall(r'name="seen" value="(\w+)"', page)
    return {"seen": seen}
