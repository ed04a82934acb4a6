"""What happened to learners, for whoever listens (lopso.application.wiring)."""

from dataclasses import dataclass
from datetime import datetime

from lopso.kernel.access import Actor


@dataclass(frozen=True, slots=True)
class ConsentsAnswered:
    """A learner, or whoever speaks for them, said yes or no; `purposes` are those whose answer changed."""

    learner_id: int
    purposes: frozenset[str]
    by: Actor
    at: datetime


@dataclass(frozen=True, slots=True)
class LearnerNameChanged:
    """How a learner is called was corrected: name, form of address, sex or year of birth."""

    learner_id: int
    by: Actor
    at: datetime


@dataclass(frozen=True, slots=True)
class LearnerPhoneChanged:
    """A learner's number was corrected. E.164; None: no number. Others of the family may keep the old one."""

    learner_id: int
    old_phone: str | None
    phone: str | None
    by: Actor
    at: datetime


@dataclass(frozen=True, slots=True)
class LearnerEmailChanged:
    """A learner's e-mail address was written down, corrected or taken out."""

    learner_id: int
    by: Actor
    at: datetime


@dataclass(frozen=True, slots=True)
class LearnerArchived:
    """A learner is off the lists; seats stay as they were."""

    learner_id: int
    by: Actor
    at: datetime


@dataclass(frozen=True, slots=True)
class LearnerReturned:
    """A learner is on the lists again."""

    learner_id: int
    by: Actor
    at: datetime
