"""Send the invites of a failed mail again, to the current address."""

from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from invitations.models import Mail
from invitations.rules.invites import FailedNotice
from invitations.service.invites import sync_invites
from lopso.kernel import audit
from lopso.kernel.access import Actor
from lopso.kernel.errors import NotFound
from lopso.kernel.mail_address import is_address

# Without consent to invitations there is no current address to write to: only appointments that were sent are
# cancelled, at the address they were sent to.
_FAILED_INVITES = text("""
    SELECT i.id, i.session_id, coalesce(t.email, tu.email, l.email, u.email) AS address
    FROM mail_invite mi
    JOIN invite i ON i.id = mi.invite_id
    LEFT JOIN trainer t ON t.id = i.trainer_id
    LEFT JOIN app_user tu ON tu.id = t.user_id AND tu.disabled_at IS NULL
    LEFT JOIN learner l ON l.id = i.learner_id
        AND EXISTS (SELECT FROM consent c WHERE c.learner_id = l.id AND c.purpose = 'invitation'
                    AND c.withdrawn_at IS NULL)
    LEFT JOIN app_user u ON u.id = i.user_id
    WHERE mi.mail_id = :id
    ORDER BY i.session_id
""")


async def resend_mail(db: AsyncSession, ward_id: str, mail_id: int, *, by: Actor, now: datetime) -> int:
    """Plan a new mail about the invites of a failed or expired one; how many invites. Does not commit.

    Who takes part gets the invitation or the change; who does not any more gets a cancellation, if a calendar
    may hold the appointment. Who was never invited and takes part no more, or has no address, gets nothing.

    Raises:
        NotFound: no such mail of this ward, or one that did not fail.
    """
    mail = await db.scalar(select(Mail).where(Mail.id == mail_id, Mail.ward_id == ward_id).with_for_update())
    if mail is None or mail.state not in ("failed", "expired"):
        raise NotFound
    rows = (await db.execute(_FAILED_INVITES, {"id": mail_id})).all()
    audit.note(db, mail, "mail.sent_again", by=by, now=now)
    failed = [FailedNotice(row.id, row.address if is_address(row.address or "") else None) for row in rows]
    return await sync_invites(db, {row.session_id for row in rows}, failed=failed, by=by, now=now)
