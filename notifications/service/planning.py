"""What the calendar's facts mean for texts. Everything happens in the transaction of the fact itself.

Each function runs a fixed number of statements, whatever the number of sessions and people.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import audit
from lopso.kernel.access import Actor
from notifications.models import Message
from notifications.queries.audience import (
    current_wordings,
    helpers_to_text,
    learners_to_text,
    policies_for,
    sessions_for_texts,
)
from notifications.rules import drafting, timing
from notifications.rules.drafting import REMINDERS, Draft, Purpose, Recipient, SessionFacts, Wording, by_phone
from notifications.rules.timing import Policy
from notifications.service.ledger import Changes, Standing, bring_into_line, open_texts, withdraw

ALL: tuple[Purpose, ...] = (
    *REMINDERS,
    "session_moved",
    "session_cancelled",
    "assignment_offered",
    "helper_moved",
    "helper_cancelled",
)
FOLLOWED: tuple[Purpose, ...] = (*REMINDERS, "assignment_offered")
"""Texts that say how things stand, and so can be planned anew at any time; the others tell news."""

_UNTOLD = ("planned", "claimed", "expired", "withdrawn", "suppressed", "failed")


@dataclass(frozen=True, slots=True)
class _Desk:
    """What every plan needs at hand: sessions (rows locked), their wards' policies, the wordings."""

    sessions: Sequence[SessionFacts]
    policies: Mapping[str, Policy]
    wordings: Mapping[str, Wording]
    now: datetime

    def reminders(self, learners: Mapping[int, Sequence[Recipient]]) -> list[Draft]:
        """The reminders still to come, of every session."""
        return [
            draft
            for session in self.sessions
            for draft in drafting.reminders(
                session,
                learners.get(session.id, ()),
                policy=self.policies[session.ward_id],
                wordings=self.wordings,
                now=self.now,
            )
        ]

    def offers(self, helpers: Mapping[int, Sequence[Recipient]]) -> list[Draft]:
        """The texts that ask helpers into their sessions."""
        drafts: list[Draft] = []
        for session in self.sessions:
            window = timing.at_once(self.policies[session.ward_id], session.starts_at, self.now)
            if window is not None:
                drafts += [
                    drafting.offered(session, people, window=window, wordings=self.wordings)
                    for people in by_phone(helpers.get(session.id, ()))
                ]
        return drafts


async def plan_published(
    db: AsyncSession, session_ids: Collection[int], *, by: Actor, now: datetime
) -> Changes:
    """Reminders for everybody with a seat, and the asking of helpers who were asked while it was a draft."""
    desk = await _desk(db, session_ids, now)
    if not desk.sessions:
        return Changes()
    wanted = desk.reminders(await learners_to_text(db, session_ids))
    wanted += desk.offers(await helpers_to_text(db, session_ids, states=("offered",)))
    standing = await open_texts(db, session_ids, (*REMINDERS, "assignment_offered"))
    changes = await bring_into_line(db, wanted, standing, reason="plan_changed", now=now)
    _note(db, desk.sessions, changes, by=by, now=now)
    return changes


async def replan_reminders(
    db: AsyncSession,
    session_ids: Collection[int],
    *,
    left: Collection[int] = (),
    by: Actor,
    now: datetime,
) -> Changes:
    """Reminders follow who has a seat, and the policy, as they are now.

    Args:
        left: learners who gave up their seat: news about the session no longer goes to them.
    """
    desk = await _desk(db, session_ids, now)
    if not desk.sessions:
        return Changes()
    wanted = desk.reminders(await learners_to_text(db, session_ids))
    standing = await open_texts(db, session_ids, (*REMINDERS, "session_moved"))
    changes = await bring_into_line(
        db,
        wanted,
        [each for each in standing if each.key[1] in REMINDERS],
        reason="left" if left else "plan_changed",
        now=now,
    )
    changes += await _without(db, standing, {(learner_id, None) for learner_id in left}, now)
    _note(db, desk.sessions, changes, by=by, now=now)
    return changes


async def plan_moved(
    db: AsyncSession, session_id: int, *, old_starts_at: datetime, by: Actor, now: datetime
) -> Changes:
    """Reminders take the new time and place; those who believe in the old ones are told."""
    desk = await _desk(db, [session_id], now)
    if not desk.sessions:
        return Changes()
    [session] = desk.sessions
    learners = await learners_to_text(db, [session_id])
    helpers = await helpers_to_text(db, [session_id])
    asked = await helpers_to_text(db, [session_id], states=("offered",))
    told = await _told_phones(db, session_id)
    standing = await open_texts(db, [session_id], ALL)
    wanted = desk.reminders(learners)
    # Who has not yet read that he is asked in, reads it with the new time; nobody else is asked again.
    unread = {each.key for each in standing}
    wanted += [draft for draft in desk.offers(asked) if draft.key in unread]
    told_of_it = {draft.phone for draft in wanted if draft.purpose == "assignment_offered"}
    wanted += _news_of_move(
        desk, session, learners.get(session_id, ()), "session_moved", old_starts_at, told, standing
    )
    wanted += _news_of_move(
        desk,
        session,
        [each for each in helpers.get(session_id, ()) if each.phone not in told_of_it],
        "helper_moved",
        old_starts_at,
        told,
        standing,
    )
    changes = await bring_into_line(db, wanted, standing, reason="moved", now=now)
    _note(db, desk.sessions, changes, by=by, now=now)
    return changes


async def plan_cancelled(
    db: AsyncSession, session_id: int, *, reason: str, by: Actor, now: datetime
) -> Changes:
    """Nothing planned goes any more; everybody with a seat and every helper hears that it is off."""
    desk = await _desk(db, [session_id], now, cancelled=True)
    if not desk.sessions:
        return Changes()
    [session] = desk.sessions
    audience: tuple[tuple[Purpose, Sequence[Recipient]], ...] = (
        ("session_cancelled", (await learners_to_text(db, [session_id])).get(session_id, ())),
        ("helper_cancelled", (await helpers_to_text(db, [session_id])).get(session_id, ())),
    )
    standing = await open_texts(db, [session_id], ALL)
    window = timing.at_once(desk.policies[session.ward_id], session.starts_at, now)
    wanted = [
        drafting.cancelled(session, people, purpose, reason=reason, window=window, wordings=desk.wordings)
        for purpose, recipients in audience
        for people in by_phone(recipients)
        if window is not None
    ]
    changes = await bring_into_line(db, wanted, standing, reason="session_cancelled", now=now)
    _note(db, desk.sessions, changes, by=by, now=now)
    return changes


async def plan_assignments(
    db: AsyncSession,
    session_id: int,
    *,
    offered: Collection[int],
    ended: Collection[int],
    by: Actor,
    now: datetime,
) -> Changes:
    """Helpers just asked are told so; those who are out again hear nothing more.

    Args:
        offered: trainers asked just now.
        ended: trainers who declined, were taken off or replaced.
    """
    desk = await _desk(db, [session_id], now)
    if not desk.sessions:
        return Changes()
    asked = await helpers_to_text(db, [session_id], states=("offered",))
    wanted = [
        draft
        for draft in desk.offers(asked)
        if any(recipient.trainer_id in offered for recipient in draft.recipients)
    ]
    standing = await open_texts(db, [session_id], ("assignment_offered", "helper_moved"))
    keys = {draft.key for draft in wanted}
    changes = await bring_into_line(
        db, wanted, [each for each in standing if each.key in keys], reason="plan_changed", now=now
    )
    changes += await _without(
        db,
        [each for each in standing if each.key not in keys],
        {(None, trainer_id) for trainer_id in ended},
        now,
    )
    _note(db, desk.sessions, changes, by=by, now=now)
    return changes


async def replan_phone(
    db: AsyncSession, phone: str, session_ids: Collection[int], *, by: Actor, now: datetime
) -> Changes:
    """Reminders and askings to one number follow what its readers want now."""
    desk = await _desk(db, session_ids, now)
    if not desk.sessions:
        return Changes()

    def here(people: Mapping[int, Sequence[Recipient]]) -> dict[int, list[Recipient]]:
        return {
            session_id: [each for each in readers if each.phone == phone]
            for session_id, readers in people.items()
        }

    wanted = desk.reminders(here(await learners_to_text(db, session_ids)))
    wanted += desk.offers(here(await helpers_to_text(db, session_ids, states=("offered",))))
    standing = [each for each in await open_texts(db, session_ids, FOLLOWED) if each.key[2] == phone]
    changes = await bring_into_line(db, wanted, standing, reason="plan_changed", now=now)
    _note(db, desk.sessions, changes, by=by, now=now)
    return changes


async def _desk(
    db: AsyncSession, session_ids: Collection[int], now: datetime, *, cancelled: bool = False
) -> _Desk:
    """Sessions still to come, cancelled ones or the others."""
    sessions = [
        session
        for session in await sessions_for_texts(db, session_ids)
        if session.cancelled is cancelled and session.starts_at > now
    ]
    if not sessions:
        return _Desk((), {}, {}, now)
    policies = await policies_for(db, {session.ward_id for session in sessions})
    return _Desk(sessions, policies, await current_wordings(db), now)


def _news_of_move(
    desk: _Desk,
    session: SessionFacts,
    people: Sequence[Recipient],
    purpose: Purpose,
    old_starts_at: datetime,
    told: Collection[str],
    standing: Iterable[Standing],
) -> list[Draft]:
    # A text about an earlier move that nobody has read yet speaks of the time people still believe in.
    believed = {each.key: each.moved_from for each in standing if each.moved_from is not None}
    policy = desk.policies[session.ward_id]
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


async def _told_phones(db: AsyncSession, session_id: int) -> set[str]:
    """Phones that got, or may have got, a text about this session."""
    found = await db.scalars(
        select(Message.to_phone).where(Message.session_id == session_id, Message.state.not_in(_UNTOLD))
    )
    return set(found)


async def _without(
    db: AsyncSession,
    standing: Iterable[Standing],
    left: Collection[tuple[int | None, int | None]],
    now: datetime,
) -> Changes:
    """Withdraw texts that speak of nobody but people who left."""
    empty = [each.id for each in standing if each.people and each.people <= set(left)]
    await withdraw(db, empty, reason="left", now=now)
    return Changes(withdrawn=len(empty))


def _note(
    db: AsyncSession, sessions: Sequence[SessionFacts], changes: Changes, *, by: Actor, now: datetime
) -> None:
    if changes:
        audit.record(
            db,
            by=by,
            now=now,
            action="messages.planned",
            ward_id=sessions[0].ward_id,
            subject="class_session",
            subject_id=sessions[0].id if len(sessions) == 1 else "*",
            facts={
                "sessions": [session.id for session in sessions],
                "planned": changes.planned,
                "changed": changes.changed,
                "withdrawn": changes.withdrawn,
            },
        )
