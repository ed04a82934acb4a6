"""The search of the header: what is found, by whom, in which order, and in how many statements."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from accounts.models import User
from competency.models import Certificate
from learners.models import Learner
from lopso.kernel.access import Role
from lopso.kernel.text import fold
from overview.queries.hits import Wanted
from overview.queries.search import search, statements
from overview.rules.search_terms import read_terms
from tests.conftest import TestApp
from tests.factories import (
    NOON,
    add_assignment,
    add_course,
    add_helper,
    add_learner,
    add_room,
    add_series,
    add_session,
    add_team,
    add_user,
    add_ward,
)
from tests.statements import statements_of
from venues.models import Market, Neighbourhood

OWN, OTHER = "19753", "19789"
TODAY = date(2026, 11, 23)
SERIAL = "7K3QF9XW2BMT04HZ"


def wanted(typed: str, *, wards: tuple[str, ...] = (OWN,), helper_id: int | None = None) -> Wanted:
    return Wanted(
        terms=read_terms(typed, today=TODAY),
        people=wards,
        calendar=wards,
        ward_id=OWN,
        helper_id=helper_id,
        now=NOON,
        size=8,
    )


async def names(db: AsyncSession, typed: str, **options: Any) -> dict[str, list[str]]:
    found = await search(db, wanted(typed, **options))
    return {group.name: [row.name for row in group.rows] for group in found}


async def two_wards(db: AsyncSession) -> None:
    await add_ward(db)
    await add_ward(db, ward_id=OTHER, name="Thuận Hóa")


@pytest.mark.parametrize(
    "typed",
    [
        "hoa",
        "Hòa",
        "hoà",
        "HOA",
        "thị hoà",
        "thi hòa",
        "Lê thị hoa",
        "le hoa",
        "bà Hòa",
        "lê thị ho",
        "o hoa",
    ],
)
async def test_learner_is_found_by_any_writing_of_the_name(db: AsyncSession, typed: str) -> None:
    await add_ward(db)
    await add_learner(db, "Lê Thị Hoà")
    await add_learner(db, "Trần Văn Bình")
    assert (await names(db, typed))["learners"] == ["Bà Lê Thị Hoà"]


UNFINISHED = ("tôn ngọ", "ton ngo", "tôn ng", "công nữ ưỡ", "tằng thị ngo", "ngọc tô", "ưỡn tôn nữ")


async def test_words_of_a_long_name_are_found_wherever_they_stand(db: AsyncSession) -> None:
    await add_ward(db)
    await add_learner(db, "Công Tằng Tôn Nữ Thị Ngọc Ưỡn", title="")
    for typed in ("công tằng", "ton nu", "ngọc ưỡn", "uon", "thi ngoc uon", "tôn ngọc", *UNFINISHED, "Đ"):
        learners = (await names(db, typed)).get("learners", [])
        assert learners == ([] if typed == "Đ" else ["Công Tằng Tôn Nữ Thị Ngọc Ưỡn"]), typed


async def test_unfinished_word_that_is_no_syllable_is_found_too(db: AsyncSession) -> None:
    await add_ward(db)
    await add_learner(db, "Hồ Thị Blenđina Kray", title="")
    for typed in ("hồ blen", "thị blend", "ho kr", "HO BLENĐ"):
        assert (await names(db, typed))["learners"] == ["Hồ Thị Blenđina Kray"], typed
    assert await names(db, "hồ brê") == {}


@pytest.mark.parametrize(
    "typed",
    ["0912345678", "912345678", "0912 345 678", "0912.345.678", "+84 912 345 678", "84912345678", "09123",
     "9123", "678", "5678", "345678", "0084912345678"],
)  # fmt: skip
async def test_number_is_found_by_beginning_or_last_digits(db: AsyncSession, typed: str) -> None:
    await add_ward(db)
    await add_learner(db, "Lê Thị Hoa", phone="+84912345678")
    await add_learner(db, "Trần Văn Bình", phone="+84935000111")
    await add_helper(db, "Ngô Hữu Phước", phone="+84912345678")
    found = await names(db, typed)
    assert found["learners"] == ["Bà Lê Thị Hoa"]
    assert found["helpers"] == ["Ngô Hữu Phước"]


async def test_given_name_comes_before_family_name_and_exact_before_beginning(db: AsyncSession) -> None:
    await two_wards(db)
    for name in ("Hoàng Văn Nam", "Lê Thị Hoài", "Lê Thị Hòa", "Trần Thị Hoa Mai", "Lê Thị Hoa"):
        await add_learner(db, name, title="")
    await add_learner(db, "Phan Thị Hoa", title="", ward_id=OTHER)
    found = await search(db, wanted("Hòa", wards=(OWN, OTHER)))
    assert [row.name for row in found[0].rows] == [
        "Lê Thị Hòa",  # written as typed
        "Lê Thị Hoa",
        "Phan Thị Hoa",  # of another ward
        "Hoàng Văn Nam",  # begins so
        "Lê Thị Hoài",
        "Trần Thị Hoa Mai",
    ]
    assert (found[0].total, found[0].more) == (6, False)


async def test_archived_and_other_wards_people_are_not_found(db: AsyncSession) -> None:
    await two_wards(db)
    (await add_learner(db, "Lê Thị Hoa")).archived_at = NOON
    (await add_helper(db, "Lê Thị Hoa")).left_at = NOON
    await add_learner(db, "Lê Thị Hoa", ward_id=OTHER, phone="+84912345678")
    await add_helper(db, "Lê Thị Hoa", ward_id=OTHER, phone="+84912345678")
    await add_session(db, title="Hoa đăng", ward_id=OTHER)
    await db.flush()
    assert await names(db, "hoa") == {}
    assert await names(db, "0912345678") == {}


async def test_sessions_are_found_by_title_course_place_and_day(db: AsyncSession) -> None:
    await add_ward(db)
    course = await add_course(db, title="Dùng VNeID")
    room = await add_room(db, name="Hội trường Đông Ba")
    series = await add_series(db, course=course)
    past = await add_session(
        db, title="VNeID (buổi đầu)", course=course, starts_at=NOON - timedelta(days=7), room=room
    )
    later = await add_session(
        db, title="Cài đặt", course=course, starts_at=NOON + timedelta(days=9), series=series, room=room
    )
    await add_session(db, title="Đừng tìm thấy", starts_at=NOON + timedelta(days=1))
    assert (await names(db, "vneid"))["sessions"] == [later.title, past.title]
    assert (await names(db, "vneid đông ba"))["sessions"] == [later.title, past.title]
    assert (await names(db, "2/12"))["sessions"] == [later.title]
    assert (await names(db, "vneid 2.12.2026"))["sessions"] == [later.title]
    assert (await names(db, "16/11/2026"))["sessions"] == [past.title]
    assert (await names(db, "vneid"))["series"] == ["Dùng VNeID"]


async def test_words_of_a_session_are_folded_by_the_database_as_by_the_program(db: AsyncSession) -> None:
    await add_ward(db)
    title = "ĐƯỢC Ưỡn, Hoà: «Ẩm thực» & số 5/2"
    session = await add_session(db, title=title, place="Đình làng Ỷ")
    stored = await db.scalar(text("SELECT words FROM class_session WHERE id = :id"), {"id": session.id})
    assert stored is not None
    assert stored == "duoc uon hoa am thuc so 5 2 dinh lang y"
    assert fold("ĐƯỢC Ưỡn") == "duoc uon"


async def test_teams_places_markets_and_certificates_are_found(db: AsyncSession) -> None:
    await add_ward(db)
    learner = await add_learner(db, "Lê Thị Hoa")
    await add_room(db, name="Phòng số 5")
    await add_team(db, name="Tổ công nghệ số TDP 5")
    user = await add_user(db, (Role.COORDINATOR, OWN))
    db.add_all(
        [
            Market(ward_id=OWN, name="Chợ Đông Ba", name_key="cho dong ba"),
            Neighbourhood(ward_id=OWN, name="TDP 5", name_key="tdp 5"),
            Certificate(
                ward_id=OWN,
                learner_id=learner.id,
                serial=SERIAL,
                snapshot={},
                issued_at=NOON,
                issued_by=user.id,
            ),
        ]
    )
    await db.flush()
    assert (await names(db, "dong ba")) == {"markets": ["Chợ Đông Ba"]}
    assert (await names(db, "tdp 5")) == {"teams": ["Tổ công nghệ số TDP 5"], "places": ["TDP 5"]}
    assert (await names(db, "phòng 5"))["places"] == ["Phòng số 5", "Nhà văn hóa Phòng số 5"]
    for typed in (SERIAL, "7k3q-f9xw-2bmt-04hz", "7K3Q", "7k3q f9xw"):
        assert (await names(db, typed)) == {"certificates": [SERIAL]}, typed


@pytest.mark.parametrize(
    "typed", ["", "   ", "%", "_", "'", "\\", "🦆", "& | !", "a:*", "--", "__", "((", "²³", "日本", "x" * 500]
)
async def test_strange_text_finds_nothing_and_breaks_nothing(db: AsyncSession, typed: str) -> None:
    await add_ward(db)
    await add_learner(db, "Lê Thị Hoa")
    await add_helper(db, "Ngô Hữu Phước")
    await add_room(db)
    await add_session(db, title="Dùng VNeID")
    assert await names(db, typed) == {}


async def test_count_is_bounded_and_says_so(db: AsyncSession) -> None:
    await add_ward(db)
    db.add_all(
        Learner(
            ward_id=OWN, full_name=f"Lê Thị Hoa {n}", name_key=f"le thi hoa {n}", sort_key=f"hoa{n:04}",
            registered_at=NOON,
        )
        for n in range(300)
    )  # fmt: skip
    await db.flush()
    (group,) = await search(db, wanted("le thi"))
    assert (group.total, group.more, len(group.rows)) == (40, True, 8)


async def test_frequent_words_apart_are_found_without_the_index_of_words(db: AsyncSession) -> None:
    await add_ward(db)
    db.add_all(
        Learner(
            ward_id=OWN, full_name=f"Nguyễn Thị Ngọc Hoa {n}", name_key=f"nguyen thi ngoc hoa {n}",
            sort_key=f"hoa{n:04}", registered_at=NOON,
        )
        for n in range(30)
    )  # fmt: skip
    await db.flush()
    (group,) = await search(db, wanted("nguyễn ngọ"))
    # Enough of them in the sample: there may be more, and the count says so.
    assert (group.total, group.more, len(group.rows)) == (30, True, 8)


async def test_no_plan_scans_a_large_table(db: AsyncSession) -> None:
    """Where any index can be used, no plan reads a whole table, however small it is here."""
    await add_ward(db)
    await db.execute(text("SET LOCAL enable_seqscan = off"))
    connection = await db.connection()
    for typed in ("hoa", "nguyen thi hoa", "ton ngo", "nguyen ngo", "0912", "vneid 24/11", "7K3Q"):
        chosen = wanted(typed)
        for statement in statements(chosen):
            compiled = statement.params(chosen.parameters()).compile(
                dialect=connection.dialect, compile_kwargs={"render_postcompile": True}
            )
            rows = await connection.exec_driver_sql(f"EXPLAIN {compiled}", compiled.params)
            plan = "\n".join(row[0] for row in rows)
            assert not re.search(r"Seq Scan on (learner|trainer|class_session|certificate)", plan), plan


async def seed(app: TestApp) -> User:
    async with app.sessions.begin() as db:
        await two_wards(db)
        for role in (Role.COORDINATOR, Role.ASSESSOR, Role.VIEWER, Role.TRAINER):
            user = await add_user(db, (role, OWN), email=f"{role}@example.org")
        await add_user(db, (Role.CITY_ADMIN, None), email="admin@example.org")
        helper = await add_helper(db, "Ngô Hoa Sen", user=user)  # the last one: who teaches
        for ward_id in (OWN, OTHER):
            await add_learner(db, "Lê Thị Hoa", ward_id=ward_id, phone="+84912345678")
            mine = await add_session(db, title="Hoa đăng trên mạng", ward_id=ward_id)
        await add_assignment(db, mine, helper)
        await add_session(db, title="Hoa nháp", published=False)
        return user


@pytest.mark.parametrize(
    ("role", "seen", "unseen"),
    [
        ("coordinator", ["Bà Lê Thị Hoa", "Ngô Hoa Sen", "Hoa đăng trên mạng", "Hoa nháp"], ["Thuận Hóa"]),
        ("assessor", ["Bà Lê Thị Hoa", "Ngô Hoa Sen", "Hoa nháp"], ["Thuận Hóa"]),
        ("viewer", ["Hoa đăng trên mạng", "Hoa nháp"], ["Bà Lê Thị Hoa", "Ngô Hoa Sen"]),
        ("trainer", ["Hoa đăng trên mạng"], ["Bà Lê Thị Hoa", "Ngô Hoa Sen", "Hoa nháp"]),
        ("admin", ["Bà Lê Thị Hoa", "Phường Thuận Hóa", "Phường Phú Xuân"], []),
    ],
)
async def test_each_role_finds_only_what_it_may_open(
    app: TestApp, role: str, seen: list[str], unseen: list[str]
) -> None:
    await seed(app)
    async with app.client_as(f"{role}@example.org") as client:
        for path in ("/tim", "/tim/goi-y"):
            answer = await client.post(path, data={"q": "hoa"})
            assert answer.status_code == 200
            assert [each for each in seen if each not in answer.text] == []
            assert [each for each in unseen if each in answer.text] == []
            assert "912345678" not in answer.text
            assert role in ("viewer", "trainer") or "0912 ••• 678" in answer.text


@pytest.mark.parametrize(
    ("role", "says"),
    [
        ("coordinator", "Tìm người, lớp, địa điểm"),
        ("viewer", "Tìm lớp, địa điểm"),
        ("trainer", "Tìm buổi của bạn"),
    ],
)
async def test_search_field_says_what_it_finds_for_each_role(app: TestApp, role: str, says: str) -> None:
    await seed(app)
    async with app.client_as(f"{role}@example.org") as client:
        answer = await client.get("/tim")
    assert f'placeholder="{says}"' in answer.text


async def test_every_hit_can_be_opened(app: TestApp) -> None:
    await seed(app)
    for role in (*Role, "admin"):
        if role is Role.CITY_ADMIN:
            continue
        async with app.client_as(f"{role}@example.org") as client:
            answer = await client.post("/tim/goi-y", data={"q": "hoa"})
            links = re.findall(r'role="option"[^>]*href="([^"]+)"', answer.text)
            assert links
            for link in links:
                assert (await client.get(link)).status_code == 200, (role, link)


async def test_search_takes_three_statements_with_the_log_in(app: TestApp, engine: AsyncEngine) -> None:
    await seed(app)
    async with app.client_as("coordinator@example.org") as client:
        await client.post("/tim", data={"q": "hoa"})
        with statements_of(engine) as statements:
            await client.post("/tim", data={"q": "hoa", "phuong": OWN})
    assert len(statements) <= 3


async def test_one_group_is_shown_alone_and_another_ward_is_not_believed(app: TestApp) -> None:
    await seed(app)
    async with app.client_as("coordinator@example.org") as client:
        answer = await client.post("/tim", data={"q": "hoa", "nhom": "sessions", "phuong": OTHER})
        assert "Hoa nháp" in answer.text
        assert "Bà Lê Thị Hoa" not in answer.text
        assert 'name="phuong" value="19753"' in answer.text
        assert (await client.get("/tim?q=hoa")).text.count("Bà Lê Thị Hoa") == 1


async def test_old_search_of_learners_still_answers(app: TestApp) -> None:
    await seed(app)
    async with app.client_as("coordinator@example.org") as client:
        answer = await client.post(f"/nguoi-hoc/{OWN}/tim", data={"q": "hoa"})
        assert "Lê Thị Hoa" in answer.text
