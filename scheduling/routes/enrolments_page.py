"""What the pages of a session's learners show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from learners.models import Learner
from lopso.kernel import formatting
from lopso.kernel.access import Actor, Permission
from lopso.kernel.i18n import gettext as _
from lopso.web.pages import TemplatePage, page
from scheduling.forms.enrolments import NOBODY, EnrolForm
from scheduling.labels.helpers import masked_phone
from scheduling.models import ClassSession, Enrolment
from scheduling.queries import enrolments as queries
from scheduling.queries.assignments import coming_in_series
from scheduling.queries.learner_search import FoundLearner, find_learners
from scheduling.queries.places import place_of
from scheduling.routes.helper_picker import PickerOption
from scheduling.service.enrolments import full_name


@dataclass(frozen=True, slots=True)
class LearnerRow:
    """A learner on a list, the phone masked."""

    enrolment: Enrolment
    name: str
    born: int | None
    neighbourhood: str
    phone: str


@dataclass(frozen=True, slots=True)
class LearnerPicker:
    """Learners to enrol; `total` were found, the first are shown; `kept` were ticked before."""

    picks: Sequence[PickerOption]
    kept: Sequence[PickerOption]
    total: int
    form: EnrolForm


async def enrolments_page(
    db: AsyncSession,
    session: ClassSession,
    *,
    by: Actor,
    now: datetime,
    number: int = 1,
    form: EnrolForm = NOBODY,
    errors: Mapping[str, str] | None = None,
    status: int = 200,
) -> TemplatePage:
    """The whole page: who has a seat, who waits and, for those who plan, whom to enrol."""
    may_plan = by.may(Permission.PLAN, session.ward_id)
    open_ = session.cancelled_at is None and session.ends_at > now
    roster = await queries.roster(db, session, number=number)
    waiting, waiting_total = await queries.waitlist(db, session)
    series = await coming_in_series(db, session, now=now) if may_plan and open_ else []
    finder = await finder_of(db, session, by=by, form=form) if may_plan and open_ else None
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
        later=len(series) - 1,
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


async def finder_of(db: AsyncSession, session: ClassSession, *, by: Actor, form: EnrolForm) -> LearnerPicker:
    """Learners to enrol under the present search, and those ticked before it."""
    found = await find_learners(db, session, typed=form.typed, picked=form.learner_ids, by=by)
    return LearnerPicker(
        [_pick(each, session, checked=False) for each in found.items],
        [_pick(each, session, checked=True) for each in found.picked],
        found.total,
        form,
    )


def row_of(enrolment: Enrolment) -> LearnerRow:
    """A learner for a list."""
    learner = enrolment.learner
    return LearnerRow(
        enrolment,
        full_name(learner),
        learner.birth_year,
        learner.neighbourhood.name if learner.neighbourhood else "",
        _phone(learner),
    )


def about_learner(learner: Learner) -> str:
    """Year of birth, neighbourhood and masked phone: what tells learners of one name apart."""
    neighbourhood = learner.neighbourhood.name if learner.neighbourhood else ""
    return " · ".join(
        part for part in (str(learner.birth_year or ""), neighbourhood, _phone(learner)) if part
    )


def _pick(found: FoundLearner, session: ClassSession, *, checked: bool) -> PickerOption:
    learner = found.learner
    about = [about_learner(learner)]
    if learner.ward_id != session.ward_id:
        about.append(_("nơi khác"))
    states = {"enrolled": _("đã ghi danh"), "waitlisted": _("đang chờ")}
    disabled = states.get(found.state or "")
    reasons: list[tuple[str, str]] = []
    if found.state == "cancelled":
        reasons.append(("plain", _("đã nghỉ buổi này")))
    if found.overlap is not None:
        hour = formatting.hour(found.overlap.starts_at)
        reasons.append(("warn", _("cùng giờ: %(title)s %(hour)s", title=found.overlap.title, hour=hour)))
    return PickerOption(
        value=learner.id,
        name=full_name(learner),
        sub=" · ".join(about),
        reasons=reasons,
        disabled=disabled,
        checked=checked and disabled is None,
    )


def _phone(learner: Learner) -> str:
    return masked_phone(learner.phone) if learner.phone else _("không có điện thoại")
