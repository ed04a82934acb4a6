"""What a page says of enrolling many: people are told apart by who they are, and the numbers add up."""

import re
from datetime import timedelta

from lopso.kernel.access import Role
from scheduling.labels.names import distinct_names
from scheduling.models import ClassSession
from tests.conftest import TestApp
from tests.factories import (
    NOON,
    TEST,
    add_course,
    add_helper,
    add_learner,
    add_series,
    add_session,
    add_user,
    add_ward,
)
from tests.scheduling.test_enrolment_pages import text_of
from tests.scheduling.test_learner_picker import no_texts
from wordings.service.shipped import load_wordings


async def seeded(app: TestApp, *, weeks: int, capacity: int = 24) -> tuple[list[int], list[int]]:
    """Sessions, and 26 learners of whom two have one name."""
    async with app.sessions.begin() as db:
        await add_ward(db)
        await add_user(db, (Role.COORDINATOR, "19753"))
        course = await add_course(db)
        series = await add_series(db, course=course)
        sessions = [
            await add_session(
                db,
                starts_at=NOON + timedelta(days=3 + 7 * week),
                capacity=capacity,
                course=course,
                series=series,
                place=f"Nơi {week}",
            )
            for week in range(weeks)
        ]
        names = [f"Trần Thị {chr(ord('A') + n)}" for n in range(24)]
        learners = [await add_learner(db, name) for name in names]
        learners += [await add_learner(db, "Lê Thị Lan", birth_year=year) for year in (1950, 1961)]
    return [each.id for each in sessions], [each.id for each in learners]


async def test_enrolling_26_with_two_namesakes_shows_26_rows(app: TestApp) -> None:
    [session], learners = await seeded(app, weeks=1)
    async with app.client_as("ha@example.org") as client:
        done = await client.post(
            f"/buoi/{session}/ghi-danh", data={"nguoi": [str(each) for each in learners]}
        )
        shown = await client.get(done.headers["location"])

    words = text_of(shown)
    assert (done.status_code, shown.status_code) == (303, 200)
    assert "Đã ghi danh 26 người, 2 người phải chờ chỗ" in words
    assert "24 người có chỗ 2 người vào danh sách chờ" in words
    assert shown.text.count('<th scope="row">') == 26
    assert re.findall(r"Lê Thị Lan (\d+) · không có điện thoại Danh sách chờ, thứ (\d)", words) == [
        ("1950", "1"),
        ("1961", "2"),
    ]


async def test_enrolling_into_series_counts_every_person_once(app: TestApp) -> None:
    sessions, learners = await seeded(app, weeks=2, capacity=25)
    async with app.client_as("ha@example.org") as client:
        await client.post(f"/buoi/{sessions[1]}/ghi-danh", data={"nguoi": [str(learners[-1])]})
        form = {"nguoi": [str(each) for each in learners], "pham_vi": "loat"}
        done = await client.post(f"/buoi/{sessions[0]}/ghi-danh", data=form)
        shown = await client.get(done.headers["location"])

    words = text_of(shown)
    assert "26 người · 2 buổi" in words
    assert "24 người có chỗ ở mọi buổi 2 người phải chờ chỗ ở ít nhất một buổi" in words
    assert shown.text.count('<th scope="row">') == 26
    assert "1961 · không có điện thoại Có chỗ ở 1 buổi Thứ Năm 26/11/2026: danh sách chờ, thứ 1" in words
    assert "1950 · không có điện thoại Có chỗ ở 1 buổi Thứ Năm 03/12/2026: danh sách chờ, thứ 1" in words
    assert "Lê Thị Lan (1961 · không có điện thoại) (thứ 1)" in words


async def test_namesakes_among_few_are_told_apart_in_the_sentence(app: TestApp) -> None:
    [session], learners = await seeded(app, weeks=1)
    async with app.client_as("ha@example.org") as client:
        done = await client.post(
            f"/buoi/{session}/ghi-danh", data={"nguoi": [str(each) for each in learners[-2:]]}
        )
        words = text_of(await client.get(done.headers["location"]))

    assert (
        "Đã ghi danh 2 người: Bà Lê Thị Lan (1950 · không có điện thoại), "
        "Bà Lê Thị Lan (1961 · không có điện thoại)."
    ) in words


async def test_helpers_of_one_name_are_both_named_for_a_series(app: TestApp) -> None:
    sessions, _ = await seeded(app, weeks=2)
    async with app.sessions.begin() as db:
        helpers = [
            await add_helper(db, "Lê An", phone=phone, teaches_all=True)
            for phone in ("+84912345678", "+84905111222")
        ]
        ids = [str(each.id) for each in helpers]
    async with app.client_as("ha@example.org") as client:
        shown = await client.post(
            f"/buoi/{sessions[0]}/phan-cong", data={"nguoi": ids, "vai": "helper", "pham_vi": "loat"}
        )

    words = text_of(shown).replace("\xa0", " ")
    assert "Lê An (0912 ••• 678), Lê An (0905 ••• 222)" in words


def test_only_shared_names_are_told_apart() -> None:
    people = {1: ("Lê An", "1950"), 2: ("Lê An", ""), 3: ("Đỗ Bình", "1960")}
    assert distinct_names(people) == {1: "Lê An (1950)", 2: "Lê An", 3: "Đỗ Bình"}


async def test_who_refuses_texts_is_to_be_told_by_somebody(app: TestApp) -> None:
    [session], learners = await seeded(app, weeks=1)
    async with app.sessions.begin() as db:
        await load_wordings(db, by=TEST, now=NOON)
        mobile = await add_learner(db, "Võ Thị Di", phone="+84912345678")
        refusing = await add_learner(db, "Võ Thị Không", phone="+84905111222")
        db.add(no_texts(refusing))
        ids = [learners[0], mobile.id, refusing.id]
    async with app.client_as("ha@example.org") as client:
        done = await client.post(f"/buoi/{session}/ghi-danh", data={"nguoi": [str(each) for each in ids]})
        words = text_of(await client.get(done.headers["location"]))

    assert "1 người được báo bằng tin nhắn; 1 người không có số di động, xin gọi hoặc gặp." in words
    assert "1 người không nhận tin nhắn: xin gọi hoặc gặp để báo." in words


async def test_page_of_a_series_leads_to_enrolling_in_all_that_is_to_come(app: TestApp) -> None:
    sessions, _ = await seeded(app, weeks=2)
    async with app.sessions() as db:
        row = await db.get_one(ClassSession, sessions[0])
    series = f"/lich/19753/chuoi/{row.series_id}"
    async with app.client_as("ha@example.org") as client:
        first = await client.get(series)
        app.clock.forward(timedelta(days=4))
        second = await client.get(series)
        app.clock.forward(timedelta(days=30))
        over = await client.get(series)

    assert f'href="/buoi/{sessions[0]}/ghi-danh?pham_vi=loat"' in first.text
    assert f'href="/buoi/{sessions[1]}/ghi-danh?pham_vi=loat"' in second.text
    assert "pham_vi=loat" not in over.text
