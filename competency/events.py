"""What became of skills. Listeners are listed in one place
(lopso.application.wiring), inside the same transaction."""

from dataclasses import dataclass
from datetime import datetime

from lopso.kernel.access import Actor


@dataclass(frozen=True, slots=True)
class SkillsSignedOff:
    """A second person confirmed skills of learners of one ward. Learner ids in ascending order."""

    ward_id: str
    learner_ids: tuple[int, ...]
    by: Actor
    at: datetime


@dataclass(frozen=True, slots=True)
class SignOffRevoked:
    """A confirmed skill of a learner was taken back."""

    ward_id: str
    learner_id: int
    by: Actor
    at: datetime


@dataclass(frozen=True, slots=True)
class CertificateIssued:
    """A learner's skills were put on paper."""

    ward_id: str
    certificate_id: int
    learner_id: int
    by: Actor
    at: datetime


@dataclass(frozen=True, slots=True)
class CertificateRevoked:
    """A certificate was declared void."""

    ward_id: str
    certificate_id: int
    by: Actor
    at: datetime
