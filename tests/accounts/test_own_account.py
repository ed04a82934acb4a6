"""One's own account: another password, the list of devices and how log-ins on them end."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from accounts import passwords
from accounts.service import token_id
from lopso.kernel.access import Role
from lopso.kernel.audit import AuditEntry
from lopso.kernel.errors import InvalidInput
from tests.accounts.browser import is_signed_in, log_in, post
from tests.conftest import TestApp
from tests.factories import PASSWORD, add_user, add_ward

PHONE = "Mozilla/5.0 (Linux; Android 14; SM-A155F) AppleWebKit/537.36 Chrome/131.0.0.0 Mobile Safari/537.36"
NEW = "chín cây cầu ngói"


async def seed(app: TestApp) -> int:
    async with app.sessions.begin() as db:
        await add_ward(db)
        return (await add_user(db, (Role.COORDINATOR, "19753"))).id


async def test_changed_password_ends_other_sessions_only(app: TestApp) -> None:
    await seed(app)
    async with app.client() as here, app.client() as elsewhere:
        await log_in(here)
        await log_in(elsewhere)
        answer = await post(here, "/tai-khoan-cua-toi/mat-khau", old=PASSWORD, password=NEW)
        assert (answer.status_code, answer.headers["location"]) == (303, "/tai-khoan-cua-toi")
        assert await is_signed_in(here)
        assert not await is_signed_in(elsewhere)
        assert (await log_in(elsewhere)).status_code == 422
        assert (await log_in(elsewhere, NEW)).status_code == 303
    async with app.sessions() as db:
        actions = (await db.scalars(select(AuditEntry.action))).all()
    assert "user.changed_password" in actions


async def test_password_change_without_the_old_one_is_refused(app: TestApp) -> None:
    await seed(app)
    async with app.client() as client:
        await log_in(client)
        wrong = await post(client, "/tai-khoan-cua-toi/mat-khau", old="khong nho", password=NEW)
        same = await post(client, "/tai-khoan-cua-toi/mat-khau", old=PASSWORD, password=PASSWORD)
        common = await post(client, "/tai-khoan-cua-toi/mat-khau", old=PASSWORD, password="princess1")
        assert [each.status_code for each in (wrong, same, common)] == [422, 422, 422]
        assert "Mật khẩu đang dùng chưa đúng" in wrong.text
        assert "khong nho" not in wrong.text
        assert "dễ đoán" in common.text
        assert (await log_in(client)).status_code == 303


async def test_old_password_is_guessed_ten_times_at_most(app: TestApp) -> None:
    await seed(app)
    async with app.client() as client:
        await log_in(client)
        statuses = [
            (await post(client, "/tai-khoan-cua-toi/mat-khau", old=f"lan {n}", password=NEW)).status_code
            for n in range(11)
        ]
    assert statuses == [422] * 10 + [429]


async def test_devices_are_listed_and_the_chosen_one_is_logged_out(app: TestApp) -> None:
    await seed(app)
    async with app.client() as here, app.client(address="14.161.22.33") as phone, app.client() as third:
        await log_in(here)
        phone.headers["user-agent"] = PHONE
        await log_in(phone)
        await log_in(third)
        listed = (await here.get("/tai-khoan-cua-toi")).text
        assert "Chrome, Android" in listed
        assert "14.161.22.x" in listed
        assert "14.161.22.33" not in listed
        assert listed.count("máy này") == 1

        page = (await here.get("/tai-khoan-cua-toi/thiet-bi")).text
        ids = [part.split('"')[0] for part in page.split('name="device"\n        value="')[1:]]
        assert len(ids) == 2
        nothing = await post(here, "/tai-khoan-cua-toi/thiet-bi", old=PASSWORD)
        unasked = await post(here, "/tai-khoan-cua-toi/thiet-bi", device=ids[0])
        assert (nothing.status_code, unasked.status_code) == (422, 422)
        chosen = ids[[await is_phone(page, each) for each in ids].index(True)]
        assert (
            await post(here, "/tai-khoan-cua-toi/thiet-bi", old=PASSWORD, device=chosen)
        ).status_code == 303
        assert [await is_signed_in(each) for each in (here, phone, third)] == [True, False, True]

        await post(here, "/tai-khoan-cua-toi/thiet-bi", old=PASSWORD, every="1")
        assert [await is_signed_in(each) for each in (here, third)] == [True, False]


async def is_phone(page: str, session: str) -> bool:
    return "Chrome, Android" in page.partition(session)[2].partition("</div>")[0]


async def test_somebody_elses_session_cannot_be_ended(app: TestApp) -> None:
    await seed(app)
    async with app.sessions.begin() as db:
        await add_user(db, (Role.VIEWER, "19753"), email="khac@example.org")
    async with app.client() as mine, app.client() as theirs:
        await log_in(mine)
        await log_in(theirs, identifier="khac@example.org")
        foreign = token_id(theirs.cookies["lopso"]).hex()
        await post(mine, "/tai-khoan-cua-toi/thiet-bi", old=PASSWORD, device=foreign)
        assert await is_signed_in(theirs)


async def test_idle_sessions_are_not_listed(app: TestApp) -> None:
    await seed(app)
    async with app.client() as old, app.client() as fresh:
        await log_in(old)
        app.clock.forward(timedelta(days=8))
        await log_in(fresh)
        assert (await fresh.get("/tai-khoan-cua-toi")).text.count("Đăng nhập ") == 1


@pytest.mark.parametrize(
    ("password", "accepted"),
    [
        ("1234567", False),
        ("đò xưa n", True),
        ("x" * 257, False),
        ("ba con mèo đi chợ Đông Ba " * 9, True),  # 234 characters, pasted
        ("letmein123", False),
        ("Password1", False),
        ("aaaaaaaaaa", False),
        ("lopso2026", False),
        ("thuha1962", False),
        ("Lê Thị Thu Hà 62", False),
        ("ha@example.org", False),
        ("0912345678", False),
        ("Thu Hà thích trà sen", True),
    ],
)
def test_new_password_is_judged_by_length_and_guesses(password: str, accepted: bool) -> None:
    about = ("Lê Thị Thu Hà", "ha@example.org", "+84912345678")
    if accepted:
        passwords.check_new(password, about=about)
    else:
        with pytest.raises(InvalidInput):
            passwords.check_new(password, about=about)


async def test_administrator_logs_somebody_out_everywhere(app: TestApp) -> None:
    user_id = await seed(app)
    async with app.sessions.begin() as db:
        await add_user(db, (Role.CITY_ADMIN, None), email="admin@example.org")
    async with app.client() as phone, app.client_as("admin@example.org") as admin:
        await log_in(phone)
        assert (await admin.post(f"/tai-khoan/{user_id}/dang-xuat")).status_code == 303
        assert not await is_signed_in(phone)
        assert (await admin.get("/tai-khoan")).status_code == 200
