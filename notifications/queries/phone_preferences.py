"""What a phone number gets: opt-outs, consent, who shares it, its latest messages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import literal, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from accounts.models import User
from learners.models import Consent, Learner
from lopso.kernel.errors import NotFound
from lopso.kernel.phone import read_phone
from notifications.models import Message, OptOut
from notifications.rules.topics import Topic
from trainers.models import Trainer

SHOWN = 4  # messages


@dataclass(frozen=True, slots=True)
class PhoneOwner:
    """A learner or a helper; `kind` is that of their phone as in read_phone: "mobile", "landline", "none"."""

    id: int
    name: str
    phone: str | None
    kind: str
    topics: tuple[Topic, ...]
    learner: bool


@dataclass(frozen=True, slots=True)
class StandingOptOut:
    """An opt-out in force.

    Attributes:
        topic: None: all messages.
        noted_by: a user's name; None: the recipient or the provider said it.
        needs_confirmation: it was said by the recipient, the provider or another ward, so that staff of this
            ward end it only after a question.
    """

    topic: str | None
    how: str
    since: datetime
    noted_by: str | None
    needs_confirmation: bool


@dataclass(frozen=True, slots=True)
class ConsentAnswer:
    """The latest answer about messages, given or refused at `at`; `noted_by` is a user's name."""

    given: bool
    how: str
    at: datetime
    noted_by: str | None


@dataclass(frozen=True, slots=True)
class PhonePreferences:
    """What the number of `owner` gets, and why.

    Attributes:
        refusals: the oldest first.
        consent: None: never asked; helpers are not asked.
        shared_with: others of this ward with the same number, by name.
        messages: the latest, newest first.
    """

    owner: PhoneOwner
    refusals: Sequence[StandingOptOut]
    consent: ConsentAnswer | None
    shared_with: Sequence[str]
    messages: Sequence[Message]

    @property
    def refuses_all(self) -> bool:
        return any(each.topic is None for each in self.refusals)

    def refusal(self, topic: str | None) -> StandingOptOut | None:
        """The opt-out that keeps `topic` (None: any topic) from it; None where there is none."""
        return next(iter(self.refusing(topic)), None)

    def refusing(self, topic: str | None) -> Sequence[StandingOptOut]:
        """All opt-outs from `topic` (None: from any), those that need confirmation first."""
        against = [each for each in self.refusals if topic is None or each.topic in (None, topic)]
        return sorted(against, key=lambda each: not each.needs_confirmation)


async def learner_phone(db: AsyncSession, ward_id: str, learner_id: int) -> PhoneOwner:
    """A learner of this ward.

    Raises:
        NotFound: none, or of another ward.
    """
    learner = await db.scalar(select(Learner).where(Learner.ward_id == ward_id, Learner.id == learner_id))
    if learner is None:
        raise NotFound
    name = f"{learner.title} {learner.full_name}".strip()
    topics: tuple[Topic, ...] = ("reminders", "changes", "results")
    return PhoneOwner(learner.id, name, learner.phone, learner.phone_kind, topics, learner=True)


async def helper_phone(db: AsyncSession, ward_id: str, trainer_id: int) -> PhoneOwner:
    """A helper of this ward.

    Raises:
        NotFound: none, or of another ward.
    """
    trainer = await db.scalar(select(Trainer).where(Trainer.ward_id == ward_id, Trainer.id == trainer_id))
    if trainer is None:
        raise NotFound
    kind = read_phone(trainer.phone).kind if trainer.phone else "none"
    return PhoneOwner(trainer.id, trainer.full_name, trainer.phone, kind, ("duties",), learner=False)


async def phone_preferences(db: AsyncSession, ward_id: str, owner: PhoneOwner) -> PhonePreferences:
    """Of the owner's number, with the people and messages of this ward; at most four statements."""
    consent = await _consent(db, owner.id) if owner.learner else None
    if owner.phone is None:
        return PhonePreferences(owner, (), consent, (), ())
    refusals = await _refusals(db, ward_id, owner.phone)
    shared_with = await _shared_with(db, ward_id, owner, owner.phone)
    messages = await db.scalars(
        select(Message)
        .where(Message.to_phone == owner.phone, Message.ward_id == ward_id)
        .order_by(Message.due_at.desc(), Message.id.desc())
        .limit(SHOWN)
    )
    return PhonePreferences(owner, refusals, consent, shared_with, messages.all())


async def _refusals(db: AsyncSession, ward_id: str, phone: str) -> list[StandingOptOut]:
    rows = await db.execute(
        select(OptOut.topic, OptOut.how, OptOut.since, User.name, OptOut.ward_id)
        .outerjoin(User, User.id == OptOut.noted_by)
        .where(OptOut.phone == phone, OptOut.ended_at.is_(None))
        .order_by(OptOut.since, OptOut.id)
    )
    return [
        StandingOptOut(
            topic,
            how,
            since,
            noted_by,
            needs_confirmation=how != "staff" or noted_in not in (None, ward_id),
        )
        for topic, how, since, noted_by, noted_in in rows
    ]


async def _shared_with(db: AsyncSession, ward_id: str, owner: PhoneOwner, phone: str) -> list[str]:
    """Names of the others of the ward with this number, in the order of names."""
    learners = select(Learner.full_name, Learner.sort_key, literal(True).label("learner"), Learner.id).where(
        Learner.ward_id == ward_id, Learner.phone == phone, Learner.archived_at.is_(None)
    )
    helpers = select(Trainer.full_name, Trainer.sort_key, literal(False), Trainer.id).where(
        Trainer.ward_id == ward_id, Trainer.phone == phone, Trainer.left_at.is_(None)
    )
    people = await db.execute(union_all(learners, helpers))
    return [
        name
        for name, _key, learner, person in sorted(people, key=lambda row: row[1])
        if (learner, person) != (owner.learner, owner.id)
    ]


async def _consent(db: AsyncSession, learner_id: int) -> ConsentAnswer | None:
    answer = (
        await db.execute(
            select(Consent, User.name)
            .outerjoin(User, User.id == Consent.collected_by)
            .where(Consent.learner_id == learner_id, Consent.purpose == "sms", Consent.voided_at.is_(None))
            .order_by(Consent.withdrawn_at.is_(None).desc(), Consent.id.desc())
            .limit(1)
        )
    ).one_or_none()
    if answer is None:
        return None
    consent, noted_by = answer
    # Who noted a withdrawal is in the audit trail; the row keeps who noted the first answer.
    unchanged = consent.withdrawn_at in (None, consent.granted_at)
    return ConsentAnswer(
        consent.withdrawn_at is None,
        consent.how,
        consent.withdrawn_at or consent.granted_at,
        noted_by if unchanged else None,
    )
