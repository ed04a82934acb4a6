"""The providers: one for each provider, with what all workers know of it and what this one saw of it itself.

What one worker learns (it is down, it wants no calls before some instant, its rate is spoken for) stands in
`gateway_state`, where the others read it before each group they take.
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

from gateways.protocol import (
    CREDENTIALS,
    SENDER,
    GatewayUnavailable,
    SmsGateway,
)
from lopso.kernel.clock import Clock
from notifications.models import MESSAGE_CLASSES
from notifications.rules.health import Call, Door, Limits, Standing, chosen, judged

log = structlog.get_logger("lopso.delivery")

_REMEMBERED = 200  # calls
_TRIAL_TAKES = timedelta(seconds=0.2)  # at least
_AHEAD = timedelta(seconds=2)
_AHEAD_URGENT = timedelta(seconds=8)

_APPEAR = text("""
    INSERT INTO gateway_state (name, health_since, seen_at)
    SELECT name, :now, :now FROM unnest(CAST(:names AS text[])) AS name
    ON CONFLICT (name) DO UPDATE SET seen_at = excluded.seen_at
""")
_LOOK = text("SELECT name, health, health_since, why, closed_until FROM gateway_state")
_CLOSE = text("""
    UPDATE gateway_state SET closed_until = greatest(closed_until, :until) WHERE name = :name
""")
_TURN = text("""
    UPDATE gateway_state SET health = :health, health_since = :since, why = :why,
        probe_at = CASE WHEN health = 'good' THEN CAST(:trial_at AS timestamptz) ELSE probe_at END
    WHERE name = :name AND (health <> :health OR why <> :why)
""")
# Whoever comes first has the trial; `probe_at` is when the next one is due.
_TRY = text("""
    UPDATE gateway_state SET probe_at = :next
    WHERE name = :name AND health <> 'good' AND (probe_at IS NULL OR probe_at <= :now)
    RETURNING name
""")
# Nobody speaks for moments far ahead: else whoever comes late, an urgent text above all, would wait behind
# moments that others may never use.
_RESERVE = text("""
    UPDATE gateway_state SET next_free_at = greatest(next_free_at, :now) + CAST(:span AS interval)
    WHERE name = :name AND (next_free_at IS NULL OR next_free_at <= :latest)
    RETURNING next_free_at - CAST(:span AS interval)
""")


@dataclass
class Provider:
    """One provider.

    Attributes:
        rate: most texts a second, from all workers together; None: as many as it takes.
        alone: no route leads around it.
        trial: texts it may have although it is not well.
        turns: how often this worker changed its mind about it; `writing` while it tells the others so.
    """

    gateway: SmsGateway
    standing: Standing
    rate: float | None = None
    alone: bool = True
    closed_until: datetime | None = None
    trial: int = 0
    turns: int = 0
    writing: bool = False
    calls: deque[Call] = field(default_factory=lambda: deque[Call](maxlen=_REMEMBERED))

    @property
    def name(self) -> str:
        """The provider's."""
        return self.gateway.name

    def open(self, now: datetime) -> bool:
        """Whether texts may be handed over, trials apart."""
        return self.standing.health != "down" and not self.door().opens_in(now)

    def door(self) -> Door:
        """As one who chooses sees it."""
        return Door(self.name, self.standing.health, self.closed_until)


class ProviderPool:
    """Every provider of a worker.

    Args:
        gateways: in order of preference where no route says otherwise.
        routes: class of text → names of gateways, the wanted one first.
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
        limits: Limits | None = None,
    ) -> None:
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._clock = clock
        self._routes = routes or {}
        self.limits = limits or Limits()
        unknown = Standing("good", clock())
        self.all = {each.name: Provider(each, unknown, (rates or {}).get(each.name)) for each in gateways}
        for message_class in MESSAGE_CLASSES:
            route = self.route(message_class)
            for provider in route:
                provider.alone = provider.alone and len(route) == 1
        self._trials: dict[str, asyncio.Task[None]] = {}

    def route(self, message_class: str) -> list[Provider]:
        """The providers for texts of this class, the wanted one first."""
        return [self.all[name] for name in self._routes.get(message_class, self.all)]

    async def appear(self) -> None:
        """Say that a worker looks after these providers."""
        async with self._engine.connect() as connection:
            await connection.execute(_APPEAR, {"names": sorted(self.all), "now": self._clock()})
        await self.look()

    async def check(self) -> list[str]:
        """Ask every provider whether it knows us; names of those that refuse our credentials."""
        await self.appear()
        await asyncio.gather(*(self._check(provider) for provider in self.all.values()))
        return [provider.name for provider in self.all.values() if provider.standing.why == CREDENTIALS]

    async def look(self) -> None:
        """Learn what other workers found out; one statement."""
        before = {provider.name: provider.turns for provider in self.all.values()}
        async with self._engine.connect() as connection:
            rows = (await connection.execute(_LOOK)).all()
        for row in rows:
            provider = self.all.get(row.name)
            if provider is None:
                continue
            if (
                provider.turns == before[provider.name] and not provider.writing
            ):  # else this worker knows better
                provider.standing = Standing(row.health, row.health_since, row.why)
            provider.closed_until = max(filter(None, (provider.closed_until, row.closed_until)), default=None)

    def choose(self, message_class: str, *, urgent: bool) -> tuple[Provider, int | None] | None:
        """The provider for the next texts of this class, and how many it may have (None: any number).

        One that is not well gets a few on trial from time to time; urgent ones only where no other way is.
        """
        route = self.route(message_class)
        door = chosen([provider.door() for provider in route], now=self._clock(), limits=self.limits)
        if door is None or not urgent:
            for provider in route:
                if provider.trial and not provider.door().opens_in(self._clock()):
                    texts, provider.trial = provider.trial, 0
                    return provider, texts
                self._begin_trial(provider)
        return None if door is None else (self.all[door.name], None)

    def registered_only(self) -> list[str]:
        """Classes of texts that go nowhere without a registered wording."""
        return [
            each
            for each in MESSAGE_CLASSES
            if all(provider.gateway.registered_only for provider in self.route(each))
        ]

    def pause(self, message_class: str) -> timedelta:
        """How long texts of this class wait at least; `timedelta.max` where nobody can say."""
        now = self._clock()
        return min(
            _TRIAL_TAKES
            if provider.name in self._trials
            else provider.door().opens_in(now)
            if provider.standing.health != "down"
            else timedelta.max
            for provider in self.route(message_class)
        )

    @property
    def any_ill(self) -> bool:
        """Whether a provider waits for a trial."""
        return any(provider.standing.health != "good" for provider in self.all.values())

    async def reserve(self, provider: Provider, number: int, *, urgent: bool) -> float | None:
        """Have so many of the provider's next free moments; seconds until the first of them.

        None: they are too far ahead, ask again soon. Urgent texts may look further ahead than others, and so
        come before all who wait.
        """
        if provider.rate is None:
            return 0.0
        now = self._clock()
        ahead = _AHEAD_URGENT if urgent else _AHEAD
        wanted = {
            "name": provider.name,
            "span": timedelta(seconds=number / provider.rate),
            "now": now,
            "latest": now + ahead,
        }
        async with self._engine.connect() as connection:
            first = await connection.scalar(_RESERVE, wanted)
        return max(0.0, (first - now).total_seconds()) if first else None

    async def note(self, provider: Provider, seconds: float, failure: str = "") -> None:
        """Keep how a call went; tells the others when it changes what is thought of the provider."""
        call = Call(self._clock(), seconds, failure)
        provider.calls.append(call)
        if provider.standing.health == "good" and not failure and seconds <= self.limits.slow:
            return
        found = judged(
            provider.standing, provider.calls, alone=provider.alone, now=call.ended_at, limits=self.limits
        )
        if found != provider.standing:
            await self._turn(provider, found)

    async def close(self, provider: Provider, seconds: float, why: str) -> None:
        """No calls for so long, from any worker."""
        now = self._clock()
        until = now + timedelta(seconds=max(1.0, seconds))
        if why in (CREDENTIALS, SENDER) and provider.standing.why != why:  # no text of ours would pass
            await self._turn(provider, Standing("down", now, why))
        # Credentials are asked for by a check, for as long as it takes; a sender only by another text.
        known = provider.closed_until is not None and provider.closed_until >= until - timedelta(seconds=0.5)
        if why != CREDENTIALS and not known:
            provider.closed_until = until
            log.warning("provider unavailable", provider=provider.name, why=why, seconds=round(seconds))
            await self._tell(_CLOSE, {"name": provider.name, "until": until})

    async def shut(self) -> None:
        """Give every provider's connections back."""
        for task in list(self._trials.values()):
            task.cancel()
        await asyncio.gather(*(provider.gateway.close() for provider in self.all.values()))

    def _begin_trial(self, provider: Provider) -> None:
        if provider.standing.health == "good" or provider.trial or provider.name in self._trials:
            return
        task = asyncio.create_task(self._try(provider))
        self._trials[provider.name] = task
        task.add_done_callback(lambda _done: self._trials.pop(provider.name, None))

    async def _try(self, provider: Provider) -> None:
        now = self._clock()
        async with self._engine.connect() as connection:
            due = {"name": provider.name, "now": now, "next": now + self.limits.probe_every}
            if (await connection.execute(_TRY, due)).first() is None:
                return
        if await self._check(provider):
            provider.trial = self.limits.probe_texts

    async def _check(self, provider: Provider) -> bool:
        """Whether the provider can be reached and knows us; a question puts no text at risk."""
        started = time.monotonic()
        try:
            await provider.gateway.check()
        except GatewayUnavailable as refusal:
            await self.note(provider, time.monotonic() - started, refusal.why)
            if refusal.why == CREDENTIALS and provider.standing.why != CREDENTIALS:
                await self._turn(provider, Standing("down", self._clock(), CREDENTIALS))
            return False
        if provider.standing.why == CREDENTIALS:  # somebody put it right: nothing else was wrong with it
            await self._turn(provider, Standing("good", self._clock()))
        return True

    async def _turn(self, provider: Provider, found: Standing) -> None:
        provider.standing = found
        provider.turns += 1
        provider.writing = True
        log.warning("provider", provider=provider.name, health=found.health, why=found.why)
        turn = {
            "name": provider.name,
            "health": found.health,
            "since": found.since,
            "why": found.why,
            "trial_at": found.since + self.limits.probe_every,
        }
        try:
            await self._tell(_TURN, turn)
        finally:
            provider.writing = False

    async def _tell(self, statement: TextClause, values: Mapping[str, object]) -> None:
        """Let the other workers know. Where the database cannot be had, the texts under way matter more."""
        try:
            async with self._engine.connect() as connection:
                await connection.execute(statement, values)
        except SQLAlchemyError as error:
            log.warning("other workers could not be told", why=type(error).__name__)
