"""Who is free for a session that is still being planned: what its form asks."""

from collections.abc import Sequence

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor, Permission
from scheduling.models import ASSIGNMENT_ACTIVE, Assignment
from scheduling.queries.availability import NOBODY_NEEDED, StaffOverview, StaffWanted
from staffing.labels.availability import hindered_label, roles_in_words
from staffing.queries.candidates import WEIGHED
from staffing.queries.helper_facts import seen_by, skill_names, teams_of
from staffing.queries.weighing import weighed
from staffing.rules.suitability import StaffingDemand
from trainers.models import Trainer


class StaffAvailability:
    """Answers `HelperAvailability` for the ward's own helpers, and those who are in the session already."""

    async def overview(self, db: AsyncSession, wanted: StaffWanted, *, by: Actor) -> StaffOverview:
        """Who could be asked, in words; at most eight statements."""
        if not by.may(Permission.SEE_PEOPLE, wanted.ward_id):
            return NOBODY_NEEDED
        taking_part = await _taking_part(db, wanted.session_id)
        helpers = await _helpers(db, wanted.ward_id, taking_part, by)
        names = {helper.id: helper.full_name for helper in helpers}
        skills = await skill_names(db, wanted.course_id)
        found = await weighed(
            db,
            helpers,
            StaffingDemand("trainer", frozenset(skills), wanted.slot.starts_at, wanted.slot.ends_at),
            ward_id=wanted.ward_id,
            teams=await teams_of(db, names),
            session_id=wanted.session_id,
        )
        return StaffOverview(
            roles=roles_in_words(
                list(found.values()), wanted, names=names, skills=skills, taking_part=taking_part
            ),
            hindered=[
                hindered_label(found[each], names[each], wanted=wanted, by=by)
                for each in taking_part
                if each in found and not found[each].can_be_asked
            ],
        )


async def _taking_part(db: AsyncSession, session_id: int | None) -> Sequence[int]:
    if session_id is None:
        return []
    statement = (
        select(Assignment.trainer_id)
        .where(Assignment.session_id == session_id, Assignment.state.in_(ASSIGNMENT_ACTIVE))
        .order_by(Assignment.id)
    )
    return (await db.scalars(statement)).all()


async def _helpers(
    db: AsyncSession, ward_id: str, taking_part: Sequence[int], by: Actor
) -> Sequence[Trainer]:
    statement = (
        select(Trainer)
        .where(Trainer.left_at.is_(None))
        .where(or_(Trainer.ward_id == ward_id, and_(Trainer.id.in_(taking_part), seen_by(by))))
        .order_by(Trainer.id.in_(taking_part).desc(), Trainer.sort_key, Trainer.id)
        .limit(WEIGHED)
    )
    return (await db.scalars(statement)).all()
