"""Whom to enrol: filters, an earlier class, ticks that stay, somebody new in place."""

import re
from dataclasses import dataclass
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from learners.models import Consent, Learner
from learners.queries.consents import consents_of, refusing_texts
from lopso.kernel.access import Role
from scheduling.models import ClassSession, Enrolment
from scheduling.queries.earlier_classes import earlier_classes
from tests.conftest import TestApp
from tests.factories import (
    NOON,
    add_course,
    add_enrolment,
    add_learner,
    add_series,
    add_session,
    add_user,
    add_ward,
)
from tests.scheduling.test_enrolment_pages import text_of
from tests.statements import statements_of
from venues.models import Neighbourhood

WEEK = timedelta(days=7)


@dataclass
class Town:
    """A class of two coming weeks, an earlier one with three people, two neighbourhoods.

    Learners: An and Bình of the first neighbourhood, An old; Chi and Dung of the second; all but Dung were
    in the earlier class. An is in the coming session already.
    """

    session: int
    next_week: int
    earlier: int
    first: int
    second: int
    an: int
    binh: int
    chi: int
    dung: int

    @property
    def here(self) -> str:
        return f"/buoi/{self.session}/ghi-danh"


async def town(db: AsyncSession, *, capacity: int = 3) -> Town:
    await add_ward(db)
    await add_user(db, (Role.COORDINATOR, "19753"))
    await add_user(db, (Role.ASSESSOR, "19753"), email="assessor@example.org")
    places = [
        Neighbourhood(ward_id="19753", name=f"Tổ dân phố {n}", name_key=f"to dan pho {n}") for n in (1, 2)
    ]
    db.add_all(places)
    course = await add_course(db)
    old, new = [await add_series(db, course=course) for _ in range(2)]
    earlier = await add_session(
        db, title="Dùng Zalo", starts_at=NOON - WEEK, course=course, series=old, place="Đình"
    )
    coming = [
        await add_session(
            db,
            title="Cài VNeID",
            starts_at=NOON + timedelta(days=2) + week * WEEK,
            capacity=capacity,
            course=course,
            series=new,
        )
        for week in range(2)
    ]
    people = [await add_learner(db, f"Nguyễn Thị {name}") for name in ("An", "Bình", "Chi", "Dung")]
    for learner, place in zip(people, (places[0], places[0], places[1], places[1]), strict=True):
        learner.neighbourhood_id = place.id
    people[0].audiences = ["elderly"]
    for learner in people[:3]:
        await add_enrolment(db, earlier, learner)
    await add_enrolment(db, coming[0], people[0])
    await db.flush()
    return Town(
        coming[0].id,
        coming[1].id,
        earlier.id,
        places[0].id,
        places[1].id,
        *(each.id for each in people),
    )


async def seeded(app: TestApp, *, capacity: int = 3) -> Town:
    async with app.sessions.begin() as db:
        return await town(db, capacity=capacity)


def boxes(page: httpx.Response) -> list[tuple[int, bool, bool]]:
    """Learner, ticked, disabled: of each box of the picker, in order."""
    found = re.findall(r'<input type="checkbox"[^>]*name="nguoi" value="(\d+)"([^>]*)>', page.text)
    return [(int(value), "checked" in rest, "disabled" in rest) for value, rest in found]


async def test_filters_show_who_is_in_already_without_a_box_to_tick(app: TestApp) -> None:
    t = await seeded(app)
    async with app.client_as("ha@example.org") as client:
        by_place = await client.post(f"{t.here}/tim", data={"to": str(t.first)})
        by_audience = await client.post(f"{t.here}/tim", data={"nhom": "elderly"})
        both = await client.post(f"{t.here}/tim", data={"to": str(t.second), "nhom": "elderly"})

    assert boxes(by_place) == [(t.an, False, True), (t.binh, False, False)]
    assert "Tổ dân phố 1 · không có điện thoại đã ghi danh" in text_of(by_place)
    assert boxes(by_audience) == [(t.an, False, True)]
    assert boxes(both) == []
    assert "Không có ai như vậy" in text_of(both)


async def test_people_of_an_earlier_class_are_chosen_by_one_filter(app: TestApp) -> None:
    t = await seeded(app)
    async with app.client_as("ha@example.org") as client:
        page = await client.get(t.here)
        [(value, words)] = re.findall(r'<option value="((?:chuoi|buoi)-\d+)">([^<]+)<', page.text)
        alike = await client.post(f"{t.here}/tim", data={"nhu_lop": value})
        linked = await client.get(f"{t.here}?nhu_lop={value}&pham_vi=loat")

    assert words == "Dùng Zalo, cả lớp, gần nhất thứ Hai 16/11"
    assert [each[0] for each in boxes(alike)] == [t.an, t.binh, t.chi]
    assert [each[0] for each in boxes(linked)] == [t.an, t.binh, t.chi]
    assert 'value="loat" checked' in linked.text


async def test_whole_page_is_ticked_and_unticked_without_a_script(app: TestApp) -> None:
    t = await seeded(app)
    place = {"to": str(t.first)}
    async with app.client_as("ha@example.org") as client:
        ticked = await client.post(f"{t.here}/tim", data={"to": str(t.second), "chon_trang": "1"})
        ids = [str(each) for each, checked, _ in boxes(ticked) if checked]
        elsewhere = await client.post(f"{t.here}/tim", data=place | {"nguoi": ids})
        searched = await client.post(f"{t.here}/tim", data={"q": "dung", "nguoi": ids})
        unticked = await client.post(
            f"{t.here}/tim", data={"to": str(t.second), "nguoi": ids, "chon_trang": "1"}
        )

    assert ids == [str(t.chi), str(t.dung)]
    assert boxes(elsewhere) == [
        (t.chi, True, False),
        (t.dung, True, False),
        (t.an, False, True),
        (t.binh, False, False),
    ]
    assert "Đã chọn 2 người khác" in text_of(elsewhere)
    assert boxes(searched) == [(t.chi, True, False), (t.dung, True, False)]
    assert boxes(unticked) == [(t.chi, False, False), (t.dung, False, False)]


async def test_pages_of_people_found_keep_ticks(app: TestApp) -> None:
    t = await seeded(app)
    async with app.sessions.begin() as db:
        many = [await add_learner(db, f"Phan Văn Y{n:02}") for n in range(60)]
    async with app.client_as("ha@example.org") as client:
        second = await client.post(f"{t.here}/tim", data={"trang_tim": "2", "nguoi": [str(t.binh)]})
        last = await client.post(f"{t.here}/tim", data={"trang_tim": "99"})

    assert "đây là người thứ 51 đến 63" in text_of(second)
    assert boxes(second)[0] == (t.binh, True, False)
    assert [each[0] for each in boxes(second)][1:] == [each.id for each in many[-13:]]
    assert boxes(last) == boxes(second)[1:]


async def test_whole_class_says_seats_clashes_and_who_is_in_part_of_it(app: TestApp) -> None:
    t = await seeded(app)
    async with app.sessions.begin() as db:
        binh = await db.get_one(Learner, t.binh)
        chi = await db.get_one(Learner, t.chi)
        starts = NOON + timedelta(days=9, hours=1)
        clash = await add_session(db, title="Chợ số", starts_at=starts, place="Chợ")
        await add_enrolment(db, clash, binh)
        for name in ("Gái", "Hà"):
            week = await db.get_one(ClassSession, t.next_week)
            await add_enrolment(db, week, await add_learner(db, f"Võ Thị {name}"))
        db.add(no_texts(chi))
    async with app.client_as("ha@example.org") as client:
        one = await client.post(f"{t.here}/tim", data={"to": str(t.first)})
        whole = await client.post(f"{t.here}/tim", data={"to": str(t.first), "pham_vi": "loat"})
        refusing = await client.post(f"{t.here}/tim", data={"to": str(t.second)})

    assert "Chỉ buổi này còn 2 chỗ" in text_of(one)
    assert "Buổi này và 1 buổi sau của lớp buổi ít chỗ nhất còn 1 chỗ" in text_of(one)
    assert (boxes(one)[0], boxes(whole)[0]) == ((t.an, False, True), (t.an, False, False))
    assert "đã có ở buổi này" in text_of(whole)
    assert "cùng giờ ở 1 buổi sau" in text_of(whole)
    assert "cùng giờ" not in text_of(one)
    assert "Bà Nguyễn Thị Chi 1958 · Tổ dân phố 2 · không có điện thoại không nhận tin nhắn" in text_of(
        refusing
    )


def no_texts(learner: Learner) -> Consent:
    """Somebody said no to texts from the beginning."""
    return Consent(
        ward_id=learner.ward_id,
        learner_id=learner.id,
        purpose="sms",
        text_version="1",
        legal_basis="consent",
        how="spoken",
        granted_at=NOON,
        withdrawn_at=NOON,
    )


async def test_consent_given_again_ends_the_refusal_of_texts(db: AsyncSession) -> None:
    t = await town(db)
    an, binh = [await db.get_one(Learner, each) for each in (t.an, t.binh)]
    again = no_texts(binh)
    again.withdrawn_at = None
    db.add_all([no_texts(an), no_texts(binh), again])
    await db.flush()
    assert await refusing_texts(db, [t.an, t.binh, t.chi]) == {t.an}


async def test_only_earlier_classes_of_the_ward_with_people_are_offered(db: AsyncSession) -> None:
    t = await town(db)
    await add_ward(db, ward_id="19789", name="Thuận Hóa")
    far = await add_session(db, ward_id="19789", starts_at=NOON - WEEK)
    await add_enrolment(db, far, await add_learner(db, "Hồ Thị Xa", ward_id="19789"))
    await add_session(db, title="Không ai đến", starts_at=NOON - 2 * WEEK)
    single = await add_session(db, title="Ngày hội", starts_at=NOON - 3 * WEEK)
    await add_enrolment(db, single, await db.get_one(Learner, t.dung))
    session = await db.get_one(ClassSession, t.next_week)

    found = await earlier_classes(db, session)

    assert [(each.title, each.session_id, each.series_id is None) for each in found] == [
        ("Cài VNeID", t.session, False),
        ("Dùng Zalo", t.earlier, False),
        ("Ngày hội", single.id, True),
    ]


NEWCOMER = {"full_name": "Hồ Thị Mới", "birth_year": "1960", "phone": "0912 345 678", "sms": "no"}


async def test_somebody_new_is_saved_with_consents_and_ticked(app: TestApp) -> None:
    t = await seeded(app)
    form = NEWCOMER | {"nguoi": [str(t.binh)], "pham_vi": "loat", "agreed": ["class"], "_once": ONCE}
    async with app.client_as("ha@example.org") as client:
        done = await client.post(f"{t.here}/nguoi-moi", data=form)
        again = await client.post(f"{t.here}/nguoi-moi", data=form)
        shown = await client.get(done.headers["location"])

    async with app.sessions() as db:
        [new] = await db.scalars(select(Learner).where(Learner.full_name == "Hồ Thị Mới"))
        consents = await consents_of(db, new.id)
    assert (done.status_code, again.headers["location"]) == (303, done.headers["location"])
    assert done.headers["location"] == f"{t.here}?nguoi={t.binh}&nguoi={new.id}&pham_vi=loat"
    assert (new.birth_year, new.phone, consents) == (1960, "+84912345678", {"class": True, "sms": False})
    assert [each for each, checked, _ in boxes(shown) if checked] == [t.binh, new.id]
    assert 'value="loat" checked' in shown.text


ONCE = "8c0f5a3e-2f57-4d0c-9a86-3f4f1d1f7a10"


async def test_mistake_about_somebody_new_loses_nothing(app: TestApp) -> None:
    t = await seeded(app)
    form = {"full_name": "", "birth_year": "19x", "phone": "0912", "nguoi": [str(t.dung)]}
    async with app.client_as("ha@example.org") as client:
        page = await client.post(f"{t.here}/nguoi-moi", data=form | {"to": str(t.second)})
        searched = await client.post(f"{t.here}/tim", data={"q": "chi"} | form)

    assert page.status_code == 422
    assert "Xin ghi năm sinh bằng bốn chữ số, ví dụ 1956." in text_of(page)
    for each in (page, searched):
        assert 'value="19x"' in each.text
        assert 'value="0912"' in each.text
        assert (t.dung, True, False) in boxes(each)
    assert (t.chi, False, False) in boxes(page)  # the filter stays


async def test_newcomer_who_may_be_known_is_asked_about(app: TestApp) -> None:
    t = await seeded(app)
    form = {"full_name": "Nguyễn Thị Chi", "birth_year": "1958"}
    async with app.client_as("ha@example.org") as client:
        asked = await client.post(f"{t.here}/nguoi-moi", data=form)
        saved = await client.post(f"{t.here}/nguoi-moi", data=form | {"another": "1"})

    assert asked.status_code == 422
    assert "Trong danh sách đã có: Bà Nguyễn Thị Chi" in text_of(asked)
    assert "Đây là người khác, vẫn lưu" in text_of(asked)
    assert saved.status_code == 303


async def test_newcomer_needs_an_open_session_and_the_right(app: TestApp) -> None:
    t = await seeded(app)
    async with app.client_as("assessor@example.org") as client:
        forbidden = await client.post(f"{t.here}/nguoi-moi", data=NEWCOMER)
    app.clock.forward(timedelta(days=20))
    async with app.client_as("ha@example.org") as client:
        over = await client.post(f"{t.here}/nguoi-moi", data=NEWCOMER)
    async with app.sessions() as db:
        number = await db.scalar(select(func.count()).select_from(Learner))
    assert (forbidden.status_code, over.status_code, number) == (403, 409, 4)


async def test_more_than_one_press_enrols_is_said_with_ticks_kept(app: TestApp) -> None:
    t = await seeded(app)
    ids = [str(t.binh), str(t.chi), *(str(10_000_000 + n) for n in range(299))]
    async with app.client_as("ha@example.org") as client:
        page = await client.post(t.here, data={"nguoi": ids})
    assert page.status_code == 422
    assert "Mỗi lần ghi danh nhiều nhất 300 người." in text_of(page)
    assert [(t.binh, True, False), (t.chi, True, False)] == boxes(page)[:2]


async def test_enrolling_twice_by_one_press_leads_to_the_same_result(app: TestApp) -> None:
    t = await seeded(app)
    form = {"nguoi": [str(t.binh), str(t.chi)], "pham_vi": "loat", "_once": ONCE}
    async with app.client_as("ha@example.org") as client:
        first = await client.post(t.here, data=form)
        app.clock.forward(timedelta(seconds=2))
        second = await client.post(t.here, data=form)
    async with app.sessions() as db:
        number = await db.scalar(select(func.count()).where(Enrolment.session_id == t.next_week))
    assert (second.headers["location"], number) == (first.headers["location"], 2)


@pytest.mark.parametrize("query", ["", "?nhu_lop=chuoi-{series}&pham_vi=loat"])
async def test_page_takes_a_fixed_number_of_statements(app: TestApp, engine: AsyncEngine, query: str) -> None:
    t = await seeded(app, capacity=60)
    async with app.sessions() as db:
        series = await db.scalar(select(ClassSession.series_id).where(ClassSession.id == t.earlier))
    address = t.here + query.format(series=series)
    async with app.client_as("ha@example.org") as client:
        await client.get(address)
        with statements_of(engine) as few:
            await client.get(address)
        await grow(app, t)
        with statements_of(engine) as many:
            await client.get(address)
    assert len(few) == len(many)
    assert len(few) <= 20


async def grow(app: TestApp, t: Town) -> None:
    """Thirty more people, in the earlier class and in the coming one."""
    async with app.sessions.begin() as db:
        sessions = [await db.get_one(ClassSession, each) for each in (t.session, t.earlier)]
        for n in range(30):
            learner = await add_learner(db, f"Phan Văn Y{n:02}")
            await add_enrolment(db, sessions[n % 2], learner)
