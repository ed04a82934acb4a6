"""Bring invites up to date after any change of sessions, people or addresses, and plan the mails about them.

All facts are treated alike: the wanted invites are compared with the planned and sent ones. Changes of one
transaction, and later ones before the mail is sent, end in one mail to a person: its content is read when it
is sent.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from sqlalchemy import insert, select, text, union
from sqlalchemy.ext.asyncio import AsyncSession

from invitations.models import CalendarSubscription, Invite
from invitations.queries.planned_invites import InviteSession, lock_future_sessions, lock_planned_invites
from invitations.queries.wanted_invites import wanted_invites
from invitations.rules.invites import (
    FailedNotice,
    InviteChange,
    Invitee,
    InviteeKind,
    plan_change,
    uid,
)
from invitations.service.mails import (
    MailItem,
    MailKey,
    add_to_mails,
    drop_from_unsent_mails,
    invitee_columns,
)
from lopso.kernel import audit
from lopso.kernel.access import Actor
from scheduling.models import (
    ASSIGNMENT_ACTIVE,
    Assignment,
    ClassSession,
    Enrolment,
)
from trainers.models import Trainer


async def sync_invites(
    db: AsyncSession,
    session_ids: Collection[int],
    *,
    failed: Collection[FailedNotice] = (),
    text_changed: Collection[InviteeKind | tuple[int, Invitee]] = (),
    restored: Mapping[int, int] = MappingProxyType({}),
    by: Actor,
    now: datetime,
) -> int:
    """Update the invites into these sessions to who takes part now; how many changed.

    Does not commit. A fixed number of statements for any number of sessions and people.

    Args:
        failed: invites of which a mail failed, to be sent again.
        text_changed: session ids with people, or kinds of people, whose calendars show something else of the
            sessions although the version is the same.
        restored: session id → a former version that is as the current one. Calendars that have it get no
            mail, and leave the mails that were to tell them of the change since.
    """
    sessions = {each.id: each for each in await lock_future_sessions(db, session_ids, now=now)}
    if not sessions:
        return 0
    wanted = await wanted_invites(db, [each.id for each in sessions.values() if not each.cancelled])
    planned = await lock_planned_invites(db, list(sessions))
    failed_by_id = {each.invite_id: each for each in failed}
    changes: list[InviteChange] = []
    for key in sorted(wanted.keys() | planned.keys()):
        known, session, invitee = planned.get(key), sessions[key[0]], key[1]
        found = plan_change(
            wanted.get(key),
            known,
            version=session.version,
            failed=failed_by_id.get(known.id) if known else None,
            text_changed=key in text_changed or (invitee[0] in text_changed and not session.hides_text),
            restored=restored.get(key[0]),
        )
        if found is not None:
            changes.append(found)
    if changes:
        invite_ids = await _save_changes(db, changes, sessions, now)
        if restored:
            await drop_from_unsent_mails(
                db, [each.invite_id for each in changes if each.mail_purpose is None]
            )
        await add_to_mails(db, _mail_items(changes, sessions, invite_ids), now=now)
        _note_change(db, list(sessions.values()), changes, by=by, now=now)
    return len(changes)


def _mail_items(
    changes: Sequence[InviteChange],
    sessions: Mapping[int, InviteSession],
    invite_ids: Mapping[tuple[int, Invitee], int],
) -> dict[MailKey, list[MailItem]]:
    items_by_key: dict[MailKey, list[MailItem]] = {}
    for each in changes:
        session = sessions[each.session_id]
        invite_id = invite_ids[each.session_id, each.invitee]
        if each.old_address_cancellation is not None:
            key = MailKey(
                session.ward_id, each.invitee, each.old_address_cancellation.address, "cancellation"
            )
            item = MailItem(invite_id, session.ends_at, each.old_address_cancellation.sequence)
            items_by_key.setdefault(key, []).append(item)
        if each.mail_purpose is not None:
            key = MailKey(session.ward_id, each.invitee, each.address, each.mail_purpose)
            items_by_key.setdefault(key, []).append(MailItem(invite_id, session.ends_at))
    return items_by_key


async def sync_learner_invites(db: AsyncSession, learner_id: int, *, by: Actor, now: datetime) -> int:
    """As `sync_invites`, for the future sessions in which a learner has a seat."""
    seats = await db.scalars(
        select(Enrolment.session_id)
        .join(ClassSession, ClassSession.id == Enrolment.session_id)
        .where(
            Enrolment.learner_id == learner_id, Enrolment.state == "enrolled", ClassSession.starts_at > now
        )
    )
    return await sync_invites(db, seats.all(), by=by, now=now)


async def sync_helper_invites(db: AsyncSession, trainer_id: int, *, by: Actor, now: datetime) -> int:
    """As `sync_invites`, for the future sessions of a helper."""
    asked = await db.scalars(
        select(Assignment.session_id).where(
            Assignment.trainer_id == trainer_id,
            Assignment.starts_at > now,
            Assignment.state.in_(ASSIGNMENT_ACTIVE),
        )
    )
    return await sync_invites(db, asked.all(), by=by, now=now)


async def sync_account_invites(db: AsyncSession, user_id: int, *, by: Actor, now: datetime) -> int:
    """As `sync_invites`, for the future sessions that a staff member is subscribed to or helps in."""
    subscribed = (
        select(ClassSession.id)
        .join(CalendarSubscription, CalendarSubscription.ward_id == ClassSession.ward_id)
        .where(
            CalendarSubscription.user_id == user_id,
            CalendarSubscription.ended_at.is_(None),
            ClassSession.starts_at > now,
        )
    )
    helping = (
        select(Assignment.session_id)
        .join(Trainer, Trainer.id == Assignment.trainer_id)
        .where(
            Trainer.user_id == user_id,
            Assignment.starts_at > now,
            Assignment.state.in_(ASSIGNMENT_ACTIVE),
        )
    )
    return await sync_invites(db, (await db.scalars(union(subscribed, helping))).all(), by=by, now=now)


_UPDATE = text("""
    UPDATE invite SET state = new.state, sequence = new.sequence, session_version = new.version,
        to_address = new.address, changed_at = :now
    FROM unnest(CAST(:ids AS bigint[]), CAST(:states AS text[]), CAST(:sequences AS bigint[]),
                CAST(:versions AS bigint[]), CAST(:addresses AS text[]))
        AS new (id, state, sequence, version, address)
    WHERE invite.id = new.id
""")


async def _save_changes(
    db: AsyncSession, changes: Sequence[InviteChange], sessions: Mapping[int, InviteSession], now: datetime
) -> dict[tuple[int, Invitee], int]:
    """Insert and update the invites; their ids by session and invitee."""
    changed = [(each.invite_id, each) for each in changes if each.invite_id is not None]
    if changed:
        await db.execute(
            _UPDATE,
            {
                "ids": [invite_id for invite_id, _each in changed],
                "states": [each.state for _id, each in changed],
                "sequences": [each.sequence for _id, each in changed],
                "versions": [each.session_version for _id, each in changed],
                "addresses": [each.address for _id, each in changed],
                "now": now,
            },
        )
    invite_ids = {(each.session_id, each.invitee): invite_id for invite_id, each in changed}
    new = {uid(each.session_id, each.invitee): each for each in changes if each.invite_id is None}
    if new:
        rows = await db.execute(
            insert(Invite).returning(Invite.id, Invite.uid),
            [
                {
                    "ward_id": sessions[each.session_id].ward_id,
                    "session_id": each.session_id,
                    **invitee_columns(each.invitee),
                    "uid": its_uid,
                    "sequence": each.sequence,
                    "state": each.state,
                    "session_version": each.session_version,
                    "to_address": each.address,
                    "changed_at": now,
                }
                for its_uid, each in new.items()
            ],
        )
        for invite_id, its_uid in rows:
            invite_ids[new[its_uid].session_id, new[its_uid].invitee] = invite_id
    return invite_ids


def _note_change(
    db: AsyncSession,
    sessions: Sequence[InviteSession],
    changes: Sequence[InviteChange],
    *,
    by: Actor,
    now: datetime,
) -> None:
    audit.note(
        db,
        audit.Subject("class_session", sessions[0].id if len(sessions) == 1 else "*", sessions[0].ward_id),
        "invitations.planned",
        by=by,
        now=now,
        sessions=[each.id for each in sessions],
        invited=sum(each.state == "invited" for each in changes),
        taken_back=sum(each.state == "cancelled" for each in changes),
    )
