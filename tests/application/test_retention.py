"""What the worker deletes after its time, with a moved clock."""

from datetime import timedelta
from uuid import uuid4

from sqlalchemy import func, select

from accounts import service
from accounts.models import Invitation, KnownDevice, LoginFailure, LoginSession, ResetCode, ResetMail
from accounts.service.resets import request_reset_mail
from lopso.application.retention import clear
from lopso.kernel.access import Role
from lopso.kernel.audit import AuditEntry
from lopso.kernel.workbook.left_out_rows import LeftOutRow
from lopso.kernel.workbook.staging import StagedImport
from tests.accounts.browser import is_signed_in, log_in
from tests.conftest import TestApp
from tests.factories import TEST, add_user, add_ward

EVERYTHING = (
    LoginSession,
    LoginFailure,
    ResetMail,
    ResetCode,
    Invitation,
    KnownDevice,
    StagedImport,
    LeftOutRow,
)


async def rows(app: TestApp) -> dict[str, int]:
    async with app.sessions() as db:
        return {
            table.__tablename__: await db.scalar(select(func.count()).select_from(table)) or 0
            for table in EVERYTHING
        }


async def cleared(app: TestApp) -> dict[str, int]:
    """Clear, and what is left, without the tables that are empty."""
    async with app.sessions.begin() as db:
        await clear(db, now=app.clock.now)
    return {table: count for table, count in (await rows(app)).items() if count}


async def test_each_trace_is_deleted_after_its_time(app: TestApp) -> None:
    async with app.sessions.begin() as db:
        await add_ward(db)
        user = await add_user(db, (Role.COORDINATOR, "19753"))
        await service.invite(db, user.id, by=TEST, now=app.clock.now)
        await service.make_reset_code(db, user.id, by=TEST, now=app.clock.now)
        await request_reset_mail(db, "ha@example.org", now=app.clock.now)
        staged = StagedImport(id=uuid4(), ward_id="19753", kind="learners", digest="0", made_at=app.clock.now)
        staged.parsed = {}
        db.add(staged)
        db.add(LeftOutRow(ward_id="19753", kind="learners", digest="0", left_out_at=app.clock.now))
    async with app.client() as client, app.client() as stranger:
        await log_in(client)
        await log_in(stranger, "sai mật khẩu")
        assert set((await rows(app)).values()) == {1}
        assert set((await cleared(app)).values()) == {1}  # nothing is old yet

        app.clock.forward(timedelta(days=1, minutes=1))
        assert await is_signed_in(client)  # seen again
        assert "login_failure" not in await cleared(app)
        app.clock.forward(timedelta(days=6, hours=1))
        assert set(await cleared(app)) == {"login_session", "invitation", "known_device", "left_out_row"}
        app.clock.forward(timedelta(days=1))
        assert set(await cleared(app)) == {"invitation", "known_device", "left_out_row"}
        app.clock.forward(timedelta(days=30))
        assert set(await cleared(app)) == {"known_device", "left_out_row"}
        app.clock.forward(timedelta(days=150))
        assert set(await cleared(app)) == {"left_out_row"}
        app.clock.forward(timedelta(days=560))
        assert await cleared(app) == {}
    async with app.sessions() as db:
        kept = await db.scalar(
            select(func.count()).select_from(AuditEntry).where(AuditEntry.action == "user.logged_in")
        )
    assert kept == 1
