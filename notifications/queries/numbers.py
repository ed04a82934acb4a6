"""What a person's number gets: refusals, consent, who else has it, its latest texts. A panel for staff."""

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

LATEST = 4  # texts shown


@dataclass(frozen=True, slots=True)
class Reader:
    """Whom the panel is about; `kind` as in read_phone: "mobile", "landline", "none"."""

    id: int
    name: str
    phone: str | None
    kind: str
    topics: tuple[Topic, ...]
    learner: bool


@dataclass(frozen=True, slots=True)
class Refusal:
    """A standing opt-out; `who` noted it, None where the reader or the provider did. `topic` None: all.

    `theirs`: not the ward's own note but the word of the reader, the provider or another ward, so that nobody
    ends it by a slip of the finger.
    """

    topic: str | None
    how: str
    since: datetime
    who: str | None
    theirs: bool


@dataclass(frozen=True, slots=True)
class Agreement:
    """The latest word on texts: a yes, or a no said at `at`."""

    given: bool
    how: str
    at: datetime
    who: str | None


@dataclass(frozen=True, slots=True)
class Number:
    """Everything about the number of `reader`.

    Attributes:
        refusals: the oldest first.
        agreement: None: nobody ever asked (or the reader is a helper, who is not asked).
        family: others of this ward with the same number, by name.
        texts: the latest, newest first.
    """

    reader: Reader
    refusals: Sequence[Refusal]
    agreement: Agreement | None
    family: Sequence[str]
    texts: Sequence[Message]

    @property
    def silent(self) -> bool:
        """Whether it refuses everything."""
        return any(each.topic is None for each in self.refusals)

    def refusal(self, topic: str | None) -> Refusal | None:
        """Why it gets nothing on `topic` (None: on something); None where it does."""
        return next(iter(self.refusing(topic)), None)

    def refusing(self, topic: str | None) -> Sequence[Refusal]:
        """All that stand against `topic`; None: all there are. The word of others comes first."""
        against = [each for each in self.refusals if topic is None or each.topic in (None, topic)]
        return sorted(against, key=lambda each: not each.theirs)


async def learner_reader(db: AsyncSession, ward_id: str, learner_id: int) -> Reader:
    """A learner of this ward.

    Raises:
        NotFound: none, or of another ward.
    """
    learner = await db.scalar(select(Learner).where(Learner.ward_id == ward_id, Learner.id == learner_id))
    if learner is None:
        raise NotFound
    name = f"{learner.title} {learner.full_name}".strip()
    topics: tuple[Topic, ...] = ("reminders", "changes", "results")
    return Reader(learner.id, name, learner.phone, learner.phone_kind, topics, learner=True)


async def helper_reader(db: AsyncSession, ward_id: str, trainer_id: int) -> Reader:
    """A helper of this ward.

    Raises:
        NotFound: none, or of another ward.
    """
    trainer = await db.scalar(select(Trainer).where(Trainer.ward_id == ward_id, Trainer.id == trainer_id))
    if trainer is None:
        raise NotFound
    kind = read_phone(trainer.phone).kind if trainer.phone else "none"
    return Reader(trainer.id, trainer.full_name, trainer.phone, kind, ("duties",), learner=False)


async def number_of(db: AsyncSession, ward_id: str, reader: Reader) -> Number:
    """All about the reader's number, as far as this ward goes; at most four statements."""
    agreement = await _agreement(db, reader.id) if reader.learner else None
    if reader.phone is None:
        return Number(reader, (), agreement, (), ())
    refusals = await db.execute(
        select(OptOut.topic, OptOut.how, OptOut.since, User.name, OptOut.ward_id)
        .outerjoin(User, User.id == OptOut.noted_by)
        .where(OptOut.phone == reader.phone, OptOut.ended_at.is_(None))
        .order_by(OptOut.since, OptOut.id)
    )
    learners = select(Learner.full_name, Learner.sort_key, literal(True).label("learner"), Learner.id).where(
        Learner.ward_id == ward_id, Learner.phone == reader.phone, Learner.archived_at.is_(None)
    )
    helpers = select(Trainer.full_name, Trainer.sort_key, literal(False), Trainer.id).where(
        Trainer.ward_id == ward_id, Trainer.phone == reader.phone, Trainer.left_at.is_(None)
    )
    sharing = await db.execute(union_all(learners, helpers))
    texts = await db.scalars(
        select(Message)
        .where(Message.to_phone == reader.phone, Message.ward_id == ward_id)
        .order_by(Message.due_at.desc(), Message.id.desc())
        .limit(LATEST)
    )
    return Number(
        reader,
        [
            Refusal(topic, how, since, who, theirs=how != "staff" or told_in not in (None, ward_id))
            for topic, how, since, who, told_in in refusals
        ],
        agreement,
        [
            name
            for name, _key, learner, person in sorted(sharing, key=lambda row: row[1])
            if (learner, person) != (reader.learner, reader.id)
        ],
        texts.all(),
    )


async def _agreement(db: AsyncSession, learner_id: int) -> Agreement | None:
    said = (
        await db.execute(
            select(Consent, User.name)
            .outerjoin(User, User.id == Consent.collected_by)
            .where(Consent.learner_id == learner_id, Consent.purpose == "sms")
            .order_by(Consent.withdrawn_at.is_(None).desc(), Consent.id.desc())
            .limit(1)
        )
    ).one_or_none()
    if said is None:
        return None
    consent, who = said
    # Who took a yes back is in the audit trail; the row keeps who wrote the answer down first.
    same_breath = consent.withdrawn_at in (None, consent.granted_at)
    return Agreement(
        consent.withdrawn_at is None,
        consent.how,
        consent.withdrawn_at or consent.granted_at,
        who if same_breath else None,
    )
