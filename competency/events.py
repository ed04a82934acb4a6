"""Events of sign-offs and certificates; lopso.application.wiring lists who handles them."""

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
class SignOffsRevoked:
    """Sign-offs of learners of one ward were revoked. Learner ids in ascending order."""

    ward_id: str
    learner_ids: tuple[int, ...]
    by: Actor
    at: datetime


@dataclass(frozen=True, slots=True)
class CertificateIssued:
    """A certificate was issued to a learner."""

    ward_id: str
    certificate_id: int
    learner_id: int
    by: Actor
    at: datetime


@dataclass(frozen=True, slots=True)
class CertificateRevoked:
    """A certificate was revoked."""

    ward_id: str
    certificate_id: int
    by: Actor
    at: datetime
