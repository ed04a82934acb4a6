"""The address on a card: whom it opens what for, what it costs, and where it never goes."""

import base64
import hashlib
import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from learner_portal.models import LearnerPage
from learner_portal.service.pages import renew_page, revoke_page
from learners.models import Learner
from lopso.kernel.settings import Settings
from tests.classroom import WARD, add_learner
from tests.conftest import TestApp
from tests.factories import NOON, TEST, add_enrolment, add_session, add_ward
from tests.learner_portal.cards import SHARED, card_of, state_of
from tests.statements import statements_of

ENDS = ("cach-doc", "tin-nhan", "lich-rieng", "thu-moi", "xyz")


async def test_cards_of_one_phone_open_only_their_own_page(
    app: TestApp, hong: Learner, page: str, settings: Settings
) -> None:
    async with app.sessions.begin() as db:
        husband = await add_learner(db, "Trần Văn Dũng", phone=SHARED)
        session = await add_session(db)
        await add_enrolment(db, session, husband)
        his = await card_of(db, husband, settings)
    async with app.client() as client:
        refused = await client.post(f"{page}/buoi/{session.id}/ban")
        calendar = await client.get(f"{page}/lich/{session.id}.ics")
        assert "Dũng" in (await client.get(his)).text
    assert [refused.status_code, calendar.status_code] == [404, 404]
    assert await state_of(app, session.id, husband.id) == "enrolled"


async def test_invalid_tokens_answer_alike_at_equal_cost(
    app: TestApp, engine: AsyncEngine, settings: Settings
) -> None:
    async with app.sessions.begin() as db:
        await add_ward(db)
        names = ("Đổi Mã", "Tắt Trang", "Lưu Trữ")
        people = [await add_learner(db, name) for name in names]
        dead = [await card_of(db, each, settings) for each in people]
        await renew_page(db, WARD, people[0].id, secret=settings.secret, by=TEST, now=NOON)
        await revoke_page(db, WARD, people[1].id, by=TEST, now=NOON)
        people[2].archived_at = NOON

    answers: list[tuple[int, bytes, Mapping[str, str], tuple[str, ...]]] = []
    async with app.client() as client:
        await client.get(dead[0])  # the frame's list of wards is read once a minute
        with statements_of(engine) as seen:
            for path in (*dead, "/hv/chua-bao-gio-co", "/hv/" + "x" * 200):
                seen.clear()
                answer = await client.get(path)
                headers = {key: value for key, value in answer.headers.items() if key != "date"}
                answers.append((answer.status_code, answer.content, headers, tuple(seen)))
        assert (await client.get("/hv/" + "x" * 5000)).status_code == 404  # refused before it is looked up
    assert all(answer == answers[0] for answer in answers)
    status, body, _headers, statements = answers[0]
    assert status == 404
    assert len(statements) == 1
    assert "Xin gọi phường, xã nơi đăng ký học để được cấp thẻ khác." in body.decode()
    assert "Phú Xuân" not in body.decode()
    async with app.client() as client:
        for path in dead:
            assert (await client.post(f"{path}/cach-doc", data={"doc": "to"})).status_code == 404


async def test_responses_do_not_leak_the_address(app: TestApp, page: str) -> None:
    async with app.client() as client:
        answers = [
            await client.get(page),
            await client.head(page),
            await client.post(f"{page}/cach-doc", data={"doc": "to"}),
            await client.post(f"{page}/buoi/{'9' * 19}/ban"),
            await client.post(
                f"{page}/cach-doc", content=b"--", headers={"content-type": "multipart/form-data"}
            ),
            await client.get(f"{page}/tin-nhan"),
            await client.get("/hv/khong-co"),
        ]
        cookies = dict(client.cookies)
    for answer in answers:
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-robots-tag"] == "noindex, nofollow"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "unsafe" not in answer.headers["content-security-policy"]
        assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert cookies == {}


async def test_wrong_paths_and_methods_do_not_leak_the_token(app: TestApp, page: str) -> None:
    """Wrong ends and wrong verbs too: their pages come from the general frame, which fetches files."""
    async with app.client() as client:
        answers = [
            await client.get(f"{page}/a/b/c"),
            await client.put(page),
            await client.delete(f"{page}/tin-nhan"),
            await client.get(f"http://127.0.0.1/{page}/a/b/c"),
            await client.get(f"/lich-rieng{page.removeprefix('/hv')}"),
            await client.post(f"/lich-rieng{page.removeprefix('/hv')}"),
            await client.get(f"/loi-moi{page.removeprefix('/hv')}"),
            await client.get(f"/loi-moi{page.removeprefix('/hv')}/x"),
        ]
    for answer in answers:
        assert answer.status_code in (404, 405), answer.url
        assert answer.headers["referrer-policy"] == "no-referrer", answer.url
        assert answer.headers["x-robots-tag"] == "noindex, nofollow"
        assert answer.headers["cache-control"] == "no-store"
        assert page.rpartition("/")[2] not in answer.text, answer.url


async def test_get_of_an_action_redirects_and_changes_nothing(app: TestApp, hong: Learner, page: str) -> None:
    async with app.sessions.begin() as db:
        session = await add_session(db)
        await add_enrolment(db, session, hong)
    here = f"{page}/buoi/{session.id}"
    async with app.client() as client:
        for path in (f"{here}/ban", f"{here}/di", *(f"{page}/{end}" for end in ENDS)):
            answer = await client.get(path)
            assert (answer.status_code, answer.headers["location"]) == (303, page), path
            assert answer.headers["referrer-policy"] == "no-referrer"
    assert await state_of(app, session.id, hong.id) == "enrolled"


async def test_head_of_page_has_headers_of_get(app: TestApp, page: str) -> None:
    async with app.client() as client:
        whole = await client.get(page, headers={"accept-encoding": "identity"})
        head = await client.head(page, headers={"accept-encoding": "identity"})
        dead = await client.head("/hv/khong-co")
    assert (head.status_code, head.content, dead.status_code, dead.content) == (200, b"", 404, b"")
    assert {**head.headers} == {**whole.headers}


async def test_policy_allows_exactly_the_sent_style(app: TestApp, page: str) -> None:
    async with app.client() as client:
        answer = await client.get(page)
    [style] = re.findall(r"<style>(.*?)</style>", answer.text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in answer.headers["content-security-policy"]
    assert "<script" not in answer.text
    assert "style=" not in answer.text
    assert "/static/" not in answer.text


async def test_cross_site_form_is_refused(app: TestApp, hong: Learner, page: str) -> None:
    async with app.sessions.begin() as db:
        session = await add_session(db)
        await add_enrolment(db, session, hong)
    async with app.client() as client:
        for site in ("cross-site", "same-site"):
            answer = await client.post(f"{page}/buoi/{session.id}/ban", headers={"sec-fetch-site": site})
            assert answer.status_code == 403
        assert await state_of(app, session.id, hong.id) == "enrolled"
        for site in ("same-origin", "none"):
            answer = await client.post(f"{page}/buoi/{session.id}/ban", headers={"sec-fetch-site": site})
            assert answer.status_code == 303


async def test_page_use_is_recorded_once_an_hour(app: TestApp, hong: Learner, page: str) -> None:
    async def used() -> datetime | None:
        async with app.sessions() as db:
            return (await db.get_one(LearnerPage, hong.id)).last_used_at

    seen: list[datetime | None] = []
    async with app.client() as client:
        for minutes in (0, 59, 1):
            app.clock.forward(timedelta(minutes=minutes))
            await client.get(page)
            seen.append(await used())
    assert seen == [NOON, NOON, NOON + timedelta(hours=1)]
