"""The board of a week through the whole application: picks, mistakes at the pick, result, undo."""

import asyncio
import re
from dataclasses import dataclass
from datetime import timedelta

import httpx
from sqlalchemy import select

from lopso.kernel.access import Role
from scheduling.models import Assignment
from tests.conftest import TestApp
from tests.factories import NOON, TEST, add_helper, add_session, add_user, add_ward
from tests.staffing.test_staffing_pages import text_of
from wordings.service.shipped import load_wordings

HERE = "/lich/19753/xep-nguoi"
WEEK = "2026-11-23"


@dataclass
class ShortWeek:
    """Two overlapping short sessions this week, one in the next; two helpers."""

    first: int
    second: int
    later: int
    an: int
    binh: int


async def short_week(app: TestApp) -> ShortWeek:
    async with app.sessions.begin() as db:
        await load_wordings(db, by=TEST, now=NOON)
        await add_ward(db)
        await add_user(db, (Role.COORDINATOR, "19753"))
        await add_user(db, (Role.VIEWER, "19753"), email="xem@example.org")
        first = await add_session(db, title="VNeID", starts_at=NOON + timedelta(hours=2), need=(1, 1))
        second = await add_session(db, title="Mã QR", starts_at=NOON + timedelta(hours=3), need=(1, 0))
        later = await add_session(db, title="Hue-S", starts_at=NOON + timedelta(days=8), need=(1, 0))
        an, binh = await add_helper(db, "Lê An"), await add_helper(db, "Đỗ Bình")
    return ShortWeek(first.id, second.id, later.id, an.id, binh.id)


async def states(app: TestApp) -> list[tuple[int, int, str, str]]:
    async with app.sessions() as db:
        rows = await db.scalars(select(Assignment).order_by(Assignment.session_id, Assignment.trainer_id))
        return [(row.session_id, row.trainer_id, row.role, row.state) for row in rows]


async def test_week_leads_to_the_board_of_its_short_sessions(app: TestApp) -> None:
    s = await short_week(app)
    async with app.client_as("ha@example.org") as client:
        week = await client.get(f"/lich/19753?tuan={WEEK}")
        board = await client.get(f"{HERE}?tuan={WEEK}")
    async with app.client_as("xem@example.org") as client:
        seen = await client.get(f"/lich/19753?tuan={WEEK}")

    assert f'href="{HERE}?tuan={WEEK}"' in week.text
    assert "Xếp người cho 2 buổi thiếu" in text_of(week)
    assert HERE not in seen.text
    words = text_of(board)
    assert "2 buổi còn thiếu người" in words
    assert "VNeID Thứ Hai 23/11, 14h00 – 16h00 Nhà văn hóa TDP 5 Thiếu 1 người dạy chính" in words
    assert re.findall(r'name="chon" value="(\d+-\w+)-\d+"', board.text) == [
        *[f"{s.first}-trainer"] * 2,
        *[f"{s.first}-helper"] * 2,
        *[f"{s.second}-trainer"] * 2,
    ]
    assert "Lê An: chưa rõ giờ rảnh" in words
    assert "cùng tuần: 0 buổi" in words


async def test_clash_among_picks_is_said_at_both_and_all_stay_ticked(app: TestApp) -> None:
    s = await short_week(app)
    picks = [f"{s.first}-trainer-{s.an}", f"{s.second}-trainer-{s.an}", f"{s.first}-helper-{s.binh}"]
    async with app.client_as("ha@example.org") as client:
        refused = await client.post(HERE, data={"tuan": WEEK, "chon": picks, "da_nhan": "1"})

    assert refused.status_code == 409
    assert re.findall(r'value="([^"]+)"\s+checked', refused.text) == [picks[0], picks[2], picks[1], "1"]
    words = text_of(refused)
    assert "Chưa phân công ai, xin xem lại" in words
    assert words.count("Lê An còn được chọn cho “Mã QR”, thứ Hai 23/11, 15h00 – 17h00") == 2  # summary, pick
    assert f'id="f-{s.second}-trainer-{s.an}-e"' in refused.text
    assert f'href="#f-{s.second}-trainer"' in refused.text
    assert await states(app) == []


async def test_pick_refused_meanwhile_is_unticked_and_the_others_stay(app: TestApp) -> None:
    s = await short_week(app)
    picks = [f"{s.first}-trainer-{s.an}", f"{s.first}-helper-{s.binh}"]
    async with app.client_as("ha@example.org") as client:
        await client.post(HERE, data={"tuan": WEEK, "chon": [f"{s.second}-trainer-{s.an}"]})
        refused = await client.post(HERE, data={"tuan": WEEK, "chon": picks})

    assert refused.status_code == 409
    assert re.findall(r'value="([^"]+)"\s+checked', refused.text) == [picks[1]]
    assert "Lê An đã có “Mã QR”, thứ Hai 23/11, 15h00 – 17h00." in text_of(refused)
    assert await states(app) == [(s.second, s.an, "trainer", "offered")]


async def test_nothing_picked_is_said_and_nonsense_is_passed_over(app: TestApp) -> None:
    s = await short_week(app)
    sent = ["x", "1-trainer", f"{s.first}-cook-{s.an}", f"{'9' * 30}-trainer-1", "-1-trainer-1"]
    async with app.client_as("ha@example.org") as client:
        nobody = await client.post(HERE, data={"tuan": WEEK, "chon": sent})

    assert nobody.status_code == 422
    assert "Xin chọn ít nhất một người." in text_of(nobody)


async def test_result_says_what_was_asked_and_what_is_next(app: TestApp) -> None:
    s = await short_week(app)
    async with app.client_as("ha@example.org") as client:
        done = await client.post(
            HERE, data={"tuan": WEEK, "chon": [f"{s.first}-trainer-{s.an}", f"{s.second}-trainer-{s.binh}"]}
        )
        shown = await client.get(done.headers["location"])
        undo = re.search(r'action="([^"]+/hoan-tac[^"]*)"', shown.text)
        await client.post(HERE, data={"tuan": WEEK, "chon": [f"{s.first}-helper-{s.an}"]})
        assert undo is not None
        undone = await client.post(undo[1].replace("&amp;", "&"))
        after = await client.get(undone.headers["location"])
        again = await client.get(done.headers["location"])

    words = text_of(shown)
    assert done.status_code == 303
    assert "Đã ghi 2 lượt phân công" in words
    assert "Lê An người dạy chính · VNeID , 14h00 thứ Hai 23/11 · Nhà văn hóa TDP 5 Chờ trả lời" in words
    assert "Tuần này còn 1 buổi thiếu người." in words
    assert f'href="{HERE}?tuan={WEEK}#buoi-{s.first}"' in shown.text
    assert "Buổi thiếu tiếp theo: 14h00 thứ Hai 23/11" in words
    assert "thiếu 1 người hỗ trợ" in words
    assert "Đã hoàn tác 2 lượt phân công." in text_of(after)
    assert "Đã hoàn tác, không ai được phân công" in text_of(again)
    assert {state for *_rest, state in await states(app)} == {"withdrawn"}


async def test_full_week_names_the_next_short_session(app: TestApp) -> None:
    s = await short_week(app)
    async with app.client_as("ha@example.org") as client:
        board = await client.get(f"{HERE}?tuan=2026-12-07")
        between = await client.get(f"{HERE}?tuan=2026-11-16")

    assert "Các tuần sau cũng đã đủ người." in text_of(board)
    assert "Buổi thiếu tiếp theo: VNeID" in text_of(between)
    assert f'href="{HERE}?tuan={WEEK}#buoi-{s.first}"' in between.text


async def test_double_tap_asks_once_and_leads_to_the_result(app: TestApp) -> None:
    s = await short_week(app)
    async with app.client_as("ha@example.org") as client:
        page = await client.get(f"{HERE}?tuan={WEEK}")
        once = re.search(r'name="_once" value="([^"]+)"', page.text)
        assert once is not None
        form = {"tuan": WEEK, "chon": [f"{s.first}-trainer-{s.an}"], "_once": once[1]}
        first, second = await client.post(HERE, data=form), await client.post(HERE, data=form)

    assert first.headers["location"] == second.headers["location"]
    assert await states(app) == [(s.first, s.an, "trainer", "offered")]


async def test_result_of_nothing_leads_to_the_board(app: TestApp) -> None:
    await short_week(app)
    async with app.client_as("ha@example.org") as client:
        answers = [
            await client.get(f"{HERE}/ket-qua{query}")
            for query in ("", "?luc=1", f"?luc={'9' * 18}", "?luc=x")
        ]
    assert [answer.headers["location"] for answer in answers] == [f"{HERE}?tuan={WEEK}"] * 4


async def test_search_says_where_somebody_fits_and_keeps_the_picks(app: TestApp) -> None:
    s = await short_week(app)
    kept = f"{s.second}-trainer-{s.binh}"
    async with app.client_as("ha@example.org") as client:
        form = {"tuan": WEEK, "q": "le an", "chon": [kept], "da_nhan": "1"}
        found = await client.post(f"{HERE}/tim", data=form)
        htmx = {"HX-Request": "true", "HX-Target": "board-sessions"}
        part = await client.post(f"{HERE}/tim", data=form, headers=htmx)
        ended = await client.post(f"{HERE}/tim", data=form | {"bo_tim": "1"})

    words = text_of(found)
    assert "Lê An đến được 2 buổi: 14h00 thứ Hai 23/11 VNeID , 15h00 thứ Hai 23/11 Mã QR" in words
    assert re.findall(r'value="([^"]+)"\s+checked', found.text) == [kept, "1"]
    assert re.findall(r'name="chon" value="([^"]+)"', found.text) == [
        *[f"{s.first}-trainer-{s.an}", f"{s.first}-trainer-{s.binh}"],
        *[f"{s.first}-helper-{s.an}", f"{s.first}-helper-{s.binh}"],
        *[kept, f"{s.second}-trainer-{s.an}"],
    ]
    assert 'value="le an"' in found.text
    assert "<html" not in part.text
    assert 'id="board-found" hx-swap-oob="innerHTML"' in part.text
    assert re.findall(r'value="([^"]+)"\s+checked', part.text) == [kept]
    assert "đến được" not in text_of(ended)
    assert re.findall(r'value="([^"]+)"\s+checked', ended.text) == [kept, "1"]
    assert await states(app) == []


async def test_search_shows_who_cannot_come_and_who_is_there(app: TestApp) -> None:
    s = await short_week(app)
    async with app.client_as("ha@example.org") as client:
        await client.post(HERE, data={"tuan": WEEK, "chon": [f"{s.first}-trainer-{s.an}"]})
        found = await client.post(f"{HERE}/tim", data={"tuan": WEEK, "q": "An"})
        nobody = await client.post(f"{HERE}/tim", data={"tuan": WEEK, "q": "<b>Ưỡn</b>"})

    words = text_of(found)
    assert "Lê An không đến được buổi nào ở đây" in words
    assert "Lê An đã ở trong buổi này." in words
    assert "bận: VNeID 14h00 cùng ngày" in words
    assert re.search(rf'value="{s.second}-trainer-{s.an}"\s+disabled', found.text)
    assert "Không tìm thấy ai tên “&lt;b&gt;Ưỡn&lt;/b&gt;”." in text_of(nobody)


async def test_search_finds_helpers_of_other_wards_only_for_who_sees_them(app: TestApp) -> None:
    s = await short_week(app)
    async with app.sessions.begin() as db:
        await add_ward(db, ward_id="19789", name="Thuận Hóa")
        away = await add_helper(db, "Hồ Thị Ưỡn", ward_id="19789", phone="+84912345678")
        await add_user(db, (Role.CITY_ADMIN, None), email="quan-tri@example.org")
    seen = f"{s.first}-trainer-{away.id}"
    async with app.client_as("ha@example.org") as client:
        coordinator = await client.post(f"{HERE}/tim", data={"tuan": WEEK, "q": "uon"})
    async with app.client_as("quan-tri@example.org") as client:
        admin = await client.post(f"{HERE}/tim", data={"tuan": WEEK, "q": "0912345678"})
        asked = await client.post(HERE, data={"tuan": WEEK, "q": "uon", "chon": [seen]})

    assert "Không tìm thấy ai tên “uon”." in text_of(coordinator)
    assert seen not in coordinator.text
    assert seen in admin.text
    assert "Tổ công nghệ số · Phường Thuận Hóa" in text_of(admin)
    assert asked.status_code == 303
    assert await states(app) == [(s.first, away.id, "trainer", "offered")]


async def proposed(client: httpx.AsyncClient, **data: object) -> httpx.Response:
    return await client.post(f"{HERE}/goi-y", data={"tuan": WEEK, **data})


def ticked(answer: httpx.Response) -> list[str]:
    return re.findall(r'value="(\d+-\w+-\d+)"\s+checked', answer.text)


async def test_proposal_ticks_people_and_says_what_stays_free(app: TestApp) -> None:
    """Three places, two people, two sessions at one time: one place stays free."""
    s = await short_week(app)
    async with app.client_as("ha@example.org") as client:
        answer = await proposed(client)

    assert answer.status_code == 200
    assert await states(app) == []
    picks = ticked(answer)
    assert [pick.rsplit("-", 1)[0] for pick in picks] == [f"{s.first}-trainer", f"{s.second}-trainer"]
    assert {pick.rsplit("-", 1)[1] for pick in picks} == {str(s.an), str(s.binh)}
    words = text_of(answer)
    assert "Đã chọn sẵn 2 người, chưa ai được hỏi." in words
    assert "thiếu 1 người hỗ trợ: những người đến được đã có buổi khác" in words


async def test_proposal_keeps_what_is_ticked_and_leaves_out_who_was_unticked(app: TestApp) -> None:
    s = await short_week(app)
    kept, refused = f"{s.second}-trainer-{s.binh}", f"{s.first}-trainer-{s.an}"
    async with app.client_as("ha@example.org") as client:
        answer = await proposed(client, chon=[kept], goi_y=[kept, refused])
        again = await proposed(
            client, chon=ticked(answer), goi_y=re.findall(r'name="goi_y" value="([^"]+)"', answer.text)
        )

    assert kept in ticked(answer)
    assert refused not in ticked(answer)
    assert f"{s.first}-helper-{s.an}" in ticked(answer)
    assert ticked(again) == ticked(answer)


async def test_proposal_can_be_submitted_as_it_is(app: TestApp) -> None:
    s = await short_week(app)
    async with app.client_as("ha@example.org") as client:
        picks = ticked(await proposed(client))
        answer = await client.post(HERE, data={"tuan": WEEK, "chon": picks})

    assert answer.status_code == 303
    assert {row[0] for row in await states(app)} == {s.first, s.second}


async def test_week_without_short_sessions_proposes_nothing(app: TestApp) -> None:
    await short_week(app)
    async with app.client_as("ha@example.org") as client:
        answer = await client.post(f"{HERE}/goi-y", data={"tuan": "2026-12-21"})

    assert answer.status_code == 200
    assert "Tuần này không còn buổi nào thiếu người" in text_of(answer)


async def test_of_two_coordinators_at_once_one_reads_who_was_faster(app: TestApp) -> None:
    s = await short_week(app)
    async with app.sessions.begin() as db:
        await add_user(db, (Role.COORDINATOR, "19753"), email="khac@example.org")
    async with app.client_as("ha@example.org") as one, app.client_as("khac@example.org") as other:
        picks = [f"{s.first}-trainer-{s.an}"], [f"{s.first}-trainer-{s.binh}", f"{s.second}-trainer-{s.an}"]
        answers = await asyncio.gather(
            one.post(HERE, data={"tuan": WEEK, "chon": picks[0]}),
            other.post(HERE, data={"tuan": WEEK, "chon": picks[1]}),
        )

    assert sorted(each.status_code for each in answers) == [303, 409]
    refused = next(text_of(each) for each in answers if each.status_code == 409)
    assert "Chưa phân công ai, xin xem lại" in refused
    assert re.search("Chỗ này vừa có đủ người, không cần hỏi thêm|Lê An đã có “Mã QR”", refused)
    rows = await states(app)
    assert len({(session, role) for session, _trainer, role, _state in rows}) == len(rows)
    assert len({trainer for _session, trainer, _role, _state in rows}) == len(rows)


async def test_pick_of_a_helper_whom_one_may_not_see_tells_nothing_of_them(app: TestApp) -> None:
    s = await short_week(app)
    async with app.sessions.begin() as db:
        await add_ward(db, ward_id="19774", name="Kim Long")
        stranger = await add_helper(db, "Huỳnh Lạ", ward_id="19774")
    pick = {"chon": [f"{s.first}-trainer-{stranger.id}"]}
    async with app.client_as("ha@example.org") as client:
        answers = [
            await client.post(f"{HERE}{path}", data={"tuan": WEEK, **pick}) for path in ("", "/tim", "/goi-y")
        ]

    assert [answer.status_code for answer in answers] == [409, 200, 200]
    assert not any("Huỳnh Lạ" in answer.text for answer in answers)
