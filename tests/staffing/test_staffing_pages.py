"""The pages of a session's helpers, through the whole application."""

import re
from dataclasses import dataclass
from datetime import timedelta

import httpx
from sqlalchemy import select

from lopso.kernel.access import Role
from scheduling.models import Assignment, ClassSession
from tests.conftest import TestApp
from tests.factories import (
    NOON,
    TEST,
    add_assignment,
    add_course,
    add_helper,
    add_series,
    add_session,
    add_team,
    add_user,
    add_ward,
)
from wordings.service.shipped import load_wordings


@dataclass
class Scene:
    """A ward with a class on Thursday, two helpers, and somebody of every role."""

    session: int
    an: int
    binh: int
    row: int


async def scene(app: TestApp) -> Scene:
    async with app.sessions.begin() as db:
        await load_wordings(db, by=TEST, now=NOON)
        await add_ward(db)
        await add_ward(db, ward_id="19789", name="Thuận Hóa")
        await add_user(db, (Role.COORDINATOR, "19753"))
        me = await add_user(db, (Role.TRAINER, "19753"), email="an@example.org", name="Lê An")
        for role in (Role.ASSESSOR, Role.VIEWER):
            await add_user(db, (role, "19753"), email=f"{role}@example.org")
        await add_user(db, (Role.COORDINATOR, "19789"), email="khac@example.org")
        await add_user(db, (Role.TRAINER, "19753"), email="nguoi-ngoai@example.org")
        course = await add_course(db, skills=["VNeID"])
        series = await add_series(db, course=course)
        weeks = [
            await add_session(
                db,
                title="Cài đặt VNeID",
                starts_at=NOON + timedelta(days=3 + 7 * n, hours=2),
                course=course,
                series=series,
            )
            for n in range(3)
        ]
        an = await add_helper(db, "Lê An", user=me, phone="+84912345678")
        binh = await add_helper(db, "Công Tằng Tôn Nữ Thị Ngọc Ưỡn", teaches=["VNeID"], phone="+84905111222")
        await add_team(db, binh)
        other = await add_session(db, title="Chợ số", starts_at=weeks[1].starts_at)
        await add_assignment(db, other, binh)
        row = await add_assignment(db, weeks[0], an, state="offered")
    return Scene(weeks[0].id, an.id, binh.id, row.id)


async def states(app: TestApp) -> list[tuple[int, str, str]]:
    async with app.sessions() as db:
        rows = await db.scalars(select(Assignment).order_by(Assignment.id))
        return [(row.trainer_id, row.role, row.state) for row in rows]


def text_of(answer: httpx.Response) -> str:
    """What is read on a page: without tags, with single spaces."""
    return " ".join(re.sub(r"<[^>]+>|\u2060", " ", answer.text).split())


async def test_picker_shows_needs_and_reasons(app: TestApp) -> None:
    s = await scene(app)
    async with app.client_as("ha@example.org") as client:
        page = await client.get(f"/buoi/{s.session}/phan-cong")

    words = text_of(page)
    assert page.status_code == 200
    assert "0/1 người dạy chính còn thiếu 1 người" in words
    assert "1/2 người hỗ trợ còn thiếu 1 người" in words
    assert "Lê An Người hỗ trợ · 0912 ••• 678 Chờ trả lời" in words
    assert (
        "Công Tằng Tôn Nữ Thị Ngọc Ưỡn Tổ công nghệ số TDP 5 chưa rõ giờ rảnh · dạy được VNeID"
        " · cùng tuần chưa có buổi nào" in words
    )
    assert "912345678" not in page.text.replace(" ", "")


async def test_offer_redirects_with_flash_and_repeat_is_refused(app: TestApp) -> None:
    s = await scene(app)
    here = f"/buoi/{s.session}/phan-cong"
    async with app.client_as("ha@example.org") as client:
        done = await client.post(here, data={"nguoi": [str(s.binh)], "vai": "trainer"})
        shown = await client.get(done.headers["location"])
        again = await client.post(here, data={"nguoi": [str(s.binh)], "vai": "helper"})
        nobody = await client.post(here, data={"vai": "helper", "nguoi": ["x", "-1", "9" * 30]})

    assert (done.status_code, done.headers["location"]) == (303, here)
    assert "Đã phân công Công Tằng Tôn Nữ Thị Ngọc Ưỡn." in text_of(shown)
    assert again.status_code == 409
    assert "Công Tằng Tôn Nữ Thị Ngọc Ưỡn đã có trong buổi này." in text_of(again)
    assert nobody.status_code == 422
    assert "Xin chọn ít nhất một người trong danh sách." in text_of(nobody)
    assert (s.binh, "trainer", "offered") in await states(app)


async def test_series_offer_is_listed_by_date_before_and_after(app: TestApp) -> None:
    s = await scene(app)
    here = f"/buoi/{s.session}/phan-cong"
    chosen = {"nguoi": [str(s.binh)], "vai": "helper", "pham_vi": "loat", "da_nhan": "1"}
    async with app.client_as("ha@example.org") as client:
        before = await states(app)
        preview = await client.post(here, data=chosen)
        untouched = await states(app)
        done = await client.post(f"{here}/ca-loat", data=chosen)

    clash = "đã có “Chợ số”, thứ Năm 03/12, 14h00 – 16h00."
    for page in (preview, done):
        assert page.status_code == 200
        assert clash in text_of(page)
        assert "Thứ Năm 26/11/2026, 14h00 – 16h00" in text_of(page)
    assert "Xác nhận 2 lượt phân công" in text_of(preview)
    assert before == untouched
    assert (await states(app))[len(before) :] == [(s.binh, "helper", "accepted")] * 2


async def test_helper_search_posts_keeps_ticks_and_answers_htmx_list(
    app: TestApp,
) -> None:
    s = await scene(app)
    there = f"/buoi/{s.session}/phan-cong/tim"
    typed = {"q": "khong ai ten the", "vai": "helper", "nguoi": [str(s.binh)]}
    async with app.client_as("ha@example.org") as client:
        page = await client.post(there, data=typed)
        part = await client.post(there, data=typed, headers={"hx-request": "true"})

    assert f'value="{s.binh}" checked' in page.text
    assert "<html" in page.text
    assert "<html" not in part.text
    assert f'value="{s.binh}" checked' in part.text


async def test_phone_answer_is_recorded_and_undone(app: TestApp) -> None:
    s = await scene(app)
    here = f"/buoi/{s.session}/phan-cong/{s.row}"
    async with app.client_as("ha@example.org") as client:
        said = await client.post(f"{here}/tra-loi", data={"tra_loi": "nhan"})
        shown = await client.get(said.headers["location"])
        assert (await states(app))[-1] == (s.an, "helper", "accepted")
        assert f'action="{here}/hoan-tac"' in shown.text
        await client.post(f"{here}/hoan-tac")
        assert (await states(app))[-1] == (s.an, "helper", "offered")
        silent = await client.post(f"{here}/tra-loi", data={"tra_loi": "ban"})
        assert silent.status_code == 422
        assert "Xin cho biết lý do, một vài chữ là đủ." in text_of(silent)
        await client.post(f"{here}/tra-loi", data={"tra_loi": "ban", "ly_do_san": "Bận lịch học"})
        assert (await states(app))[-1] == (s.an, "helper", "declined")
        assert "Bận lịch học" in text_of(await client.get(here))


async def test_replacement_is_made_or_page_names_obstacle(app: TestApp) -> None:
    s = await scene(app)
    here = f"/buoi/{s.session}/phan-cong/{s.row}"
    async with app.client_as("ha@example.org") as client:
        assert (await client.get(f"{here}/thay")).status_code == 200
        no_reason = await client.post(f"{here}/thay", data={"nguoi": [str(s.binh)]})
        nobody = await client.post(f"{here}/thay", data={"ly_do": "bận"})
        himself = await client.post(f"{here}/thay", data={"nguoi": [str(s.an)], "ly_do": "bận"})
        assert (await states(app))[-1] == (s.an, "helper", "offered")
        done = await client.post(f"{here}/thay", data={"nguoi": [str(s.binh)], "ly_do": "bận việc"})
        shown = await client.get(done.headers["location"])

    assert (no_reason.status_code, nobody.status_code, himself.status_code) == (422, 422, 409)
    assert f'value="{s.binh}" checked' in no_reason.text
    assert 'value="bận"' in nobody.text
    assert "Lê An đã có trong buổi này." in text_of(himself)
    assert "Công Tằng Tôn Nữ Thị Ngọc Ưỡn thay Lê An." in text_of(shown)
    assert (await states(app))[-2:] == [(s.an, "helper", "replaced"), (s.binh, "helper", "offered")]


async def test_withdrawal_and_absence_by_page(app: TestApp) -> None:
    s = await scene(app)
    here = f"/buoi/{s.session}/phan-cong/{s.row}"
    async with app.client_as("ha@example.org") as client:
        early = await client.post(f"{here}/vang-mat", data={"den": "0"})
        assert early.status_code == 409
        assert "Chỉ ghi vắng mặt sau khi buổi học đã bắt đầu." in text_of(early)
        app.clock.forward(timedelta(days=3, hours=3))
        await client.post(f"{here}/vang-mat", data={"den": "0"})
        assert (await states(app))[-1] == (s.an, "helper", "no_show")
        assert "Thật ra có đến" in text_of(await client.get(here))
        await client.post(f"{here}/vang-mat", data={"den": "1"})
        await client.post(f"{here}/rut", data={"ly_do": "nhầm"})
    assert (await states(app))[-1] == (s.an, "helper", "withdrawn")


async def test_roles_may_read_and_change_assignments(app: TestApp) -> None:
    s = await scene(app)
    here = f"/buoi/{s.session}/phan-cong"
    reads = [here, f"{here}/{s.row}", f"{here}/{s.row}/thay"]
    changes = [
        here,
        f"{here}/tim",
        f"{here}/ca-loat",
        *(
            f"{here}/{s.row}/{what}"
            for what in ("tra-loi", "hoan-tac", "rut", "vang-mat", "thay", "thay/tim")
        ),
    ]
    expected = {
        "an@example.org": (200, 403),  # helps in it: sees it, changes nothing
        "viewer@example.org": (200, 403),
        "assessor@example.org": (200, 403),
        "khac@example.org": (404, 404),  # coordinator of another ward
        "nguoi-ngoai@example.org": (404, 404),  # teaches in the ward, but not here
    }
    before = await states(app)
    for email, (reading, changing) in expected.items():
        async with app.client_as(email) as client:
            found = [(await client.get(path)).status_code for path in reads]
            assert found == [reading, changing, changing], email
            done = [
                (await client.post(path, data={"nguoi": [str(s.binh)], "ly_do": "x"})).status_code
                for path in changes
            ]
            assert set(done) == {changing}, (email, done)
    async with app.client() as client:
        assert {(await client.get(path)).status_code for path in reads} == {303}
    assert await states(app) == before


async def test_foreign_rows_and_bad_ids_are_not_found(app: TestApp) -> None:
    s = await scene(app)
    async with app.client_as("ha@example.org") as client:
        paths = (
            f"/buoi/{s.session + 1}/phan-cong/{s.row}",
            f"/buoi/{s.session}/phan-cong/999999",
            "/buoi/999999/phan-cong",
            f"/buoi/{10**30}/phan-cong",
            f"/buoi/{s.session}/phan-cong/{10**30}",
            "/buoi/-1/phan-cong",
        )
        assert [(await client.get(path)).status_code for path in paths] == [404] * len(paths)


async def test_session_panel_hides_phones_without_permission(
    app: TestApp,
) -> None:
    s = await scene(app)
    shown: dict[str, str] = {}
    for email in ("ha@example.org", "viewer@example.org", "an@example.org"):
        async with app.client_as(email) as client:
            part = await client.get(f"/buoi/{s.session}/phan-cong", headers={"hx-request": "true"})
            assert "<html" not in part.text
            shown[email] = text_of(part)
    assert all("Lê An" in words for words in shown.values())
    assert ["0912" in shown[email] for email in shown] == [True, False, False]
    assert [f'href="/buoi/{s.session}/phan-cong"' in words for words in shown.values()] == [False] * 3
    async with app.sessions.begin() as db:
        session = await db.get_one(ClassSession, s.session)
        session.cancelled_at, session.cancel_reason = NOON, "Mưa lớn"
    async with app.client_as("ha@example.org") as client:
        off = text_of(await client.get(f"/buoi/{s.session}/phan-cong", headers={"hx-request": "true"}))
    assert "còn thiếu" in shown["ha@example.org"]
    assert "còn thiếu" not in off


async def test_names_are_escaped_everywhere(app: TestApp) -> None:
    s = await scene(app)
    async with app.sessions.begin() as db:
        await add_helper(db, "<b>{{7*191}}</b>")
    async with app.client_as("ha@example.org") as client:
        page = await client.get(f"/buoi/{s.session}/phan-cong")
        typed = await client.post(f"/buoi/{s.session}/phan-cong/tim", data={"q": '"><script>x</script>'})
    assert "&lt;b&gt;{{7*191}}&lt;/b&gt;" in page.text
    assert "<script>x" not in typed.text


async def test_role_is_changed_and_changed_back(app: TestApp) -> None:
    s = await scene(app)
    here = f"/buoi/{s.session}/phan-cong"
    async with app.client_as("ha@example.org") as client:
        member = await client.get(f"{here}/{s.row}")
        done = await client.post(f"{here}/{s.row}/vai-tro", data={"vai": "trainer"})
        as_teacher = await states(app)
        shown = await client.get(here)
        undo = re.search(r'action="([^"]+/vai-tro[^"]*)"', shown.text)
        assert undo is not None
        await client.post(undo[1])

    words = text_of(member)
    assert "Chuyển thành người dạy chính" in words
    assert "chưa ghi nhận dạy được nội dung này" in words
    assert "Người dạy chính 0/1, còn thiếu 1 người · Người hỗ trợ 1/2, còn thiếu 1 người" in words
    assert done.status_code == 303
    assert (s.an, "trainer", "offered") in as_teacher
    assert "Lê An nay là người dạy chính." in text_of(shown)
    assert "1/1 người dạy chính" in text_of(shown)
    assert (s.an, "helper", "offered") in await states(app)


async def test_helper_is_withdrawn_from_later_sessions_at_once(app: TestApp) -> None:
    s = await scene(app)
    here = f"/buoi/{s.session}/phan-cong"
    async with app.client_as("ha@example.org") as client:
        await client.post(f"{here}/ca-loat", data={"nguoi": [str(s.an)], "vai": "helper"})
        member = await client.get(f"{here}/{s.row}")
        done = await client.post(f"{here}/{s.row}/rut", data={"ly_do": "Đổi nhóm", "pham_vi": "loat"})
        shown = await client.get(done.headers["location"])

    assert "Rút khỏi cả 2 buổi sau của lớp" in text_of(member)
    assert "Đã rút phân công của Lê An khỏi 3 buổi." in text_of(shown)
    assert [state for trainer, _role, state in await states(app) if trainer == s.an] == ["withdrawn"] * 3


async def test_session_whose_only_helper_declined_shows_its_page(app: TestApp) -> None:
    s = await scene(app)
    async with app.client_as("ha@example.org") as client:
        answer = {"tra_loi": "ban", "ly_do_san": "Bận lịch học"}
        await client.post(f"/buoi/{s.session}/phan-cong/{s.row}/tra-loi", data=answer)
        shown = await client.get(f"/buoi/{s.session}/phan-cong")

    assert shown.status_code == 200
    assert "Chưa phân công ai." in text_of(shown)
    assert "Không còn trong buổi này 1" in text_of(shown)
    assert "Thay đổi phân công của Lê An" in shown.text


async def test_best_five_come_first_and_pills_speak_against(app: TestApp) -> None:
    s = await scene(app)
    async with app.sessions.begin() as db:
        for number in range(8):
            await add_helper(db, f"Trần Thị Lan {number}", teaches=["VNeID"] if number else [])
    async with app.client_as("ha@example.org") as client:
        page = await client.get(f"/buoi/{s.session}/phan-cong?vai=trainer")
        other = {"q": "", "vai": "trainer", "nguoi": [str(s.binh)]}
        ticked = await client.post(f"/buoi/{s.session}/phan-cong/tim", data=other)

    shown, _summary, folded = page.text.partition("Xem thêm 4 người")
    assert (shown.count('name="nguoi"'), folded.count('name="nguoi"')) == (5, 4)
    assert re.findall(r'class="badge no-icon (\w+)">([^<]+)', page.text) == [
        ("warn", "chưa ghi nhận dạy được nội dung này")
    ]
    assert f'value="{s.binh}" checked' in ticked.text.partition("Xem thêm")[0]


async def test_illness_is_among_the_ready_reasons(app: TestApp) -> None:
    s = await scene(app)
    async with app.client_as("an@example.org") as client:
        page = await client.get(f"/viec-cua-toi/{s.row}/ban")

    ready = re.findall(r'name="ly_do_san" value="([^"]+)"', page.text)
    assert ready[:2] == ["Ốm", "Bận đột xuất"]


async def test_page_of_one_helper_has_one_main_action(app: TestApp) -> None:
    s = await scene(app)
    here = f"/buoi/{s.session}/phan-cong/{s.row}"
    async with app.client_as("ha@example.org") as client:
        asked = await client.get(here)
        await client.post(f"{here}/tra-loi", data={"tra_loi": "nhan"})
        accepted = await client.get(here)

    main = r'class="button main".*?<span>([^<]+)'
    assert re.findall(main, asked.text, re.DOTALL) == ["Đã nhận lời"]
    assert re.findall(main, accepted.text, re.DOTALL) == ["Chọn người thay"]
