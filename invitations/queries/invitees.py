"""Which invites should exist, and which are planned and sent so far."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from invitations.models import CalendarSubscription
from invitations.rules.invites import (
    Invitee,
    InviteeKind,
    PlannedInvite,
    SentInvite,
    WantedInvite,
)
from lopso.kernel.access import PERMISSIONS, Permission
from lopso.kernel.mail_address import is_address
from scheduling.models import ASSIGNMENT_ACTIVE, ClassSession

INVITEE_KINDS: tuple[InviteeKind, ...] = ("trainer", "learner", "user")

_SEES_CALENDAR = sorted(role for role, may in PERMISSIONS.items() if Permission.SEE_CALENDAR in may)


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


async def coming_sessions(
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


# A helper who is a subscribed staff member as well has one appointment, as a helper.
_INVITEES = """
    SELECT a.session_id, 'trainer' AS kind, t.id AS invitee_id, coalesce(t.email, u.email) AS address
    FROM assignment a
    JOIN trainer t ON t.id = a.trainer_id
    LEFT JOIN app_user u ON u.id = t.user_id AND u.disabled_at IS NULL
    WHERE a.session_id = ANY(:ids) AND a.state = ANY(:active) AND t.left_at IS NULL
      AND coalesce(t.email, u.email) IS NOT NULL
    UNION
    SELECT e.session_id, 'learner', l.id, l.email
    FROM enrolment e
    JOIN learner l ON l.id = e.learner_id
    WHERE e.session_id = ANY(:ids) AND e.state = 'enrolled' AND l.email IS NOT NULL AND l.archived_at IS NULL
      AND EXISTS (SELECT FROM consent c WHERE c.learner_id = l.id AND c.purpose = 'invitation'
                  AND c.withdrawn_at IS NULL)
    UNION
    SELECT s.id, 'user', u.id, u.email
    FROM class_session s
    JOIN calendar_wish w ON w.ward_id = s.ward_id AND w.ended_at IS NULL
    JOIN app_user u ON u.id = w.user_id
    WHERE s.id = ANY(:ids) AND u.email IS NOT NULL AND u.disabled_at IS NULL
      AND EXISTS (SELECT FROM role_grant g WHERE g.user_id = u.id AND g.revoked_at IS NULL
                  AND g.role = ANY(:roles) AND (g.ward_id IS NULL OR g.ward_id = s.ward_id))
      AND NOT EXISTS (SELECT FROM assignment a JOIN trainer t ON t.id = a.trainer_id
                      WHERE a.session_id = s.id AND t.user_id = u.id AND a.state = ANY(:active))
"""
_ALL = text(f"{_INVITEES} ORDER BY 1, 2, 3")
_ONE = text(f"SELECT * FROM ({_INVITEES}) each WHERE kind = :kind AND invitee_id = :invitee_id")  # noqa: S608  (constants)


async def wanted_invites(
    db: AsyncSession | AsyncConnection, session_ids: Sequence[int], *, only: Invitee | None = None
) -> dict[tuple[int, Invitee], WantedInvite]:
    """Invites by session and invitee; one statement.

    For helpers asked or agreed, learners with a seat and consent, and subscribed staff, each with a valid
    address.

    Args:
        only: no other invitee's.
    """
    if not session_ids:
        return {}
    values: dict[str, Any] = {
        "ids": list(session_ids),
        "active": list(ASSIGNMENT_ACTIVE),
        "roles": _SEES_CALENDAR,
    }
    if only is None:
        rows = await db.execute(_ALL, values)
    else:
        rows = await db.execute(_ONE, values | {"kind": only[0], "invitee_id": only[1]})
    found: dict[tuple[int, Invitee], WantedInvite] = {}
    for session_id, kind, invitee_id, address in rows:
        if is_address(address):
            invitee: Invitee = (kind, invitee_id)
            found[session_id, invitee] = WantedInvite(session_id, invitee, address)
    return found


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


async def planned_invites(
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


def invitee_of(trainer_id: int | None, learner_id: int | None, user_id: int | None) -> Invitee:
    """The invitee in the three columns of a row, of which exactly one is set."""
    for kind, invitee_id in zip(INVITEE_KINDS, (trainer_id, learner_id, user_id), strict=True):
        if invitee_id is not None:
            return (kind, invitee_id)
    raise ValueError("a row without an invitee")


async def has_subscription(db: AsyncSession, ward_id: str, user_id: int) -> bool:
    """Whether this staff member is subscribed to the ward's sessions; one statement."""
    found = await db.scalar(
        select(CalendarSubscription.id).where(
            CalendarSubscription.user_id == user_id,
            CalendarSubscription.ward_id == ward_id,
            CalendarSubscription.ended_at.is_(None),
        )
    )
    return found is not None
