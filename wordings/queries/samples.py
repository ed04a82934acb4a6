"""Samples of a wording from a ward's calendar: the usual text and the longest one."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select, true
from sqlalchemy.ext.asyncio import AsyncSession

from learners.models import Learner
from scheduling.models import ClassSession
from venues.models import Ward
from wordings.queries.recipients import helpers_to_text, learners_by_id, learners_to_text
from wordings.queries.sessions import sessions_by_id, upcoming_sessions, ward_contact
from wordings.queries.usage import WordingUsage
from wordings.rules.facts import REMINDERS, Recipient, ResultFacts, by_phone
from wordings.rules.placeholder_values import result_values
from wordings.rules.placeholders import TO_HELPERS, purpose_of
from wordings.rules.samples import (
    EXAMPLE_HELPER,
    EXAMPLE_LEARNER,
    RESULT_CODES,
    SERIES_CODES,
    PlaceholderValues,
    WardSamples,
    WeekMessages,
    example_session,
    is_for_kind,
    one_per_series,
    starts_by_series,
    usual_and_longest,
    values_of_session,
)

_SESSIONS = 100  # of one ward
_SHOWN_FROM = 20  # of them, where the coming week has fewer
_DAY_BEFORE = timedelta(days=1)  # a reminder of this week may be of a class on its eighth day
_SESSIONS_OF_EACH_WARD = 5
_PEOPLE = 100
_WEEK = timedelta(days=7)


async def ward_samples(
    db: AsyncSession, code: str, ward_id: str, *, usage: WordingUsage, now: datetime
) -> WardSamples:
    """Samples of a wording for a ward's next sessions; at most six statements.

    Messages about skills have no week: nobody knows who will be signed off.
    """
    if code in RESULT_CODES:
        return WardSamples(usual_and_longest(await _result_values(db, ward_id, now)), None)
    found, real = await _all_session_values(db, code, ward_id, now)
    coming: Sequence[PlaceholderValues] = await _in_the_week(db, code, found, usage, now) if real else []
    if code in SERIES_CODES:
        coming = one_per_series(coming)
    return WardSamples(usual_and_longest(found), WeekMessages(coming, purpose_of(code) in REMINDERS))


async def longest_in_city(db: AsyncSession, code: str, *, now: datetime) -> list[PlaceholderValues]:
    """Of each session among the next few of every ward the longest text, longest first; three statements."""
    if code in RESULT_CODES:
        return []
    next_ones = (
        select(ClassSession.id)
        .where(
            ClassSession.ward_id == Ward.id,
            ClassSession.starts_at > now,
            ClassSession.published_at.is_not(None),
            ClassSession.cancelled_at.is_(None),
        )
        .order_by(ClassSession.starts_at)
        .limit(_SESSIONS_OF_EACH_WARD)
        .lateral()
    )
    ids = (await db.scalars(select(next_ones.c.id).select_from(Ward).join(next_ones, true()))).all()
    sessions = [each for each in await sessions_by_id(db, ids, after=now) if is_for_kind(code, each.kind)]
    people = await _recipients(db, code, [each.id for each in sessions])
    longest: list[PlaceholderValues] = []
    for session in sessions:
        groups = by_phone(people.get(session.id, ()))
        found = [values_of_session(code, session, group, {}, now) for group in groups]
        if found:
            longest.append(max(found, key=lambda values: values.length))
    return sorted(longest, key=lambda values: -values.length)


async def _in_the_week(
    db: AsyncSession, code: str, found: Sequence[PlaceholderValues], usage: WordingUsage, now: datetime
) -> Sequence[PlaceholderValues]:
    """Those that are sent within a week; of what is no reminder, those whose session starts within it."""
    end = now + _WEEK
    sessions = {values.session.id: values.session for values in found if values.session}
    if purpose_of(code) in REMINDERS:
        soon = await usage.reminders_due(db, code, sessions.values(), before=end, now=now)
    else:
        soon = {each.id for each in sessions.values() if each.starts_at < end}
    return [values for values in found if values.session and values.session.id in soon]


async def wards_with_classes(
    db: AsyncSession, *, now: datetime
) -> tuple[Sequence[tuple[str, str]], str | None]:
    """All wards (id and name), and the one with the next session; two statements."""
    wards = (await db.execute(select(Ward.id, Ward.full_name).order_by(Ward.slug))).all()
    first = await db.scalar(
        select(ClassSession.ward_id)
        .where(
            ClassSession.starts_at > now,
            ClassSession.published_at.is_not(None),
            ClassSession.cancelled_at.is_(None),
        )
        .order_by(ClassSession.starts_at)
        .limit(1)
    )
    return [(row.id, row.full_name) for row in wards], first


async def _recipients(db: AsyncSession, code: str, ids: Sequence[int]) -> dict[int, list[Recipient]]:
    if not ids:
        return {}
    return await (helpers_to_text if code in TO_HELPERS else learners_to_text)(db, ids)


async def _all_session_values(
    db: AsyncSession, code: str, ward_id: str, now: datetime
) -> tuple[list[PlaceholderValues], bool]:
    """Texts about the ward's next sessions, and whether they have recipients."""
    coming = await upcoming_sessions(db, ward_id, after=now, most=_SESSIONS)
    series = starts_by_series(coming)
    sessions = [
        each
        for number, each in enumerate(each for each in coming if is_for_kind(code, each.kind))
        if number < _SHOWN_FROM or each.starts_at < now + _WEEK + _DAY_BEFORE
    ]
    people = await _recipients(db, code, [each.id for each in sessions])
    is_example = not sessions
    if not sessions:
        ward, contact = await ward_contact(db, ward_id)
        sessions = [example_session(code, ward_id, ward, contact, now)]
    groups = [(session, group) for session in sessions for group in by_phone(people.get(session.id, ()))]
    if groups:
        return [values_of_session(code, session, group, series, now) for session, group in groups], True
    somebody = await _example_recipient(db, code, ward_id)
    found = [
        values_of_session(code, session, somebody, series, now, is_example=is_example) for session in sessions
    ]
    return found, False


async def _result_values(db: AsyncSession, ward_id: str, now: datetime) -> list[PlaceholderValues]:
    known = await _learners_of(db, ward_id)
    ward, contact = await ward_contact(db, ward_id)
    facts = ResultFacts("", ward_id, ward, contact, now, 3)
    return [
        PlaceholderValues([person], None, result_values(facts, [person]), is_example=not known)
        for person in (known or [EXAMPLE_LEARNER])
    ]


async def _example_recipient(db: AsyncSession, code: str, ward_id: str) -> list[Recipient]:
    if code in TO_HELPERS:
        return [EXAMPLE_HELPER]
    return (await _learners_of(db, ward_id))[:1] or [EXAMPLE_LEARNER]


async def _learners_of(db: AsyncSession, ward_id: str) -> list[Recipient]:
    """Those of the ward's first learners who can be texted; two statements."""
    ids = await db.scalars(
        select(Learner.id).where(Learner.ward_id == ward_id).order_by(Learner.id).limit(_PEOPLE)
    )
    return list((await learners_by_id(db, ids.all())).values())
