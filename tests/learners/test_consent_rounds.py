"""Consents of many learners are noted at once, with the day and the way they were given."""

import re
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from learners.models import Consent, Learner
from learners.queries.consents import consents_of
from learners.service.consents import answer_consents
from lopso.kernel.access import Role
from lopso.kernel.audit import AuditEntry
from tests.conftest import TestApp
from tests.factories import NOON, TEST, add_learner, add_user, add_ward
from tests.statements import statements_of

PAGE = "/nguoi-hoc/19753/dong-y"
HEADER = "Họ và tên,Năm sinh,Số điện thoại"
LIST = f"{HEADER}\nNhữ Thị Tím,1960,0976800001\nNhữ Văn Nâu,1961,0976800002\nNhữ Thị Lụa,2014,0976800003\n"
GIVEN = {"dieu": ["class", "sms"], "ngay": "20/11/2026", "cach": "paper", "bang_chung": "tủ văn phòng"}


@pytest.fixture
async def ward(app: TestApp) -> TestApp:
    """The application with a coordinator."""
    async with app.sessions.begin() as db:
        await add_ward(db)
        await add_user(db, (Role.COORDINATOR, "19753"), email="ha@example.org")
    return app


async def imported(client: httpx.AsyncClient, text: str, agreed: str = "") -> httpx.Response:
    file = {"file": ("ds.csv", text.encode(), "text/csv")}
    staged = (await client.post("/nguoi-hoc/19753/nhap", files=file)).headers["location"]
    await client.post(f"{staged}/luu", data={"agreed": agreed} if agreed else {})
    return await client.get(staged)


async def add_earlier(app: TestApp) -> None:
    async with app.sessions.begin() as db:
        learner = await add_learner(db, "Hồ Thị Khác")
        learner.registered_at = NOON - timedelta(days=1)


async def people(app: TestApp) -> dict[str, int]:
    async with app.sessions() as db:
        rows = await db.execute(select(Learner.full_name, Learner.id))
        return {row.full_name: row.id for row in rows}


async def answers(app: TestApp) -> dict[str, dict[str, bool]]:
    found: dict[str, dict[str, bool]] = {}
    for name, learner_id in (await people(app)).items():
        async with app.sessions() as db:
            found[name] = await consents_of(db, learner_id)
    return found


def undo_address(page: str) -> str:
    found = re.search(rf'action="({PAGE}/[0-9a-f-]+/hoan-tac)"', page)
    assert found is not None, page
    return found[1]


async def test_result_of_import_leads_to_those_it_saved(ward: TestApp) -> None:
    await add_earlier(ward)
    async with ward.client_as("ha@example.org") as client:
        result = await imported(client, LIST)
        link = re.search(rf'href="({PAGE}\?dot=[^"]+)"', result.text)
        assert link is not None
        page = await client.get(link[1])

    assert "3 người chưa có ý kiến" in page.text
    assert "Nhữ Thị Tím" in page.text
    assert "Hồ Thị Khác" not in page.text
    assert page.text.count("Chưa hỏi: xếp lớp, tin nhắn") == 3
    assert page.text.count("Dưới 16 tuổi") == 1
    assert "0976 800 001" not in page.text


async def test_ticked_people_agreed_and_others_were_not_asked(ward: TestApp) -> None:
    async with ward.client_as("ha@example.org") as client:
        await imported(client, LIST)
        ids = await people(ward)
        ticked = [ids["Nhữ Thị Tím"], ids["Nhữ Văn Nâu"]]
        answer = await client.post(PAGE, data={**GIVEN, "nguoi": ticked})
        page = await client.get(answer.headers["location"])

    assert "Đã ghi 2 người đồng ý." in page.text
    both = {"class": True, "sms": True}
    assert await answers(ward) == {"Nhữ Thị Tím": both, "Nhữ Văn Nâu": both, "Nhữ Thị Lụa": {}}
    async with ward.sessions() as db:
        consent = (await db.scalars(select(Consent).limit(1))).one()
        entry = (await db.scalars(select(AuditEntry).where(AuditEntry.subject == "consent_round"))).one()
    kept = (consent.how, consent.evidence, consent.granted_at.isoformat(), consent.text_version)
    assert kept == ("paper", "tủ văn phòng", "2026-11-20T05:00:00+00:00", "2026-11")
    assert entry.facts == {"purposes": ["class", "sms"], "how": "paper", "people": 2}
    assert (entry.action, entry.actor_name) == ("consent_round.noted", "Lê Thị Thu Hà")


async def test_answer_given_before_stays(ward: TestApp) -> None:
    async with ward.sessions.begin() as db:
        refused = await add_learner(db, "Võ Thị Cúc")
        await answer_consents(db, "19753", refused.id, {"sms": False}, how="spoken", by=TEST, now=NOON)
    async with ward.client_as("ha@example.org") as client:
        await client.post(PAGE, data={**GIVEN, "nguoi": [refused.id]})
        again = await client.post(PAGE, data={**GIVEN, "nguoi": [refused.id]})
        page = await client.get(again.headers["location"])

    assert await answers(ward) == {"Võ Thị Cúc": {"class": True, "sms": False}}
    assert "Những người này đã có ý kiến từ trước." in page.text


async def test_undone_round_leaves_nobody_asked(ward: TestApp) -> None:
    async with ward.client_as("ha@example.org") as client:
        await imported(client, LIST)
        noted = await client.post(PAGE, data={**GIVEN, "nguoi": [*(await people(ward)).values()]})
        undo = undo_address((await client.get(noted.headers["location"])).text)
        undone = await client.post(undo)
        page = await client.get(undone.headers["location"])
        again = await client.post(undo)
        repeated = await client.get(again.headers["location"])

    assert "Đã bỏ ý kiến vừa ghi của 3 người." in page.text
    assert "3 người chưa có ý kiến" in page.text
    assert "Lần ghi này đã được bỏ trước đó." in repeated.text
    assert set(map(len, (await answers(ward)).values())) == {0}
    async with ward.sessions() as db:
        assert await db.scalar(select(func.count()).select_from(Consent)) == 6
    # Who was not asked may be asked again.
    async with ward.client_as("ha@example.org") as client:
        await client.post(PAGE, data={**GIVEN, "nguoi": [*(await people(ward)).values()]})
    assert [len(each) for each in (await answers(ward)).values()] == [2, 2, 2]


async def test_everybody_of_an_import_agreed_on_all_pages(ward: TestApp) -> None:
    rows = "".join(f"Nhữ Thị {chr(65 + n // 26)}{chr(97 + n % 26)},1960,09768{n:05}\n" for n in range(60))
    async with ward.client_as("ha@example.org") as client:
        result = await imported(client, f"{HEADER}\n{rows}")
        here = re.findall(rf'href="({PAGE}\?dot=[^"]+)"', result.text)[0]
        shown = await client.get(here)
        assert "Tất cả 60 người" in shown.text
        await add_earlier(ward)
        changed = await client.post(here, data={**GIVEN, "tat_ca": "1", "so_nguoi": "59"})
        done = await client.post(here, data={**GIVEN, "tat_ca": "1", "so_nguoi": "60"})
        rest = await client.get(done.headers["location"])

    assert changed.status_code == 422
    assert "nay là 60 người" in changed.text
    assert 'value="tủ văn phòng"' in changed.text
    assert "Đã ghi 60 người đồng ý." in rest.text
    assert "Mọi người trong phần này đã có ý kiến" in rest.text
    assert (await answers(ward))["Hồ Thị Khác"] == {}


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"dieu": []}, "Xin chọn ít nhất một điều họ đã đồng ý."),
        ({"nguoi": []}, "Xin chọn ít nhất một người trong danh sách."),
        ({"cach": ""}, "Xin chọn họ đã đồng ý bằng cách nào."),
        ({"ngay": ""}, "Xin ghi ngày họ đồng ý."),
        ({"ngay": "24/11/2026"}, "Ngày này chưa tới."),
        ({"bang_chung": "CCCD 046058001234"}, "hệ thống không giữ những số này"),
    ],
)
async def test_form_with_a_mistake_notes_nothing_and_keeps_ticks(
    ward: TestApp, fields: dict[str, object], sentence: str
) -> None:
    async with ward.sessions.begin() as db:
        learner = await add_learner(db)
    async with ward.client_as("ha@example.org") as client:
        answer = await client.post(PAGE, data={**GIVEN, "nguoi": [learner.id], **fields})

    assert answer.status_code == 422
    assert sentence in answer.text
    ticked = re.search(rf'value="{learner.id}" checked', answer.text) is not None
    assert ticked == ("nguoi" not in fields)
    assert await answers(ward) == {"Nguyễn Thị Hoa": {}}


async def test_button_without_script_ticks_the_page_and_keeps_what_was_typed(ward: TestApp) -> None:
    async with ward.sessions.begin() as db:
        first, second = await add_learner(db, "Lê Thị Ánh"), await add_learner(db, "Hồ Văn Bình")
    async with ward.client_as("ha@example.org") as client:
        all_ticked = await client.post(PAGE, data={"chon": "tat-ca", "ngay": "hôm qua", "nguoi": [first.id]})
        none_ticked = await client.post(PAGE, data={"chon": "tat-ca", "nguoi": [first.id, second.id]})

    assert all_ticked.text.count("checked") - none_ticked.text.count("checked") == 2
    assert "22/11/2026" in all_ticked.text
    assert await answers(ward) == {"Lê Thị Ánh": {}, "Hồ Văn Bình": {}}


async def test_learner_of_another_ward_is_not_noted(ward: TestApp) -> None:
    async with ward.sessions.begin() as db:
        await add_ward(db, ward_id="19789", name="Thuận Hóa")
        other = await add_learner(db, "Lê Thị Xa", ward_id="19789")
    async with ward.client_as("ha@example.org") as client:
        await client.post(PAGE, data={**GIVEN, "nguoi": [other.id]})
        missing = await client.post(f"{PAGE}/8c0f5a3e-2f57-4d0c-9a86-3f4f1d1f7a10/hoan-tac")

    assert await answers(ward) == {"Lê Thị Xa": {}}
    assert missing.status_code == 404


async def test_page_takes_the_same_statements_for_many_people(ward: TestApp, engine: AsyncEngine) -> None:
    async with ward.sessions.begin() as db:
        await add_learner(db, "Lê Thị Ánh")
    async with ward.client_as("ha@example.org") as client:
        with statements_of(engine) as few:
            await client.get(PAGE)
        async with ward.sessions.begin() as db:
            for number in range(60):
                await add_learner(db, f"Hồ Văn {chr(65 + number % 26)}")
        with statements_of(engine) as many:
            await client.get(PAGE)
    assert 0 < len(many) == len(few) <= 7


async def test_database_keeps_voided_consents_apart(ward: TestApp) -> None:
    async with ward.sessions.begin() as db:
        learner = await add_learner(db)
        await answer_consents(db, "19753", learner.id, {"sms": True}, how="spoken", by=TEST, now=NOON)
    with pytest.raises(IntegrityError, match="voided_is_withdrawn"):
        await _change(ward, voided_at=NOON)
    with pytest.raises(IntegrityError, match="keeps its history"):
        await _change(ward, evidence="khác")


async def _change(app: TestApp, **values: object) -> None:
    async with app.sessions.begin() as db:
        await db.execute(update(Consent).values(**values))
