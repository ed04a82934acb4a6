"""Whose page an address opens, and whose cards are to be printed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from learner_portal.models import LearnerPage
from learners.models import Learner
from learners.queries import LearnerFilters, consents_of
from lopso.kernel.errors import NotFound
from notifications.queries.opt_outs import active_opt_outs
from scheduling.models import ClassSession, Enrolment
from venues.models import Ward

CARDS_A_FILE = 400
"""At most so many cards in one file: a hundred sheets, a few seconds of work."""


@dataclass(frozen=True, slots=True)
class PageOwner:
    """The learner behind a card, as the learner's page needs them."""

    page: LearnerPage
    learner: Learner
    ward_name: str
    ward_phone: str | None


LEARNER_TOPICS = ("reminders", "changes", "results")
"""What texts to learners are about; "duties" are for helpers, who may have the same number."""

Stopped = Literal["", "reminders", "all"]


@dataclass(frozen=True, slots=True)
class TextPreferences:
    """Which texts a learner's number gets.

    Attributes:
        stopped: nothing, the reminders, or all that learners get.
        shared: others on the ward's books have the same number; who, is not said.
    """

    phone: str | None
    mobile: bool
    stopped: Stopped
    shared: bool


@dataclass(frozen=True, slots=True)
class MailPreferences:
    """Whether a learner gets calendar invitations by mail, and at which address, hidden but for its ends."""

    address: str
    wanted: bool


@dataclass(frozen=True, slots=True)
class CardBatch:
    """Learners whose cards are to be printed, by given name.

    Attributes:
        learners: of this part, at most `CARDS_A_FILE`.
        total: in all parts.
        turned_off: left out, because their page was turned off: one by one they get a new one.
        elsewhere: left out, because another ward looks after them.
    """

    learners: Sequence[Learner]
    total: int
    revoked: int
    elsewhere: int = 0

    @property
    def parts(self) -> int:
        """In how many files they are printed."""
        return -(-self.total // CARDS_A_FILE)


async def page_owner(db: AsyncSession, token_hash: bytes) -> PageOwner | None:
    """Who owns the page with this secret; one statement, the same for every answer.

    None for a secret unknown, replaced or turned off, and for that of somebody taken off the books.
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
    """A learner of this ward and the page, if one was ever made; one statement.

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


async def text_preferences(db: AsyncSession, learner: Learner) -> TextPreferences:
    """Which texts a learner's number gets; three statements where it is a mobile, else none."""
    if learner.phone is None or learner.phone_kind != "mobile":
        return TextPreferences(learner.phone, mobile=False, stopped="", shared=False)
    refused = {each.topic for each in await active_opt_outs(db, learner.phone)}
    agreed = (await consents_of(db, learner.id)).get("sms")
    others = select(Learner.id).where(
        Learner.ward_id == learner.ward_id,
        Learner.phone == learner.phone,
        Learner.id != learner.id,
        Learner.archived_at.is_(None),
    )
    stopped: Stopped = ""
    if agreed is False or None in refused or {"reminders", "changes"} <= refused:
        stopped = "all"
    elif "reminders" in refused:
        stopped = "reminders"
    shared = await db.scalar(others.limit(1)) is not None
    return TextPreferences(learner.phone, mobile=True, stopped=stopped, shared=shared)


async def mail_preferences(db: AsyncSession, learner: Learner) -> MailPreferences | None:
    """What a learner with an address said to invitations; one statement there, else none."""
    if learner.email is None:
        return None
    name, _at, house = learner.email.rpartition("@")
    agreed = (await consents_of(db, learner.id)).get("invitation") is True
    return MailPreferences(f"{name[:1]}•••@{house}", agreed)
