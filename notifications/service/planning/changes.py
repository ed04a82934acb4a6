"""Texts about a session that moves or is called off."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor
from notifications.models import Message
from notifications.queries.audience import helpers_to_text, learners_to_text
from notifications.rules import drafting, timing
from notifications.rules.drafting import (
    ASKINGS,
    REMINDERS,
    SEATS,
    Draft,
    Purpose,
    Recipient,
    SessionFacts,
    by_phone,
)
from notifications.service.ledger import Changes, Standing, bring_into_line, open_texts
from notifications.service.planning.announcements import announce_anew
from notifications.service.planning.assignments import with_new_role
from notifications.service.planning.desk import Desk, note, open_desk
from scheduling.models import ClassSession

# A text that tells a helper not to come stays as it is, whatever becomes of the session.
_OF_ONE_SESSION: tuple[Purpose, ...] = (
    *REMINDERS,
    "session_moved",
    "session_cancelled",
    "assignment_changed",
    "helper_moved",
    "helper_cancelled",
)
_UNTOLD = ("planned", "claimed", "expired", "withdrawn", "suppressed", "failed")


async def plan_moved(
    db: AsyncSession, session_id: int, *, old_starts_at: datetime, by: Actor, now: datetime
) -> Changes:
    """Reminders take the new time and place; those who believe in the old ones are told."""
    desk = await open_desk(db, [session_id], now)
    if not desk.sessions:
        return Changes()
    [session] = desk.sessions
    learners = await learners_to_text(db, [session_id])
    helpers = await helpers_to_text(db, [session_id])
    told = await _told_phones(db, session)
    standing = await open_texts(db, [session_id], _OF_ONE_SESSION)
    # Who has not yet read of his seat, or that he is asked in, reads it with the new time.
    unread = await announce_anew(db, desk, moved_from=old_starts_at)
    reads_it = {
        (draft.purpose in ASKINGS, draft.phone)
        for draft in unread.wanted
        if draft.window.useless_after <= session.starts_at
    }
    new_roles = {
        trainer_id
        for each in standing
        if each.key[1] == "assignment_changed"
        for _learner_id, trainer_id in each.people
        if trainer_id is not None
    }
    wanted = [
        *desk.reminders(learners),
        *unread.wanted,
        *await with_new_role(db, desk, new_roles),
    ]
    audience: tuple[tuple[Purpose, Sequence[Recipient]], ...] = (
        ("session_moved", learners.get(session_id, ())),
        ("helper_moved", helpers.get(session_id, ())),
    )
    for purpose, people in audience:
        ignorant = [each for each in people if (purpose == "helper_moved", each.phone) not in reads_it]
        wanted += _news_of_move(desk, session, ignorant, purpose, old_starts_at, told, standing)
    changes = await bring_into_line(db, wanted, _in_order(standing, unread.standing), reason="moved", now=now)
    note(db, desk.sessions, changes, by=by, now=now)
    return changes


async def plan_cancelled(
    db: AsyncSession, session_id: int, *, reason: str, by: Actor, now: datetime
) -> Changes:
    """Nothing planned goes any more; everybody with a seat and every helper hears that it is off."""
    desk = await open_desk(db, [session_id], now, cancelled=True)
    if not desk.sessions:
        return Changes()
    [session] = desk.sessions
    audience: tuple[tuple[Purpose, Sequence[Recipient]], ...] = (
        ("session_cancelled", (await learners_to_text(db, [session_id])).get(session_id, ())),
        ("helper_cancelled", (await helpers_to_text(db, [session_id])).get(session_id, ())),
    )
    standing = await open_texts(db, [session_id], _OF_ONE_SESSION)
    unread = await announce_anew(db, desk)
    window = timing.at_once(desk.policies[session.ward_id], session.starts_at, now)
    wanted = [
        drafting.cancelled(session, people, purpose, reason=reason, window=window, wordings=desk.wordings)
        for purpose, recipients in audience
        for people in by_phone(recipients)
        if window is not None
    ]
    changes = await bring_into_line(
        db,
        [*wanted, *unread.wanted],
        _in_order(standing, unread.standing),
        reason="session_cancelled",
        now=now,
    )
    note(db, desk.sessions, changes, by=by, now=now)
    return changes


def _in_order(*texts: Iterable[Standing]) -> list[Standing]:
    return sorted((each for some in texts for each in some), key=lambda each: each.id)


def _news_of_move(
    desk: Desk,
    session: SessionFacts,
    people: Sequence[Recipient],
    purpose: Purpose,
    old_starts_at: datetime,
    told: Collection[str],
    standing: Iterable[Standing],
) -> list[Draft]:
    # A text about an earlier move that nobody has read yet speaks of the time people still believe in.
    believed = {each.key: each.moved_from for each in standing if each.moved_from is not None}
    policy = desk.policies[session.ward_id].of(session.kind)
    drafts: list[Draft] = []
    for group in by_phone(people):
        moved_from = believed.get((session.id, purpose, group[0].phone), old_starts_at)
        # Helpers have the class in their calendar: they hear of every change at once.
        known = bool(told) or purpose == "helper_moved"
        window = timing.moved(policy, moved_from, session.starts_at, told=known, now=desk.now)
        if window is not None:
            drafts.append(
                drafting.moved(
                    session, group, purpose, moved_from=moved_from, window=window, wordings=desk.wordings
                )
            )
    return drafts


async def _told_phones(db: AsyncSession, session: SessionFacts) -> set[str]:
    """Phones that got, or may have got, a text about this session, or about its series."""
    series = select(ClassSession.id).where(ClassSession.series_id == session.series_id)
    found = await db.scalars(
        select(Message.to_phone).where(
            or_(
                Message.session_id == session.id,
                Message.session_id.in_(series) & Message.purpose.in_(SEATS),
            ),
            Message.state.not_in(_UNTOLD),
        )
    )
    return set(found)
