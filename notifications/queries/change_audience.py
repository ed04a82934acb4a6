"""Whom a change of sessions concerns, whom its texts reach, and why some people get none."""

from collections import Counter
from collections.abc import Collection, Mapping, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

from sqlalchemy import func, select, union_all
from sqlalchemy import literal as constant
from sqlalchemy.ext.asyncio import AsyncSession

from learners.models import Learner
from lopso.kernel.phone import read_phone
from notifications.models import Message, MessageRecipient
from notifications.queries.opt_outs import opted_out
from notifications.rules.reach import ChangeReach, NoTextReason
from scheduling.models import ASSIGNMENT_ACTIVE, Assignment, ClassSession, Enrolment
from trainers.models import Trainer
from wordings.queries.recipients import consent_withdrawn

PersonKind = Literal["learner", "trainer"]


class AudienceMember(NamedTuple):
    """A learner or a helper."""

    kind: PersonKind
    id: int


@dataclass(frozen=True, slots=True)
class SessionPeople:
    """Published sessions as they stand, and who takes part in them.

    Attributes:
        states: version and time of cancellation, by session.
        rows: session, person, whether they only wait for a seat.
    """

    states: Mapping[int, tuple[int, datetime | None]]
    rows: Collection[tuple[int, AudienceMember, bool]]

    def seated(self, session_ids: Collection[int]) -> Set[AudienceMember]:
        """Those with a seat in one of these sessions, and their helpers."""
        return {person for session, person, waits in self.rows if session in session_ids and not waits}

    def waiting(self, session_ids: Collection[int]) -> Set[AudienceMember]:
        """Those who wait for a seat in one of these sessions."""
        return {person for session, person, waits in self.rows if session in session_ids and waits}


async def people_by_session(db: AsyncSession, session_ids: Collection[int]) -> SessionPeople:
    """Learners with a seat or waiting, helpers asked or accepted, of published sessions; two statements."""
    learners = select(
        constant("learner").label("kind"),
        Enrolment.session_id,
        Enrolment.learner_id.label("person_id"),
        (Enrolment.state == "waitlisted").label("waits"),
    ).where(Enrolment.session_id.in_(session_ids), Enrolment.state != "cancelled")
    helpers = select(
        constant("trainer"), Assignment.session_id, Assignment.trainer_id, constant(False)
    ).where(Assignment.session_id.in_(session_ids), Assignment.state.in_(ASSIGNMENT_ACTIVE))
    states = await _states(db, session_ids)
    rows = await db.execute(union_all(learners, helpers))
    return SessionPeople(
        states,
        [
            (session, AudienceMember("learner" if kind == "learner" else "trainer", person), waits)
            for kind, session, person, waits in rows
            if session in states
        ],
    )


async def reach_of(db: AsyncSession, before: SessionPeople, message_ids: Collection[int]) -> ChangeReach:
    """Whom these planned texts reach, after the change; seven statements.

    Args:
        before: people of the sessions as they were, some of which changed.
    """
    changed = await _changed_since(db, before)
    after = await people_by_session(db, changed)
    seated = before.seated(changed) | after.seated(changed)
    numbers, readers = await _readers_of(db, message_ids)
    people = seated | before.waiting(changed) | after.waiting(changed) | readers
    reasons = await _reasons_of(db, people - readers, waiting=people - seated)
    return ChangeReach(len(people), len(message_ids), max(0, len(readers) - numbers), reasons)


async def _changed_since(db: AsyncSession, before: SessionPeople) -> Set[int]:
    """Which sessions are not as they were: moved, cancelled or opened again; one statement."""
    now = await _states(db, before.states)
    return {session for session, state in before.states.items() if now.get(session) != state}


async def _states(
    db: AsyncSession, session_ids: Collection[int]
) -> Mapping[int, tuple[int, datetime | None]]:
    rows = await db.execute(
        select(ClassSession.id, ClassSession.version, ClassSession.cancelled_at).where(
            ClassSession.id.in_(session_ids), ClassSession.published_at.is_not(None)
        )
    )
    return {session: (version, cancelled_at) for session, version, cancelled_at in rows}


async def _readers_of(db: AsyncSession, message_ids: Collection[int]) -> tuple[int, Set[AudienceMember]]:
    """To how many numbers these texts go, and whom they speak of; two statements."""
    numbers = await db.scalar(
        select(func.count(Message.to_phone.distinct())).where(Message.id.in_(message_ids))
    )
    rows = await db.execute(
        select(MessageRecipient.learner_id, MessageRecipient.trainer_id).where(
            MessageRecipient.message_id.in_(message_ids)
        )
    )
    readers = {
        AudienceMember("learner" if learner else "trainer", learner or trainer or 0)
        for learner, trainer in rows
    }
    return numbers or 0, readers


async def _reasons_of(
    db: AsyncSession, people: Set[AudienceMember], *, waiting: Set[AudienceMember]
) -> Mapping[NoTextReason, int]:
    """How many of these people get no text for which reason; two statements."""
    refused = opted_out(Learner.phone, ("changes",)) | consent_withdrawn(Learner.id)
    learners = select(Learner.id, Learner.phone, refused).where(Learner.id.in_(_ids(people, "learner")))
    refused = opted_out(Trainer.phone, ("duties",))
    helpers = select(Trainer.id, Trainer.phone, refused).where(Trainer.id.in_(_ids(people, "trainer")))
    found: Counter[NoTextReason] = Counter()
    for person, phone, refuses in await db.execute(learners):
        found[_reason(phone, refuses, AudienceMember("learner", person) in waiting)] += 1
    for person, phone, refuses in await db.execute(helpers):
        found[_reason(phone, refuses, AudienceMember("trainer", person) in waiting)] += 1
    return found


def _ids(people: Set[AudienceMember], kind: PersonKind) -> list[int]:
    return sorted(each.id for each in people if each.kind == kind)


def _reason(phone: str | None, refuses: bool, waits: bool) -> NoTextReason:
    if waits:
        return "waiting"
    if phone is None or read_phone(phone).kind != "mobile":
        return "no_mobile"
    return "refused" if refuses else "told"
