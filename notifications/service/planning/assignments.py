"""Texts to helpers about what they are asked to do."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor
from notifications.models import Message, MessageRecipient
from notifications.queries.recipients import helpers_to_text, roles_of
from notifications.queries.sessions import sessions_by_id
from notifications.queries.texts import speaking_of
from notifications.rules import drafting, timing
from notifications.rules.drafts import Draft
from notifications.rules.facts import OFFERS, Purpose, Recipient
from notifications.rules.states import BY_STAFF, PENDING_STATES
from notifications.rules.timing import Window
from notifications.service.ledger import LedgerChanges, OpenMessage, open_messages, reconcile
from notifications.service.planning.announcements import (
    RecipientsBySession,
    announce,
    immediate_groups,
    refresh_announcements,
)
from notifications.service.planning.context import (
    PlanningContext,
    load_planning_context,
    note_changes,
    withdraw_without_recipients,
)
from notifications.service.planning.move_notices import move_notices
from scheduling.models import Assignment


async def plan_offers(
    db: AsyncSession,
    offers: Mapping[int, Collection[int]],
    *,
    instead: Collection[int],
    by: Actor,
    now: datetime,
) -> LedgerChanges:
    """Helpers asked by one act are told so: one text for each phone and series, however often they are asked.

    Args:
        askings: session id → trainers asked into it.
        instead: sessions in which they stand in for somebody who dropped out.
    """
    context = await load_planning_context(db, offers, now)
    if not context.sessions:
        return LedgerChanges()
    offered = {
        session_id: [each for each in people if each.trainer_id in offers[session_id]]
        for session_id, people in (await helpers_to_text(db, offers, states=("offered",))).items()
    }
    cover = {session_id: people for session_id, people in offered.items() if session_id in instead}
    usual = {session_id: people for session_id, people in offered.items() if session_id not in instead}
    # "You need not come" makes no sense to somebody who is asked again.
    removal_notices = await open_messages(db, offers, ("assignment_withdrawn",))
    still = await rebuild_removal_notices(db, context, removal_notices)
    changes = await reconcile(db, still, removal_notices, reason="plan_changed", now=now)
    texts_of: tuple[tuple[Purpose, RecipientsBySession], ...] = (
        ("cover_wanted", cover),
        ("assignment_offered", usual),
    )
    for purpose, people in texts_of:
        if any(people.values()):
            texts = await announce(db, context, purpose, people)
            changes += await reconcile(
                db, texts.wanted, texts.current, reason="plan_changed", now=now, again=True
            )
    note_changes(db, context.sessions, changes, by=by, now=now)
    return changes


async def plan_assignments(
    db: AsyncSession,
    session_id: int,
    *,
    accepted: Collection[int],
    ended: Collection[int],
    role_changed: Collection[int],
    taken_back: Collection[int] = (),
    by: Actor,
    now: datetime,
) -> LedgerChanges:
    """Who has answered is asked no more; who has another role is told.

    Args:
        accepted: trainers who said yes; their text that asks need not go any more.
        ended: trainers who declined.
        role_changed: trainers who stay, in another role.
        taken_back: trainers whose answer was undone; it may have withdrawn the text that asks them.
    """
    context = await load_planning_context(db, [session_id], now)
    if not context.sessions or not (accepted or ended or role_changed or taken_back):
        return LedgerChanges()
    offers = await refresh_announcements(db, context, OFFERS)
    changes = await reconcile(db, offers.wanted, offers.current, reason="answered", now=now)
    changes += await _offer_again(db, context, session_id, taken_back)
    changes += await _drop_notices(db, context, {session_id: ended})
    changed = {(None, trainer_id) for trainer_id in role_changed}
    news = await open_messages(db, [session_id], ("assignment_changed",))
    earlier = [each for each in news if each.people & changed]
    # Nobody hears of it who still has to read that he is asked in: the asking names no role. Nor who has not
    # read of the change before: he is back in the role that he believes he has.
    unread = {person for text in earlier for person in text.people}
    unread |= {person for person, _session_id in offers.unread}
    told = [trainer_id for trainer_id in role_changed if (None, trainer_id) not in unread]
    wanted = await role_change_notices(db, context, {session_id: told})
    changes += await reconcile(db, wanted, earlier, reason="plan_changed", now=now, again=True)
    note_changes(db, context.sessions, changes, by=by, now=now)
    return changes


async def _offer_again(
    db: AsyncSession, context: PlanningContext, session_id: int, trainer_ids: Collection[int]
) -> LedgerChanges:
    """Ask those whom no text that waits or went asks into this session."""
    if not trainer_ids:
        return LedgerChanges()
    offered = await _already_offered(db, session_id, trainer_ids)
    people = [
        each
        for each in (await helpers_to_text(db, [session_id], states=("offered",))).get(session_id, ())
        if each.trainer_id in trainer_ids and (each.trainer_id, each.phone) not in offered
    ]
    texts = await announce(db, context, "assignment_offered", {session_id: people})
    return await reconcile(
        db, texts.wanted, texts.current, reason="plan_changed", now=context.now, again=True
    )


async def _already_offered(
    db: AsyncSession, session_id: int, trainer_ids: Collection[int]
) -> set[tuple[int | None, str]]:
    """Trainers, and their number, whom a text asks into this session, or whom staff wanted none to ask."""
    by_staff = (Message.state_reason == BY_STAFF) & Message.resolved_at.is_(None)
    ended = func.coalesce(Message.sent_at, Message.tried_at, Message.finished_at, Message.created_at)
    rows = await db.execute(
        select(MessageRecipient.trainer_id, Message.to_phone)
        .join(Message, Message.id == MessageRecipient.message_id)
        .join(Assignment, Assignment.trainer_id == MessageRecipient.trainer_id)
        .where(
            Assignment.session_id == session_id,
            Assignment.state == "offered",
            Assignment.trainer_id.in_(trainer_ids),
            Message.purpose.in_(OFFERS),
            speaking_of([session_id]),
            or_(
                Message.state.not_in(("withdrawn", "suppressed")),
                (Message.state == "withdrawn") & by_staff,
            ),
            # What went before they were taken off, and asked again since, is of no account.
            or_(Message.state.in_(PENDING_STATES), ended >= Assignment.offered_at),
        )
    )
    return {(trainer_id, phone) for trainer_id, phone in rows}


async def plan_removals(
    db: AsyncSession, removals: Mapping[int, Collection[int]], *, by: Actor, now: datetime
) -> LedgerChanges:
    """Helpers taken off by one act are told that they need not come: one text for each phone and series.

    Args:
        takings: session id → trainers taken off it.
    """
    context = await load_planning_context(db, removals, now)
    if not context.sessions:
        return LedgerChanges()
    ids = [each.id for each in context.sessions]
    offers = await refresh_announcements(db, context, OFFERS)
    changes = await reconcile(db, offers.wanted, offers.current, reason="answered", now=now)
    changes += await _drop_notices(db, context, {session_id: removals[session_id] for session_id in ids})
    # Who has not read that he was asked need not read that he is not.
    told = {
        session_id: [
            each
            for each in people
            if each.trainer_id in removals[session_id]
            and ((None, each.trainer_id), session_id) not in offers.unread
        ]
        for session_id, people in (await helpers_to_text(db, ids, states=("withdrawn", "replaced"))).items()
    }
    wanted = [
        drafting.removal_notice(group.sessions, tuple(group.people), window=window, wordings=context.wordings)
        for group, window in immediate_groups(context, told)
    ]
    ours = {draft.key for draft in wanted}
    earlier = [each for each in await open_messages(db, ids, ("assignment_withdrawn",)) if each.key in ours]
    changes += await reconcile(db, wanted, earlier, reason="plan_changed", now=now, again=True)
    note_changes(db, context.sessions, changes, by=by, now=now)
    return changes


async def rebuild_removal_notices(
    db: AsyncSession, context: PlanningContext, current: Sequence[OpenMessage]
) -> list[Draft]:
    """The open texts that tell helpers not to come, without the sessions into which they are asked again."""
    ids = {
        session_id
        for text in current
        for session_id in (int(text.key[0]), *(s.session_id for s in text.other_sessions))
    }
    if not ids:
        return []
    sessions = await sessions_by_id(db, ids, after=context.now)
    gone = await helpers_to_text(db, ids, states=("withdrawn", "replaced"))
    there = {
        (session_id, each.trainer_id)
        for session_id, people in (await helpers_to_text(db, ids)).items()
        for each in people
    }
    wanted: list[Draft] = []
    for text in current:
        covered = {int(text.key[0]), *(each.session_id for each in text.other_sessions)}
        left: dict[int, list[Recipient]] = {
            each.id: [
                one
                for one in gone.get(each.id, ())
                if (None, one.trainer_id) in text.people and (each.id, one.trainer_id) not in there
            ]
            for each in sessions
            if each.id in covered and each.starts_at > text.due_at
        }
        off = [each for each in sessions if left.get(each.id)]
        people = dict.fromkeys(one for each in off for one in left[each.id])
        if people:
            window = Window(text.due_at, off[0].starts_at)
            wanted.append(
                drafting.removal_notice(off, tuple(people), window=window, wordings=context.wordings)
            )
    return wanted


async def _drop_notices(
    db: AsyncSession, context: PlanningContext, ended: Mapping[int, Collection[int]]
) -> LedgerChanges:
    """Who is no longer in a session needs no news of it."""
    news = await open_messages(db, ended, ("assignment_changed", "helper_moved"))
    changes = LedgerChanges()
    for session_id, trainers in ended.items():
        alone = [each for each in news if each.key[0] == session_id and not each.other_sessions]
        changes += await withdraw_without_recipients(
            db, alone, {(None, trainer_id) for trainer_id in trainers}, context.now
        )
    of_several = [each for each in news if each.other_sessions]
    wanted = await move_notices(db, context, of_several)
    return changes + await reconcile(db, wanted, of_several, reason="left", now=context.now)


async def role_change_notices(
    db: AsyncSession, context: PlanningContext, trainers: Mapping[int, Collection[int]]
) -> list[Draft]:
    """The texts that tell which role helpers have; session id → trainers to be told. Two statements."""
    if not any(trainers.values()):
        return []
    ids = [session_id for session_id, some in trainers.items() if some]
    roles = await roles_of(db, ids)
    people = await helpers_to_text(db, ids)
    windows = {
        each.id: timing.at_once(context.policies[each.ward_id], each.starts_at, context.now)
        for each in context.sessions
    }
    return [
        drafting.role_change_notice(
            session, [each], roles[session.id, each.trainer_id], window=window, wordings=context.wordings
        )
        for session in context.sessions
        for each in people.get(session.id, ())
        if each.trainer_id in trainers.get(session.id, ())
        and (session.id, each.trainer_id) in roles
        and (window := windows[session.id]) is not None
    ]
