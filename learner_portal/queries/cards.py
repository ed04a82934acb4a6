"""Learners whose cards are to be printed."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from learner_portal.models import LearnerPage
from learners.models import Learner
from learners.queries.learners import LearnerFilters
from scheduling.models import ClassSession, Enrolment

CARDS_A_FILE = 400
"""Cards in one PDF at most: a hundred sheets, a few seconds to render."""


@dataclass(frozen=True, slots=True)
class CardBatch:
    """Learners whose cards are to be printed, by given name.

    Attributes:
        learners: of this part, at most `CARDS_A_FILE`.
        total: in all parts.
        revoked: left out, since their page was revoked; each needs a new card of their own.
        elsewhere: left out, since they belong to another ward.
    """

    learners: Sequence[Learner]
    total: int
    revoked: int
    elsewhere: int = 0

    @property
    def parts(self) -> int:
        """Number of files."""
        return -(-self.total // CARDS_A_FILE)


async def cards_of_session(
    db: AsyncSession, session: ClassSession, *, without_card: bool, part: int = 1
) -> CardBatch:
    """Cards for those with a seat in `session`, of its own ward; two statements.

    Args:
        without_card: only those for whom none was printed yet.
    """
    seated = (
        select(Enrolment.learner_id)
        .where(Enrolment.session_id == session.id, Enrolment.state == "enrolled")
        .scalar_subquery()
    )
    return await _cards(db, session.ward_id, [Learner.id.in_(seated)], without_card=without_card, part=part)


async def cards_of_ward(
    db: AsyncSession, ward_id: str, filters: LearnerFilters, *, without_card: bool, part: int = 1
) -> CardBatch:
    """Cards for a ward's learners, narrowed by neighbourhood and kind; two statements."""
    chosen: list[ColumnElement[bool]] = [Learner.ward_id == ward_id]
    if filters.neighbourhood_id is not None:
        chosen.append(Learner.neighbourhood_id == filters.neighbourhood_id)
    if filters.audience is not None:
        chosen.append(Learner.audiences.contains([filters.audience]))
    return await _cards(db, ward_id, chosen, without_card=without_card, part=part)


async def _cards(
    db: AsyncSession, ward_id: str, chosen: Sequence[ColumnElement[bool]], *, without_card: bool, part: int
) -> CardBatch:
    own = Learner.ward_id == ward_id
    live = or_(LearnerPage.learner_id.is_(None), LearnerPage.revoked_at.is_(None))
    wanted = and_(own, live, LearnerPage.printed_at.is_(None)) if without_card else and_(own, live)
    whole = (
        select(Learner)
        .outerjoin(LearnerPage, LearnerPage.learner_id == Learner.id)
        .where(Learner.archived_at.is_(None), *chosen)
    )
    counts = whole.with_only_columns(
        func.count().filter(wanted), func.count().filter(own, ~live), func.count().filter(~own)
    )
    total, revoked, elsewhere = (await db.execute(counts)).one()
    rows = await db.scalars(
        whole.where(wanted)
        .order_by(Learner.sort_key, Learner.id)
        .limit(CARDS_A_FILE)
        .offset((max(1, part) - 1) * CARDS_A_FILE)
    )
    return CardBatch(rows.all(), total, revoked, elsewhere)
