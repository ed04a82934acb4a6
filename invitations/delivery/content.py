"""The content of a mail, read from the current state of its invites when it is sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from invitations.queries.wanted_invites import wanted_invites
from invitations.rules.invites import InviteeKind, MailPurpose, invitee_of
from scheduling.rules.places import place_name


@dataclass(frozen=True, slots=True)
class Appointment:
    """A session in the calendar of the recipient.

    Attributes:
        stamp: DTSTAMP, when the invite last changed.
        role, answered: a helper's role, and whether they accepted; empty and True for everybody else.
        reason: of the session's cancellation; empty when it takes place.
        address_changed: the appointment stands, but its person reads at another address now.
    """

    invite_id: int
    uid: str
    sequence: int
    stamp: datetime
    session_id: int
    session_version: int
    kind: str
    title: str
    starts_at: datetime
    ends_at: datetime
    place: str
    role: str
    answered: bool
    reason: str
    address_changed: bool = False


@dataclass(frozen=True, slots=True)
class MailContent:
    """What one mail says; appointments by time, `ward_phone` in E.164."""

    purpose: MailPurpose
    kind: InviteeKind
    name: str
    title: str
    language: Literal["vi", "en"]
    address: str
    ward: str
    ward_phone: str | None
    appointments: Sequence[Appointment]

    @property
    def is_cancellation(self) -> bool:
        """Whether the appointments are removed from the calendar."""
        return self.purpose == "cancellation"


_RECIPIENT = text("""
    SELECT m.purpose, m.uncertain, m.to_address, m.trainer_id, m.learner_id, m.user_id,
           w.full_name AS ward, w.phone AS ward_phone,
           coalesce(t.full_name, l.full_name, u.name) AS name, t.sex, coalesce(l.title, '') AS title,
           coalesce(u.language, tu.language, 'vi') AS language,
           m.learner_id IS NULL OR EXISTS (
               SELECT FROM consent c WHERE c.learner_id = m.learner_id AND c.purpose = 'invitation'
               AND c.withdrawn_at IS NULL
           ) AS agreed
    FROM mail m
    JOIN ward w ON w.id = m.ward_id
    LEFT JOIN trainer t ON t.id = m.trainer_id
    LEFT JOIN app_user tu ON tu.id = t.user_id
    LEFT JOIN learner l ON l.id = m.learner_id
    LEFT JOIN app_user u ON u.id = m.user_id
    WHERE m.id = :id
""")

# A mail that may have arrived already is repeated unchanged only; later changes go in another mail. An
# address no longer in use gets a cancellation of the appointment, under the SEQUENCE reserved for it.
_APPOINTMENTS = text("""
    SELECT i.id AS invite_id, i.uid, i.changed_at, i.session_version,
           i.to_address <> m.to_address AS address_changed,
           CASE WHEN i.to_address = m.to_address THEN i.sequence ELSE mi.sequence END AS sequence,
           s.id AS session_id, s.kind, s.title, s.starts_at, s.ends_at, s.cancel_reason, s.place,
           r.name AS room, v.name AS venue, v.address, v.landmark, k.name AS market,
           a.role, a.state AS assignment
    FROM mail m
    JOIN mail_invite mi ON mi.mail_id = m.id
    JOIN invite i ON i.id = mi.invite_id
    JOIN class_session s ON s.id = i.session_id
    LEFT JOIN room r ON r.id = s.room_id
    LEFT JOIN venue v ON v.id = r.venue_id
    LEFT JOIN market k ON k.id = s.market_id
    LEFT JOIN LATERAL (
        SELECT role, state FROM assignment
        WHERE session_id = i.session_id AND trainer_id = i.trainer_id ORDER BY id DESC LIMIT 1
    ) a ON true
    WHERE m.id = :id AND s.ends_at > :now
      AND CASE WHEN i.to_address = m.to_address
          THEN i.state = CASE m.purpose WHEN 'cancellation' THEN 'cancelled' ELSE 'invited' END
              AND (NOT m.uncertain OR mi.sequence = i.sequence)
          ELSE m.purpose = 'cancellation' AND mi.sequence IS NOT NULL
          END
    ORDER BY s.starts_at, s.id
""")


async def read_content(connection: AsyncConnection, mail_id: int, *, now: datetime) -> MailContent | str:
    """What the mail says now, or why it is not sent: "no_consent", "not_needed". Three statements at most."""
    recipient = (await connection.execute(_RECIPIENT, {"id": mail_id})).one()
    is_cancellation = recipient.purpose == "cancellation"
    # After a withdrawn consent only cancellations are sent: calendar programs remove our appointments on
    # nothing else, and a cancellation says nothing new.
    if not recipient.agreed and not is_cancellation:
        return "no_consent"
    rows = (await connection.execute(_APPOINTMENTS, {"id": mail_id, "now": now})).all()
    invitee = invitee_of(recipient.trainer_id, recipient.learner_id, recipient.user_id)
    if not is_cancellation:
        wanted = await wanted_invites(connection, [row.session_id for row in rows], only=invitee)
        rows = [
            row
            for row in rows
            if (found := wanted.get((row.session_id, invitee))) and found.address == recipient.to_address
        ]
    if not rows:
        return "not_needed"
    kind = invitee[0]
    return MailContent(
        recipient.purpose,
        kind,
        recipient.name,
        recipient.title or {"female": "chị", "male": "anh"}.get(recipient.sex or "", ""),
        "en" if recipient.language == "en" else "vi",
        recipient.to_address,
        recipient.ward,
        recipient.ward_phone,
        [_appointment(row, kind) for row in rows],
    )


def _appointment(row: Row[tuple[object, ...]], kind: InviteeKind) -> Appointment:
    place = place_name(words=row.place, room=row.room, venue=row.venue, market=row.market)
    return Appointment(
        row.invite_id,
        row.uid,
        row.sequence,
        row.changed_at,
        row.session_id,
        row.session_version,
        row.kind,
        row.title,
        row.starts_at,
        row.ends_at,
        ", ".join(part for part in (place, row.address, row.landmark) if part),
        row.role if kind == "trainer" and row.role else "",
        kind != "trainer" or row.assignment != "offered",
        row.cancel_reason or "",
        row.address_changed,
    )
