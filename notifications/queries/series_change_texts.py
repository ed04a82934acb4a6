"""Whether anybody was told of a change of a series, by text or by mail."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select, tuple_, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from invitations.models import Invite, Mail, MailInvite
from notifications.models import Message, MessageSession
from notifications.queries.message_conditions import GONE, GONE_AT


@dataclass(frozen=True, slots=True)
class ChangeNews:
    """What tells people of a change.

    Attributes:
        first_gone_at: when the first text or mail went; None: nobody knows yet.
        next_due_at: when the next one goes; None: none is planned.
    """

    first_gone_at: datetime | None
    next_due_at: datetime | None


async def change_news(db: AsyncSession, versions: Mapping[int, int], *, changed_at: datetime) -> ChangeNews:
    """What went, and what is to go, of these sessions since they changed; two statements.

    Args:
        versions: session id → the version that the change gave it.
    """
    if not versions:
        return ChangeNews(None, None)
    texts = await _texts(db, versions, changed_at)
    mails = await _mails(db, versions, changed_at)
    gone = [each.first_gone_at for each in (texts, mails) if each.first_gone_at is not None]
    due = [each.next_due_at for each in (texts, mails) if each.next_due_at is not None]
    return ChangeNews(min(gone, default=None), min(due, default=None))


async def _texts(db: AsyncSession, versions: Mapping[int, int], changed_at: datetime) -> ChangeNews:
    spoken = _spoken(versions)
    row = (
        await db.execute(
            select(
                func.min(GONE_AT).filter(GONE, changed_at <= GONE_AT),
                func.min(Message.due_at).filter(Message.state.in_(("planned", "claimed"))),
            ).join(spoken, spoken.c.message_id == Message.id)
        )
    ).one()
    return ChangeNews(*row)


async def _mails(db: AsyncSession, versions: Mapping[int, int], changed_at: datetime) -> ChangeNews:
    gone_at = func.coalesce(Mail.sent_at, Mail.tried_at, Mail.created_at)
    gone = or_(Mail.state.in_(("sending", "sent")), Mail.uncertain)
    of_change = tuple_(Invite.session_id, MailInvite.session_version).in_(list(versions.items()))
    row = (
        await db.execute(
            select(
                func.min(gone_at).filter(gone, of_change, gone_at >= changed_at),
                func.min(Mail.due_at).filter(Mail.state.in_(("planned", "claimed"))),
            )
            .join(MailInvite, MailInvite.mail_id == Mail.id)
            .join(Invite, Invite.id == MailInvite.invite_id)
            .where(Invite.session_id.in_(versions))
        )
    ).one()
    return ChangeNews(*row)


def _spoken(versions: Mapping[int, int]) -> Any:
    """Messages that speak of these sessions at these versions."""
    pairs = list(versions.items())
    own = select(Message.id.label("message_id")).where(
        tuple_(Message.session_id, Message.session_version).in_(pairs)
    )
    further = select(MessageSession.message_id).where(
        tuple_(MessageSession.session_id, MessageSession.session_version).in_(pairs)
    )
    return union_all(own, further).subquery()
