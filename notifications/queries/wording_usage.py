"""How often wordings are used, for their pages."""

from collections.abc import Collection, Set
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import clock
from notifications.models import Message
from notifications.queries.policies import policies_for
from notifications.rules import timing
from wordings.models import MessageTemplate
from wordings.rules.facts import SessionFacts
from wordings.rules.placeholders import purpose_of


class LedgerUsage:
    """`WordingUsage` by the ledger and the reminder policies."""

    async def sent_last_month(self, db: AsyncSession, code: str, *, now: datetime) -> int:
        """Counted in an index of what was sent, version by version."""
        first = clock.local_day(now).replace(day=1)
        before = (first - timedelta(days=1)).replace(day=1)
        versions = select(MessageTemplate.id).where(MessageTemplate.code == code)
        return (
            await db.scalar(
                select(func.count())
                .select_from(Message)
                .where(
                    Message.template_id.in_(versions),
                    clock.start_of_day(before) <= Message.due_at,
                    clock.start_of_day(first) > Message.due_at,
                    Message.sent_at.is_not(None),
                )
            )
            or 0
        )

    async def reminders_due(
        self,
        db: AsyncSession,
        code: str,
        sessions: Collection[SessionFacts],
        *,
        before: datetime,
        now: datetime,
    ) -> Set[int]:
        """By the policy of each session's ward."""
        policies = await policies_for(db, {session.ward_id for session in sessions})
        plan = timing.day_before if purpose_of(code) == "reminder_day_before" else timing.same_day
        windows = {
            session.id: plan(policies[session.ward_id].of(session.kind), session.starts_at, now)
            for session in sessions
        }
        return {session_id for session_id, window in windows.items() if window and window.due_at < before}
