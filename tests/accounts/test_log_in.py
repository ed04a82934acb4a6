"""Logging in and out: who gets in, what a refusal says, which cookie is good for what."""

from datetime import timedelta

import httpx
import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from accounts import service
from accounts.errors import InvitationInvalid
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


async def test_right_password_leads_to_the_week_of_the_own_ward(app: TestApp) -> None:
    await seeded(app)
    async with app.client() as client:
        answer = await try_log_in(client)
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        assert (await client.get("/")).headers["location"] == "/lich/19753"


async def test_wrong_password_and_unknown_name_give_the_same_page(app: TestApp) -> None:
    await seeded(app)
    async with app.client() as client:
        wrong = await try_log_in(client, "sai mat khau")
        unknown = await try_log_in(client, identifier="ai-do@example.org")
    assert wrong.status_code == unknown.status_code == 422
    assert "mật khẩu chưa đúng" in wrong.text
    assert "HA@example.org" in wrong.text
    assert "sai mat khau" not in wrong.text
    assert wrong.text.replace("HA@example.org", "") == unknown.text.replace("ai-do@example.org", "")


async def test_session_id_chosen_by_an_attacker_is_replaced(app: TestApp) -> None:
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


async def test_log_in_again_and_log_out_end_the_old_session(app: TestApp) -> None:
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


async def test_guessing_is_throttled_and_owner_elsewhere_gets_in(app: TestApp) -> None:
    await seeded(app)
    async with app.client() as guesser:
        statuses = [(await try_log_in(guesser, f"thu lan {n}")).status_code for n in range(11)]
    assert statuses == [422] * 10 + [429]
    async with app.client(address="10.9.8.7") as owner:
        assert (await try_log_in(owner)).status_code == 303
    app.clock.forward(timedelta(minutes=16))
    async with app.client() as patient:
        assert (await try_log_in(patient)).status_code == 303


async def test_form_without_csrf_token_is_refused(app: TestApp) -> None:
    await seeded(app)
    async with app.client() as client:
        answer = await client.post("/dang-nhap", data={"identifier": "ha@example.org", "password": PASSWORD})
    assert answer.status_code == 403


async def test_changed_role_or_disabled_account_ends_every_session(app: TestApp) -> None:
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


async def test_idle_session_ends(app: TestApp) -> None:
    await seeded(app)
    async with app.client() as client:
        await try_log_in(client)
        app.clock.forward(timedelta(days=6))
        assert (await client.get("/")).headers["location"] == "/lich/19753"
        app.clock.forward(timedelta(days=6))  # seen in between: still good
        assert (await client.get("/")).headers["location"] == "/lich/19753"
        app.clock.forward(timedelta(days=8))
        assert (await client.get("/")).headers["location"] == "/dang-nhap"


async def test_only_the_hash_of_a_session_cookie_is_stored(app: TestApp) -> None:
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


async def test_return_path_outside_the_site_is_ignored(app: TestApp) -> None:
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


async def test_invitation_is_accepted_once(db: AsyncSession) -> None:
    user = await service.add_user(db, name="Trần Bình", password=None, phone="0912345678", by=TEST, now=NOON)
    old = await service.invite(db, user.id, by=TEST, now=NOON)
    token = await service.invite(db, user.id, by=TEST, now=NOON)

    with pytest.raises(InvitationInvalid):  # a newer link ends an older one
        await service.accept_invitation(db, old, password=PASSWORD, now=NOON)
    with pytest.raises(InvalidInput):
        await service.accept_invitation(db, token, password="12345678", now=NOON)
    await service.accept_invitation(db, token, password=PASSWORD, now=NOON)
    with pytest.raises(InvitationInvalid):
        await service.accept_invitation(db, token, password=PASSWORD, now=NOON)

    opened = await service.log_in(db, identifier="+84912345678", password=PASSWORD, old_token=None, now=NOON)
    assert opened.user.id == user.id


async def test_expired_invitation_is_refused(db: AsyncSession) -> None:
    user = await service.add_user(db, name="Trần Bình", password=None, phone="0912345678", by=TEST, now=NOON)
    token = await service.invite(db, user.id, by=TEST, now=NOON)
    with pytest.raises(InvitationInvalid):
        await service.accept_invitation(db, token, password=PASSWORD, now=NOON + timedelta(days=8))
