"""The board of a week: whom to ask into each of its short sessions."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import clock
from lopso.kernel.access import Actor
from lopso.kernel.i18n import language
from scheduling.models import ASSIGNMENT_ACTIVE, Assignment, ClassSession, CourseSkill
from scheduling.rules.commitments import AssignmentRole, Commitment
from skills.models import Skill
from staffing.queries.helper_facts import (
    LONGEST_SESSION,
    ActiveTeam,
    absences_between,
    commitments_between,
    seen_by,
    taught_skills,
    teams_of,
    weekly_hours,
)
from staffing.queries.short_sessions import ShortSession
from staffing.rules.picks import Pick, RoleInSession
from staffing.rules.ranking import HelperRanking
from staffing.rules.suitability import CandidateFacts, StaffingDemand, Suitability, rank, suitability_of
from trainers.models import Trainer
from venues.models import Ward

WEIGHED = 2000  # a ward has a few hundred helpers; beyond this many, a session's own page finds the rest
RANKED = 12  # for each role of a session

ROLES: Sequence[AssignmentRole] = ("trainer", "helper")


@dataclass(frozen=True, slots=True)
class BoardHelper:
    """A helper of the ward, or one from elsewhere who was picked or searched for; `ward` is its name."""

    id: int
    full_name: str
    kind: str
    ward_id: str
    sort_key: str
    teaches_all: bool
    ward: str


@dataclass(frozen=True, slots=True)
class AskedBefore:
    """Helpers who are in a session, and those who declined it, by trainer id."""

    active: set[int] = field(default_factory=set[int])
    declined: set[int] = field(default_factory=set[int])


_NOBODY_ASKED = AskedBefore()


@dataclass(frozen=True, slots=True)
class BoardPlace:
    """A role of a short session, and the best people for it.

    Attributes:
        missing: how many more to ask.
        skills: names of what the course teaches, by id.
        ranked: those who were picked first, then the best of those who can be asked.
        found: those searched for who are not picked here, who can be asked first.
        there: those searched for who are in the session already.
    """

    short: ShortSession
    role: AssignmentRole
    missing: int
    skills: Mapping[int, str]
    ranked: Sequence[Suitability]
    found: Sequence[Suitability] = ()
    there: Sequence[int] = ()

    @property
    def key(self) -> RoleInSession:
        """Session and role."""
        return RoleInSession(self.short.session.id, self.role)


@dataclass(frozen=True, slots=True)
class BoardFacts:
    """What is known for a week: helpers, their teams and facts by trainer id; skills by course id.

    `asked_before` by session id: who is in it, and who declined it.
    """

    helpers: Mapping[int, BoardHelper]
    teams: Mapping[int, Sequence[ActiveTeam]]
    facts: Mapping[int, CandidateFacts]
    skills: Mapping[int, Mapping[int, str]]
    asked_before: Mapping[int, AskedBefore]

    def skills_of(self, session: ClassSession) -> Mapping[int, str]:
        """Names of what a session teaches by skill id."""
        return self.skills.get(session.course_id or 0, {})

    def in_session(self, session: ClassSession) -> Collection[int]:
        """Who is in a session already, by trainer id."""
        return self.asked_before.get(session.id, _NOBODY_ASKED).active

    def demand(self, session: ClassSession, role: AssignmentRole) -> StaffingDemand:
        """What a role in a session asks for."""
        return StaffingDemand(role, frozenset(self.skills_of(session)), session.starts_at, session.ends_at)

    def suitability(self, session: ClassSession, role: AssignmentRole) -> Callable[[int], Suitability]:
        """How well a helper, by trainer id, suits a role in a session."""
        demand = self.demand(session, role)
        declined = self.asked_before.get(session.id, _NOBODY_ASKED).declined

        def of(trainer_id: int) -> Suitability:
            facts = self.facts[trainer_id]
            return suitability_of(demand, replace(facts, declined=True) if trainer_id in declined else facts)

        return of


@dataclass(frozen=True, slots=True)
class Board:
    """Short sessions with the people for each role; `helpers` and `teams` by trainer id, of all shown."""

    places: Sequence[BoardPlace] = ()
    helpers: Mapping[int, BoardHelper] = field(default_factory=dict[int, BoardHelper])
    teams: Mapping[int, Sequence[ActiveTeam]] = field(default_factory=dict[int, Sequence[ActiveTeam]])


async def board_of(
    db: AsyncSession,
    ward_id: str,
    shorts: Sequence[ShortSession],
    *,
    by: Actor,
    picked: Collection[Pick] = (),
    found: Collection[int] = (),
) -> Board:
    """Whom to ask into `shorts`; eight statements whatever their number and that of the helpers.

    All are weighed who help in the ward, and those picked or found whom `by` may see. Who is in a session
    already is left out there. Each role presumes that the best are asked for those before it.

    Args:
        found: ids of those searched for: each role says of them whether they can be asked.
    """
    if not shorts:
        return Board()
    wanted = {pick.trainer_id for pick in picked}.union(found)
    known = await board_facts(db, ward_id, shorts, wanted=wanted, by=by)
    weighing = _Weighing(known, found)
    places = [
        weighing.place(short, role, picked)
        for short in shorts
        for role in ROLES
        if short.missing(role) or any(pick[:2] == (short.session.id, role) for pick in picked)
    ]
    return Board(places, known.helpers, known.teams)


async def board_facts(
    db: AsyncSession, ward_id: str, shorts: Sequence[ShortSession], *, wanted: Collection[int], by: Actor
) -> BoardFacts:
    """The helpers of a ward and those `wanted` whom `by` may see, for the weeks of `shorts`.

    Eight statements.
    """
    sessions = [each.session for each in shorts]
    helpers = await _helpers(db, ward_id, wanted, by)
    skills = await _skills(db, {each.course_id for each in sessions if each.course_id})
    there = await _asked_before(db, [each.id for each in sessions])
    teams = await teams_of(db, helpers)
    facts = await _facts(
        db, ward_id, sessions, helpers, teams, {one for each in skills.values() for one in each}
    )
    return BoardFacts(helpers, teams, facts, skills, there)


class _Weighing:
    """Ranks helpers for one place after the other.

    Each place presumes that the best are asked for the places before it: so the first names of the board
    together make a plan without clashes, in which no one has many sessions while others have none.
    """

    def __init__(self, known: BoardFacts, found: Collection[int]) -> None:
        self.known = known
        self.found = [one for one in found if one in known.facts]
        self.ranking = HelperRanking(known.facts)

    def place(self, short: ShortSession, role: AssignmentRole, picked: Collection[Pick]) -> BoardPlace:
        session, there = short.session, self.known.in_session(short.session)
        chosen = [pick.trainer_id for pick in picked if pick[:2] == (session.id, role)]
        left_out = {*there, *chosen}
        searched = [one for one in self.found if one not in left_out]
        free = self.ranking.best(
            self.known.demand(session, role),
            RANKED,
            declined=self.known.asked_before.get(session.id, _NOBODY_ASKED).declined,
            left_out=left_out.union(searched),
        )
        ranked = [*(one for one in chosen if one in self.known.facts), *free]
        for one in ranked[: short.missing(role)]:
            self.ranking.presume(one, _commitment(session))
        suitability = self.known.suitability(session, role)
        return BoardPlace(
            short,
            role,
            short.missing(role),
            self.known.skills_of(session),
            [suitability(one) for one in ranked],
            rank(map(suitability, searched)),
            [one for one in self.found if one in there],
        )


def _commitment(session: ClassSession) -> Commitment:
    return Commitment(session.id, session.ward_id, session.title, session.starts_at, session.ends_at)


async def _facts(
    db: AsyncSession,
    ward_id: str,
    sessions: Sequence[ClassSession],
    helpers: Mapping[int, BoardHelper],
    teams: Mapping[int, Sequence[ActiveTeam]],
    skills: Collection[int],
) -> Mapping[int, CandidateFacts]:
    """What is known of each helper for the weeks in which `sessions` lie; four statements."""
    days = [clock.local_day(each.starts_at) for each in sessions]
    monday = clock.start_of_day(clock.monday_of(min(days)))
    sunday = clock.start_of_day(clock.monday_of(max(days)) + timedelta(days=7))
    until = max(sunday, *(each.ends_at for each in sessions))
    hours = await weekly_hours(db, helpers)
    taught = await taught_skills(db, helpers, skills)
    held = await commitments_between(db, helpers, monday - LONGEST_SESSION, until)
    absences = await absences_between(db, helpers, min(days), max(days))
    return {
        each.id: CandidateFacts(
            trainer_id=each.id,
            sort_key=each.sort_key,
            near=each.ward_id == ward_id,
            teaches_all=each.teaches_all,
            skills=frozenset(taught[each.id]),
            hours=tuple(hours[each.id]),
            periods=tuple(team.period for team in teams[each.id]),
            commitments=tuple(held[each.id]),
            declined=False,
            absences=tuple(absences[each.id]),
        )
        for each in helpers.values()
    }


async def _helpers(
    db: AsyncSession, ward_id: str, wanted: Collection[int], by: Actor
) -> dict[int, BoardHelper]:
    statement = (
        select(
            Trainer.id,
            Trainer.full_name,
            Trainer.kind,
            Trainer.ward_id,
            Trainer.sort_key,
            Trainer.teaches_all,
            Ward.full_name,
        )
        .join(Ward, Ward.id == Trainer.ward_id)
        .where(Trainer.left_at.is_(None))
        .where(or_(Trainer.ward_id == ward_id, and_(Trainer.id.in_(wanted), seen_by(by))))
        .order_by(Trainer.id.in_(wanted).desc(), Trainer.sort_key, Trainer.id)
        .limit(WEIGHED)
    )
    return {row.id: BoardHelper(*row) for row in await db.execute(statement)}


async def _skills(db: AsyncSession, course_ids: Collection[int]) -> Mapping[int, Mapping[int, str]]:
    """Names of what each course teaches by course and skill id, in teaching order."""
    name = Skill.name_vi if language() == "vi" else Skill.name_en
    statement = (
        select(CourseSkill.course_id, Skill.id, name)
        .join(Skill, Skill.id == CourseSkill.skill_id)
        .where(CourseSkill.course_id.in_(course_ids))
        .order_by(CourseSkill.course_id, CourseSkill.position, Skill.id)
    )
    found: dict[int, dict[int, str]] = {}
    for course_id, skill_id, skill in await db.execute(statement):
        found.setdefault(course_id, {})[skill_id] = skill
    return found


async def _asked_before(db: AsyncSession, session_ids: Collection[int]) -> Mapping[int, AskedBefore]:
    """By session id."""
    statement = select(Assignment.session_id, Assignment.trainer_id, Assignment.state).where(
        Assignment.session_id.in_(session_ids), Assignment.state.in_((*ASSIGNMENT_ACTIVE, "declined"))
    )
    found: defaultdict[int, AskedBefore] = defaultdict(AskedBefore)
    for session_id, trainer_id, state in await db.execute(statement):
        before = found[session_id]
        (before.declined if state == "declined" else before.active).add(trainer_id)
    return found
