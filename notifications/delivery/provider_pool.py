"""The pool of SMS providers: health, suspension and rate of each, shared by all workers.

What one worker learns (the provider is down, accepts no calls until some time, send times are reserved) is
stored in `gateway_state`, which the others read before each group they claim.
"""

import asyncio
import time
from collections.abc import Awaitable, Mapping, Sequence
from datetime import timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from gateways.protocol import CREDENTIALS, SENDER, GatewayUnavailable, SmsGateway
from lopso.kernel.clock import Clock
from notifications.delivery.provider_state import ProviderState
from notifications.delivery.providers import Provider
from notifications.rules.health import (
    HealthLimits,
    ProviderCall,
    ProviderHealth,
    assess,
    choose_provider,
)
from wordings.models import MESSAGE_CLASSES

log = structlog.get_logger("lopso.delivery")

_TRIAL_TIME = timedelta(seconds=0.2)  # at least


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
        self._state = ProviderState(engine)
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
        await self._state.announce(list(self.all), now=self._clock())
        await self.refresh()

    async def check(self) -> list[str]:
        """Check the credentials at every provider; returns the names of those that refuse them."""
        await self.announce()
        await asyncio.gather(*(self._check(provider) for provider in self.all.values()))
        return [provider.name for provider in self.all.values() if provider.health.why == CREDENTIALS]

    async def refresh(self) -> None:
        """Read what other workers stored; one statement."""
        before = {provider.name: provider.changes for provider in self.all.values()}
        for row in await self._state.rows():
            provider = self.all.get(row.name)
            if provider is None:
                continue
            found_here = provider.changes != before[provider.name] or provider.publishing
            if not found_here:  # this worker's own finding is newer
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
        """Reserve the next send times of a provider for `number` texts; seconds until the first of them.

        None: they are too far ahead; to be asked again soon.
        """
        if provider.rate is None:
            return 0.0
        now = self._clock()
        span = timedelta(seconds=number / provider.rate)
        first = await self._state.reserve(provider.name, span, urgent=urgent, now=now)
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
            await self._publish(self._state.suspend(provider.name, until=until))

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
        following = now + self.limits.probe_every
        if not await self._state.claim_trial(provider.name, now=now, following=following):
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
        trial_at = found.since + self.limits.probe_every
        try:
            await self._publish(self._state.set_health(provider.name, found, trial_at=trial_at))
        finally:
            provider.publishing = False

    async def _publish(self, change: Awaitable[None]) -> None:
        """Store for the other workers. Database errors are logged only: running sends matter more."""
        try:
            await change
        except SQLAlchemyError as error:
            log.warning("other workers could not be told", why=type(error).__name__)
