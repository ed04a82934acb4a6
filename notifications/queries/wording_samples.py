"""A wording filled with what really stands in a ward's calendar: the usual case and the longest one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from learners.models import Learner
from lopso.kernel import clock
from lopso.kernel.text import SmsSize, sms_parts
from notifications.queries.audience import (
    helpers_to_text,
    learners_by_id,
    learners_to_text,
    office_of,
    sessions_coming,
)
from notifications.rules.drafting import (
    Recipient,
    ResultFacts,
    SessionFacts,
    by_phone,
    result_values,
    session_values,
)
from notifications.rules.wording import TO_HELPERS, Person, Text, fill, places_in, when_forms
from scheduling.models import ClassSession
from venues.models import Ward

_RESULTS = ("sign_off_reached", "certificate_ready")
_SERIES_CODES = (
    *("enrolled", "waitlist_place", "assignment_offered", "cover_wanted"),
    *("series_moved", "series_relocated", "helper_series_moved", "helper_series_relocated"),
    *("series_cancelled", "helper_series_cancelled"),
)
_SESSIONS = 20
_PEOPLE = 100
_A_REASON = "mưa lớn, ngập đường"


@dataclass(frozen=True, slots=True)
class Sample:
    """One text as somebody would get it.

    Attributes:
        session: what it is about; None for texts about skills.
        made_up: the ward has nothing of the kind to come, so that an example stands in.
    """

    names: Sequence[str]
    session: SessionFacts | None
    text: Text
    size: SmsSize
    made_up: bool


@dataclass(frozen=True, slots=True)
class Case:
    """What would stand in the places of a wording, for one text."""

    people: Sequence[Recipient]
    session: SessionFacts | None
    values: Mapping[str, Sequence[str]]
    made_up: bool

    @property
    def weight(self) -> int:
        """How long its fullest forms are together."""
        return sum(len(forms[0]) for forms in self.values.values())


async def cases_of(db: AsyncSession, code: str, ward_id: str, *, now: datetime) -> list[Case]:
    """The usual case and the longest one among the ward's texts to come; at most five statements."""
    found = await (_result_cases if code in _RESULTS else _session_cases)(db, code, ward_id, now)
    found.sort(key=lambda case: case.weight)
    usual, longest = found[len(found) // 2], found[-1]
    return [usual] if usual is longest else [usual, longest]


def sample(body: str, case: Case) -> Sample:
    """`body` filled for one case; places that it may not use are left as they were typed."""
    values = {**{name: [f"{{{name}}}"] for name in places_in(body)}, **case.values}
    text = fill(body, values)
    names = [each.person.full_name for each in case.people]
    return Sample(names, case.session, text, sms_parts(text.plain), case.made_up)


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


async def _session_cases(db: AsyncSession, code: str, ward_id: str, now: datetime) -> list[Case]:
    sessions = [
        each
        for each in await sessions_coming(db, ward_id, after=now, most=_SESSIONS)
        if not code.startswith(("visit_", "reminder_"))
        or (each.kind == "home_visit") == code.startswith("visit_")
    ]
    ids = [each.id for each in sessions]
    people = await (helpers_to_text if code in TO_HELPERS else learners_to_text)(db, ids) if ids else {}
    made_up = not sessions
    if not sessions:
        _ward, contact = await office_of(db, ward_id)
        sessions = [_example_session(code, ward_id, contact, now)]
    groups = [(session, group) for session in sessions for group in by_phone(people.get(session.id, ()))]
    if not groups:
        somebody = await _somebody(db, code, ward_id)
        groups = [(session, somebody) for session in sessions]
    series = _weekly_starts(sessions)
    return [
        Case(
            group,
            session,
            session_values(
                session,
                group,
                year=clock.local_day(now).year,
                moved_from=session.starts_at - timedelta(days=2, hours=1),
                reason=_A_REASON,
                when=when_forms(series.get(session.series_id or 0, [session.starts_at]))
                if code in _SERIES_CODES
                else (),
            ),
            made_up,
        )
        for session, group in groups
    ]


async def _result_cases(db: AsyncSession, _code: str, ward_id: str, now: datetime) -> list[Case]:
    ids = await db.scalars(
        select(Learner.id).where(Learner.ward_id == ward_id).order_by(Learner.id).limit(_PEOPLE)
    )
    known = list((await learners_by_id(db, ids.all())).values())
    ward, contact = await office_of(db, ward_id)
    facts = ResultFacts("", ward_id, ward, contact, now, 3)
    return [
        Case([person], None, result_values(facts, [person]), made_up=not known)
        for person in (known or [_EXAMPLE_LEARNER])
    ]


_EXAMPLE_LEARNER = Recipient("", Person("Công Tằng Tôn Nữ Thị Nguyệt", "Bà"))
_EXAMPLE_HELPER = Recipient("", Person("Nguyễn Khoa Diệu Phương", "chị"))


async def _somebody(db: AsyncSession, code: str, ward_id: str) -> list[Recipient]:
    if code in TO_HELPERS:
        return [_EXAMPLE_HELPER]
    ids = await db.scalars(
        select(Learner.id).where(Learner.ward_id == ward_id).order_by(Learner.id).limit(_PEOPLE)
    )
    known = list((await learners_by_id(db, ids.all())).values())
    return known[:1] or [_EXAMPLE_LEARNER]


def _example_session(code: str, ward_id: str, contact: str, now: datetime) -> SessionFacts:
    kind = "home_visit" if code.startswith("visit_") else "ward_class"
    starts_at = clock.at(clock.local_day(now) + timedelta(days=3), time(14))
    place = "Nhà văn hóa tổ dân phố 7"
    return SessionFacts(0, ward_id, 1, kind, "Dùng VNeID", starts_at, place, place, contact)


def _weekly_starts(sessions: Sequence[SessionFacts]) -> dict[int, list[datetime]]:
    starts: dict[int, list[datetime]] = {}
    for each in sorted(sessions, key=lambda each: each.starts_at):
        if each.series_id is not None:
            starts.setdefault(each.series_id, []).append(each.starts_at)
    return starts
