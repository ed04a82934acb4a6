"""Somebody comes without a seat: two fields, nobody written down twice."""

from collections.abc import Sequence
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import select

from attendance.queries import candidates, roll, session_for
from learners.models import Learner
from lopso.kernel.access import Role
from tests.classroom import WARD, Classroom, add_classroom, add_learner, enrol
from tests.conftest import TestApp
from tests.factories import add_user, add_ward


async def classroom(app: TestApp) -> Classroom:
    """A class, somebody waiting for a seat in it, and a neighbour who never came."""
    async with app.sessions.begin() as db:
        room = await add_classroom(db, ["Trần Thị Ngọc Ánh"])
        waiting = await add_learner(db, "Hồ Thị Hường", phone="+84912345678")
        await enrol(db, room.session, waiting, "waitlisted")
        await add_learner(db, "Hồ Thị Hường Giang")
        await add_ward(db, ward_id="20233", name="Nam Đông")
        await add_learner(db, "Hồ Thị Hường", ward_id="20233")
        return room


def here(room: Classroom) -> str:
    return f"/buoi/{room.session.id}/diem-danh/nguoi-moi"


async def send(client: httpx.AsyncClient, room: Classroom, **fields: str) -> httpx.Response:
    return await client.post(here(room), data={"form_id": str(uuid4()), **fields})


async def people(app: TestApp, room: Classroom) -> Sequence[tuple[str, str | None, bool]]:
    """(name, mark, walk-in) of everybody on the roll."""
    async with app.sessions() as db:
        return [(row.name, row.mark, row.walk_in) for row in await roll(db, room.session.id)]


async def test_new_walk_in_is_registered_and_present(app: TestApp) -> None:
    room = await classroom(app)
    async with app.client_as("phuoc@example.org") as client:
        answer = await send(client, room, name="  ông LÊ VĂN VINH ", phone="091 234 5670")
        without = await send(client, room, name="Đặng Thị Lài", no_phone="1")

    assert answer.status_code == without.status_code == 303
    assert await people(app, room) == [
        ("Trần Thị Ngọc Ánh", None, False),
        ("Đặng Thị Lài", "present", True),
        ("Lê Văn Vinh", "present", True),
    ]
    async with app.sessions() as db:
        vinh = (await db.scalars(select(Learner).where(Learner.full_name == "Lê Văn Vinh"))).one()
        assert (vinh.ward_id, vinh.title, vinh.phone, vinh.phone_kind) == (
            WARD,
            "Ông",
            "+84912345670",
            "mobile",
        )
        assert answer.headers["location"].endswith(f"#hv-{vinh.id}")


async def test_known_learners_are_offered_before_registering(app: TestApp) -> None:
    room = await classroom(app)
    async with app.client_as("phuoc@example.org") as client:
        asked = await send(client, room, name="hồ thị hường", phone="0999 999 999")
        nobody_yet = await people(app, room)
        learner_id = asked.text.partition('name="learner_id" value="')[2].partition('"')[0]
        picked = await send(client, room, name="hồ thị hường", learner_id=learner_id)

    assert asked.status_code == 200
    assert "Có phải một trong những người này?" in asked.text
    assert asked.text.index("đang chờ chỗ") < asked.text.index("Hồ Thị Hường Giang")
    assert "912345678" not in asked.text.replace(" ", "")
    assert nobody_yet == [("Trần Thị Ngọc Ánh", None, False)]
    assert picked.status_code == 303
    assert await people(app, room) == [
        ("Trần Thị Ngọc Ánh", None, False),
        ("Hồ Thị Hường", "present", True),
    ]


async def test_namesake_is_registered_after_confirmation(app: TestApp) -> None:
    room = await classroom(app)
    form_id = str(uuid4())
    fields = {"form_id": form_id, "name": "Hồ Thị Hường", "no_phone": "1", "another": "1"}
    async with app.client_as("phuoc@example.org") as client:
        for _twice in range(2):
            assert (await client.post(here(room), data=fields)).status_code == 303

    async with app.sessions() as db:
        namesakes = select(Learner.id).where(Learner.full_name == "Hồ Thị Hường", Learner.ward_id == WARD)
        assert len((await db.scalars(namesakes)).all()) == 2
    assert len(await people(app, room)) == 2


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"name": "", "no_phone": "1"}, "Xin ghi họ tên."),
        ({"name": "Lê Văn 7", "no_phone": "1"}, "Họ tên chỉ gồm chữ"),
        ({"name": "Lê Văn Vinh"}, "Xin ghi số điện thoại, hoặc chọn không có điện thoại."),
        ({"name": "Lê Văn Vinh", "phone": "0912"}, "Số điện thoại thiếu chữ số"),
        ({"name": "Lê Văn Vinh", "phone": "0123 456 7890"}, "Nếu đúng, xin ghi 0834 567 890"),
        ({"name": "Lê Văn Vinh", "no_phone": "1", "form_id": "x"}, "Xin tải lại trang"),
    ],
)
async def test_walk_in_errors_are_shown_and_typed_text_is_kept(
    app: TestApp, fields: dict[str, str], sentence: str
) -> None:
    room = await classroom(app)
    async with app.client_as("phuoc@example.org") as client:
        answer = await send(client, room, **fields)

    assert answer.status_code == 422
    assert sentence in answer.text
    for name in ("name", "phone"):
        assert f'value="{fields.get(name, "")}"' in answer.text
    assert await people(app, room) == [("Trần Thị Ngọc Ánh", None, False)]


async def test_suggestions_match_typed_text_within_the_ward(app: TestApp) -> None:
    room = await classroom(app)
    async with app.sessions() as db:
        session = await session_for(db, room.session.id, actor=room.as_helper)

        async def found(name: str, phone: str | None = None) -> list[str]:
            return [each.name for each in await candidates(db, session, name=name, phone=phone)]

        assert await found("huong") == ["Hồ Thị Hường", "Hồ Thị Hường Giang"]
        assert await found("ho thi huong g") == ["Hồ Thị Hường Giang"]
        assert await found("", "+84912345678") == ["Hồ Thị Hường"]
        assert await found("h") == []
        assert await found("%") == []
    async with app.client_as("phuoc@example.org") as client:
        part = await client.post(
            f"{here(room)}/goi-y", data={"name": "huong"}, headers={"hx-request": "true"}
        )
    assert "Đúng người này" in part.text
    assert "<html" not in part.text


async def test_walk_in_page_is_for_participants_of_the_session(app: TestApp) -> None:
    room = await classroom(app)
    async with app.sessions.begin() as db:
        await add_user(db, (Role.TRAINER, WARD), name="Người khác", email="khac@example.org")
    async with app.client_as("khac@example.org") as client:
        answers = [
            await client.get(here(room)),
            await send(client, room, name="Lê Văn Vinh", no_phone="1"),
            await client.post(f"{here(room)}/goi-y", data={"name": "huong"}),
        ]
    assert [answer.status_code for answer in answers] == [404] * 3


async def test_undone_walk_in_is_off_the_roll(app: TestApp) -> None:
    room = await classroom(app)
    async with app.client_as("phuoc@example.org") as client:
        await send(client, room, name="Lê Văn Vinh", no_phone="1")
        page = (await client.get(here(room).removesuffix("/nguoi-moi"))).text
        undo = page.partition('action="/buoi/')[2].partition('"')[0].replace("&amp;", "&")
        assert "hoan-tac?dau=" in undo
        await client.post(f"/buoi/{undo}")

    assert await people(app, room) == [("Trần Thị Ngọc Ánh", None, False)]
