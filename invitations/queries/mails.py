"""Lists of mails for pages: of a ward, of a session."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from accounts.models import User
from invitations.models import Invite, Mail, MailInvite
from learners.models import Learner
from lopso.kernel.paging import PAGE_SIZE, Page, offset
from scheduling.models import ClassSession
from trainers.models import Trainer

RECENT = timedelta(days=7)
OVERDUE = timedelta(minutes=15)
"""A mail planned for longer ago waits for the mail server."""


@dataclass(frozen=True, slots=True)
class MailRow:
    """A mail in a list: name of the recipient, number of its sessions, title and time of the first."""

    mail: Mail
    name: str
    sessions: int
    title: str
    starts_at: datetime | None


@dataclass(frozen=True, slots=True)
class MailCount:
    """Number of mails about a session with one purpose and state."""

    purpose: str
    state: str
    number: int


def needs_attention(now: datetime) -> ColumnElement[bool]:
    """Condition: recent mails that failed or may not have arrived, or that wait for the mail server."""
    return and_(
        Mail.due_at >= now - RECENT,
        or_(
            Mail.state == "failed",
            and_(Mail.state == "expired", Mail.purpose != "cancellation"),
            and_(Mail.state == "planned", Mail.due_at < now - OVERDUE),
            and_(Mail.state == "planned", Mail.error_code.is_not(None)),
        ),
    )


async def mail_page(
    db: AsyncSession, ward_id: str, *, now: datetime, only_problems: bool = False, number: int = 1
) -> Page[MailRow]:
    """A ward's mails, newest first; three statements."""
    where = [Mail.ward_id == ward_id]
    if only_problems:
        where.append(needs_attention(now))
    total = await db.scalar(select(func.count()).select_from(Mail).where(*where)) or 0
    rows = (
        await db.execute(
            select(Mail, func.coalesce(Trainer.full_name, Learner.full_name, User.name))
            .outerjoin(Trainer, Trainer.id == Mail.trainer_id)
            .outerjoin(Learner, Learner.id == Mail.learner_id)
            .outerjoin(User, User.id == Mail.user_id)
            .where(*where)
            .order_by(Mail.due_at.desc(), Mail.id.desc())
            .limit(PAGE_SIZE)
            .offset(offset(number))
        )
    ).all()
    sessions = await _sessions_by_mail(db, [mail.id for mail, _name in rows])
    return Page([_row(mail, name, sessions.get(mail.id, ())) for mail, name in rows], number, total)


async def problem_count(db: AsyncSession, ward_id: str, *, now: datetime) -> int:
    """How many mails `mail_page` lists with `only_problems`; one statement."""
    where = (Mail.ward_id == ward_id, needs_attention(now))
    return await db.scalar(select(func.count()).select_from(Mail).where(*where)) or 0


async def session_mail_counts(db: AsyncSession, session_id: int) -> list[MailCount]:
    """Numbers of mails about a session, without withdrawn ones; one statement."""
    rows = await db.execute(
        select(Mail.purpose, Mail.state, func.count())
        .join(MailInvite, MailInvite.mail_id == Mail.id)
        .join(Invite, Invite.id == MailInvite.invite_id)
        .where(Invite.session_id == session_id, Mail.state != "withdrawn")
        .group_by(Mail.purpose, Mail.state)
        .order_by(func.min(Mail.id))
    )
    return [MailCount(*row) for row in rows]


class _MailSession(NamedTuple):
    mail_id: int
    title: str
    starts_at: datetime


async def _sessions_by_mail(db: AsyncSession, mail_ids: Collection[int]) -> dict[int, list[_MailSession]]:
    rows = await db.execute(
        select(MailInvite.mail_id, ClassSession.title, ClassSession.starts_at)
        .join(Invite, Invite.id == MailInvite.invite_id)
        .join(ClassSession, ClassSession.id == Invite.session_id)
        .where(MailInvite.mail_id.in_(mail_ids))
        .order_by(ClassSession.starts_at)
    )
    found: dict[int, list[_MailSession]] = {}
    for row in rows:
        session = _MailSession(*row)
        found.setdefault(session.mail_id, []).append(session)
    return found


def _row(mail: Mail, name: str, sessions: Sequence[_MailSession]) -> MailRow:
    first = sessions[0] if sessions else None
    return MailRow(
        mail, name, len(sessions), first.title if first else "", first.starts_at if first else None
    )
