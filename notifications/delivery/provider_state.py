"""What all workers know of the providers: table `gateway_state`. Each function is one statement."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, TextClause, text
from sqlalchemy.ext.asyncio import AsyncEngine

from notifications.rules.health import ProviderHealth

_RESERVE_AHEAD = timedelta(seconds=2)
_RESERVE_AHEAD_URGENT = timedelta(seconds=8)

_ANNOUNCE = text("""
    INSERT INTO gateway_state (name, health_since, seen_at)
    SELECT name, :now, :now FROM unnest(CAST(:names AS text[])) AS name
    ON CONFLICT (name) DO UPDATE SET seen_at = excluded.seen_at
""")
_REFRESH = text("SELECT name, health, health_since, why, closed_until FROM gateway_state")
_SUSPEND = text("""
    UPDATE gateway_state SET closed_until = greatest(closed_until, :until) WHERE name = :name
""")
_SET_HEALTH = text("""
    UPDATE gateway_state SET health = :health, health_since = :since, why = :why,
        probe_at = CASE WHEN health = 'good' THEN CAST(:trial_at AS timestamptz) ELSE probe_at END
    WHERE name = :name AND (health <> :health OR why <> :why)
""")
# The first worker gets the trial; `probe_at` is when the next one is due.
_CLAIM_TRIAL = text("""
    UPDATE gateway_state SET probe_at = :next
    WHERE name = :name AND health <> 'good' AND (probe_at IS NULL OR probe_at <= :now)
    RETURNING name
""")
# Send times far ahead cannot be reserved: a later urgent text would wait behind times that may never be used.
_RESERVE = text("""
    UPDATE gateway_state SET next_free_at = greatest(next_free_at, :now) + CAST(:span AS interval)
    WHERE name = :name AND (next_free_at IS NULL OR next_free_at <= :latest)
    RETURNING next_free_at - CAST(:span AS interval)
""")


class ProviderState:
    """The table, read and written at once: on `engine` each statement is a transaction of its own."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")

    async def announce(self, names: Sequence[str], *, now: datetime) -> None:
        """Record that a worker serves these providers."""
        await self._execute(_ANNOUNCE, {"names": sorted(names), "now": now})

    async def rows(self) -> Sequence[Row[Any]]:
        """Name, health, health_since, why, closed_until of every provider."""
        async with self._engine.connect() as connection:
            return (await connection.execute(_REFRESH)).all()

    async def suspend(self, name: str, *, until: datetime) -> None:
        """No worker calls this provider before `until`."""
        await self._execute(_SUSPEND, {"name": name, "until": until})

    async def set_health(self, name: str, found: ProviderHealth, *, trial_at: datetime) -> None:
        """Store how a provider is doing; `trial_at` is when it may be tried, where it was good before."""
        await self._execute(
            _SET_HEALTH,
            {
                "name": name,
                "health": found.state,
                "since": found.since,
                "why": found.why,
                "trial_at": trial_at,
            },
        )

    async def claim_trial(self, name: str, *, now: datetime, following: datetime) -> bool:
        """Whether this worker may try an unhealthy provider now; the next trial is at `following`."""
        async with self._engine.connect() as connection:
            due = {"name": name, "now": now, "next": following}
            return (await connection.execute(_CLAIM_TRIAL, due)).first() is not None

    async def reserve(self, name: str, span: timedelta, *, urgent: bool, now: datetime) -> datetime | None:
        """Reserve the next `span` of a provider's send times; when it begins.

        None: it is too far ahead. Urgent texts may reserve further ahead than others, and so come before all
        that wait.
        """
        ahead = _RESERVE_AHEAD_URGENT if urgent else _RESERVE_AHEAD
        wanted = {"name": name, "span": span, "now": now, "latest": now + ahead}
        async with self._engine.connect() as connection:
            return await connection.scalar(_RESERVE, wanted)

    async def _execute(self, statement: TextClause, values: Mapping[str, object]) -> None:
        async with self._engine.connect() as connection:
            await connection.execute(statement, values)
