"""Mails with a link to choose a new password, sent by the worker.

The link is made when its mail is sent, so that no usable one is ever kept; another attempt makes another.
"""

from contextvars import copy_context
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from accounts.models import ResetMail, User
from accounts.service.invitations import new_link
from lopso.kernel.access import system
from lopso.kernel.clock import Clock
from lopso.kernel.i18n import gettext as _
from lopso.kernel.i18n import known_language, speak

LINK_LASTS = timedelta(hours=1)
USELESS_AFTER = timedelta(minutes=30)
MAX_ATTEMPTS = 5
_RETRY_DELAY = timedelta(minutes=2)
_WORKER = system("worker", ())


@dataclass(frozen=True, slots=True)
class AccountMail:
    """A mail in plain text to the owner of an account."""

    name: str
    address: str
    language: str
    subject: str
    text: str


class MailNotSent(Exception):
    """Not sent, or perhaps; `final`: another attempt is useless."""

    def __init__(self, *, final: bool) -> None:
        super().__init__("final" if final else "later")
        self.final = final


class AccountMailer(Protocol):
    """Sends a mail to the owner of an account."""

    async def send(self, mail: AccountMail) -> None:
        """Send one.

        Raises:
            MailNotSent: see there.
        """
        ...


async def deliver_reset_mails(
    sessions: async_sessionmaker[AsyncSession], mailer: AccountMailer, *, public_url: str, clock: Clock
) -> int:
    """Send all mails that are due; how many went."""
    sent = 0
    while True:
        async with sessions.begin() as db:
            claimed = await _claim(db, public_url, clock())
        if claimed is None:
            return sent
        mail_id, mail = claimed
        if mail is None:
            continue
        outcome: str | None = "sent"
        try:
            await mailer.send(mail)
            sent += 1
        except MailNotSent as error:
            outcome = "failed" if error.final else None
        async with sessions.begin() as db:
            await _record(db, mail_id, outcome, clock())


async def _claim(db: AsyncSession, public_url: str, now: datetime) -> tuple[int, AccountMail | None] | None:
    """The next mail due with its fresh link; it is due again later, lest this worker should be killed.

    A mail of None has expired, or its account has no address any more.
    """
    row = await db.scalar(
        select(ResetMail)
        .where(ResetMail.finished_at.is_(None), ResetMail.due_at <= now)
        .order_by(ResetMail.due_at, ResetMail.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if row is None:
        return None
    user = await db.get_one(User, row.user_id)
    late = row.requested_at < now - USELESS_AFTER or row.attempts >= MAX_ATTEMPTS
    if late or user.email is None or user.disabled_at is not None:
        row.finished_at, row.outcome = now, "expired"
        return row.id, None
    row.attempts += 1
    row.due_at = now + _RETRY_DELAY
    token = new_link(db, user.id, lasts=LINK_LASTS, by=_WORKER, now=now)
    return row.id, _mail(user, f"{public_url}/loi-moi/{token}")


async def _record(db: AsyncSession, mail_id: int, outcome: str | None, now: datetime) -> None:
    if outcome is not None:
        await db.execute(
            update(ResetMail).where(ResetMail.id == mail_id).values(outcome=outcome, finished_at=now)
        )


def _mail(user: User, link: str) -> AccountMail:
    def write() -> AccountMail:
        speak(known_language(user.language) or "vi")
        paragraphs = (
            _("Chào %(name)s,", name=user.name),
            _("Có người vừa xin đặt lại mật khẩu Lớp Số cho địa chỉ này. Nếu là bạn, xin mở đường dẫn:"),
            link,
            _("Đường dẫn dùng được một lần, trong 1 giờ."),
            _("Nếu không phải bạn, xin bỏ qua thư này. Mật khẩu vẫn như cũ."),
        )
        subject = _("Đặt lại mật khẩu Lớp Số")
        return AccountMail(
            user.name, user.email or "", user.language, subject, "\n\n".join(paragraphs) + "\n"
        )

    return copy_context().run(write)
