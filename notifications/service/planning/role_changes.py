"""Messages that tell helpers of another role in a session."""

from collections.abc import Collection, Iterable, Mapping

from sqlalchemy.ext.asyncio import AsyncSession

from notifications.rules import drafting
from notifications.rules.drafts import Draft
from notifications.service.open_messages import OpenMessage
from notifications.service.planning.context import PlanningContext
from wordings.queries.recipients import helpers_to_text, roles_of


async def role_change_notices(
    db: AsyncSession, context: PlanningContext, trainers: Mapping[int, Collection[int]]
) -> list[Draft]:
    """The messages that tell helpers which role they have now; two statements.

    Args:
        trainers: session id → trainers to be told.
    """
    ids = [session_id for session_id, some in trainers.items() if some]
    if not ids:
        return []
    roles = await roles_of(db, ids)
    people = await helpers_to_text(db, ids)
    windows = {each.id: context.immediate_window(each) for each in context.sessions}
    return [
        drafting.role_change_notice(
            session, [each], roles[session.id, each.trainer_id], window=window, wordings=context.wordings
        )
        for session in context.sessions
        for each in people.get(session.id, ())
        if each.trainer_id in trainers.get(session.id, ())
        and (session.id, each.trainer_id) in roles
        and (window := windows[session.id]) is not None
    ]


def unread_role_changes(current: Iterable[OpenMessage]) -> dict[int, set[int]]:
    """Session id → trainers who have not yet been told of their new role in it."""
    found: dict[int, set[int]] = {}
    for each in current:
        if each.key.purpose == "assignment_changed":
            trainers = {trainer_id for _learner_id, trainer_id in each.people if trainer_id is not None}
            found.setdefault(each.session_id, set()).update(trainers)
    return found
