"""Which messages a closure would send. Nothing is written or locked: it may be of hundreds of sessions."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from notifications.queries.policies import policies_for
from notifications.rules.drafts import Draft
from notifications.service.ledger import without_opted_out
from notifications.service.planning.context import PlanningContext
from notifications.service.planning.session_changes import cancellation_notices
from notifications.service.preview_messages import ChangePreview, PlannedMessage, grouped_messages
from wordings.queries.recipients import helpers_to_text, learners_to_text
from wordings.queries.sessions import sessions_by_id
from wordings.queries.versions import active_wordings
from wordings.rules.facts import SessionFacts

_TO_BE = 0
"""In place of the id of a closure, or of a message, that is not stored yet."""


async def preview_closure(
    db: AsyncSession, session_ids: Collection[int], reason: str, *, now: datetime
) -> ChangePreview:
    """Preview what cancelling these sessions by one closure would send, ward by ward; six statements.

    Appointments by mail are not counted.
    """
    found = await sessions_by_id(db, session_ids, after=now)
    by_ward: dict[str, list[SessionFacts]] = defaultdict(list)
    for each in found:
        by_ward[each.ward_id].append(replace(each, closure_id=_TO_BE))
    policies, wordings = await policies_for(db, set(by_ward)), await active_wordings(db)
    learners, helpers = await learners_to_text(db, session_ids), await helpers_to_text(db, session_ids)
    drafts: list[Draft] = []
    for sessions in by_ward.values():
        context = PlanningContext(sessions, policies, wordings, now)
        drafts += cancellation_notices(context, "session_cancelled", learners, reason)
        drafts += cancellation_notices(context, "helper_cancelled", helpers, reason)
    messages = [_as_planned(each) for each in (await without_opted_out(db, drafts)).values()]
    return ChangePreview(grouped_messages(sorted(messages, key=lambda each: each.group)))


def _as_planned(draft: Draft) -> PlannedMessage:
    text, wording = draft.text, draft.wording
    return PlannedMessage(
        _TO_BE, text.accented, draft.window.due_at, draft.purpose, wording.id, text.segments
    )
