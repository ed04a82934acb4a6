"""Whose calendars should hold which sessions, and what stands of it so far."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from invitations.models import CalendarSubscription
from invitations.rules.invites import (
    Invitee,
    Kind,
    Person,
    Standing,
    Told,
)
from lopso.kernel.access import PERMISSIONS, Permission
from lopso.kernel.mail_address import is_address
from scheduling.models import ASSIGNMENT_ACTIVE, ClassSession

KINDS: tuple[Kind, ...] = ("trainer", "learner", "user")

_SEES_CALENDAR = sorted(role for role, may in PERMISSIONS.items() if Permission.SEE_CALENDAR in may)


@dataclass(frozen=True, slots=True)
class InviteSession:
    """A published session that is still to come, as far as plans for mail need it.

    `hides_words`: calendars show neither its title nor its place.
    """

    id: int
    ward_id: str
    version: int
    ends_at: datetime
    cancelled: bool
    hides_words: bool


async def coming_sessions(
    db: AsyncSession, session_ids: Collection[int], *, now: datetime
) -> list[InviteSession]:
    """Those of the sessions that are public and have not begun; rows locked in id order."""
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


# A helper who is staff as well has one appointment, as a helper.
_INVITEES = """
    SELECT a.session_id, 'trainer' AS kind, t.id AS person_id, coalesce(t.email, u.email) AS address
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
_ONE = text(f"SELECT * FROM ({_INVITEES}) each WHERE kind = :kind AND person_id = :person_id")  # noqa: S608  (constants)


async def invitees(
    db: AsyncSession | AsyncConnection, session_ids: Sequence[int], *, only: Person | None = None
) -> dict[tuple[int, Person], Invitee]:
    """Helpers asked or agreed, learners with a seat who want it, staff who want it; one statement.

    Args:
        only: nobody but this person.
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
        rows = await db.execute(_ONE, values | {"kind": only[0], "person_id": only[1]})
    found: dict[tuple[int, Person], Invitee] = {}
    for session_id, kind, person_id, address in rows:
        if is_address(address):
            person: Person = (kind, person_id)
            found[session_id, person] = Invitee(session_id, person, address)
    return found


_LOCK = text("SELECT id FROM invite WHERE session_id = ANY(:ids) ORDER BY id FOR UPDATE")

# A mail on its way, or one whose answer was lost, may have been read.
_STANDING = text("""
    SELECT i.id, i.session_id, i.trainer_id, i.learner_id, i.user_id, i.sequence, i.state, i.session_version,
           i.to_address, told.purpose, told.sequence AS told_sequence, told.session_version AS told_version,
           told.to_address AS told_address, told.state = 'sent' AS certain,
           EXISTS (SELECT FROM mail_invite mi JOIN mail m ON m.id = mi.mail_id
                   WHERE mi.invite_id = i.id AND m.purpose = 'cancellation' AND m.to_address = i.to_address
                     AND m.state IN ('planned', 'claimed', 'sending')) AS end_planned
    FROM invite i
    LEFT JOIN LATERAL (
        SELECT m.purpose, mi.sequence, mi.session_version, m.to_address, m.state
        FROM mail_invite mi JOIN mail m ON m.id = mi.mail_id
        WHERE mi.invite_id = i.id AND mi.sequence IS NOT NULL
          AND (m.state IN ('sending', 'sent') OR m.uncertain)
        ORDER BY mi.sequence DESC, m.id DESC LIMIT 1
    ) told ON true
    WHERE i.session_id = ANY(:ids)
    ORDER BY i.id
""")


async def standing_invites(
    db: AsyncSession, session_ids: Sequence[int]
) -> dict[tuple[int, Person], Standing]:
    """The sessions' appointments; two statements. Locked: no mail about them goes while this lasts."""
    if not (await db.execute(_LOCK, {"ids": list(session_ids)})).all():
        return {}
    found: dict[tuple[int, Person], Standing] = {}
    for row in await db.execute(_STANDING, {"ids": list(session_ids)}):
        person = person_in(row.trainer_id, row.learner_id, row.user_id)
        told = (
            Told(row.purpose, row.told_sequence, row.told_version, row.told_address, row.certain)
            if row.purpose
            else None
        )
        found[row.session_id, person] = Standing(
            row.id,
            row.session_id,
            person,
            row.sequence,
            row.state,
            row.session_version,
            row.to_address,
            row.end_planned,
            told,
        )
    return found


def person_in(trainer_id: int | None, learner_id: int | None, user_id: int | None) -> Person:
    """The one person of a row that names exactly one."""
    for kind, person_id in zip(KINDS, (trainer_id, learner_id, user_id), strict=True):
        if person_id is not None:
            return (kind, person_id)
    raise ValueError("a row without a person")


async def has_subscription(db: AsyncSession, ward_id: str, user_id: int) -> bool:
    """Whether this person wants the ward's sessions in their own calendar; one statement."""
    found = await db.scalar(
        select(CalendarSubscription.id).where(
            CalendarSubscription.user_id == user_id,
            CalendarSubscription.ward_id == ward_id,
            CalendarSubscription.ended_at.is_(None),
        )
    )
    return found is not None
