"""Which invites should exist."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from invitations.rules.invites import Invitee, WantedInvite
from lopso.kernel.access import PERMISSIONS, Permission
from lopso.kernel.mail_address import is_address
from scheduling.models import ASSIGNMENT_ACTIVE

_SEES_CALENDAR = sorted(role for role, may in PERMISSIONS.items() if Permission.SEE_CALENDAR in may)

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
