"""Tasks of those who confirm: sign-offs by class, lists that wait for answers."""

from sqlalchemy import func, literal, select

from competency.models import AwaitingSignOff, Demonstration
from competency.queries.evidence import shown_and_waiting
from lopso.kernel.workbook.staging import KEPT, StagedImport
from overview.queries.statements import AnySelect
from overview.queries.tasks.rows import READER, WARD, instant, task_columns
from scheduling.models import ClassSession


def sign_offs() -> AnySelect:
    """Skills waiting for a second person, by the session in which they were last shown to somebody else.

    Without those of archived learners, as in the queue.
    """
    shown = (
        shown_and_waiting(
            AwaitingSignOff.learner_id,
            AwaitingSignOff.skill_id,
            func.max(Demonstration.session_id).label("session_id"),
        )
        .where(AwaitingSignOff.ward_id == WARD, Demonstration.observed_by.is_distinct_from(READER))
        .group_by(AwaitingSignOff.learner_id, AwaitingSignOff.skill_id)
        .subquery("shown")
    )
    by_session = (
        select(
            shown.c.session_id,
            func.count().label("skills"),
            func.count(shown.c.learner_id.distinct()).label("people"),
        )
        .group_by(shown.c.session_id)
        .subquery("by_session")
    )
    return (
        task_columns(
            ClassSession.ends_at,
            session_id=ClassSession.id,
            name=ClassSession.title,
            detail={
                "skills": by_session.c.skills,
                "people": by_session.c.people,
                "starts": ClassSession.starts_at,
            },
        )
        .select_from(by_session)
        .join(ClassSession, ClassSession.id == by_session.c.session_id)
    )


def imports() -> AnySelect:
    """Lists that were sent and wait to be looked through, until they are deleted."""
    return (
        task_columns(
            StagedImport.made_at + literal(KEPT),
            name=StagedImport.kind,
            detail={"id": StagedImport.id, "made": StagedImport.made_at},
        )
        .select_from(StagedImport)
        .where(
            StagedImport.ward_id == WARD,
            StagedImport.saved_at.is_(None),
            StagedImport.made_at > instant("week_ago"),
        )
    )
