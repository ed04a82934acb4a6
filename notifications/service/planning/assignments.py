"""Texts to helpers about what they are asked to do."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor
from notifications.queries.audience import helpers_to_text, roles_of
from notifications.rules import drafting, timing
from notifications.rules.drafting import ASKINGS, Draft, Purpose, Recipient
from notifications.service.ledger import Changes, bring_into_line, open_texts
from notifications.service.planning.announcements import People, announce, announce_anew
from notifications.service.planning.desk import Desk, note, open_desk, without


async def plan_asked(
    db: AsyncSession,
    askings: Mapping[int, Collection[int]],
    *,
    instead: Collection[int],
    by: Actor,
    now: datetime,
) -> Changes:
    """Helpers asked by one act are told so: one text for each phone and series, however often they are asked.

    Args:
        askings: session id → trainers asked into it.
        instead: sessions in which they stand in for somebody who dropped out.
    """
    desk = await open_desk(db, askings, now)
    if not desk.sessions:
        return Changes()
    asked = {
        session_id: [each for each in people if each.trainer_id in askings[session_id]]
        for session_id, people in (await helpers_to_text(db, askings, states=("offered",))).items()
    }
    cover = {session_id: people for session_id, people in asked.items() if session_id in instead}
    usual = {session_id: people for session_id, people in asked.items() if session_id not in instead}
    # "You need not come" makes no sense to somebody who is asked again.
    farewells = await open_texts(db, askings, ("assignment_withdrawn",))
    again = {(each.learner_id, each.trainer_id) for people in asked.values() for each in people}
    changes = await without(db, farewells, again, now)
    texts_of: tuple[tuple[Purpose, People], ...] = (("cover_wanted", cover), ("assignment_offered", usual))
    for purpose, people in texts_of:
        if any(people.values()):
            texts = await announce(db, desk, purpose, people)
            changes += await bring_into_line(
                db, texts.wanted, texts.standing, reason="plan_changed", now=now, again=True
            )
    note(db, desk.sessions, changes, by=by, now=now)
    return changes


async def plan_assignments(
    db: AsyncSession,
    session_id: int,
    *,
    accepted: Collection[int],
    ended: Collection[int],
    taken_off: Collection[int],
    role_changed: Collection[int],
    by: Actor,
    now: datetime,
) -> Changes:
    """Who has answered is asked no more; who was taken off, or has another role, is told.

    Args:
        accepted: trainers who said yes; their text that asks need not go any more.
        ended: trainers who declined, were taken off or replaced.
        taken_off: those of `ended` who did not say no themselves.
        role_changed: trainers who stay, in another role.
    """
    desk = await open_desk(db, [session_id], now)
    if not desk.sessions or not (accepted or ended or role_changed):
        return Changes()
    asking = await announce_anew(db, desk, ASKINGS)
    changes = await bring_into_line(db, asking.wanted, asking.standing, reason="answered", now=now)
    # Who has not read that he was asked need not read that he is not. (Such a text is of use until the
    # start of the first session it speaks of.)
    [session] = desk.sessions
    never_read = {
        person
        for text in asking.standing
        if text.useless_after <= session.starts_at
        for person in text.people
    }
    news = await open_texts(db, [session_id], ("assignment_changed", "helper_moved"))
    changes += await without(db, news, {(None, trainer_id) for trainer_id in ended}, now)
    gone = await helpers_to_text(db, [session_id], states=("withdrawn", "replaced")) if taken_off else {}
    told = [
        each
        for each in gone.get(session_id, ())
        if each.trainer_id in taken_off and (None, each.trainer_id) not in never_read
    ]
    wanted = [*_taken_off(desk, told), *await with_new_role(db, desk, role_changed)]
    ours = {draft.key for draft in wanted}
    earlier = await open_texts(db, [session_id], ("assignment_changed", "assignment_withdrawn"))
    replaced = [each for each in earlier if each.key in ours]
    changes += await bring_into_line(db, wanted, replaced, reason="plan_changed", now=now, again=True)
    note(db, desk.sessions, changes, by=by, now=now)
    return changes


def _taken_off(desk: Desk, people: Collection[Recipient]) -> list[Draft]:
    [session] = desk.sessions
    window = timing.at_once(desk.policies[session.ward_id], session.starts_at, desk.now)
    if window is None:
        return []
    return [
        drafting.taken_off(session, group, window=window, wordings=desk.wordings)
        for group in drafting.by_phone(people)
    ]


async def with_new_role(db: AsyncSession, desk: Desk, trainer_ids: Collection[int]) -> list[Draft]:
    """The texts that tell these trainers which role they have in the desk's only session."""
    if not trainer_ids:
        return []
    [session] = desk.sessions
    window = timing.at_once(desk.policies[session.ward_id], session.starts_at, desk.now)
    if window is None:
        return []
    roles = await roles_of(db, session.id)
    people = (await helpers_to_text(db, [session.id])).get(session.id, ())
    return [
        drafting.role_changed(session, [each], roles[each.trainer_id], window=window, wordings=desk.wordings)
        for each in people
        if each.trainer_id in trainer_ids and each.trainer_id in roles
    ]
