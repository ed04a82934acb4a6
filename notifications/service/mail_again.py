"""A mail that its reader never got, once more: to the address that is known by now."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import audit
from lopso.kernel.access import Actor
from lopso.kernel.errors import NotFound
from notifications.models import Invite, Mail, MailInvite
from notifications.service.invites import follow

_NEVER = 0  # no session has this version: what is planned for it has to be told


async def send_again(db: AsyncSession, ward_id: str, mail_id: int, *, by: Actor, now: datetime) -> int:
    """Invite anew to what a failed or late mail was about; how many sessions. Does not commit.

    Who by now takes part in none of them, or has no address, gets nothing.

    Raises:
        NotFound: no such mail of this ward, or one that did not fail.
    """
    mail = await db.scalar(select(Mail).where(Mail.id == mail_id, Mail.ward_id == ward_id).with_for_update())
    if mail is None or mail.state not in ("failed", "expired"):
        raise NotFound
    rows = await db.execute(
        update(Invite)
        .where(
            Invite.id.in_(select(MailInvite.invite_id).where(MailInvite.mail_id == mail_id)),
            Invite.state == "invited",
        )
        .values(session_version=_NEVER)
        .returning(Invite.session_id)
    )
    audit.record(
        db, by=by, now=now, action="mail.sent_again", ward_id=ward_id, subject="mail", subject_id=mail_id
    )
    return await follow(db, sorted(rows.scalars()), by=by, now=now)
