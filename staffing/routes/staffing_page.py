"""What the pages of a session's people show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor, Permission
from lopso.kernel.i18n import gettext as _
from lopso.kernel.i18n import ngettext
from lopso.web.pages import TemplatePage, page
from scheduling.labels.names import masked_phone
from scheduling.models import ASSIGNMENT_ACTIVE, Assignment, ClassSession
from scheduling.queries.places import place_of
from scheduling.queries.series import coming_in_series
from scheduling.rules.commitments import AssignmentRole
from staffing.forms.assignments import NO_OFFER, OfferForm
from staffing.labels.helpers import assignment_state_label, ready_reasons, role_label, teaching_reasons
from staffing.queries.assignments import Need, SessionStaff, active_from_here, staff_of
from staffing.queries.helper_facts import can_teach, teams_of
from staffing.routes.helper_picker import picker_of
from staffing.rules.suitability import skill_match


@dataclass(frozen=True, slots=True)
class StaffRow:
    """A row of the list: somebody in the session, or somebody who was."""

    row: Assignment
    name: str
    href: str | None
    sub: str
    state: str
    tone: str
    reason: str


async def staffing_page(
    db: AsyncSession,
    session: ClassSession,
    *,
    by: Actor,
    now: datetime,
    offer: OfferForm = NO_OFFER,
    errors: Mapping[str, str] | None = None,
    status: int = 200,
) -> TemplatePage:
    """The whole page: who is in it and, for those who plan, whom to ask."""
    staff = await staff_of(db, session)
    may_plan = by.may(Permission.PLAN, session.ward_id)
    open_ = session.cancelled_at is None and session.ends_at > now
    series = await coming_in_series(db, session, now=now) if may_plan and open_ else []
    picker = await picker_of(db, session, staff, by=by, offer=offer) if may_plan and open_ else None
    people = await persons(db, [*staff.active, *staff.ended], by=by)
    unfilled = {row.id for row in staff.unfilled} if may_plan and open_ else set[int]()
    return page(
        "staffing/staffing.html",
        ward_id=session.ward_id,
        status=status,
        session=session,
        place=place_of(session),
        needs=needs_in_words(staff.needs, called_off=session.cancelled_at is not None),
        people=people[: len(staff.active)],
        ended=people[len(staff.active) :],
        dropouts=[each for each in people[len(staff.active) :] if each.row.id in unfilled],
        picker=picker,
        later=len(series) - 1,
        may_plan=may_plan,
        open=open_,
        errors=errors or {},
    )


async def member_page(
    db: AsyncSession,
    session: ClassSession,
    row: Assignment,
    *,
    by: Actor,
    now: datetime,
    errors: Mapping[str, str] | None = None,
    status: int = 200,
) -> TemplatePage:
    """One person in a session: what they said, and everything that can be done about it."""
    [person] = await persons(db, [row], by=by)
    staff = await staff_of(db, session)
    skills, taught = await can_teach(db, session, row.trainer)
    other: AssignmentRole = "helper" if row.role == "trainer" else "trainer"
    return page(
        "staffing/assignment.html",
        ward_id=session.ward_id,
        status=status,
        session=session,
        place=place_of(session),
        person=person,
        active=row.state in ASSIGNMENT_ACTIVE,
        begun=session.starts_at <= now,
        open=session.cancelled_at is None and session.ends_at > now,
        called_off=session.cancelled_at is not None,
        other_role=other,
        other_role_name=role_label(other),
        teaching=teaching_reasons(skills, taught, skill_match(other, frozenset(skills), taught)),
        needs=needs_in_words(staff.needs, called_off=session.cancelled_at is not None),
        later=len(await active_from_here(db, row)) - 1,
        ready_reasons=ready_reasons(),
        errors=errors or {},
    )


async def staffing_panel(
    db: AsyncSession, session: ClassSession, *, by: Actor, now: datetime
) -> TemplatePage:
    """The part that the session's page shows."""
    staff = await staff_of(db, session)
    open_ = session.cancelled_at is None and session.ends_at > now
    may_plan = open_ and by.may(Permission.PLAN, session.ward_id)
    people = await persons(db, [*staff.active, *(staff.unfilled if open_ else ())], by=by)
    return page(
        "staffing/_staffing.html",
        ward_id=session.ward_id,
        session=session,
        needs=needs_in_words(staff.needs, called_off=session.cancelled_at is not None),
        people=people[: len(staff.active)],
        dropouts=people[len(staff.active) :],
        may_plan=may_plan,
    )


async def replacing_page(
    db: AsyncSession,
    session: ClassSession,
    leaving: Assignment,
    *,
    by: Actor,
    offer: OfferForm,
    errors: Mapping[str, str] | None = None,
    status: int = 200,
) -> TemplatePage:
    """Whom to put in somebody's place: one person, in the same role."""
    staff = await staff_of(db, session)
    return page(
        "staffing/replace_helper.html",
        ward_id=session.ward_id,
        status=status,
        session=session,
        place=place_of(session),
        leaving=leaving,
        declined=leaving.state == "declined",
        role_name=role_label(leaving.role),
        picker=await picker_of(db, session, staff, by=by, offer=offer, leaving=leaving.trainer_id),
        ready_reasons=ready_reasons(),
        errors=errors or {},
    )


async def persons(db: AsyncSession, rows: Sequence[Assignment], *, by: Actor) -> list[StaffRow]:
    """Rows of a list, in the same order; phones and reasons only for those who see people."""
    teams = await teams_of(db, {row.trainer_id for row in rows})

    def person(row: Assignment) -> StaffRow:
        state, tone = assignment_state_label(row.state)
        parts = [role_label(row.role), *(team.name for team in teams[row.trainer_id])]
        may_see = by.may(Permission.SEE_PEOPLE, row.ward_id)
        if row.trainer.phone and may_see:
            parts.append(masked_phone(row.trainer.phone))
        own_page = by.may(Permission.SEE_PEOPLE, row.trainer.ward_id)
        return StaffRow(
            row,
            row.trainer.full_name,
            f"/nguoi-day/{row.trainer.ward_id}/{row.trainer_id}" if own_page else None,
            " · ".join(parts),
            state,
            tone,
            row.reason if may_see else "",
        )

    return [person(row) for row in rows]


def needs_in_words(needs: Sequence[Need], *, called_off: bool = False) -> list[dict[str, str]]:
    """Need against what is filled, as `ui.attention` takes it; nobody is missing where it was called off."""

    def item(need: Need) -> dict[str, str]:
        if called_off:
            number = f"{need.asked}/{need.wanted}"
            return {"kind": "plain", "number": number, "text": role_label(need.role), "sub": ""}
        if need.missing:
            sub = ngettext("còn thiếu %(n)s người", "còn thiếu %(n)s người", need.missing)
        elif silent := need.asked - need.accepted:
            sub = ngettext("đủ người, %(n)s người chưa trả lời", "đủ người, %(n)s người chưa trả lời", silent)
        else:
            sub = _("đã đủ người")
        kind = "warn" if need.missing or need.asked > need.accepted else "ok"
        number = f"{need.asked}/{need.wanted}"
        return {"kind": kind, "number": number, "text": role_label(need.role), "sub": sub}

    return [item(need) for need in needs if need.wanted or need.asked]


def default_role(staff: SessionStaff) -> AssignmentRole:
    """Who is looked for first: somebody to teach while nobody does."""
    return "trainer" if staff.needs[0].missing else "helper"
