"""Learners' pages and their owners."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from learner_portal.models import LearnerPage
from learners.models import Learner
from lopso.kernel.errors import NotFound
from venues.models import Ward


@dataclass(frozen=True, slots=True)
class PageOwner:
    """The learner to whom a page belongs, with the contact of the ward."""

    page: LearnerPage
    learner: Learner
    ward_name: str
    ward_phone: str | None


async def page_owner(db: AsyncSession, token_hash: bytes) -> PageOwner | None:
    """The owner of the page with this token; one statement, the same for every answer.

    None for an unknown, replaced or revoked token, and for an archived learner.
    """
    row = (
        await db.execute(
            select(LearnerPage, Learner, Ward.full_name, Ward.phone)
            .join(Learner, Learner.id == LearnerPage.learner_id)
            .join(Ward, Ward.id == Learner.ward_id)
            .where(
                LearnerPage.token_hash == token_hash,
                LearnerPage.revoked_at.is_(None),
                Learner.archived_at.is_(None),
            )
        )
    ).one_or_none()
    return PageOwner(*row) if row else None


async def learner_and_page(
    db: AsyncSession, ward_id: str, learner_id: int
) -> tuple[Learner, LearnerPage | None, Ward]:
    """A learner of this ward and their page, if one was ever created; one statement.

    Raises:
        NotFound: no such learner in this ward.
    """
    row = (
        await db.execute(
            select(Learner, LearnerPage, Ward)
            .join(Ward, Ward.id == Learner.ward_id)
            .outerjoin(LearnerPage, LearnerPage.learner_id == Learner.id)
            .where(Learner.ward_id == ward_id, Learner.id == learner_id)
        )
    ).one_or_none()
    if row is None:
        raise NotFound
    return row[0], row[1], row[2]
