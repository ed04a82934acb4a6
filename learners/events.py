"""Events of learners; listeners are named in lopso.application.wiring."""

from dataclasses import dataclass
from datetime import datetime

from lopso.kernel.access import Actor


@dataclass(frozen=True, slots=True)
class ConsentsAnswered:
    """Consents of a learner were given or withdrawn; `purposes` are those whose answer changed."""

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
    """A learner's e-mail address was added, corrected or removed."""

    learner_id: int
    by: Actor
    at: datetime


@dataclass(frozen=True, slots=True)
class LearnerArchived:
    """A learner was archived; their seats stay as they were."""

    learner_id: int
    by: Actor
    at: datetime


@dataclass(frozen=True, slots=True)
class LearnerReturned:
    """An archived learner was restored."""

    learner_id: int
    by: Actor
    at: datetime
