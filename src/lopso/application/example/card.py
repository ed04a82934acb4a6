"""One learner's card, so that a newcomer can open the page behind it."""

from datetime import datetime

from sqlalchemy import exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from competency.models import Certificate
from learner_portal.models import LearnerPage
from learner_portal.rules.page_tokens import page_token
from learner_portal.service.pages import issue_cards
from learners.models import Learner
from lopso.application.example.city import MAKER, PHU_XUAN
from lopso.kernel.audit import Subject
from scheduling.models import ClassSession, Enrolment


async def open_card(db: AsyncSession, *, secret: str, now: datetime) -> str | None:
    """The path of the page of somebody who has learned much and has classes to come; None: nobody has.

    A card printed before stays as it is, whatever was done with its page since.

    Args:
        secret: of this installation; cards hold what is derived from it.
    """
    has_page = exists().where(LearnerPage.learner_id == Learner.id)
    coming = (
        select(func.count())
        .select_from(Enrolment)
        .join(ClassSession, ClassSession.id == Enrolment.session_id)
        .where(
            Enrolment.learner_id == Learner.id,
            Enrolment.state == "enrolled",
            ClassSession.published_at.is_not(None),
            ClassSession.starts_at > now,
        )
        .scalar_subquery()
    )
    certified = exists().where(Certificate.learner_id == Learner.id)
    learner = await db.scalar(
        select(Learner)
        .where(Learner.ward_id == PHU_XUAN, Learner.archived_at.is_(None))
        .order_by(has_page.desc(), certified.desc(), coming.desc(), Learner.id)
        .limit(1)
    )
    if learner is None:
        return None
    page = await db.get(LearnerPage, learner.id)
    if page is not None:
        return f"/hv/{page_token(secret, learner.id, page.generation)}"
    about = Subject("learner", learner.id, learner.ward_id)
    tokens = await issue_cards(db, [learner], secret=secret, about=about, by=MAKER, now=now)
    return f"/hv/{tokens[learner.id]}"
