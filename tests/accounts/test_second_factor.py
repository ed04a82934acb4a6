"""The second factor: set up by choice or by demand, asked at log-in, refused when used again, removed."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from accounts.errors import SecondFactorUnreadable, WrongCode
from accounts.models import RecoveryCode, SecondFactor
from accounts.rules import authenticator
from accounts.service import second_factor as service
from lopso.kernel.access import Role
from lopso.kernel.audit import AuditEntry
from lopso.kernel.settings import Settings
from tests.accounts.browser import (
    app_code,
    app_secret,
    is_signed_in,
    log_in,
    post,
    set_up_second_factor,
    shown_recovery_codes,
)
from tests.conftest import MakeApp, TestApp
from tests.factories import NOON, PASSWORD, TEST, add_user, add_ward

SECRET = "t" * 40


async def seed(app: TestApp) -> int:
    async with app.sessions.begin() as db:
        await add_ward(db)
        await add_user(db, (Role.CITY_ADMIN, None), email="admin@example.org")
        return (await add_user(db, (Role.COORDINATOR, "19753"))).id


async def test_log_in_with_second_factor_needs_a_code_once(app: TestApp) -> None:
    await seed(app)
    async with app.client() as client:
        await log_in(client)
        secret, codes = await set_up_second_factor(client, app.clock.now)
        assert len(set(codes)) == 10
    app.clock.forward(timedelta(minutes=1))
    async with app.client() as client:
        answer = await post(
            client, "/dang-nhap", identifier="ha@example.org", password=PASSWORD, tiep="/ky-nang"
        )
        assert answer.headers["location"] == "/dang-nhap/ma?tiep=/ky-nang"
        assert not await is_signed_in(client)
        waiting = client.cookies["lopso"]
        assert (await post(client, "/dang-nhap/ma", code="000000")).status_code == 422
        right = await post(client, "/dang-nhap/ma", code=app_code(secret, app.clock.now), tiep="/ky-nang")
        assert right.headers["location"] == "/ky-nang"
        assert client.cookies["lopso"] != waiting
        assert await is_signed_in(client)
    async with app.client() as thief:  # saw the code being typed, and knows the password
        await log_in(thief)
        assert (await post(thief, "/dang-nhap/ma", code=app_code(secret, app.clock.now))).status_code == 422
        assert not await is_signed_in(thief)


async def test_wrong_codes_are_counted(app: TestApp) -> None:
    await seed(app)
    async with app.client() as client:
        await log_in(client)
        await set_up_second_factor(client, app.clock.now)
    async with app.client(address="10.9.8.7") as guesser:
        await log_in(guesser)
        statuses = [(await post(guesser, "/dang-nhap/ma", code=f"{n:06}")).status_code for n in range(11)]
    assert statuses == [422] * 10 + [429]


async def test_waiting_log_in_ends_after_a_quarter_of_an_hour(app: TestApp) -> None:
    await seed(app)
    async with app.client() as client:
        await log_in(client)
        secret, _codes = await set_up_second_factor(client, app.clock.now)
        await log_in(client)
        app.clock.forward(timedelta(minutes=16))
        late = await post(client, "/dang-nhap/ma", code=app_code(secret, app.clock.now))
        assert late.headers["location"] == "/dang-nhap"


async def test_recovery_code_opens_once(app: TestApp) -> None:
    await seed(app)
    async with app.client() as client:
        await log_in(client)
        _secret, codes = await set_up_second_factor(client, app.clock.now)
        await log_in(client)
        typed = codes[3].upper().replace("-", " ")
        assert (await post(client, "/dang-nhap/ma", code=typed)).status_code == 303
        assert "Còn 9 mã dự phòng" in (await client.get("/tai-khoan-cua-toi")).text
        await log_in(client)
        assert (await post(client, "/dang-nhap/ma", code=codes[3])).status_code == 422
    async with app.sessions() as db:
        kept = (await db.scalars(select(RecoveryCode))).all()
        secret = await db.scalar(select(SecondFactor.secret))
    assert all(row.code_hash.startswith("$argon2id$") for row in kept)
    assert not any(code.replace("-", "")[4:] in row.code_hash for code in codes for row in kept)
    assert secret is not None
    assert _secret.encode() not in secret


async def test_new_recovery_codes_replace_the_old(app: TestApp) -> None:
    await seed(app)
    async with app.client() as client:
        await log_in(client)
        _secret, old = await set_up_second_factor(client, app.clock.now)
        answer = await post(client, "/tai-khoan-cua-toi/hai-buoc/ma-du-phong", old=PASSWORD)
        new = shown_recovery_codes(answer.text)
        assert len(new) == 10
        assert not set(old) & set(new)
        await log_in(client)
        assert (await post(client, "/dang-nhap/ma", code=old[0])).status_code == 422
        assert (await post(client, "/dang-nhap/ma", code=new[0])).status_code == 303


async def test_set_up_needs_the_password_and_ends_other_sessions(app: TestApp) -> None:
    await seed(app)
    async with app.client() as here, app.client() as elsewhere:
        await log_in(here)
        await log_in(elsewhere)
        assert (await post(here, "/tai-khoan-cua-toi/hai-buoc", old="khong nho")).status_code == 422
        await set_up_second_factor(here, app.clock.now)
        assert [await is_signed_in(here), await is_signed_in(elsewhere)] == [True, False]


async def test_own_second_factor_is_removed_with_the_password(app: TestApp) -> None:
    await seed(app)
    async with app.client() as client:
        await log_in(client)
        await set_up_second_factor(client, app.clock.now)
        assert (await post(client, "/tai-khoan-cua-toi/hai-buoc/tat", old="khong nho")).status_code == 422
        assert (await post(client, "/tai-khoan-cua-toi/hai-buoc/tat", old=PASSWORD)).status_code == 303
        assert (await log_in(client)).headers["location"] == "/"


async def test_role_that_demands_it_sets_it_up_at_log_in(make_app: MakeApp, settings: Settings) -> None:
    app = make_app(replace(settings, second_factor_roles=frozenset({Role.CITY_ADMIN})))
    await seed(app)
    async with app.client() as client:
        assert (await log_in(client)).headers["location"] == "/"  # a coordinator: not demanded
    async with app.client() as client:
        first = await post(
            client, "/dang-nhap", identifier="admin@example.org", password=PASSWORD, tiep="/tai-khoan"
        )
        assert first.headers["location"] == "/dang-nhap/cai-dat?tiep=/tai-khoan"
        assert (await client.get("/tai-khoan")).headers["location"].startswith("/dang-nhap")
        secret = app_secret((await client.get("/dang-nhap/cai-dat")).text)
        assert (await post(client, "/dang-nhap/cai-dat", code="000000")).status_code == 422
        done = await post(
            client, "/dang-nhap/cai-dat", code=app_code(secret, app.clock.now), tiep="/tai-khoan"
        )
        assert len(shown_recovery_codes(done.text)) == 10
        assert 'href="/tai-khoan"' in done.text
        assert (await client.get("/tai-khoan")).status_code == 200
    app.clock.forward(timedelta(minutes=1))
    async with app.client() as client:
        await log_in(client, identifier="admin@example.org")
        assert (await post(client, "/dang-nhap/ma", code=app_code(secret, app.clock.now))).status_code == 303


async def test_administrator_removes_a_lost_second_factor(app: TestApp) -> None:
    user_id = await seed(app)
    async with app.client() as client, app.client_as("admin@example.org") as admin:
        await log_in(client)
        await set_up_second_factor(client, app.clock.now)
        assert "Hai bước" in (await admin.get("/tai-khoan")).text
        assert (await admin.post(f"/tai-khoan/{user_id}/hai-buoc/bo")).status_code == 303
        assert not await is_signed_in(client)
        assert (await log_in(client)).headers["location"] == "/"
    async with app.sessions() as db:
        entry = await db.scalar(select(AuditEntry).where(AuditEntry.action == "user.second_factor_removed"))
    assert entry is not None
    assert (entry.subject_id, entry.actor_name) == (str(user_id), "Lê Thị Thu Hà")


async def test_another_app_secret_opens_no_second_factor(db: AsyncSession) -> None:
    user = await add_user(db)
    factor = await service.begin_set_up(db, user.id, app_secret=SECRET, now=NOON)
    assert len(service.secret_of(factor, app_secret=SECRET)) == 32
    with pytest.raises(SecondFactorUnreadable):
        service.secret_of(factor, app_secret="u" * 40)
    factor.user_id += 1  # moved to somebody else's row
    with pytest.raises(SecondFactorUnreadable):
        service.secret_of(factor, app_secret=SECRET)
    factor.user_id -= 1
    with pytest.raises(WrongCode):
        await service.check_code(db, user.id, "000000", app_secret=SECRET, by=TEST, now=NOON)


def test_codes_are_those_of_the_standard() -> None:
    # RFC 6238, appendix B: the last six digits of the SHA-1 rows.
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    for seconds, code in [(1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924")]:
        then = NOON + timedelta(seconds=seconds - NOON.timestamp())
        step = authenticator.accepted_step(secret, code, last_step=None, now=then)
        assert step == seconds // 30
        for moved, accepted in [(-60, False), (-30, True), (30, True), (60, False)]:
            late = authenticator.accepted_step(
                secret, code, last_step=None, now=then + timedelta(seconds=moved)
            )
            assert (late is not None) is accepted
        assert authenticator.accepted_step(secret, code, last_step=step, now=then) is None
