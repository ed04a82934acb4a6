"""Logging in and out: who gets in, what a refusal says, which cookie is good for what."""

from datetime import timedelta

import httpx
import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from accounts import service
from accounts.errors import DeadInvitation
from accounts.models import LoginSession, User
from lopso.kernel.access import Role
from lopso.kernel.audit import AuditEntry
from lopso.kernel.errors import InvalidInput
from tests.conftest import TestApp
from tests.factories import NOON, PASSWORD, TEST, add_user, add_ward


async def seeded(app: TestApp) -> User:
    async with app.sessions.begin() as db:
        await add_ward(db)
        return await add_user(db, (Role.COORDINATOR, "19753"))


async def try_log_in(
    client: httpx.AsyncClient, password: str = PASSWORD, identifier: str = "HA@example.org"
) -> httpx.Response:
    await client.get("/dang-nhap")
    return await client.post(
        "/dang-nhap",
        data={"identifier": identifier, "password": password, "_csrf_token": client.cookies["csrf"]},
    )


async def test_the_right_password_opens_the_week_of_ones_ward(app: TestApp) -> None:
    await seeded(app)
    async with app.client() as client:
        answer = await try_log_in(client)
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        assert (await client.get("/")).headers["location"] == "/lich/19753"


async def test_unknown_name_and_wrong_password_read_the_same_and_keep_what_was_typed(app: TestApp) -> None:
    await seeded(app)
    async with app.client() as client:
        wrong = await try_log_in(client, "sai mat khau")
        unknown = await try_log_in(client, identifier="ai-do@example.org")
    assert wrong.status_code == unknown.status_code == 422
    assert "mật khẩu chưa đúng" in wrong.text
    assert "HA@example.org" in wrong.text
    assert "sai mat khau" not in wrong.text
    assert wrong.text.replace("HA@example.org", "") == unknown.text.replace("ai-do@example.org", "")


async def test_a_cookie_chosen_by_somebody_else_is_never_kept(app: TestApp) -> None:
    await seeded(app)
    async with app.client() as client:
        client.cookies.set("lopso", "attackerchosen")
        answer = await try_log_in(client)
        fresh = answer.cookies["lopso"]
        assert fresh != "attackerchosen"
        assert len(fresh) >= 43
    async with app.client() as thief:
        thief.cookies.set("lopso", "attackerchosen")
        assert (await thief.get("/")).headers["location"] == "/dang-nhap"


async def test_logging_in_again_and_out_kills_the_old_session(app: TestApp) -> None:
    await seeded(app)
    async with app.client() as client:
        await try_log_in(client)
        first = client.cookies["lopso"]
        await try_log_in(client)
        second = client.cookies["lopso"]
        await client.post("/dang-xuat", data={"_csrf_token": client.cookies["csrf"]})
    for dead in (first, second):
        async with app.client() as client:
            client.cookies.set("lopso", dead)
            assert (await client.get("/")).headers["location"] == "/dang-nhap"


async def test_guessing_is_slowed_down_while_the_owner_still_gets_in_elsewhere(app: TestApp) -> None:
    await seeded(app)
    async with app.client() as guesser:
        statuses = [(await try_log_in(guesser, f"thu lan {n}")).status_code for n in range(11)]
    assert statuses == [422] * 10 + [429]
    async with app.client(address="10.9.8.7") as owner:
        assert (await try_log_in(owner)).status_code == 303
    app.clock.forward(timedelta(minutes=16))
    async with app.client() as patient:
        assert (await try_log_in(patient)).status_code == 303


async def test_no_form_is_taken_without_its_token(app: TestApp) -> None:
    await seeded(app)
    async with app.client() as client:
        answer = await client.post("/dang-nhap", data={"identifier": "ha@example.org", "password": PASSWORD})
    assert answer.status_code == 403


async def test_a_change_of_role_and_a_closed_account_end_every_session(app: TestApp) -> None:
    user = await seeded(app)
    async with app.client() as client:
        await try_log_in(client)
        async with app.sessions.begin() as db:
            await service.grant_role(db, user.id, Role.ASSESSOR, "19753", by=TEST, now=NOON)
        assert (await client.get("/")).headers["location"] == "/dang-nhap"
        await try_log_in(client)
        async with app.sessions.begin() as db:
            await service.disable_user(db, user.id, by=TEST, now=NOON)
        assert (await client.get("/")).headers["location"] == "/dang-nhap"
        assert (await try_log_in(client)).status_code == 422


async def test_a_session_ends_by_itself_when_idle(app: TestApp) -> None:
    await seeded(app)
    async with app.client() as client:
        await try_log_in(client)
        app.clock.forward(timedelta(days=6))
        assert (await client.get("/")).headers["location"] == "/lich/19753"
        app.clock.forward(timedelta(days=6))  # seen in between: still good
        assert (await client.get("/")).headers["location"] == "/lich/19753"
        app.clock.forward(timedelta(days=8))
        assert (await client.get("/")).headers["location"] == "/dang-nhap"


async def test_what_is_kept_opens_nothing(app: TestApp) -> None:
    user = await seeded(app)
    async with app.client() as client:
        await try_log_in(client)
        cookie = client.cookies["lopso"]
    async with app.sessions() as db:
        kept = await db.scalar(select(LoginSession.id).where(LoginSession.user_id == user.id))
        entries = await db.scalar(
            select(func.count()).select_from(AuditEntry).where(AuditEntry.action == "user.logged_in")
        )
    assert kept == service.token_id(cookie)
    assert entries == 1


async def test_an_address_to_go_to_afterwards_stays_within_the_house(app: TestApp) -> None:
    await seeded(app)
    for target, expected in [
        ("/ky-nang", "/ky-nang"),
        ("//evil.example", "/"),
        ("https://evil.example", "/"),
    ]:
        async with app.client() as client:
            await client.get("/dang-nhap")
            answer = await client.post(
                "/dang-nhap",
                data={
                    "identifier": "ha@example.org",
                    "password": PASSWORD,
                    "tiep": target,
                    "_csrf_token": client.cookies["csrf"],
                },
            )
        assert answer.headers["location"] == expected


async def test_an_invitation_is_good_once(db: AsyncSession) -> None:
    user = await service.add_user(db, name="Trần Bình", password=None, phone="0912345678", by=TEST, now=NOON)
    old = await service.invite(db, user.id, by=TEST, now=NOON)
    token = await service.invite(db, user.id, by=TEST, now=NOON)

    with pytest.raises(DeadInvitation):  # a newer link ends an older one
        await service.accept_invitation(db, old, password=PASSWORD, now=NOON)
    with pytest.raises(InvalidInput):
        await service.accept_invitation(db, token, password="12345678", now=NOON)
    await service.accept_invitation(db, token, password=PASSWORD, now=NOON)
    with pytest.raises(DeadInvitation):
        await service.accept_invitation(db, token, password=PASSWORD, now=NOON)

    found, _ = await service.log_in(
        db, identifier="+84912345678", password=PASSWORD, old_token=None, now=NOON
    )
    assert found.id == user.id


async def test_an_invitation_expires(db: AsyncSession) -> None:
    user = await service.add_user(db, name="Trần Bình", password=None, phone="0912345678", by=TEST, now=NOON)
    token = await service.invite(db, user.id, by=TEST, now=NOON)
    with pytest.raises(DeadInvitation):
        await service.accept_invitation(db, token, password=PASSWORD, now=NOON + timedelta(days=8))
