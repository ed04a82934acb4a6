"""What is typed on the pages that plan, change and cancel survives another tab and a look at the texts."""

import re
from html import unescape

import httpx
import pytest
from sqlalchemy import func, select

from scheduling.models import ClassSession
from scheduling.service.series import plan_series
from tests.conftest import TestApp
from tests.factories import NOON
from tests.planning import WARD, add_planning

REASON = "Mưa lớn, đường Bạch Đằng ngập"
NEW_SESSION, NEW_SERIES = f"/lich/{WARD}/buoi-moi", f"/lich/{WARD}/lop-moi"


@pytest.fixture
async def sessions(app: TestApp) -> list[int]:
    """Four drafts of a weekly series."""
    async with app.sessions.begin() as db:
        planning = await add_planning(db)
        made = await plan_series(db, WARD, planning.weekly(), picked=None, by=planning.by, now=NOON)
        return list(made.session_ids)


def shown(page: httpx.Response) -> dict[str, list[str]]:
    """Every named input of the page's forms with its values, in order."""
    values: dict[str, list[str]] = {}
    for tag in re.findall(r"<input[^>]*>", page.text):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        if name is not None:
            values.setdefault(name[1], []).append(unescape(value[1]) if value else "")
    return values


async def states(app: TestApp) -> tuple[int, int]:
    """Sessions, and those among them that were changed or cancelled."""
    async with app.sessions() as db:
        touched = select(func.count()).select_from(ClassSession).where(ClassSession.version > 1)
        return (
            await db.scalar(select(func.count()).select_from(ClassSession)) or 0,
            await db.scalar(touched) or 0,
        )


async def test_reason_survives_another_scope_of_cancelling(app: TestApp, sessions: list[int]) -> None:
    before = await states(app)
    async with app.client_as("ha@example.org") as client:
        wider = await client.post(
            f"/buoi/{sessions[0]}/huy", data={"pham_vi": "one", "reason": REASON, "switch_to": "following"}
        )
        back = await client.post(
            f"/buoi/{sessions[0]}/huy", data={"pham_vi": "following", "reason": REASON, "switch_to": "one"}
        )
    assert (wider.status_code, back.status_code) == (200, 200)
    assert shown(wider)["reason"] == [REASON]
    assert shown(wider)["pham_vi"] == ["following"]
    assert len(shown(wider)["pick"]) == 4
    assert shown(back)["reason"] == [REASON]
    assert "pick" not in shown(back)
    assert await states(app) == before


async def test_reason_survives_a_look_at_the_texts(app: TestApp, sessions: list[int]) -> None:
    before = await states(app)
    here = f"/buoi/{sessions[0]}/huy"
    async with app.client_as("ha@example.org") as client:
        asked = await client.post(
            here,
            data={"pham_vi": "all", "reason": REASON, "pick": [str(sessions[1])], "show_texts": "1"},
        )
        texts = await client.get(asked.headers["location"])
        link = re.search(rf'href="({re.escape(here)}\?[^"]*)"', texts.text)
        assert link is not None
        again = await client.get(unescape(link[1]))
    assert asked.status_code == 303
    assert shown(again)["reason"] == [REASON]
    assert shown(again)["pham_vi"] == ["all"]
    assert re.findall(r'name="pick" value="(\d+)" checked', again.text) == [str(sessions[1])]
    assert await states(app) == before


async def test_date_and_time_survive_another_scope_of_changing(app: TestApp, sessions: list[int]) -> None:
    here = f"/buoi/{sessions[0]}/sua"
    typed = {
        "pham_vi": "one",
        "day": "09/12/2026",
        "since": "14h",
        "until": "15h45",
        "title": "Dùng VNeID, lần 2",
    }
    async with app.client_as("ha@example.org") as client:
        wider = await client.get(here, params={**typed, "switch_to": "all"})
        kept = {name: values[-1] for name, values in shown(wider).items()}
        back = await client.get(here, params={**kept, "switch_to": "one"})
    assert shown(wider)["pham_vi"] == ["all"]
    for page in (wider, back):
        assert {name: shown(page)[name] for name in ("day", "since", "until", "title")} == {
            name: [typed[name]] for name in ("day", "since", "until", "title")
        }


@pytest.mark.parametrize(("address", "method"), [(NEW_SESSION, "POST"), (NEW_SERIES, "GET")])
async def test_another_kind_of_session_keeps_what_was_typed(
    app: TestApp, sessions: list[int], address: str, method: str
) -> None:
    before = await states(app)
    typed = {
        "kind": "ward_class",
        "title": "Ôn tập",
        "note": "mang loa",
        "capacity": "18",
        "room": "1",
        "market": "7",
    }
    async with app.client_as("ha@example.org") as client:
        wanted = {**typed, "switch_to": "market_round"}
        page = await (
            client.post(address, data=wanted) if method == "POST" else client.get(address, params=wanted)
        )
    assert page.status_code == 200
    assert shown(page)["kind"] == ["market_round"]
    assert shown(page)["title"] == ["Ôn tập"]
    assert shown(page)["capacity"] == ["18"]
    assert shown(page)["room"] == ["1"]
    assert ">mang loa</textarea>" in page.text
    assert "has-error" not in page.text
    assert await states(app) == before
