"""What the pages of a session's learners show."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor, Permission
from lopso.kernel.errors import InvalidInput
from lopso.kernel.i18n import gettext as _
from lopso.web.forms import Typed
from lopso.web.pages import TemplatePage, page
from people.errors import namesakes_of
from people.labels import phone_label
from scheduling.forms.enrolments import MOST_AT_ONCE, NOBODY, EnrolForm
from scheduling.models import ClassSession, Enrolment
from scheduling.queries import enrolments as queries
from scheduling.queries.places import place_of
from scheduling.queries.series import coming_in_series
from scheduling.routes.learner_picker import filters_of, picker_of, shown_phone
from scheduling.service.enrolments import full_name

NOTHING_TYPED = Typed()


@dataclass(frozen=True, slots=True)
class LearnerRow:
    """A learner on a list, the phone masked."""

    enrolment: Enrolment
    name: str
    born: int | None
    neighbourhood: str
    phone: str


async def enrolments_page(
    db: AsyncSession,
    session: ClassSession,
    *,
    by: Actor,
    now: datetime,
    number: int = 1,
    form: EnrolForm = NOBODY,
    newcomer: Typed = NOTHING_TYPED,
    error: InvalidInput | None = None,
    errors: Mapping[str, str] | None = None,
    status: int = 200,
) -> TemplatePage:
    """The whole page: who has a seat, who waits and, for those who plan, whom to enrol.

    Args:
        newcomer: what was typed about somebody to register. error: why that was refused.
    """
    may_plan = by.may(Permission.PLAN, session.ward_id)
    open_ = session.cancelled_at is None and session.ends_at > now
    roster = await queries.roster(db, session, number=number)
    waiting, waiting_total = await queries.waitlist(db, session)
    may_add = may_plan and open_
    later = await later_in_series(db, session, now=now) if may_add else []
    finder = await picker_of(db, session, later, by=by, form=form) if may_add else None
    return page(
        "scheduling/enrolments.html",
        ward_id=session.ward_id,
        status=status,
        session=session,
        place=place_of(session),
        roster=roster,
        rows=[row_of(each) for each in roster.items],
        waiting=[(each.position, row_of(each.enrolment)) for each in waiting],
        waiting_total=waiting_total,
        gave_up=[row_of(each) for each in await queries.cancelled_enrolments(db, session)],
        finder=finder,
        newcomer=newcomer,
        namesakes=namesakes_of(error),
        may_register=by.may(Permission.MANAGE_PEOPLE, session.ward_id),
        phone_label=phone_label,
        filters=await filters_of(db, session) if may_add else None,
        may_plan=may_plan,
        open=open_,
        begun=session.starts_at <= now,
        errors=errors or {},
    )


async def enrolments_panel(db: AsyncSession, session: ClassSession, *, by: Actor) -> TemplatePage:
    """The part that the session's page shows: names only for those who see people."""
    sees = by.may(Permission.SEE_PEOPLE, session.ward_id)
    roster = await queries.roster(db, session) if sees else None
    return page(
        "scheduling/_enrolments.html",
        ward_id=session.ward_id,
        session=session,
        roster=roster,
        rows=[row_of(each) for each in roster.items] if roster else [],
        waiting_total=await queries.waiting_total(db, session),
        sees=sees,
        may_plan=by.may(Permission.PLAN, session.ward_id),
    )


def too_many() -> str:
    """The sentence when more people are ticked than one press enrols."""
    return _("Mỗi lần ghi danh nhiều nhất %(n)s người. Xin bỏ bớt dấu chọn.", n=MOST_AT_ONCE)


async def later_in_series(db: AsyncSession, session: ClassSession, *, now: datetime) -> list[ClassSession]:
    """The sessions after `session` in its series that take learners; at most one statement."""
    return [each for each in await coming_in_series(db, session, now=now) if each.id != session.id]


def row_of(enrolment: Enrolment) -> LearnerRow:
    """A learner for a list."""
    learner = enrolment.learner
    return LearnerRow(
        enrolment,
        full_name(learner),
        learner.birth_year,
        learner.neighbourhood.name if learner.neighbourhood else "",
        shown_phone(learner),
    )
