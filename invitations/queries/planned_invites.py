"""Invites as planned and sent so far, and the sessions they are for; rows are locked."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from invitations.rules.invites import Invitee, PlannedInvite, SentInvite, invitee_of
from scheduling.models import ClassSession


@dataclass(frozen=True, slots=True)
class InviteSession:
    """A published future session, as far as planning of invites needs it.

    `hides_text`: calendars show neither its title nor its place.
    """

    id: int
    ward_id: str
    version: int
    ends_at: datetime
    cancelled: bool
    hides_text: bool


async def lock_future_sessions(
    db: AsyncSession, session_ids: Collection[int], *, now: datetime
) -> list[InviteSession]:
    """Those of the sessions that are published and have not begun; rows locked in id order."""
    rows = await db.execute(
        select(
            ClassSession.id,
            ClassSession.ward_id,
            ClassSession.version,
            ClassSession.ends_at,
            ClassSession.cancelled_at,
            ClassSession.kind,
        )
        .where(
            ClassSession.id.in_(session_ids),
            ClassSession.published_at.is_not(None),
            ClassSession.starts_at > now,
        )
        .order_by(ClassSession.id)
        .with_for_update(key_share=True)
    )
    return [
        InviteSession(
            row.id,
            row.ward_id,
            row.version,
            row.ends_at,
            row.cancelled_at is not None,
            row.kind == "home_visit",
        )
        for row in rows
    ]


_LOCK = text("SELECT id FROM invite WHERE session_id = ANY(:ids) ORDER BY id FOR UPDATE")

# A mail that is being sent, or whose outcome is unknown, may have been read.
_PLANNED = text("""
    SELECT i.id, i.session_id, i.trainer_id, i.learner_id, i.user_id, i.sequence, i.state, i.session_version,
           i.to_address, sent.purpose, sent.sequence AS sent_sequence, sent.session_version AS sent_version,
           sent.to_address AS sent_address, sent.state = 'sent' AS certain,
           EXISTS (SELECT FROM mail_invite mi JOIN mail m ON m.id = mi.mail_id
                   WHERE mi.invite_id = i.id AND m.purpose = 'cancellation' AND m.to_address = i.to_address
                     AND m.state IN ('planned', 'claimed', 'sending')) AS cancellation_planned
    FROM invite i
    LEFT JOIN LATERAL (
        SELECT m.purpose, mi.sequence, mi.session_version, m.to_address, m.state
        FROM mail_invite mi JOIN mail m ON m.id = mi.mail_id
        WHERE mi.invite_id = i.id AND mi.sequence IS NOT NULL
          AND (m.state IN ('sending', 'sent') OR m.uncertain)
        ORDER BY mi.sequence DESC, m.id DESC LIMIT 1
    ) sent ON true
    WHERE i.session_id = ANY(:ids)
    ORDER BY i.id
""")


async def lock_planned_invites(
    db: AsyncSession, session_ids: Sequence[int]
) -> dict[tuple[int, Invitee], PlannedInvite]:
    """The invites of these sessions; two statements. Locked: no mail about them is sent until the commit."""
    if not (await db.execute(_LOCK, {"ids": list(session_ids)})).all():
        return {}
    found: dict[tuple[int, Invitee], PlannedInvite] = {}
    for row in await db.execute(_PLANNED, {"ids": list(session_ids)}):
        invitee = invitee_of(row.trainer_id, row.learner_id, row.user_id)
        sent = (
            SentInvite(row.purpose, row.sent_sequence, row.sent_version, row.sent_address, row.certain)
            if row.purpose
            else None
        )
        found[row.session_id, invitee] = PlannedInvite(
            row.id,
            row.session_id,
            invitee,
            row.sequence,
            row.state,
            row.session_version,
            row.to_address,
            row.cancellation_planned,
            sent,
        )
    return found
