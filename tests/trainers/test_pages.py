"""The pages of helpers and teams: what is typed stays, what is uploaded waits for a yes."""

from datetime import time

from sqlalchemy import func, select

from lopso.kernel.access import Role
from lopso.kernel.audit import AuditEntry
from lopso.kernel.paths import shipped
from lopso.web.filters import unbroken
from tests.conftest import TestApp
from tests.factories import add_helper, add_skill, add_team, add_user, add_ward
from trainers.models import Availability, Qualification, TeamMember, Trainer

LIST = (shipped("data") / "example" / "phu-xuan" / "to-cong-nghe-so.xlsx").read_bytes()


async def prepare(app: TestApp) -> tuple[int, int, int]:
    """A coordinator, a helper with a phone in a team, a skill; their ids."""
    async with app.sessions.begin() as db:
        await add_ward(db)
        await add_user(db, (Role.COORDINATOR, "19753"), email="ha@example.org")
        skill = await add_skill(db, "Quét mã QR")
        helper = await add_helper(db, phone="+84912345678")
        team = await add_team(db, helper)
        return helper.id, team.id, skill.id


async def test_helper_is_added_with_skills_and_hours(app: TestApp) -> None:
    _helper, _team, skill = await prepare(app)
    async with app.client_as("ha@example.org") as client:
        answer = await client.post(
            "/nguoi-day/19753/moi",
            data={
                "full_name": "VÕ VĂN BÌNH",
                "kind": "student_volunteer",
                "phone": "0935 123 456",
                "skill": [str(skill)],
                "part": ["0-evening", "2-evening", "9-evening", "1-midnight"],
            },
        )
        page = await client.get(answer.headers["location"])

    assert answer.status_code == 303
    assert "Võ Văn Bình" in page.text
    assert "0935 ••• 456" in page.text
    assert "Quét mã QR" in page.text
    assert unbroken("Thứ Hai, Thứ Tư: 17h30 – 21h30") in page.text
    async with app.sessions() as db:
        assert await db.scalar(select(func.count()).select_from(Qualification)) == 1
        assert (await db.scalars(select(Availability.weekday).order_by(Availability.weekday))).all() == [0, 2]


async def test_refused_form_keeps_input_and_shows_mistakes(app: TestApp) -> None:
    _helper, _team, skill = await prepare(app)
    async with app.client_as("ha@example.org") as client:
        answer = await client.post(
            "/nguoi-day/19753/moi",
            data={
                "full_name": "",
                "kind": "team_member",
                "phone": "09",
                "skill": str(skill),
                "part": "0-morning",
            },
        )

    assert answer.status_code == 422
    assert "Xin ghi họ tên." in answer.text
    assert "Số điện thoại thiếu chữ số (mới có 2)." in answer.text
    assert f'value="{skill}" checked' in answer.text
    assert 'value="0-morning" aria-label="Thứ Hai, sáng" checked' in answer.text


async def test_hours_finer_than_form_survive_saving(app: TestApp) -> None:
    helper, _team, _skill = await prepare(app)
    async with app.sessions.begin() as db:
        db.add(Availability(trainer_id=helper, weekday=3, since=time(17), until=time(21, 30)))
    form = {"full_name": "Trần Thị Lành", "kind": "team_member", "phone": "0912345678"}
    async with app.client_as("ha@example.org") as client:
        await client.post(f"/nguoi-day/19753/{helper}/sua", data={**form, "part": "3-evening", "note": "x"})

    async with app.sessions() as db:
        assert (await db.execute(select(Availability.since, Availability.until))).one() == (
            time(17),
            time(21, 30),
        )


async def test_showing_whole_number_is_audited(app: TestApp) -> None:
    helper, _team, _skill = await prepare(app)
    async with app.client_as("ha@example.org") as client:
        page = await client.get(f"/nguoi-day/19753/{helper}")
        assert "0912 345 678" not in page.text
        shown = await client.post(f"/nguoi-day/19753/{helper}/so-dien-thoai")
        assert "0912 345 678" in shown.text

    async with app.sessions() as db:
        looks = (
            await db.scalars(select(AuditEntry.subject_id).where(AuditEntry.action == "trainer.phone_shown"))
        ).all()
    assert looks == [str(helper)]


async def test_password_link_is_shown_once(app: TestApp) -> None:
    helper, _team, _skill = await prepare(app)
    async with app.client_as("ha@example.org") as client:
        answer = await client.post(f"/nguoi-day/19753/{helper}/tai-khoan")
        assert "http://127.0.0.1/loi-moi/" in answer.text
        again = await client.get(f"/nguoi-day/19753/{helper}")
    assert "/loi-moi/" not in again.text

    async with app.sessions() as db:
        assert await db.scalar(select(Trainer.user_id).where(Trainer.id == helper)) is not None


async def test_members_are_found_added_and_removed(app: TestApp) -> None:
    _helper, team, _skill = await prepare(app)
    async with app.sessions.begin() as db:
        other = (await add_helper(db, "Võ Văn Bình")).id
    here = f"/nguoi-day/19753/to/{team}"
    async with app.client_as("ha@example.org") as client:
        found = await client.post(f"{here}/tim", data={"q": "vo van binh"})
        assert "Thêm Võ Văn Bình" in found.text
        assert (
            await client.post(f"{here}/thanh-vien", data={"trainer": other, "role": "head"})
        ).status_code == 303
        page = await client.get(here)
        assert "Tổ trưởng" in page.text
        await client.post(f"{here}/thanh-vien/{other}/roi")

    async with app.sessions() as db:
        rows = await db.execute(select(TeamMember.trainer_id, TeamMember.left_at.is_(None)))
        assert sorted(tuple(row) for row in rows) == [(_helper, True), (other, False)]


async def test_team_that_the_ward_has_is_refused_at_its_name(app: TestApp) -> None:
    _helper, team, _skill = await prepare(app)
    form = {"kind": "ambassadors", "name": "Nhóm chợ Đông Ba"}
    async with app.client_as("ha@example.org") as client:
        await client.post("/nguoi-day/19753/to/moi", data=form)
        added = await client.post("/nguoi-day/19753/to/moi", data=form)
        saved = await client.post(f"/nguoi-day/19753/to/{team}/sua", data=form)

    for answer in (added, saved):
        assert answer.status_code == 422
        assert "Phường, xã đã có tổ, đội này." in answer.text
        assert 'value="Nhóm chợ Đông Ba"' in answer.text


async def test_list_of_teams_is_saved_on_confirmation(app: TestApp) -> None:
    await prepare(app)
    async with app.client_as("ha@example.org") as client:
        sent = await client.post("/nguoi-day/19753/nhap", files={"file": ("x.xlsx", LIST, "application/zip")})
        here = sent.headers["location"]
        review = await client.get(here)
        assert "Chưa lưu gì. Đã đọc 124 dòng có người." in review.text
        async with app.sessions() as db:
            assert await db.scalar(select(func.count()).select_from(Trainer)) == 1

        await client.post(f"{here}/luu")
        assert "Đã lưu 123 người" in (await client.get(here)).text
        assert "Tổ CNSCĐ TDP 14" in (await client.get("/nguoi-day/19753/to")).text
        # A list of learners' is not a list of teams'.
        assert (await client.get(here.replace("nguoi-day", "nguoi-hoc"))).status_code == 404
