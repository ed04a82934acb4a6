"""News that waits to go is written anew when what is known of its readers changes.

Reminders are planned from the calendar at any time; news is told once, so that its words are made again from
what it said: who of its readers is left, and how they are called now.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import select, union
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor
from notifications.models import Message, MessageAlso
from notifications.queries.audience import learners_by_id
from notifications.rules import drafting
from notifications.rules.drafting import Draft
from notifications.rules.facts import SEATS, Purpose, Recipient, SessionFacts, Wording
from notifications.rules.timing import Window
from notifications.service.ledger import OPEN, Changes, Standing, bring_into_line, open_texts
from notifications.service.planning.announcements import announce_anew
from notifications.service.planning.desk import note, open_desk
from scheduling.models import ClassSession

_NEWS: tuple[Purpose, ...] = ("session_moved", "session_cancelled")


async def redraft_news(db: AsyncSession, phone: str, *, by: Actor, now: datetime) -> Changes:
    """Open news for one number names those of its learners who still want texts, as they are called now.

    A fixed number of statements. Texts that would name nobody are left to whoever suppresses them.
    """
    waiting = select(Message.id).where(
        Message.to_phone == phone, Message.state.in_(OPEN), Message.purpose.in_((*_NEWS, *SEATS))
    )
    spoken_of = await db.scalars(
        union(
            select(Message.session_id).where(Message.id.in_(waiting), Message.session_id.is_not(None)),
            select(MessageAlso.session_id).where(MessageAlso.message_id.in_(waiting)),
        )
    )
    session_ids = sorted(each for each in spoken_of if each is not None)
    if not session_ids:
        return Changes()
    changes = Changes()
    for cancelled in (False, True):
        desk = await open_desk(db, session_ids, now, cancelled=cancelled)
        if not desk.sessions:
            continue
        here = {each.id: each for each in desk.sessions}
        standing = [each for each in await open_texts(db, list(here), _NEWS) if each.key[2] == phone]
        readers = await learners_by_id(
            db, {learner_id for each in standing for learner_id, _trainer_id in each.people if learner_id}
        )
        reasons = await _reasons(db, list(here)) if cancelled else {}
        redrafted: dict[int, Draft] = {}
        for each in standing:
            versions = {int(each.key[0]): each.session_version} | {
                also.session_id: also.session_version for also in each.also
            }
            sessions = [
                here[session_id]
                for session_id in versions
                if session_id in here and here[session_id].version == versions[session_id]
            ]
            people = [
                reader
                for learner_id, _trainer_id in sorted(each.people, key=str)
                if (reader := readers.get(learner_id or 0)) is not None and reader.phone == phone
            ]
            if people and len(sessions) == len(versions):
                sessions.sort(key=lambda session: (session.starts_at, session.id))
                reason = reasons.get(int(each.key[0]), "")
                redrafted[each.id] = _again(each, sessions, people, reason, desk.wordings)
        kept = [each for each in standing if each.id in redrafted]
        changes += await bring_into_line(db, redrafted.values(), kept, reason="plan_changed", now=now)
        if not cancelled:
            seats = await announce_anew(db, desk, SEATS)
            changes += await bring_into_line(db, seats.wanted, seats.standing, reason="plan_changed", now=now)
        note(db, desk.sessions, changes, by=by, now=now)
    return changes


def _again(
    text: Standing,
    sessions: Sequence[SessionFacts],
    people: Sequence[Recipient],
    reason: str,
    wordings: Mapping[str, Wording],
) -> Draft:
    window = Window(text.due_at, text.useless_after)
    if text.key[1] == "session_cancelled":
        return drafting.cancelled(
            sessions, people, "session_cancelled", reason=reason, window=window, wordings=wordings
        )
    told = {int(text.key[0]): text.moved_from} | {also.session_id: also.moved_from for also in text.also}
    return drafting.moved(
        sessions,
        people,
        "session_moved",
        moved_from={each.id: told[each.id] or each.starts_at for each in sessions},
        window=window,
        wordings=wordings,
    )


async def _reasons(db: AsyncSession, session_ids: Collection[int]) -> dict[int, str]:
    rows = await db.execute(
        select(ClassSession.id, ClassSession.cancel_reason).where(ClassSession.id.in_(session_ids))
    )
    return {session_id: reason or "" for session_id, reason in rows}
