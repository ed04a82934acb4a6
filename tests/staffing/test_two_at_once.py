"""Two coordinators at one series at once: nothing is done twice or by half, and nobody gets a failure."""

import asyncio
from collections.abc import Mapping
from datetime import date
from itertools import combinations_with_replacement
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from lopso.application.upkeep import close_all
from notifications.models import Message
from scheduling.models import ClassSession, Enrolment
from scheduling.service.sessions import publish_sessions
from tests.conftest import TestApp
from tests.factories import NOON
from tests.planning import WARD, add_people, add_planning
from tests.scheduling.plan_pages import picks
from tests.scheduling.series_changes import tuesdays
from wordings.service.shipped import load_wordings

STORM = {"phuong": WARD, "tu": "08/12/2026", "den": "15/12/2026", "loai": "ward_class", "reason": "Mưa bão"}
REASON = {"reason": "Mưa lớn"}


class Acts:
    """What a coordinator may confirm about a published series of three Tuesdays."""

    def __init__(self, series: str, ids: list[int], room: int | None, seen: Mapping[str, list[str]]) -> None:
        self.ids, self._series, self._room, self._seen = ids, series, room, seen

    async def do(self, name: str, client: httpx.AsyncClient) -> int:
        """Confirm the act of this name; the status of the answer."""
        answer: httpx.Response = await getattr(self, name)(client)
        return answer.status_code

    async def extend(self, client: httpx.AsyncClient) -> httpx.Response:
        form = {"meetings": "2", "nguoi_hoc": "1", "cong_bo": "1", "pick": self._seen["extend"]}
        return await client.post(f"{self._series}/them-buoi", data=form)

    async def copy(self, client: httpx.AsyncClient) -> httpx.Response:
        form = {"starts_on": "02/03/2027", "nguoi_hoc": "1", "pick": self._seen["copy"]}
        return await client.post(f"{self._series}/chep", data=form)

    async def end(self, client: httpx.AsyncClient) -> httpx.Response:
        return await client.post(f"{self._series}/ket-thuc-som", data={"last_day": "08/12/2026", **REASON})

    async def cancel(self, client: httpx.AsyncClient) -> httpx.Response:
        return await client.post(f"/buoi/{self.ids[1]}/huy", data={"pham_vi": "one", **REASON})

    async def cancel_all(self, client: httpx.AsyncClient) -> httpx.Response:
        return await client.post(
            f"/buoi/{self.ids[0]}/huy", data={"pham_vi": "all", "pick": self.ids, **REASON}
        )

    async def move(self, client: httpx.AsyncClient) -> httpx.Response:
        form = {"pham_vi": "following", "day": "17/12/2026", "since": "8h30", "until": "10h"}
        form |= {"title": "Dùng VNeID", "capacity": "25", "room": str(self._room)}
        return await client.post(f"/buoi/{self.ids[1]}/sua", data=form | {"pick": self.ids[1:]})

    async def close(self, client: httpx.AsyncClient) -> httpx.Response:
        return await client.post("/lich/nghi-dong-loat", data=STORM)


ACTS = ("extend", "copy", "end", "cancel", "cancel_all", "move", "close")


async def prepared(app: TestApp) -> Acts:
    async with app.sessions.begin() as db:
        here = await add_planning(db)
        await load_wordings(db, by=here.by, now=NOON)
        sessions = list(await tuesdays(db, here, meetings=3))
        await add_people(db, sessions)
        await publish_sessions(db, [each.id for each in sessions], by=here.by, now=NOON)
        ids, room = [each.id for each in sessions], sessions[0].room_id
        series = f"/lich/{WARD}/chuoi/{sessions[0].series_id}"
    async with app.client_as("ha@example.org") as client:
        extend = await client.get(f"{series}/them-buoi/xem-truoc", params={"meetings": "2"})
        copy = await client.get(f"{series}/chep/xem-truoc", params={"starts_on": "02/03/2027"})
    return Acts(series, ids, room, {"extend": picks(extend.text), "copy": picks(copy.text)})


async def doubles(app: TestApp) -> list[Any]:
    """Meetings that stand in one room at one time, seats and texts that somebody has twice."""
    async with app.sessions() as db:
        standing = ClassSession.cancelled_at.is_(None)
        queries: list[Any] = [
            select(ClassSession.room_id, ClassSession.starts_at).where(standing),
            select(Enrolment.session_id, Enrolment.learner_id),
            select(Message.to_phone, Message.body).where(Message.state == "planned"),
        ]
        found: list[Any] = []
        for query in queries:
            columns = list(query.selected_columns)
            rows = await db.execute(query.group_by(*columns).having(func.count() > 1))
            found += [tuple(row) for row in rows]
        return found


@pytest.mark.long
@pytest.mark.parametrize(("one", "other"), list(combinations_with_replacement(ACTS, 2)))
async def test_two_acts_at_once_end_in_a_page_and_nothing_twice(app: TestApp, one: str, other: str) -> None:
    acts = await prepared(app)
    async with app.client_as("ha@example.org") as first, app.client_as("ha@example.org") as second:
        answers = await asyncio.gather(acts.do(one, first), acts.do(other, second))
        await close_all(app.sessions, app.clock)

    assert set(answers) <= {303, 409, 422}
    assert 303 in answers
    assert await doubles(app) == []


@pytest.mark.parametrize("act", ACTS)
async def test_act_while_a_worker_closes_the_ward_is_whole(app: TestApp, act: str) -> None:
    acts = await prepared(app)
    async with app.client_as("ha@example.org") as client:
        assert await acts.do("close", client) == 303
        answer, _done = await asyncio.gather(acts.do(act, client), close_all(app.sessions, app.clock))
        await close_all(app.sessions, app.clock)

    assert answer in (303, 404, 409, 422)
    assert await doubles(app) == []
    async with app.sessions() as db:
        left = select(ClassSession.starts_at).where(
            ClassSession.cancelled_at.is_(None), ClassSession.id.in_(acts.ids)
        )
        days = {start.date() for start in await db.scalars(left)}
    assert act == "move" or days <= {date(2026, 12, 22)}
