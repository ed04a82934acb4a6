"""Giving a helper a log-in: what the coordinator may hand over, and what only the city may."""

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from accounts import service as accounts
from accounts.models import RoleGrant
from lopso.kernel.access import Role
from lopso.kernel.errors import InvalidInput, Refused
from tests.factories import NOON, PASSWORD, TEST, add_helper, add_user, add_ward
from trainers.service.accounts import give_account, link_account

WARD = "19753"


async def test_invited_helper_chooses_password_and_may_teach(db: AsyncSession) -> None:
    await add_ward(db)
    helper = await add_helper(db, phone="+84912345678")
    token = await give_account(db, WARD, helper.id, by=TEST, now=NOON)
    user = await accounts.accept_invitation(db, token, password=PASSWORD, now=NOON)
    roles = await db.execute(select(RoleGrant.role, RoleGrant.ward_id).where(RoleGrant.user_id == user.id))
    assert helper.user_id == user.id
    assert [tuple(row) for row in roles] == [("trainer", WARD)]


async def test_account_without_phone_and_e_mail_is_refused(db: AsyncSession) -> None:
    await add_ward(db)
    helper = await add_helper(db)
    with pytest.raises(InvalidInput):
        await give_account(db, WARD, helper.id, by=TEST, now=NOON)


async def test_link_to_account_with_further_roles_is_refused(db: AsyncSession) -> None:
    await add_ward(db)
    helper = await add_helper(db, phone="+84912345678")
    user = await add_user(db, (Role.ASSESSOR, WARD))
    await link_account(db, WARD, helper.id, user.id, by=TEST, now=NOON)
    with pytest.raises(Refused, match="vai trò khác"):
        await give_account(db, WARD, helper.id, by=TEST, now=NOON)
