"""A wording filled with what really stands in a ward's calendar: the usual values and the longest one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import select, true
from sqlalchemy.ext.asyncio import AsyncSession

from learners.models import Learner
from lopso.kernel import clock
from lopso.kernel.text import SmsSize, sms_parts
from scheduling.models import ClassSession
from venues.models import Ward
from wordings.queries.recipients import helpers_to_text, learners_by_id, learners_to_text
from wordings.queries.sessions import sessions_by_id, upcoming_sessions, ward_contact
from wordings.queries.usage import WordingUsage
from wordings.rules.addressing import Addressee
from wordings.rules.facts import REMINDERS, Recipient, ResultFacts, SessionFacts, by_phone
from wordings.rules.placeholder_values import result_values, session_values
from wordings.rules.schedule_phrases import when_forms
from wordings.rules.wording import TO_HELPERS, RenderedText, fill, placeholders_in, purpose_of

_RESULTS = ("sign_off_reached", "certificate_ready")
_SERIES_CODES = (
    *("enrolled", "waitlist_place", "assignment_offered", "cover_wanted"),
    *("series_moved", "series_relocated", "helper_series_moved", "helper_series_relocated"),
    *("series_cancelled", "helper_series_cancelled"),
)
_KIND_BY_PREFIX = {"visit": "home_visit", "market": "market_round"}
_SESSIONS = 100  # of one ward
_SHOWN_FROM = 20  # of them, where the coming week has fewer
_DAY_BEFORE = timedelta(days=1)  # a reminder of this week may be of a class on its eighth day
_SESSIONS_OF_EACH_WARD = 5
_PEOPLE = 100
_WEEK = timedelta(days=7)
_EXAMPLE_REASON = "mưa lớn, ngập đường"


@dataclass(frozen=True, slots=True)
class WordingSample:
    """One text as somebody would get it.

    Attributes:
        session: what it is about; None for texts about skills.
        is_example: the ward has nothing of the kind to come, so that an example stands in.
        of_city: it is the longest of all wards.
    """

    names: Sequence[str]
    session: SessionFacts | None
    text: RenderedText
    size: SmsSize
    is_example: bool
    of_city: bool = False


@dataclass(frozen=True, slots=True)
class PlaceholderValues:
    """What would stand in the places of a wording, for one text."""

    recipients: Sequence[Recipient]
    session: SessionFacts | None
    forms: Mapping[str, Sequence[str]]
    is_example: bool

    @property
    def length(self) -> int:
        """How long its fullest forms are together."""
        return sum(len(forms[0]) for forms in self.forms.values())


@dataclass(frozen=True, slots=True)
class WeekMessages:
    """The texts of the coming week that a wording would make in a ward.

    Attributes:
        planned: reminders, which will go; otherwise what would go if all those sessions were spoken of.
    """

    messages: Sequence[PlaceholderValues]
    planned: bool


@dataclass(frozen=True, slots=True)
class WardSamples:
    """What a ward's texts of a wording would say: the usual and the longest one, and all of the next week."""

    shown: Sequence[PlaceholderValues]
    week: WeekMessages | None


async def ward_samples(
    db: AsyncSession, code: str, ward_id: str, *, usage: WordingUsage, now: datetime
) -> WardSamples:
    """What a wording would say in a ward among its next sessions; at most six statements.

    Texts about skills have no week of their own: nobody knows who will be signed off.
    """
    if code in _RESULTS:
        return WardSamples(_usual_and_longest(await _result_values(db, ward_id, now)), None)
    found, real = await _all_session_values(db, code, ward_id, now)
    coming: Sequence[PlaceholderValues] = await _in_the_week(db, code, found, usage, now) if real else []
    if code in _SERIES_CODES:
        coming = _one_per_series(coming)
    return WardSamples(_usual_and_longest(found), WeekMessages(coming, purpose_of(code) in REMINDERS))


async def longest_in_city(db: AsyncSession, code: str, *, now: datetime) -> list[PlaceholderValues]:
    """Of each session among the next few of every ward the longest text, heaviest first; three statements."""
    if code in _RESULTS:
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
    sessions = [each for each in await sessions_by_id(db, ids, after=now) if _concerns(code, each.kind)]
    people = await _recipients(db, code, [each.id for each in sessions])
    longest: list[PlaceholderValues] = []
    for session in sessions:
        groups = by_phone(people.get(session.id, ()))
        found = [_session_values(code, session, group, {}, now) for group in groups]
        if found:
            longest.append(max(found, key=lambda values: values.length))
    return sorted(longest, key=lambda values: -values.length)


def _usual_and_longest(found: list[PlaceholderValues]) -> Sequence[PlaceholderValues]:
    found = sorted(found, key=lambda values: values.length)
    usual, longest = found[len(found) // 2], found[-1]
    return [usual] if usual is longest else [usual, longest]


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


def _one_per_series(messages: Sequence[PlaceholderValues]) -> Sequence[PlaceholderValues]:
    """One text for each series and phone, as such wordings go."""
    first: dict[tuple[object, str], PlaceholderValues] = {}
    for values in messages:
        if values.session:
            series = values.session.series_id or -values.session.id
            first.setdefault((series, values.recipients[0].phone), values)
    return list(first.values())


def sample(body: str, values: PlaceholderValues, *, of_city: bool = False) -> WordingSample:
    """`body` filled for one values; places that it may not use are left as they were typed."""
    text = _filled(body, values)
    names = [each.person.full_name for each in values.recipients]
    return WordingSample(names, values.session, text, sms_parts(text.plain), values.is_example, of_city)


def total_segments(body: str, messages: Sequence[PlaceholderValues]) -> int:
    """What the texts of these messages cost together, in segments."""
    return sum(_filled(body, values).segments for values in messages)


def longest_sample(body: str, messages: Sequence[PlaceholderValues]) -> WordingSample | None:
    """The text of most segments; None without messages."""
    texts = [sample(body, values, of_city=True) for values in messages]
    return max(texts, key=lambda each: (each.size.segments, each.size.characters), default=None)


def _filled(body: str, values: PlaceholderValues) -> RenderedText:
    return fill(body, {**{name: [f"{{{name}}}"] for name in placeholders_in(body)}, **values.forms})


async def wards_with_classes(
    db: AsyncSession, *, now: datetime
) -> tuple[Sequence[tuple[str, str]], str | None]:
    """All wards (id and name), and the one where something is planned next; two statements."""
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


def _concerns(code: str, kind: str) -> bool:
    """Whether a wording is for sessions of this kind: reminders differ, the others are for all."""
    if purpose_of(code) not in REMINDERS:
        return True
    wanted = _KIND_BY_PREFIX.get(code.partition("_")[0])
    return kind == wanted if wanted else kind not in _KIND_BY_PREFIX.values()


async def _recipients(db: AsyncSession, code: str, ids: Sequence[int]) -> dict[int, list[Recipient]]:
    if not ids:
        return {}
    return await (helpers_to_text if code in TO_HELPERS else learners_to_text)(db, ids)


async def _all_session_values(
    db: AsyncSession, code: str, ward_id: str, now: datetime
) -> tuple[list[PlaceholderValues], bool]:
    """Texts about the ward's next sessions, and whether anybody is there to get them."""
    coming = await upcoming_sessions(db, ward_id, after=now, most=_SESSIONS)
    series = _weekly_starts(coming)
    sessions = [
        each
        for number, each in enumerate(each for each in coming if _concerns(code, each.kind))
        if number < _SHOWN_FROM or each.starts_at < now + _WEEK + _DAY_BEFORE
    ]
    people = await _recipients(db, code, [each.id for each in sessions])
    is_example = not sessions
    if not sessions:
        ward, contact = await ward_contact(db, ward_id)
        sessions = [_example_session(code, ward_id, ward, contact, now)]
    groups = [(session, group) for session in sessions for group in by_phone(people.get(session.id, ()))]
    if groups:
        return [_session_values(code, session, group, series, now) for session, group in groups], True
    somebody = await _example_recipient(db, code, ward_id)
    found = [
        _session_values(code, session, somebody, series, now, is_example=is_example) for session in sessions
    ]
    return found, False


def _session_values(
    code: str,
    session: SessionFacts,
    group: Sequence[Recipient],
    series: Mapping[int, Sequence[datetime]],
    now: datetime,
    *,
    is_example: bool = False,
) -> PlaceholderValues:
    starts = series.get(session.series_id or 0, [session.starts_at])
    values = session_values(
        session,
        group,
        year=clock.local_day(now).year,
        moved_from=session.starts_at - timedelta(days=2, hours=1),
        reason=_EXAMPLE_REASON,
        when=when_forms(starts) if code in _SERIES_CODES else (),
    )
    return PlaceholderValues(group, session, values, is_example)


async def _result_values(db: AsyncSession, ward_id: str, now: datetime) -> list[PlaceholderValues]:
    ids = await db.scalars(
        select(Learner.id).where(Learner.ward_id == ward_id).order_by(Learner.id).limit(_PEOPLE)
    )
    known = list((await learners_by_id(db, ids.all())).values())
    ward, contact = await ward_contact(db, ward_id)
    facts = ResultFacts("", ward_id, ward, contact, now, 3)
    return [
        PlaceholderValues([person], None, result_values(facts, [person]), is_example=not known)
        for person in (known or [_EXAMPLE_LEARNER])
    ]


_EXAMPLE_LEARNER = Recipient("", Addressee("Công Tằng Tôn Nữ Thị Nguyệt", "Bà"))
_EXAMPLE_HELPER = Recipient("", Addressee("Nguyễn Khoa Diệu Phương", "chị"))


async def _example_recipient(db: AsyncSession, code: str, ward_id: str) -> list[Recipient]:
    if code in TO_HELPERS:
        return [_EXAMPLE_HELPER]
    ids = await db.scalars(
        select(Learner.id).where(Learner.ward_id == ward_id).order_by(Learner.id).limit(_PEOPLE)
    )
    known = list((await learners_by_id(db, ids.all())).values())
    return known[:1] or [_EXAMPLE_LEARNER]


def _example_session(code: str, ward_id: str, ward: str, contact: str, now: datetime) -> SessionFacts:
    kind = _KIND_BY_PREFIX.get(code.partition("_")[0], "ward_class")
    starts_at = clock.at(clock.local_day(now) + timedelta(days=3), time(14))
    place = {"home_visit": "Kiệt 12 Bạch Đằng", "market_round": "Đường số 9, Chợ Đông Ba"}.get(
        kind, "Nhà văn hóa tổ dân phố 7"
    )
    return SessionFacts(0, ward_id, 1, kind, "Dùng VNeID", starts_at, place, place, contact, ward)


def _weekly_starts(sessions: Sequence[SessionFacts]) -> dict[int, list[datetime]]:
    starts: dict[int, list[datetime]] = {}
    for each in sorted(sessions, key=lambda each: each.starts_at):
        if each.series_id is not None:
            starts.setdefault(each.series_id, []).append(each.starts_at)
    return starts
