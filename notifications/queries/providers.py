"""Health of the SMS providers, as the workers stored it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from notifications.models import GatewayState, Message

_WORKER_SEEN = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class ProviderStatus:
    """One provider.

    Attributes:
        health: "good", "slow" or "down", `since` when; `why` a short code: "slow", "credentials", or how the
            calls failed.
        closed_until: suspended until then; None: it accepts calls.
        has_worker: a worker served it lately; otherwise nothing is sent through it.
        unknown: number of its messages of unknown outcome.
    """

    name: str
    health: str
    since: datetime
    why: str
    closed_until: datetime | None
    has_worker: bool
    unknown: int


async def provider_statuses(db: AsyncSession, *, now: datetime) -> list[ProviderStatus]:
    """Every provider that a worker ever served, by name; one statement."""
    unknown = (
        select(Message.provider, func.count().label("number"))
        .where(Message.state == "ambiguous")
        .group_by(Message.provider)
        .subquery()
    )
    rows = await db.execute(
        select(GatewayState, func.coalesce(unknown.c.number, 0))
        .outerjoin(unknown, unknown.c.provider == GatewayState.name)
        .order_by(GatewayState.name)
    )
    return [
        ProviderStatus(
            state.name,
            state.health,
            state.health_since,
            state.why,
            state.closed_until if state.closed_until and state.closed_until > now else None,
            state.seen_at > now - _WORKER_SEEN,
            number,
        )
        for state, number in rows
    ]
