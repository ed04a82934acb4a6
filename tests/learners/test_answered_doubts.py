"""A doubt is answered: on the page, for one row or all alike, or in the workbook handed back."""

import io
import re
from datetime import timedelta
from typing import Any

import httpx
import openpyxl
import pytest
from sqlalchemy import select

from learners.models import Learner
from lopso.kernel.access import Role
from lopso.kernel.audit import AuditEntry
from tests.conftest import TestApp
from tests.factories import add_user, add_ward

HEADER = ["Họ và tên", "Năm sinh", "Số điện thoại", "Tổ dân phố"]
FIRST = [["Nhữ Thị Tím", 1960, "0976800001", "TDP 1"], ["Nhữ Văn Nâu", None, None, "TDP 2"]]
SECOND = [["Nhữ Thị Tím", 1960, "0976800009", "TDP 1"], ["Nhữ Văn Nâu", 1961, "0976800002", "TDP 2"]]
UPDATED = [("Nhữ Thị Tím", 1960, "+84976800009"), ("Nhữ Văn Nâu", 1961, "+84976800002")]


def workbook(rows: list[list[Any]]) -> bytes:
    book = openpyxl.Workbook()
    sheet: Any = book.active
    for row in (HEADER, *rows):
        sheet.append(row)
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


async def upload(client: httpx.AsyncClient, content: bytes) -> str:
    sent = await client.post("/nguoi-hoc/19753/nhap", files={"file": ("x.xlsx", content, "application/zip")})
    assert sent.status_code == 303, sent.text
    return sent.headers["location"]


async def learners(app: TestApp) -> list[tuple[Any, ...]]:
    async with app.sessions() as db:
        columns = (Learner.full_name, Learner.birth_year, Learner.phone)
        rows = await db.execute(select(*columns).order_by(Learner.full_name, Learner.id))
        return [tuple(row) for row in rows]


@pytest.fixture
async def coordinator(app: TestApp) -> TestApp:
    """The application with a coordinator and the first list saved."""
    async with app.sessions.begin() as db:
        await add_ward(db)
        await add_user(db, (Role.COORDINATOR, "19753"), email="ha@example.org")
    async with app.client_as("ha@example.org") as client:
        await client.post(f"{await upload(client, workbook(FIRST))}/luu")
    return app


async def test_same_for_all_alike_updates_and_is_not_asked_again(coordinator: TestApp) -> None:
    async with coordinator.client_as("ha@example.org") as client:
        here = await upload(client, workbook(SECOND))
        page = (await client.get(f"{here}/tra-loi?nhom=0")).text
        assert "0976 800 001" in page
        assert "0976 800 009" in page
        for group in (0, 1):
            await client.post(f"{here}/tra-loi", data={"nhom": group, "answer": "same"})
        assert "cập nhật 2 người" in (await client.get(here)).text.lower()
        await client.post(f"{here}/luu")
        assert await learners(coordinator) == UPDATED

        again = await upload(client, workbook(SECOND))
        assert "dòng cần bạn trả lời" not in (await client.get(again)).text

    async with coordinator.sessions() as db:
        entries = await db.scalars(select(AuditEntry.facts).where(AuditEntry.action == "learner.edited"))
        changed = sorted(entry["changed"] for entry in entries)
    assert changed == [["birth_year", "phone", "phone_kind"], ["phone"]]


async def test_other_is_added_and_skipped_row_is_not(coordinator: TestApp) -> None:
    async with coordinator.client_as("ha@example.org") as client:
        here = await upload(client, workbook(SECOND))
        await client.post(f"{here}/tra-loi", data={"row": "0.2", "answer": "other"})
        await client.post(f"{here}/tra-loi", data={"row": "0.3", "answer": "skip"})
        await client.post(f"{here}/luu")
        result = (await client.get(here)).text
        again = await upload(client, workbook(SECOND[:1]))
        assert "dòng cần bạn trả lời" not in (await client.get(again)).text

    assert "dòng bạn chọn bỏ qua" in result
    assert await learners(coordinator) == [
        ("Nhữ Thị Tím", 1960, "+84976800001"),
        ("Nhữ Thị Tím", 1960, "+84976800009"),
        ("Nhữ Văn Nâu", None, None),
    ]


async def test_row_left_out_once_is_left_out_of_the_next_list(coordinator: TestApp) -> None:
    async with coordinator.client_as("ha@example.org") as client:
        here = await upload(client, workbook(SECOND))
        await client.post(f"{here}/tra-loi", data={"row": "0.3", "answer": "skip"})
        await client.post(f"{here}/luu")

        again = await upload(client, workbook([SECOND[1], SECOND[0]]))
        review = (await client.get(again)).text
        questions = (await client.get(f"{again}/tra-loi?nhom=1")).text
        changed = await upload(client, workbook([["Nhữ Văn Nâu", 1961, "0976800003", "TDP 2"]]))
        changed_review = (await client.get(changed)).text

    assert "1 dòng đã bỏ qua ở danh sách trước" in review
    assert "1 dòng chưa trả lời" in review
    assert "Bỏ qua dòng này, như lần trước" in questions
    assert "1 dòng chưa trả lời" in changed_review


async def test_answers_alone_are_saved(coordinator: TestApp) -> None:
    async with coordinator.client_as("ha@example.org") as client:
        here = await upload(client, workbook(SECOND[1:]))
        assert f'action="{here}/luu"' not in (await client.get(here)).text
        await client.post(f"{here}/tra-loi", data={"row": "0.2", "answer": "skip"})
        review = (await client.get(here)).text
        await client.post(f"{here}/luu")
        result = (await client.get(here)).text
        waiting = (await client.get("/nguoi-hoc/19753/nhap")).text
        again = await upload(client, workbook(SECOND[1:]))
        next_review = (await client.get(again)).text

    assert f'action="{here}/luu"' in review
    assert "Lưu 1 câu trả lời" in review
    assert "<title>Đã lưu các câu trả lời ·" in result
    assert here not in waiting
    assert "1 dòng đã bỏ qua ở danh sách trước" in next_review
    assert f'action="{again}/luu"' not in next_review


async def test_row_left_out_before_is_taken_after_all(coordinator: TestApp) -> None:
    async with coordinator.client_as("ha@example.org") as client:
        here = await upload(client, workbook(SECOND[1:]))
        await client.post(f"{here}/tra-loi", data={"row": "0.2", "answer": "skip"})
        await client.post(f"{here}/luu")

        again = await upload(client, workbook(SECOND[1:]))
        await client.post(f"{again}/tra-loi", data={"row": "0.2", "answer": "ask"})
        assert "1 dòng chưa trả lời" in (await client.get(again)).text
        await client.post(f"{again}/tra-loi", data={"row": "0.2", "answer": "same"})
        await client.post(f"{again}/luu")
        third = await upload(client, workbook([["Nhữ Văn Nâu", None, None, "TDP 9"], *SECOND[1:]]))
        assert "đã bỏ qua ở danh sách trước" not in (await client.get(third)).text

    assert UPDATED[1] in await learners(coordinator)


async def test_answer_is_taken_back_and_nonsense_is_passed_over(coordinator: TestApp) -> None:
    async with coordinator.client_as("ha@example.org") as client:
        here = await upload(client, workbook(SECOND))
        for answer in ("same", ""):
            await client.post(f"{here}/tra-loi", data={"row": "0.2", "answer": answer})
        await client.post(f"{here}/tra-loi", data={"row": "7.99", "answer": "same"})
        await client.post(f"{here}/tra-loi", data={"row": "0.3", "answer": "xóa"})
        await client.post(f"{here}/luu")

    assert await learners(coordinator) == [("Nhữ Thị Tím", 1960, "+84976800001"), ("Nhữ Văn Nâu", None, None)]


async def test_answers_in_returned_workbook_are_understood(coordinator: TestApp) -> None:
    async with coordinator.client_as("ha@example.org") as client:
        here = await upload(client, workbook(SECOND))
        book = openpyxl.load_workbook(io.BytesIO((await client.post(f"{here}/can-xem-lai")).content))
        sheet: Any = book.active
        header = [cell.value for cell in sheet[1]]
        asked = header.index("Trả lời (chọn một)") + 1
        known = sheet.cell(2, header.index("Có thể là người này") + 1).value
        assert known == "Nhữ Thị Tím, 1960, TDP 1, 0976 800 001"
        sheet.cell(2, asked).value = "Cùng người: cập nhật"
        sheet.cell(3, asked).value = "cùng người"
        mended = await upload(client, saved(book))
        await client.post(f"{mended}/luu")

    assert await learners(coordinator) == UPDATED


async def test_gap_of_known_learner_is_filled_without_question(coordinator: TestApp) -> None:
    async with coordinator.client_as("ha@example.org") as client:
        for rows in ([["Nhữ Văn Lục", 1950, None, None]], [["Nhữ Văn Lục", 1950, "0976800077", "TDP 4"]]):
            await client.post(f"{await upload(client, workbook(rows))}/luu")

    assert ("Nhữ Văn Lục", 1950, "+84976800077") in await learners(coordinator)


async def test_rows_alike_in_one_file_are_answered(coordinator: TestApp) -> None:
    rows: list[list[Any]] = [["Nhữ Thị Mới", 1950, f"097680005{n}", "TDP 1"] for n in (0, 1)]
    async with coordinator.client_as("ha@example.org") as client:
        here = await upload(client, workbook(rows))
        await client.post(f"{here}/tra-loi", data={"row": "0.3", "answer": "other"})
        await client.post(f"{here}/luu")
        again = await upload(client, workbook(rows))
        assert "dòng cần bạn trả lời" not in (await client.get(again)).text

    assert [phone for name, _year, phone in await learners(coordinator) if name == "Nhữ Thị Mới"] == [
        "+84976800050",
        "+84976800051",
    ]


async def test_result_leads_back_to_questions_without_an_answer(coordinator: TestApp) -> None:
    rows = [["Nhữ Thị Sen", 1950, "0976800055", "TDP 1"], *SECOND]
    async with coordinator.client_as("ha@example.org") as client:
        here = await upload(client, workbook(rows))
        await client.post(f"{here}/tra-loi", data={"row": "0.3", "answer": "same"})
        await client.post(f"{here}/luu")
        result = (await client.get(here)).text
        assert "1 dòng còn chờ trả lời" in result
        [left] = re.findall(r'href="([^"]+)/tra-loi"', result)
        assert left in (await client.get("/nguoi-hoc/19753/nhap")).text

        questions = (await client.get(f"{left}/tra-loi")).text
        assert re.findall('id="dong-([^"]+)"', questions) == ["0.4"]
        await client.post(f"{left}/tra-loi", data={"row": "0.4", "answer": "same"})
        await client.post(f"{left}/luu")
        answered = (await client.get(here)).text
        assert "còn chờ trả lời" not in answered
        assert "đã được trả lời sau" in answered
        assert left not in (await client.get("/nguoi-hoc/19753/nhap")).text

    assert set(UPDATED) <= set(await learners(coordinator))


async def test_rows_alike_in_a_file_wait_for_an_answer_after_saving(coordinator: TestApp) -> None:
    rows: list[list[Any]] = [["Nhữ Thị Mới", 1950, f"097680005{n}", "TDP 1"] for n in (0, 1)]
    async with coordinator.client_as("ha@example.org") as client:
        here = await upload(client, workbook(rows))
        await client.post(f"{here}/luu")
        [left] = re.findall(r'href="([^"]+)/tra-loi"', (await client.get(here)).text)
        questions = (await client.get(f"{left}/tra-loi")).text
        await client.post(f"{left}/tra-loi", data={"row": "0.3", "answer": "other"})
        await client.post(f"{left}/luu")

    assert "0976 800 050" in questions
    assert len([name for name, *_rest in await learners(coordinator) if name == "Nhữ Thị Mới"]) == 2


async def test_waiting_list_is_shown_beside_later_ones_without_anybody(coordinator: TestApp) -> None:
    async with coordinator.client_as("ha@example.org") as client:
        here = await upload(client, workbook(SECOND))
        for number in range(5):
            coordinator.clock.now += timedelta(minutes=1)
            await upload(client, f"Ai,Gọi số\nMai,097680006{number}\n".encode())
        assert here in (await client.get("/nguoi-hoc/19753/nhap")).text


async def test_question_about_two_rows_of_a_file_speaks_of_the_two_rows(coordinator: TestApp) -> None:
    rows: list[list[Any]] = [["Nhữ Thị Mới", 1950, f"097680005{n}", "TDP 1"] for n in (0, 1)]
    async with coordinator.client_as("ha@example.org") as client:
        here = await upload(client, workbook(rows))
        review = (await client.get(here)).text
        page = (await client.get(f"{here}/tra-loi")).text

    assert "trùng họ tên với một dòng khác của tệp" in review
    assert "người đã có, nhưng" not in review
    assert ">Dòng 2</th>" in page
    assert ">Dòng 3</th>" in page
    assert "Cùng người: gộp hai dòng" in page


async def test_row_like_a_row_of_somebody_saved_updates_that_record(coordinator: TestApp) -> None:
    rows: list[list[Any]] = [FIRST[0], SECOND[0]]
    async with coordinator.client_as("ha@example.org") as client:
        here = await upload(client, workbook(rows))
        asked = (await client.get(f"{here}/tra-loi")).text
        await client.post(f"{here}/tra-loi", data={"row": "0.3", "answer": "same"})
        answered = (await client.get(f"{here}/tra-loi")).text
        done = await client.post(f"{here}/luu")
        result = (await client.get(done.headers["location"])).text
    assert (asked.count('class="card question"'), answered.count('class="card question"')) == (1, 1)
    assert "Cùng người, sẽ cập nhật" in answered
    assert "Đã cập nhật 1 người" in result
    assert "Dòng cần xem lại" not in result
    assert (await learners(coordinator))[0] == UPDATED[0]


async def test_file_without_known_header_is_read_as_chosen_and_remembered(coordinator: TestApp) -> None:
    odd = "Ai,Gọi số\nMai,0976800060\nLan,0976800061\n".encode()
    async with coordinator.client_as("ha@example.org") as client:
        here = (await upload(client, odd)).removesuffix("/cot")
        await client.post(
            f"{here}/cot", data={"sheet": "0", "header": "1", "column": ["0:full_name", "1:phone"]}
        )
        await client.post(f"{here}/luu")
        next_one = await upload(client, odd.replace(b"Lan", "Cúc".encode()))
        assert not next_one.endswith("/cot")
        assert "Máy không chắc" not in (await client.get(next_one)).text

    assert {("Mai", None, "+84976800060"), ("Lan", None, "+84976800061")} <= set(await learners(coordinator))


async def test_htmx_is_sent_to_a_page_and_not_to_a_place_in_it(coordinator: TestApp) -> None:
    async with coordinator.client_as("ha@example.org") as client:
        here = await upload(client, workbook(SECOND))
        data = {"row": "0.2", "answer": "other"}
        plain = await client.post(f"{here}/tra-loi", data=data)
        part = await client.post(f"{here}/tra-loi", data=data, headers={"hx-request": "true"})
    assert plain.headers["location"].endswith("#dong-0.2")
    assert part.headers["hx-redirect"] == plain.headers["location"].removesuffix("#dong-0.2")
