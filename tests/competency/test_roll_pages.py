"""The roll-call pages: one press, the whole class, an upload; with a script and without one."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import select

from attendance.models import AttendanceMark
from attendance.queries import roll
from attendance.rules import MARKS
from competency.forms.roll import LARGEST_ROSTER
from competency.forms.upload import RosterUpload
from competency.models import Demonstration
from competency.routes import whole_class
from lopso.kernel.access import Role
from lopso.web.forms import schema_of
from tests.classroom import Classroom, add_classroom, add_learner
from tests.conftest import TestApp
from tests.factories import NOON, add_user, add_ward
from tests.statements import statements_of

HTMX = {"hx-request": "true"}


@asynccontextmanager
async def helper_at(app: TestApp, room: Classroom) -> AsyncGenerator[httpx.AsyncClient]:
    """The helper's browser."""
    assert room.helper.email
    async with app.client_as(room.helper.email) as client:
        yield client


async def classroom(app: TestApp) -> Classroom:
    async with app.sessions.begin() as db:
        return await add_classroom(db)


def address(room: Classroom) -> str:
    return f"/buoi/{room.session.id}/diem-danh"


async def marks(app: TestApp, room: Classroom) -> list[str | None]:
    async with app.sessions() as db:
        return [row.mark for row in await roll(db, room.session.id)]


async def test_tap_returns_row_count_and_undo(app: TestApp) -> None:
    room = await classroom(app)
    anh = room.learners[0]
    async with helper_at(app, room) as client:
        pressed = {"form_id": str(uuid4()), "learner_id": anh.id, "mark": "present"}
        answer = await client.post(address(room), data=pressed, headers=HTMX)
        twice = await client.post(address(room), data=pressed, headers=HTMX)

    assert answer.status_code == twice.status_code == 200
    assert f'id="m-{anh.id}-present" name="mark" value="present" aria-pressed="true"' in answer.text
    assert "<b>1/3</b>" in answer.text
    assert "Bà Trần Thị Ngọc Ánh: có mặt." in answer.text
    assert "/hoan-tac?dau=" in answer.text
    assert await marks(app, room) == ["present", None, None]


async def test_two_buttons_of_one_page_give_two_marks(app: TestApp) -> None:
    room = await classroom(app)
    one_page = {"form_id": str(uuid4()), "learner_id": room.learners[0].id}
    async with helper_at(app, room) as client:
        for mark in ("present", "late"):
            await client.post(address(room), data={**one_page, "mark": mark}, headers=HTMX)

    assert await marks(app, room) == ["late", None, None]


async def test_tap_without_script_redirects_to_the_row_with_undo(app: TestApp) -> None:
    room = await classroom(app)
    anh = room.learners[0]
    async with helper_at(app, room) as client:
        await client.post(address(room), data={"form_id": str(uuid4()), "learner_id": anh.id, "mark": "late"})
        answer = await client.post(
            address(room), data={"form_id": str(uuid4()), "learner_id": anh.id, "mark": "absent"}
        )
        assert (answer.status_code, answer.headers["location"]) == (303, f"{address(room)}#hv-{anh.id}")
        back = await client.get(address(room))
        undo = back.text.partition('action="/buoi/')[2].partition('"')[0].replace("&amp;", "&")
        assert "/hoan-tac?dau=" in undo
        await client.post(f"/buoi/{undo}")

    assert await marks(app, room) == ["late", None, None]


async def test_rest_is_marked_and_undone_on_the_page(app: TestApp) -> None:
    room = await classroom(app)
    form_id = str(uuid4())
    async with helper_at(app, room) as client:
        answer = await client.post(address(room), data={"form_id": form_id, "rest": "present"}, headers=HTMX)
        after = await marks(app, room)
        undone = await client.post(f"{address(room)}/hoan-tac?nhom={form_id}", headers=HTMX)

    assert "Đã ghi 3 người: có mặt." in answer.text
    assert "<b>0/3</b>" in undone.text
    assert after == ["present"] * 3
    assert await marks(app, room) == [None] * 3


async def test_levels_are_offered_for_present_learners_only(app: TestApp) -> None:
    room = await classroom(app)
    anh, binh, _gai = room.learners
    skill = room.skills[0].id
    async with helper_at(app, room) as client:
        for learner, mark in ((anh, "present"), (binh, "absent")):
            await client.post(
                address(room), data={"form_id": str(uuid4()), "learner_id": learner.id, "mark": mark}
            )
        page = (await client.get(f"{address(room)}?ky_nang={skill}")).text
        refused = await client.post(
            f"{address(room)}?ky_nang={skill}",
            data={"form_id": str(uuid4()), "learner_id": binh.id, "skill": f"{skill}:alone"},
            headers=HTMX,
        )
        kept = await client.post(
            f"{address(room)}?ky_nang={skill}",
            data={"form_id": str(uuid4()), "learner_id": anh.id, "skill": f"{skill}:alone"},
            headers=HTMX,
        )

    assert f'id="l-{anh.id}-{skill}-alone"' in page
    assert f'id="l-{binh.id}-{skill}-alone"' not in page
    assert refused.status_code == 409
    assert "Chỉ ghi kỹ năng cho người có mặt." in refused.text
    assert f'value="{skill}:" aria-pressed="true"' in kept.text  # pressed again, it is taken back


async def test_undo_of_a_level_restores_the_former_one(app: TestApp) -> None:
    room = await classroom(app)
    anh, skill = room.learners[0], room.skills[0].id
    async with helper_at(app, room) as client:

        async def press(**what: object) -> str:
            data = {"form_id": str(uuid4()), "learner_id": anh.id, **what}
            answer = await client.post(address(room), data=data, headers=HTMX)
            app.clock.forward(timedelta(seconds=10))
            return answer.text.partition('hx-post="/buoi/')[2].partition('"')[0].replace("&amp;", "&")

        await press(mark="present")
        await press(skill=f"{skill}:with_help")
        undo = await press(skill=f"{skill}:can_teach")
        await client.post(f"/buoi/{undo}", headers=HTMX)

    async with app.sessions() as db:
        standing = select(Demonstration.level).where(Demonstration.voided_at.is_(None))
        assert (await db.scalars(standing)).all() == ["with_help"]


async def test_sheet_saves_changed_fields_only(app: TestApp) -> None:
    room = await classroom(app)
    anh, binh, gai = room.learners
    skill = room.skills[0].id
    async with helper_at(app, room) as client:
        sheet = (await client.get(f"{address(room)}/ca-lop")).text
        assert f'name="mark.{anh.id}."' in sheet
        # Meanwhile somebody else marks Bình.
        await client.post(
            address(room), data={"form_id": str(uuid4()), "learner_id": binh.id, "mark": "late"}
        )
        answer = await client.post(
            f"{address(room)}/ca-lop",
            data={
                "form_id": str(uuid4()),
                f"mark.{anh.id}.": "present",
                f"mark.{binh.id}.": "",
                f"mark.{gai.id}.": "absent",
                f"skill.{anh.id}.{skill}.": "alone",
                f"skill.{binh.id}.{skill}.": "",
                f"skill.{gai.id}.{skill}.": "alone",
            },
        )

    assert answer.status_code == 200
    assert "Chỉ ghi kỹ năng cho người có mặt." in answer.text
    assert await marks(app, room) == ["present", "late", "absent"]
    async with app.sessions() as db:
        assert (await db.scalars(select(Demonstration.learner_id))).all() == [anh.id]


async def test_page_of_a_sheet_is_changed_after_it_is_saved(
    app: TestApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(whole_class, "SHEET_ROWS", 1)
    room = await classroom(app)
    here = f"{address(room)}/ca-lop"
    async with helper_at(app, room) as client:
        sheet = (await client.get(here)).text
        assert 'name="sang_trang" value="3"' in sheet
        assert f'href="{here}?trang=' not in sheet
        answer = await client.post(
            here,
            data={
                "form_id": str(uuid4()),
                "trang": "1",
                f"mark.{room.learners[0].id}.": "present",
                "sang_trang": "3",
            },
            follow_redirects=False,
        )
    assert answer.headers["location"] == f"{here}?trang=3"
    assert (await marks(app, room))[0] == "present"


async def test_roster_upload_takes_eight_statements(app: TestApp) -> None:
    async with app.sessions.begin() as db:
        room = await add_classroom(db, [f"Nguyễn Thị Số {n}" for n in range(30)])
    roster = [
        {"learner_id": each.id, "mark": "present", "client_id": str(uuid4()), "offline": True}
        for each in room.learners
    ]

    engine = app.sessions.kw["bind"]
    async with helper_at(app, room) as client:
        await client.get(address(room))
        with statements_of(engine) as statements:
            first = await client.post(f"{address(room)}/danh-sach", json=roster)
        again = await client.post(f"{address(room)}/danh-sach", json={"marks": roster})

    assert len(statements) <= 8, statements
    assert first.json() | {"saved": 30} == {
        "saved": 30,
        "known": [],
        "refused": {},
        "people": 30,
        "present": 30,
        "unmarked": 0,
        "marks": {str(each.id): "present" for each in room.learners},
        "skills": {},
    }
    assert set(first.json()["saved"]) == {each["client_id"] for each in roster}
    assert again.json()["saved"] == []
    async with app.sessions() as db:
        recorded = select(AttendanceMark.recorded_by, AttendanceMark.offline).distinct()
        assert [(by, offline) for by, offline in await db.execute(recorded)] == [(room.helper.id, True)]


async def test_skill_counts_with_a_mark_of_the_same_upload(app: TestApp) -> None:
    room = await classroom(app)
    anh, skill = room.learners[0], room.skills[0]
    shown = {"learner_id": anh.id, "skill_id": skill.id, "level": "alone", "client_id": str(uuid4())}
    body = {
        "marks": [{"learner_id": anh.id, "mark": "present", "client_id": str(uuid4())}],
        "skills": [shown],
    }
    async with helper_at(app, room) as client:
        answer = await client.post(f"{address(room)}/danh-sach", json=body)

    assert answer.status_code == 200
    assert shown["client_id"] in answer.json()["saved"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ("x", "marks"),
        ({"marks": {}}, "marks"),
        ([7], "marks.0.mark"),
        ([{"learner_id": 1, "mark": "sleeping", "client_id": str(uuid4())}], "marks.0.mark"),
        ([{"learner_id": "1", "mark": "late", "client_id": str(uuid4())}], "marks.0.learner_id"),
        ([{"learner_id": 1, "mark": "late", "client_id": "1"}], "marks.0.client_id"),
        (
            [{"learner_id": 1, "mark": "late", "client_id": str(uuid4()), "happened_at": "2026-11-23T12:00"}],
            "marks.0.happened_at",
        ),
        ([{"learner_id": 1, "mark": "late", "client_id": str(uuid4()), "offline": "yes"}], "marks.0.offline"),
        ({"skills": [{"learner_id": 1, "skill_id": 1, "level": "best"}]}, "skills.0.level"),
        ([{"learner_id": 1, "mark": "late", "client_id": str(uuid4())}] * (LARGEST_ROSTER + 1), "marks"),
    ],
)
async def test_malformed_upload_names_the_field(app: TestApp, body: object, field: str) -> None:
    room = await classroom(app)
    async with helper_at(app, room) as client:
        answer = await client.post(
            f"{address(room)}/danh-sach", json=body, headers={"accept": "application/json"}
        )
    assert answer.status_code == 422
    assert field in answer.json()["fields"]


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"form_id": "x", "learner_id": "1", "mark": "present"},
        {"form_id": str(uuid4()), "learner_id": "-1", "mark": "present"},
        {"form_id": str(uuid4()), "learner_id": "1", "mark": "asleep"},
        {"form_id": str(uuid4()), "learner_id": "1", "skill": "1:best"},
        {"form_id": str(uuid4()), "learner_id": "1", "skill": "99999999999999999999:alone"},
        {"form_id": str(uuid4()), "rest": "cleared"},
    ],
)
async def test_tap_that_no_page_sends_is_refused(app: TestApp, form: dict[str, str]) -> None:
    room = await classroom(app)
    async with helper_at(app, room) as client:
        answer = await client.post(address(room), data=form)
    assert answer.status_code == 422


@pytest.mark.parametrize("text", [b"", b"{not json", b"\xff", b"[" * 100_000])
async def test_upload_that_is_no_json_is_refused(app: TestApp, text: bytes) -> None:
    room = await classroom(app)
    async with helper_at(app, room) as client:
        answer = await client.post(f"{address(room)}/danh-sach", content=text)
    assert answer.status_code == 422


async def test_closed_roll_shows_a_sentence(app: TestApp) -> None:
    async with app.sessions.begin() as db:
        room = await add_classroom(db, starts_at=NOON + timedelta(hours=3))
    pressed = {"form_id": str(uuid4()), "learner_id": room.learners[0].id, "mark": "present"}
    async with helper_at(app, room) as client:
        early = await client.get(address(room))
        too_early = await client.post(address(room), data=pressed)
        async with app.sessions.begin() as db:
            session = await db.get_one(type(room.session), room.session.id)
            session.cancelled_at, session.cancel_reason = NOON, "Mưa lớn"
        cancelled = await client.get(address(room))

    assert "Điểm danh mở từ 13h00 thứ Hai 23/11, trước giờ học 2 giờ." in early.text
    assert "Trần Thị Ngọc Ánh" not in early.text
    assert too_early.status_code == 409
    assert "Buổi học này đã hủy: Mưa lớn." in cancelled.text


async def test_helpers_see_no_phones_and_no_foreign_rolls(app: TestApp) -> None:
    async with app.sessions.begin() as db:
        room = await add_classroom(db, [])
        learner = await add_learner(db, "Hồ Thị Hường", phone="+84912345678")
        await room.mark(db, learner)
        await add_user(db, (Role.TRAINER, "19753"), name="Người khác", email="khac@example.org")
        await add_ward(db, ward_id="20233", name="Nam Đông")
        await add_user(db, (Role.COORDINATOR, "20233"), name="Xa", email="xa@example.org")
    async with helper_at(app, room) as client:
        page = await client.get(address(room))
    assert "Hồ Thị Hường" in page.text
    assert "912345678" not in page.text
    assert "0912" not in page.text
    for email in ("khac@example.org", "xa@example.org"):
        async with app.client_as(email) as client:
            answers = [
                await client.get(address(room)),
                await client.get(f"{address(room)}/ca-lop"),
                await client.post(address(room), data={}),
                await client.post(f"{address(room)}/danh-sach", json=[]),
            ]
        assert [answer.status_code for answer in answers] == [404] * 4


async def test_name_is_escaped_on_the_roll(app: TestApp) -> None:
    async with app.sessions.begin() as db:
        room = await add_classroom(db, ["<b>Bà</b> {{7*191}}"])
    async with helper_at(app, room) as client:
        page = (await client.get(address(room))).text
    assert "&lt;b&gt;Bà&lt;/b&gt; {{7*191}}" in page
    assert "<b>Bà</b>" not in page


@pytest.mark.parametrize("people", [3, 30])
async def test_roll_page_runs_a_fixed_number_of_statements(app: TestApp, people: int) -> None:
    async with app.sessions.begin() as db:
        room = await add_classroom(db, [f"Nguyễn Thị Số {n}" for n in range(people)])

    engine = app.sessions.kw["bind"]
    async with helper_at(app, room) as client:
        await client.get(address(room))
        with statements_of(engine) as statements:
            await client.get(address(room))
    assert len(statements) == 5  # log-in, session, people, skills, what was shown


def test_roster_upload_has_its_json_schema() -> None:
    schema = schema_of(RosterUpload)["$defs"]

    assert schema["MarkEntry"]["required"] == ["learner_id", "mark", "client_id"]
    assert schema["MarkEntry"]["properties"]["mark"]["enum"] == list(MARKS)
    assert schema["SkillEntry"]["required"] == ["learner_id", "skill_id", "client_id"]
    assert schema["RosterUpload"]["properties"]["marks"]["anyOf"][0]["maxItems"] == LARGEST_ROSTER
