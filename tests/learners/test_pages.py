"""The pages of learners: what is typed stays, what is uploaded waits for a yes."""

import io
import re

import httpx
import openpyxl
from sqlalchemy import func, select

from learners.models import Consent, Learner
from learners.service.consents import answer_consents
from lopso.kernel.access import Role
from lopso.kernel.paths import shipped
from lopso.kernel.workbook.staging import StagedImport
from tests.conftest import TestApp
from tests.factories import NOON, TEST, add_learner, add_user, add_ward
from venues.service import add_neighbourhood

LIST = (shipped("data") / "example" / "phu-xuan" / "hoc-vien.xlsx").read_bytes()
NEW = {"full_name": "lê thị ánh", "birth_year": "1962", "phone": "0348.990.608", "sms": "no"}


async def prepare(app: TestApp) -> None:
    async with app.sessions.begin() as db:
        await add_ward(db)
        await add_user(db, (Role.COORDINATOR, "19753"), email="ha@example.org")


async def learners_in(app: TestApp) -> int:
    async with app.sessions() as db:
        return await db.scalar(select(func.count()).select_from(Learner)) or 0


async def upload(client: httpx.AsyncClient, content: bytes) -> httpx.Response:
    return await client.post(
        "/nguoi-hoc/19753/nhap", files={"file": ("../../etc/passwd.xlsx", content, "application/zip")}
    )


async def test_added_learner_is_listed_with_answers_to_consents(app: TestApp) -> None:
    await prepare(app)
    async with app.client_as("ha@example.org") as client:
        answer = await client.post(
            "/nguoi-hoc/19753/moi", data={**NEW, "audience": ["elderly"], "agreed": "class"}
        )
        page = await client.get("/nguoi-hoc/19753")

    assert answer.status_code == 303
    assert "Lê Thị Ánh" in page.text
    assert "0348 ••• 608" in page.text
    assert "0348 990 608" not in page.text
    async with app.sessions() as db:
        rows = await db.execute(select(Consent.purpose, Consent.withdrawn_at.is_(None)))
        assert sorted(tuple(row) for row in rows) == [("class", True), ("sms", False)]


async def test_list_is_filtered_by_neighbourhood_or_audience(app: TestApp) -> None:
    await prepare(app)
    async with app.sessions.begin() as db:
        tdp = await add_neighbourhood(db, "19753", "TDP 3", by=TEST, now=NOON)
        lives_there = await add_learner(db, "Lê Thị Ánh")
        lives_there.neighbourhood_id = tdp.id
        sells = await add_learner(db, "Hồ Văn Bình")
        sells.audiences = ["trader"]
    async with app.client_as("ha@example.org") as client:
        by_place = await client.get(f"/nguoi-hoc/19753?to={tdp.id}&nhom=")
        by_kind = await client.get("/nguoi-hoc/19753?to=&nhom=trader")

    names = ("Lê Thị Ánh", "Hồ Văn Bình")
    assert [name in by_place.text for name in names] == [True, False]
    assert [name in by_kind.text for name in names] == [False, True]


async def test_list_is_filtered_by_missing_answers_to_consents(app: TestApp) -> None:
    await prepare(app)
    async with app.sessions.begin() as db:
        answers = {"Lê Thị Ánh": ("class", "sms"), "Hồ Văn Bình": ("class",), "Võ Thị Cúc": ()}
        for name, purposes in answers.items():
            learner = await add_learner(db, name)
            given = dict.fromkeys(purposes, False)
            await answer_consents(db, "19753", learner.id, given, how="paper", by=TEST, now=NOON)
    async with app.client_as("ha@example.org") as client:
        listed = (await client.get("/nguoi-hoc/19753?chua_hoi=true")).text

    assert [name in listed for name in answers] == [False, True, True]


async def test_refused_form_keeps_input_and_shows_mistakes(app: TestApp) -> None:
    await prepare(app)
    async with app.client_as("ha@example.org") as client:
        answer = await client.post(
            "/nguoi-hoc/19753/moi",
            data={"full_name": "Lê <b>Ánh</b>", "birth_year": "2050", "phone": "0912", "note": "Lớp tối"},
        )

    assert answer.status_code == 422
    assert "Xin ghi năm sinh bằng bốn chữ số, ví dụ 1956." in answer.text
    assert "Số điện thoại thiếu chữ số (mới có 4)." in answer.text
    assert 'value="Lê &lt;b&gt;Ánh&lt;/b&gt;"' in answer.text
    assert ">Lớp tối</textarea>" in answer.text
    assert await learners_in(app) == 0


async def test_neighbourhood_of_another_ward_is_refused_at_its_field(app: TestApp) -> None:
    await prepare(app)
    async with app.sessions.begin() as db:
        await add_ward(db, ward_id="20179", name="Nam Đông")
        theirs = await add_neighbourhood(db, "20179", "Thôn 3", by=TEST, now=NOON)
        known = await add_learner(db, "Hồ Văn Bình")
    form = {**NEW, "neighbourhood_id": str(theirs.id)}
    async with app.client_as("ha@example.org") as client:
        added = await client.post("/nguoi-hoc/19753/moi", data=form)
        saved = await client.post(f"/nguoi-hoc/19753/{known.id}/sua", data=form)

    for answer in (added, saved):
        assert answer.status_code == 422
        assert "Xin chọn tổ dân phố, thôn của phường, xã này." in answer.text
        assert 'value="lê thị ánh"' in answer.text
    assert await learners_in(app) == 1


async def test_renumbered_phone_is_confirmed_by_saving_again(app: TestApp) -> None:
    await prepare(app)
    async with app.client_as("ha@example.org") as client:
        doubted = await client.post("/nguoi-hoc/19753/moi", data={**NEW, "phone": "01649063703"})
        assert "Số 11 chữ số kiểu cũ: đầu 0164 nay là 034. Nếu đúng, xin bấm lưu lần nữa." in doubted.text
        again = re.search(r'name="phone" type="tel" value="([^"]+)"', doubted.text)
        assert again is not None
        assert (await client.post("/nguoi-hoc/19753/moi", data={**NEW, "phone": again[1]})).status_code == 303

    async with app.sessions() as db:
        assert await db.scalar(select(Learner.phone)) == "+84349063703"


async def test_list_is_saved_on_confirmation_and_only_once(app: TestApp) -> None:
    await prepare(app)
    async with app.client_as("ha@example.org") as client:
        sent = await upload(client, LIST)
        here = sent.headers["location"]
        review = await client.get(here)
        assert "Chưa lưu gì. Đã đọc 340 dòng có người." in review.text
        assert "Ô nào không chọn thì 323 người mới chưa có ý kiến" in review.text
        assert await learners_in(app) == 0

        assert (await client.post(f"{here}/luu", data={"agreed": ["sms"]})).status_code == 303
        assert (await client.post(f"{here}/luu")).status_code == 303
        result = await client.get(here)
        assert "Đã lưu 323 người" in result.text
        assert "323 người vừa lưu chưa có ý kiến đồng ý: lưu thông tin để xếp lớp" in result.text
        assert "nhận tin nhắn nhắc lịch học" not in result.text
        not_asked = await client.get("/nguoi-hoc/19753?chua_hoi=true")
        assert "323 người" in not_asked.text

        again = (await upload(client, LIST)).headers["location"]
        assert "Không có ai mới trong tệp này" in (await client.get(again)).text
        await client.post(f"{again}/luu")

    assert await learners_in(app) == 323
    async with app.sessions() as db:
        rows = await db.execute(select(Consent.purpose, func.count()).group_by(Consent.purpose))
        assert [tuple(row) for row in rows] == [("sms", 323)]
        kept = (await db.scalars(select(StagedImport.parsed))).all()
        assert [staged["good"] for staged in kept] == [[], []]


async def test_doubtful_rows_are_downloaded_before_and_after_saving(app: TestApp) -> None:
    await prepare(app)
    async with app.client_as("ha@example.org") as client:
        here = (await upload(client, LIST)).headers["location"]
        before = await client.post(f"{here}/can-xem-lai")
        await client.post(f"{here}/luu")
        after = await client.post(f"{here}/can-xem-lai")

    assert before.headers["content-disposition"] == 'attachment; filename="nguoi-hoc-can-xem-lai.xlsx"'
    for answer in (before, after):
        sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0]
        rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
        assert [row[-2:] for row in rows] == [
            ["Dòng trong tệp", "Lý do cần xem lại"],
            ["DS hoc vien: 135", "Đầu số 0160 không có ở Việt Nam"],
        ]


async def test_discarded_list_is_deleted(app: TestApp) -> None:
    await prepare(app)
    async with app.client_as("ha@example.org") as client:
        here = (await upload(client, LIST)).headers["location"]
        await client.post(f"{here}/bo")
        assert (await client.get(here)).status_code == 404

    async with app.sessions() as db:
        assert (await db.scalars(select(StagedImport))).all() == []
    assert await learners_in(app) == 0


async def test_broken_file_is_refused_without_repeating_its_name(app: TestApp) -> None:
    await prepare(app)
    async with app.client_as("ha@example.org") as client:
        broken = await upload(client, b"PK\x03\x04")
        nothing = await client.post("/nguoi-hoc/19753/nhap", data={})

    assert broken.status_code == nothing.status_code == 422
    assert "Tệp này bị hỏng, không đọc được." in broken.text
    assert "passwd" not in broken.text
    assert "Xin chọn tệp danh sách." in nothing.text


async def test_staged_list_of_another_ward_is_not_found(app: TestApp) -> None:
    await prepare(app)
    async with app.sessions.begin() as db:
        await add_ward(db, ward_id="20179", name="Nam Đông")
        await add_user(db, (Role.COORDINATOR, "20179"), email="other@example.org", name="Hồ Văn Thảo")
    async with app.client_as("ha@example.org") as client:
        here = (await upload(client, LIST)).headers["location"]

    async with app.client_as("other@example.org") as client:
        assert (await client.get(here)).status_code == 404
        assert (await client.get(here.replace("19753", "20179"))).status_code == 404
        assert (await client.post(f"{here.replace('19753', '20179')}/luu")).status_code == 404
    assert await learners_in(app) == 0
