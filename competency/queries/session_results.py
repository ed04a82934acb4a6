"""Who came to a session, and who of them can get a certificate."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from attendance.queries import RollRow, roll
from competency.models import AwaitingSignOff, Certificate, Demonstration, SignOff
from competency.queries.certificates import is_printed
from competency.queries.evidence import shown_and_waiting
from learners.models import Learner
from scheduling.models import ClassSession


@dataclass(frozen=True, slots=True)
class CertificateCandidate:
    """Somebody of a session with confirmed skills that no standing certificate has on it."""

    learner_id: int
    ward_id: str
    name: str
    skills: int


@dataclass(frozen=True, slots=True)
class SessionResults:
    """What a session brought.

    Attributes:
        rows: everybody on the roll, by given name.
        ready: those present who can get a certificate, by given name.
        waiting: skills shown in it that wait for an assessor, and of how many people; what the queue of its
            ward shows of it.
    """

    rows: Sequence[RollRow]
    ready: Sequence[CertificateCandidate]
    waiting: tuple[int, int]

    def marked(self, *marks: str | None) -> list[RollRow]:
        """Those whose standing mark is one of these; None: unmarked."""
        return [each for each in self.rows if each.mark in marks]


async def session_results(db: AsyncSession, session_id: int) -> SessionResults:
    """The roll of a session and what can be done for those who came; three statements."""
    rows = await roll(db, session_id)
    present = [each.learner_id for each in rows if each.present]
    return SessionResults(rows, await _ready(db, present), await _waiting(db, session_id))


async def _ready(db: AsyncSession, learner_ids: Sequence[int]) -> list[CertificateCandidate]:
    rows = await db.execute(
        select(Learner.id, Learner.ward_id, Learner.title, Learner.full_name, func.count())
        .join(SignOff, SignOff.learner_id == Learner.id)
        .where(Learner.id.in_(learner_ids), SignOff.revoked_at.is_(None), ~_printed())
        .group_by(Learner.id)
        .order_by(Learner.sort_key, Learner.id)
    )
    return [
        CertificateCandidate(learner_id, ward_id, f"{title} {name}".strip(), skills)
        for learner_id, ward_id, title, name, skills in rows
    ]


def _printed() -> Any:
    """Whether a sign-off is on a certificate that stands."""
    return exists().where(
        Certificate.learner_id == SignOff.learner_id,
        Certificate.revoked_at.is_(None),
        is_printed(),
    )


async def _waiting(db: AsyncSession, session_id: int) -> tuple[int, int]:
    row = (
        await db.execute(
            shown_and_waiting(func.count(), func.count(AwaitingSignOff.learner_id.distinct()))
            .join(ClassSession, ClassSession.id == Demonstration.session_id)
            .where(ClassSession.id == session_id, ClassSession.ward_id == AwaitingSignOff.ward_id)
        )
    ).one()
    return row[0], row[1]
