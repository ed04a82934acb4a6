"""A forgotten password: links by mail, codes that somebody reads out."""

import re
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes

import httpx
import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from accounts import service
from accounts.delivery.reset_mails import AccountMail, MailNotSent, deliver_reset_mails
from accounts.errors import WrongResetCode
from accounts.models import Invitation, ResetCode, ResetMail
from accounts.service.resets import request_reset_mail, reset_with_code
from invitations.delivery.dispatcher import MailWorkerConfig
from invitations.delivery.mime import MailSender
from lopso.application.account_mail import compose
from lopso.application.senders import account_worker_for, mail_dispatcher_for
from lopso.kernel.access import Role
from lopso.kernel.settings import Settings, SmtpSettings
from tests.accounts.browser import is_signed_in, log_in, post, set_up_second_factor
from tests.conftest import MakeApp, TestApp
from tests.factories import NOON, PASSWORD, TEST, add_helper, add_user, add_ward
from tests.statements import statements_of

NEW = "chín cây cầu ngói"
SMTP = SmtpSettings("mail.example.org", 587, "starttls", "lop-so@example.org")


class FakeMailer:
    """Keeps the mails it is given; fails as often as told."""

    def __init__(self, failures: int = 0) -> None:
        self.mails: list[AccountMail] = []
        self.failures = failures

    async def send(self, mail: AccountMail) -> None:
        if self.failures:
            self.failures -= 1
            raise MailNotSent(final=False)
        self.mails.append(mail)

    def links(self) -> list[str]:
        """Paths of the links in the mails."""
        return [re.findall(r"/loi-moi/\S+", mail.text)[0] for mail in self.mails]


@pytest.fixture
def app(make_app: MakeApp, settings: Settings) -> TestApp:
    return make_app(replace(settings, smtp=SMTP))


async def seed(app: TestApp) -> int:
    async with app.sessions.begin() as db:
        await add_ward(db)
        return (await add_user(db, (Role.COORDINATOR, "19753"))).id


async def deliver(app: TestApp, mailer: FakeMailer) -> int:
    return await deliver_reset_mails(
        app.sessions, mailer, public_url="https://lop-so.example.vn", clock=app.clock
    )


async def test_link_by_mail_sets_a_password_once(app: TestApp) -> None:
    await seed(app)
    mailer = FakeMailer()
    async with app.client() as client, app.client() as elsewhere:
        await log_in(elsewhere)
        assert (await post(client, "/quen-mat-khau", identifier=" HA@example.org ")).status_code == 200
        assert await deliver(app, mailer) == 1
        assert mailer.mails[0].address == "ha@example.org"
        [link] = mailer.links()
        assert (await post(client, link, password="12345678")).status_code == 422
        assert (await post(client, link, password=NEW)).status_code == 303
        assert not await is_signed_in(elsewhere)
        assert (await post(client, link, password=NEW)).status_code == 404
        assert (await log_in(client, NEW)).status_code == 303
    async with app.sessions() as db:
        hashes = (await db.scalars(select(Invitation.token_hash))).all()
    assert hashes == [service.token_id(link.rpartition("/")[2])]


async def test_link_by_mail_expires_within_an_hour(app: TestApp) -> None:
    await seed(app)
    mailer = FakeMailer()
    async with app.client() as client:
        await post(client, "/quen-mat-khau", identifier="ha@example.org")
        await deliver(app, mailer)
        app.clock.forward(timedelta(minutes=61))
        assert (await client.get(mailer.links()[0])).status_code == 404


async def answer_and_statements(app: TestApp, engine: AsyncEngine, identifier: str) -> tuple[str, int]:
    async with app.client() as client:
        await client.get("/dang-nhap")
        with statements_of(engine) as statements:
            answer = await post(client, "/quen-mat-khau", identifier=identifier)
        return answer.text.replace(client.cookies["csrf"], ""), len(statements)


async def test_unknown_address_gets_the_same_answer_after_the_same_statements(
    app: TestApp, engine: AsyncEngine
) -> None:
    await seed(app)
    async with app.sessions.begin() as db:
        await service.add_user(db, name="Trần Bình", password=PASSWORD, phone="0912345678", by=TEST, now=NOON)
    known, statements = await answer_and_statements(app, engine, "ha@example.org")
    without_csrf = re.compile(r"[0-9a-f]{64,}")
    for identifier in ("ai-do@example.org", "0912345678", "0987654321", "gì đó"):
        answer, count = await answer_and_statements(app, engine, identifier)
        assert (without_csrf.sub("", answer), count) == (without_csrf.sub("", known), statements)
    mailer = FakeMailer()
    assert await deliver(app, mailer) == 1  # only the one with an address


async def test_more_than_three_mails_an_hour_are_not_sent(app: TestApp) -> None:
    await seed(app)
    mailer = FakeMailer()
    for _each in range(5):
        async with app.sessions.begin() as db:
            await request_reset_mail(db, "ha@example.org", now=app.clock.now)
    assert await deliver(app, mailer) == 3
    app.clock.forward(timedelta(minutes=61))
    async with app.sessions.begin() as db:
        await request_reset_mail(db, "ha@example.org", now=app.clock.now)
    assert await deliver(app, mailer) == 1


async def test_unsent_mail_is_retried_with_another_link(app: TestApp) -> None:
    await seed(app)
    mailer = FakeMailer(failures=1)
    async with app.sessions.begin() as db:
        await request_reset_mail(db, "ha@example.org", now=app.clock.now)
    assert await deliver(app, mailer) == 0
    app.clock.forward(timedelta(minutes=3))
    assert await deliver(app, mailer) == 1
    async with app.sessions() as db:
        assert (await db.scalars(select(ResetMail.outcome))).all() == ["sent"]
        assert await db.scalar(select(func.count()).select_from(Invitation)) == 2


async def test_mail_that_waited_too_long_expires(app: TestApp) -> None:
    await seed(app)
    async with app.sessions.begin() as db:
        await request_reset_mail(db, "ha@example.org", now=app.clock.now)
    app.clock.forward(timedelta(minutes=31))
    assert await deliver(app, FakeMailer()) == 0
    async with app.sessions() as db:
        assert (await db.scalars(select(ResetMail.outcome))).all() == ["expired"]


async def test_reset_does_not_pass_the_second_factor(app: TestApp) -> None:
    await seed(app)
    mailer = FakeMailer()
    async with app.client() as client:
        await log_in(client)
        await set_up_second_factor(client, app.clock.now)
        await post(client, "/quen-mat-khau", identifier="ha@example.org")
        await deliver(app, mailer)
        await post(client, mailer.links()[0], password=NEW)
        assert (await log_in(client, NEW)).headers["location"].startswith("/dang-nhap/ma")


async def test_without_mail_the_page_speaks_of_a_code_only(make_app: MakeApp, settings: Settings) -> None:
    # Texts and mails go to the test pages: whoever reads those could log in as anybody.
    app = make_app(settings)
    await seed(app)
    async with app.client() as client:
        page = await client.get("/quen-mat-khau")
        assert 'name="identifier"' not in page.text
        assert "mã 12 số" in page.text
        await post(client, "/quen-mat-khau", identifier="ha@example.org")
    async with app.sessions() as db:
        assert await db.scalar(select(func.count()).select_from(ResetMail)) == 0


async def test_worker_has_a_mailer_where_mail_goes_out(engine: AsyncEngine, settings: Settings) -> None:
    mailers: list[bool] = []
    for each in (settings, replace(settings, smtp=SMTP), replace(settings, demo=True)):
        mails = mail_dispatcher_for(each, engine, clock=lambda: NOON, config=MailWorkerConfig())
        mailers.append(account_worker_for(each, engine, mails).mailer is not None)
    assert mailers == [False, True, True]


def test_mail_is_seven_bit_and_readable() -> None:
    mail = AccountMail(
        'Hà "Ưỡn"\r\nBcc: x@y.z', "ha@example.org", "vi", "Đặt lại mật khẩu", "Chào Hà,\n\nhttps://…\n"
    )
    sender = MailSender("Lớp Số", "lop-so@example.org", "lop-so@example.org", "https://example.org")
    content = compose(mail, sender, message_id="<1@example.org>", now=NOON)
    assert content.isascii()
    assert b"\n" not in content.replace(b"\r\n", b"")
    parsed = message_from_bytes(content)
    assert parsed["Bcc"] is None
    text = parsed.get_payload(decode=True)
    assert isinstance(text, bytes)
    assert text.decode().startswith("Chào Hà,")


def read_code(page: httpx.Response) -> str:
    found = re.search(r"\d{3} \d{3} \d{3} \d{3}", page.text)
    assert found, page.text
    return found[0]


async def helper_with_account(app: TestApp) -> int:
    async with app.sessions.begin() as db:
        helper = await add_helper(db)
        user = await service.add_user(
            db, name=helper.full_name, password=PASSWORD, phone="0905123456", by=TEST, now=NOON
        )
        helper.user_id = user.id
        await service.grant_role(db, user.id, Role.TRAINER, "19753", by=TEST, now=NOON)
        return helper.id


async def test_coordinator_reads_out_a_code_that_works_once(app: TestApp) -> None:
    await seed(app)
    helper_id = await helper_with_account(app)
    async with app.client_as("ha@example.org") as coordinator, app.client() as helper:
        first = read_code(await coordinator.post(f"/nguoi-day/19753/{helper_id}/tai-khoan/ma"))
        code = read_code(await coordinator.post(f"/nguoi-day/19753/{helper_id}/tai-khoan/ma"))
        form = {"identifier": "0905 123 456", "password": NEW}
        replaced = await post(helper, "/dat-lai-mat-khau", **form, code=first)
        assert (replaced.status_code, "hết hạn" in replaced.text) == (422, True)
        weak = await post(helper, "/dat-lai-mat-khau", identifier="0905 123 456", code=code, password="123")
        assert weak.status_code == 422
        assert (
            await post(helper, "/dat-lai-mat-khau", **form, code=code.replace(" ", ""))
        ).status_code == 303
        assert (await post(helper, "/dat-lai-mat-khau", **form, code=code)).status_code == 422
        assert (await log_in(helper, NEW, "0905123456")).status_code == 303
    async with app.sessions() as db:
        hashes = (await db.scalars(select(ResetCode.code_hash))).all()
    assert all(each.startswith("$argon2id$") for each in hashes)


async def test_coordinator_makes_no_code_for_somebody_with_another_role(app: TestApp) -> None:
    await seed(app)
    helper_id = await helper_with_account(app)
    async with app.sessions.begin() as db:
        user = await service.add_user(db, name="Khác", password=None, phone="0905123457", by=TEST, now=NOON)
        await service.grant_role(db, user.id, Role.ASSESSOR, "19753", by=TEST, now=NOON)
        helper = await add_helper(db)
        helper.user_id = user.id
    async with app.client_as("ha@example.org") as coordinator:
        refused = await coordinator.post(f"/nguoi-day/19753/{helper.id}/tai-khoan/ma")
        assert refused.status_code == 409
        assert (await coordinator.post(f"/nguoi-day/19753/{helper_id}/tai-khoan/ma")).status_code == 200


async def test_administrator_makes_a_code_for_anybody(app: TestApp) -> None:
    user_id = await seed(app)
    async with app.sessions.begin() as db:
        await add_user(db, (Role.CITY_ADMIN, None), email="admin@example.org")
    async with app.client_as("admin@example.org") as admin, app.client() as client:
        code = read_code(await admin.post(f"/tai-khoan/{user_id}/ma"))
        done = await post(client, "/dat-lai-mat-khau", identifier="ha@example.org", code=code, password=NEW)
        assert done.status_code == 303


async def test_code_expires_after_half_an_hour(db: AsyncSession) -> None:
    user = await add_user(db)
    code = await service.make_reset_code(db, user.id, by=TEST, now=NOON)
    late = NOON + timedelta(minutes=31)
    with pytest.raises(WrongResetCode):
        await reset_with_code(db, identifier="ha@example.org", code=code, password=NEW, now=late)


async def test_codes_are_guessed_ten_times_at_most(app: TestApp) -> None:
    await seed(app)
    async with app.client() as client:
        statuses = [
            (
                await post(
                    client, "/dat-lai-mat-khau", identifier="ha@example.org", code=f"{n:012}", password=NEW
                )
            ).status_code
            for n in range(11)
        ]
    assert statuses == [422] * 10 + [429]
