"""The pool of SMS providers: health, suspension and rate of each, shared by all workers.

What one worker learns (the provider is down, accepts no calls until some time, send times are reserved) is
stored in `gateway_state`, which the others read before each group they claim.
"""

import asyncio
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from sqlalchemy import TextClause, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from gateways.protocol import CREDENTIALS, SENDER, GatewayUnavailable, SmsGateway
from lopso.kernel.clock import Clock
from notifications.rules.health import (
    HealthLimits,
    ProviderCall,
    ProviderHealth,
    ProviderOption,
    assess,
    choose_provider,
)
from wordings.models import MESSAGE_CLASSES

log = structlog.get_logger("lopso.delivery")

_CALLS_KEPT = 200  # calls
_TRIAL_TIME = timedelta(seconds=0.2)  # at least
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


@dataclass
class Provider:
    """One provider as this worker sees it.

    Attributes:
        rate: most texts a second, from all workers together; None: unlimited.
        only_route: some message class has no other provider.
        trial: number of trial texts it may get while unhealthy.
        changes: number of health changes found by this worker; `publishing` while one is being stored.
    """

    gateway: SmsGateway
    health: ProviderHealth
    rate: float | None = None
    only_route: bool = True
    closed_until: datetime | None = None
    trial: int = 0
    changes: int = 0
    publishing: bool = False
    calls: deque[ProviderCall] = field(default_factory=lambda: deque[ProviderCall](maxlen=_CALLS_KEPT))

    @property
    def name(self) -> str:
        return self.gateway.name

    def open(self, now: datetime) -> bool:
        """Whether it accepts texts, apart from trials."""
        return self.health.state != "down" and not self.option().opens_in(now)

    def option(self) -> ProviderOption:
        """What the choice of a provider depends on."""
        return ProviderOption(self.name, self.health.state, self.closed_until)


class ProviderPool:
    """All providers of a worker.

    Args:
        gateways: in order of preference where no route says otherwise.
        routes: message class → gateway names, preferred first.
        rates: name → most texts a second.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        clock: Clock,
        gateways: Sequence[SmsGateway],
        *,
        routes: Mapping[str, Sequence[str]] | None = None,
        rates: Mapping[str, float] | None = None,
        limits: HealthLimits | None = None,
    ) -> None:
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._clock = clock
        self._routes = routes or {}
        self.limits = limits or HealthLimits()
        unknown = ProviderHealth("good", clock())
        self.all = {each.name: Provider(each, unknown, (rates or {}).get(each.name)) for each in gateways}
        for message_class in MESSAGE_CLASSES:
            route = self.route(message_class)
            for provider in route:
                provider.only_route = provider.only_route and len(route) == 1
        self._trials: dict[str, asyncio.Task[None]] = {}

    def route(self, message_class: str) -> list[Provider]:
        """The providers for texts of this class, preferred first."""
        return [self.all[name] for name in self._routes.get(message_class, self.all)]

    async def announce(self) -> None:
        """Record that a worker serves these providers, and refresh."""
        async with self._engine.connect() as connection:
            await connection.execute(_ANNOUNCE, {"names": sorted(self.all), "now": self._clock()})
        await self.refresh()

    async def check(self) -> list[str]:
        """Check the credentials at every provider; returns the names of those that refuse them."""
        await self.announce()
        await asyncio.gather(*(self._check(provider) for provider in self.all.values()))
        return [provider.name for provider in self.all.values() if provider.health.why == CREDENTIALS]

    async def refresh(self) -> None:
        """Read what other workers stored; one statement."""
        before = {provider.name: provider.changes for provider in self.all.values()}
        async with self._engine.connect() as connection:
            rows = (await connection.execute(_REFRESH)).all()
        for row in rows:
            provider = self.all.get(row.name)
            if provider is None:
                continue
            if (
                provider.changes == before[provider.name] and not provider.publishing
            ):  # else this worker's own finding is newer
                provider.health = ProviderHealth(row.health, row.health_since, row.why)
            provider.closed_until = max(filter(None, (provider.closed_until, row.closed_until)), default=None)

    def choose(self, message_class: str, *, urgent: bool) -> tuple[Provider, int | None] | None:
        """The provider for the next texts of this class, and how many it may get (None: any number).

        One that is not well gets a few on trial from time to time; urgent ones only where no other way is.
        """
        route = self.route(message_class)
        option = choose_provider(
            [provider.option() for provider in route], now=self._clock(), limits=self.limits
        )
        if option is None or not urgent:
            for provider in route:
                if provider.trial and not provider.option().opens_in(self._clock()):
                    texts, provider.trial = provider.trial, 0
                    return provider, texts
                self._begin_trial(provider)
        return None if option is None else (self.all[option.name], None)

    def registered_only(self) -> list[str]:
        """Message classes that no provider accepts without a registered wording."""
        return [
            each
            for each in MESSAGE_CLASSES
            if all(provider.gateway.registered_only for provider in self.route(each))
        ]

    def time_until_available(self, message_class: str) -> timedelta:
        """The shortest wait for texts of this class; `timedelta.max` when unknown."""
        now = self._clock()
        return min(
            _TRIAL_TIME
            if provider.name in self._trials
            else provider.option().opens_in(now)
            if provider.health.state != "down"
            else timedelta.max
            for provider in self.route(message_class)
        )

    @property
    def any_unhealthy(self) -> bool:
        """Whether some provider is unhealthy and due for trials."""
        return any(provider.health.state != "good" for provider in self.all.values())

    async def reserve(self, provider: Provider, number: int, *, urgent: bool) -> float | None:
        """Have so many of the provider's next free moments; seconds until the first of them.

        None: they are too far ahead, ask again soon. Urgent texts may look further ahead than others, and so
        come before all who wait.
        """
        if provider.rate is None:
            return 0.0
        now = self._clock()
        ahead = _RESERVE_AHEAD_URGENT if urgent else _RESERVE_AHEAD
        wanted = {
            "name": provider.name,
            "span": timedelta(seconds=number / provider.rate),
            "now": now,
            "latest": now + ahead,
        }
        async with self._engine.connect() as connection:
            first = await connection.scalar(_RESERVE, wanted)
        return max(0.0, (first - now).total_seconds()) if first else None

    async def record_call(self, provider: Provider, seconds: float, failure: str = "") -> None:
        """Record a call; stores the provider's health when it changes."""
        call = ProviderCall(self._clock(), seconds, failure)
        provider.calls.append(call)
        if provider.health.state == "good" and not failure and seconds <= self.limits.slow:
            return
        found = assess(
            provider.health,
            provider.calls,
            only_route=provider.only_route,
            now=call.ended_at,
            limits=self.limits,
        )
        if found != provider.health:
            await self._set_health(provider, found)

    async def suspend(self, provider: Provider, seconds: float, why: str) -> None:
        """Stop all workers' calls to this provider for `seconds`."""
        now = self._clock()
        until = now + timedelta(seconds=max(1.0, seconds))
        if why in (CREDENTIALS, SENDER) and provider.health.why != why:  # every text would be refused
            await self._set_health(provider, ProviderHealth("down", now, why))
        # Credentials are retried by a check without a text; a refused sender only by another text.
        known = provider.closed_until is not None and provider.closed_until >= until - timedelta(seconds=0.5)
        if why != CREDENTIALS and not known:
            provider.closed_until = until
            log.warning("provider unavailable", provider=provider.name, why=why, seconds=round(seconds))
            await self._publish(_SUSPEND, {"name": provider.name, "until": until})

    async def aclose(self) -> None:
        """Close every provider's connections."""
        for task in list(self._trials.values()):
            task.cancel()
        await asyncio.gather(*(provider.gateway.close() for provider in self.all.values()))

    def _begin_trial(self, provider: Provider) -> None:
        if provider.health.state == "good" or provider.trial or provider.name in self._trials:
            return
        task = asyncio.create_task(self._claim_trial(provider))
        self._trials[provider.name] = task
        task.add_done_callback(lambda _done: self._trials.pop(provider.name, None))

    async def _claim_trial(self, provider: Provider) -> None:
        now = self._clock()
        async with self._engine.connect() as connection:
            due = {"name": provider.name, "now": now, "next": now + self.limits.probe_every}
            if (await connection.execute(_CLAIM_TRIAL, due)).first() is None:
                return
        if await self._check(provider):
            provider.trial = self.limits.probe_texts

    async def _check(self, provider: Provider) -> bool:
        """Whether the provider is reachable and accepts our credentials; sends no text."""
        started = time.monotonic()
        try:
            await provider.gateway.check()
        except GatewayUnavailable as refusal:
            await self.record_call(provider, time.monotonic() - started, refusal.why)
            if refusal.why == CREDENTIALS and provider.health.why != CREDENTIALS:
                await self._set_health(provider, ProviderHealth("down", self._clock(), CREDENTIALS))
            return False
        if provider.health.why == CREDENTIALS:  # corrected: nothing else was wrong
            await self._set_health(provider, ProviderHealth("good", self._clock()))
        return True

    async def _set_health(self, provider: Provider, found: ProviderHealth) -> None:
        provider.health = found
        provider.changes += 1
        provider.publishing = True
        log.warning("provider", provider=provider.name, health=found.state, why=found.why)
        turn = {
            "name": provider.name,
            "health": found.state,
            "since": found.since,
            "why": found.why,
            "trial_at": found.since + self.limits.probe_every,
        }
        try:
            await self._publish(_SET_HEALTH, turn)
        finally:
            provider.publishing = False

    async def _publish(self, statement: TextClause, values: Mapping[str, object]) -> None:
        """Store for the other workers. Database errors are logged only: running sends matter more."""
        try:
            async with self._engine.connect() as connection:
                await connection.execute(statement, values)
        except SQLAlchemyError as error:
            log.warning("other workers could not be told", why=type(error).__name__)
