"""Calendars follow the plan: after each fact about a session, whatever a calendar has to hear is in a mail.

All facts are treated alike: what should stand is compared with what was told. Facts of one transaction, and
whatever changes before the mail goes, end in one mail to a person: what a mail says is written when it goes.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import insert, select, text, union
from sqlalchemy.ext.asyncio import AsyncSession

from invitations.models import CalendarSubscription, Invite
from invitations.queries.invitees import (
    InviteSession,
    coming_sessions,
    planned_invites,
    wanted_invites,
)
from invitations.rules.invites import (
    FailedNotice,
    InviteChange,
    Invitee,
    InviteeKind,
    plan_change,
    uid,
)
from invitations.service.mails import (
    Entry,
    Letter,
    invitee_columns,
    put_into_mails,
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


async def follow(
    db: AsyncSession,
    session_ids: Collection[int],
    *,
    failed: Collection[FailedNotice] = (),
    text_changed: Collection[InviteeKind | Invitee] = (),
    by: Actor,
    now: datetime,
) -> int:
    """Bring invitations to these sessions into line with who takes part; how many changed.

    Does not commit. A fixed number of statements for any number of sessions and people.

    Args:
        untold: appointments of which a mail failed, to be told again.
        reworded: people, or kinds of people, whose calendars show something else of the sessions, although
            the version is the same.
    """
    sessions = {each.id: each for each in await coming_sessions(db, session_ids, now=now)}
    if not sessions:
        return 0
    wanted = await wanted_invites(db, [each.id for each in sessions.values() if not each.cancelled])
    planned = await planned_invites(db, list(sessions))
    failed_by_id = {each.invite_id: each for each in failed}
    changes: list[InviteChange] = []
    for key in sorted(wanted.keys() | planned.keys()):
        known, session, invitee = planned.get(key), sessions[key[0]], key[1]
        found = plan_change(
            wanted.get(key),
            known,
            version=session.version,
            failed=failed_by_id.get(known.id) if known else None,
            text_changed=invitee in text_changed or (invitee[0] in text_changed and not session.hides_text),
        )
        if found is not None:
            changes.append(found)
    if changes:
        numbers = await _store(db, changes, sessions, now)
        await put_into_mails(db, _letters(changes, sessions, numbers), now=now)
        _note(db, list(sessions.values()), changes, by=by, now=now)
    return len(changes)


def _letters(
    changes: Sequence[InviteChange],
    sessions: Mapping[int, InviteSession],
    numbers: Mapping[tuple[int, Invitee], int],
) -> dict[Letter, list[Entry]]:
    letters: dict[Letter, list[Entry]] = {}
    for each in changes:
        session = sessions[each.session_id]
        invite_id = numbers[each.session_id, each.invitee]
        if each.old_address_cancellation is not None:
            letter = Letter(
                session.ward_id, each.invitee, each.old_address_cancellation.address, "cancellation"
            )
            entry = Entry(invite_id, session.ends_at, each.old_address_cancellation.sequence)
            letters.setdefault(letter, []).append(entry)
        if each.mail_purpose is not None:
            letter = Letter(session.ward_id, each.invitee, each.address, each.mail_purpose)
            letters.setdefault(letter, []).append(Entry(invite_id, session.ends_at))
    return letters


async def follow_learner(db: AsyncSession, learner_id: int, *, by: Actor, now: datetime) -> int:
    """As `follow`, for the coming sessions in which a learner has a seat."""
    seats = await db.scalars(
        select(Enrolment.session_id)
        .join(ClassSession, ClassSession.id == Enrolment.session_id)
        .where(
            Enrolment.learner_id == learner_id, Enrolment.state == "enrolled", ClassSession.starts_at > now
        )
    )
    return await follow(db, seats.all(), by=by, now=now)


async def follow_helper(db: AsyncSession, trainer_id: int, *, by: Actor, now: datetime) -> int:
    """As `follow`, for the coming sessions of a helper."""
    asked = await db.scalars(
        select(Assignment.session_id).where(
            Assignment.trainer_id == trainer_id,
            Assignment.starts_at > now,
            Assignment.state.in_(ASSIGNMENT_ACTIVE),
        )
    )
    return await follow(db, asked.all(), by=by, now=now)


async def follow_account(db: AsyncSession, user_id: int, *, by: Actor, now: datetime) -> int:
    """As `follow`, for what somebody of the staff wants in their calendar, and what they help in."""
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
    return await follow(db, (await db.scalars(union(subscribed, helping))).all(), by=by, now=now)


_CHANGE = text("""
    UPDATE invite SET state = new.state, sequence = new.sequence, session_version = new.version,
        to_address = new.address, changed_at = :now
    FROM unnest(CAST(:ids AS bigint[]), CAST(:states AS text[]), CAST(:sequences AS bigint[]),
                CAST(:versions AS bigint[]), CAST(:addresses AS text[]))
        AS new (id, state, sequence, version, address)
    WHERE invite.id = new.id
""")


async def _store(
    db: AsyncSession, changes: Sequence[InviteChange], sessions: Mapping[int, InviteSession], now: datetime
) -> dict[tuple[int, Invitee], int]:
    """Write the appointments; their ids."""
    changed = [(each.invite_id, each) for each in changes if each.invite_id is not None]
    if changed:
        await db.execute(
            _CHANGE,
            {
                "ids": [invite_id for invite_id, _each in changed],
                "states": [each.state for _id, each in changed],
                "sequences": [each.sequence for _id, each in changed],
                "versions": [each.session_version for _id, each in changed],
                "addresses": [each.address for _id, each in changed],
                "now": now,
            },
        )
    numbers = {(each.session_id, each.invitee): invite_id for invite_id, each in changed}
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
            numbers[new[its_uid].session_id, new[its_uid].invitee] = invite_id
    return numbers


def _note(
    db: AsyncSession,
    sessions: Sequence[InviteSession],
    changes: Sequence[InviteChange],
    *,
    by: Actor,
    now: datetime,
) -> None:
    audit.record(
        db,
        by=by,
        now=now,
        action="invitations.planned",
        ward_id=sessions[0].ward_id,
        subject="class_session",
        subject_id=sessions[0].id if len(sessions) == 1 else "*",
        facts={
            "sessions": [each.id for each in sessions],
            "invited": sum(each.state == "invited" for each in changes),
            "taken_back": sum(each.state == "cancelled" for each in changes),
        },
    )
