"""Which messages a closure would send. Nothing is written or locked: it may be of hundreds of sessions."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime
from itertools import groupby

from sqlalchemy.ext.asyncio import AsyncSession

from notifications.queries.policies import policies_for
from notifications.rules.drafts import Draft
from notifications.service.ledger import without_opted_out
from notifications.service.planning.context import PlanningContext
from notifications.service.planning.session_changes import cancellation_notices
from notifications.service.preview_messages import ChangePreview, MessagePreview
from wordings.queries.recipients import helpers_to_text, learners_to_text
from wordings.queries.sessions import sessions_by_id
from wordings.queries.versions import active_wordings
from wordings.rules.facts import SessionFacts

_TO_BE = 0
"""In place of the id of a closure that is not stored yet."""


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
    return ChangePreview(_grouped((await without_opted_out(db, drafts)).values()))


def _grouped(drafts: Iterable[Draft]) -> list[MessagePreview]:
    def key(draft: Draft) -> tuple[datetime, str]:
        return draft.window.due_at, draft.purpose

    found: list[MessagePreview] = []
    for (due_at, purpose), alike in groupby(sorted(drafts, key=key), key=key):
        several = list(alike)
        segments = sum(each.text.segments for each in several)
        found.append(MessagePreview(purpose, due_at, len(several), segments, several[0].text.accented))
    return found
