"""Changing the room of several sessions of a series by page."""

import pytest

from scheduling.service.series import plan_series
from tests.conftest import TestApp
from tests.factories import NOON
from tests.planning import WARD, Planning, add_planning


async def planned(app: TestApp) -> tuple[Planning, list[int]]:
    """Four sessions in the hall."""
    async with app.sessions.begin() as db:
        here = await add_planning(db)
        done = await plan_series(db, WARD, here.weekly(), by=here.by, now=NOON)
        return here, sorted(done.session_ids)


@pytest.mark.parametrize("scope", ["following", "all"])
async def test_room_change_of_a_series_is_previewed_and_saved(app: TestApp, scope: str) -> None:
    here, ids = await planned(app)
    change = {
        "pham_vi": scope,
        "since": "8h30",
        "until": "10h",
        "room": str(here.small.id),
        "capacity": "10",
        "title": "Dùng VNeID",
    }
    async with app.client_as("ha@example.org") as client:
        preview = await client.get(f"/buoi/{ids[1]}/sua/xem-truoc", params=change)
        saved = await client.post(
            f"/buoi/{ids[1]}/sua", data=change | {"pick": [str(each) for each in ids[1:]]}
        )

    assert preview.status_code == 200
    assert preview.text.count("Nơi học: <del>") == (4 if scope == "all" else 3)
    assert saved.status_code == 303
