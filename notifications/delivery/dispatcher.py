"""The dispatcher hands due texts to the providers. Each class of texts has its own queues, urgent ones too.

A queue claims due texts in groups and sends them in slices. Queues are independent: a slow provider delays
neither urgent texts nor those of another provider.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from lopso.kernel.clock import Clock
from notifications.delivery import transitions
from notifications.delivery.claiming import DueFilter, anything_due, claim
from notifications.delivery.provider_pool import ProviderPool
from notifications.delivery.providers import Provider
from notifications.delivery.queues import URGENT_CALLS, ClaimedBatch, SendQueue, WorkerConfig
from notifications.delivery.sending import SliceSender, sleep_until
from wordings.models import MESSAGE_CLASSES

log = structlog.get_logger("lopso.delivery")

_LOOK_AGAIN = 1.0  # seconds between polls of an empty queue while another is busy


@dataclass
class Dispatcher:
    """Sends the due texts of one worker process.

    Attributes:
        segment_price: đồng per segment, stored with each text and counted against budgets; None: neither.
        backlog: called when more than one group is due, so that other workers may start.
    """

    engine: AsyncEngine
    providers: ProviderPool
    clock: Clock
    segment_price: int | None = None
    config: WorkerConfig = field(default_factory=WorkerConfig)
    backlog: Callable[[], Awaitable[None]] | None = None
    _autocommit: AsyncEngine = field(init=False)  # one statement, one transaction
    _sender: SliceSender = field(init=False)
    _stir: asyncio.Event = field(init=False, default_factory=asyncio.Event)
    _busy: int = field(init=False, default=0)
    _closing: bool = field(init=False, default=False)
    _stopping: asyncio.Event = field(init=False, default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self._autocommit = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        self._sender = SliceSender(
            self._autocommit, self.providers, self.clock, self.segment_price, self.config, self._stopping
        )

    async def deliver_due(self) -> Counter[str]:
        """Send everything that is due, urgent texts first; returns the number of texts by resulting state.

        Ends early when no provider is to be had for a while, or when told to stop: what is left stays
        planned.
        """
        tally: Counter[str] = Counter()
        await self.providers.announce()
        if expired := await self.expire():
            tally["expired"] = expired
        calls = {True: min(self.config.calls, URGENT_CALLS), False: self.config.calls}
        queues = [
            SendQueue(each, urgent=urgent, calls=calls[urgent])
            for urgent in (True, False)
            for each in MESSAGE_CLASSES
        ]
        self._busy, self._closing = len(queues), False
        async with asyncio.TaskGroup() as under_way:
            for queue in queues:
                if queue.urgent:  # before the other queues poll
                    with suppress(SQLAlchemyError):  # _work retries
                        await self._take(queue, under_way, tally)
            for queue in queues:
                under_way.create_task(self._work(queue, under_way, tally))
        if tally:
            log.info("texts delivered", **tally)
        return tally

    async def expire(self) -> int:
        """Expire useless texts, whether or not a provider is available; returns how many."""
        async with self._autocommit.connect() as connection:
            return await transitions.expire(
                connection, registered_only=self.providers.registered_only(), now=self.clock()
            )

    def stop(self) -> None:
        """Start no further claim or call. Running calls finish and are recorded."""
        self._stopping.set()
        self.wake()

    def wake(self) -> None:
        """Poll empty queues at once: something may be due."""
        self._stir.set()
        self._stir = asyncio.Event()

    async def _work(self, queue: SendQueue, under_way: asyncio.TaskGroup, tally: Counter[str]) -> None:
        """Process this queue until every queue is empty."""
        while not self._stopping.is_set() and not self._closing:
            had_slices = bool(queue.slices)
            try:
                busy = await self._take(queue, under_way, tally) or await self._provider_available(queue)
            except SQLAlchemyError as error:  # other queues continue; the next run comes soon
                log.warning("queue ended", why=type(error).__name__)
                self._busy -= not queue.dry
                return
            if busy:
                if queue.dry:
                    queue.dry = False
                    self._busy += 1
            elif queue.slices:  # a text that a slice releases is due at once
                await asyncio.wait(queue.slices, timeout=_LOOK_AGAIN, return_when=asyncio.FIRST_COMPLETED)
            elif not had_slices:  # one that ended during the poll may have released texts: poll again
                if not queue.dry:
                    queue.dry = True
                    self._busy -= 1
                if self._busy == 0:  # no queue claims from here on: a last one would run alone
                    self._closing = True
                    self.wake()
                    return
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._stir.wait(), _LOOK_AGAIN)

    async def _take(self, queue: SendQueue, under_way: asyncio.TaskGroup, tally: Counter[str]) -> bool:
        """Claim a group and start its slices; returns whether there was anything to do."""
        if queue.dry and not await self._anything_due(queue):
            return False
        choice = self.providers.choose(queue.message_class, urgent=queue.urgent)
        if choice is None:
            return False
        provider, trial = choice
        queue.waited = 0.0
        size = self._slice_size(provider)
        most = trial or min(self.config.group, size * self.config.slices)
        due = DueFilter(
            queue.urgent, queue.message_class, most, provider.gateway.registered_only, self.segment_price
        )
        now, since = self.clock(), time.monotonic()
        async with self.engine.begin() as connection:
            ids, aside = await claim(connection, due, lease=self.config.lease, now=now)
        tally.update(aside)
        if trial and not ids:
            provider.trial = trial  # unused
        if len(ids) == self.config.group and self.backlog is not None:
            await self.backlog()
        for first in range(0, len(ids), size):
            if len(queue.slices) >= self.config.slices:
                await asyncio.wait(queue.slices, return_when=asyncio.FIRST_COMPLETED)
            group = ClaimedBatch(ids[first : first + size], now + self.config.lease, since)
            task = under_way.create_task(self._carry(queue, provider, group, tally, trial=trial is not None))
            queue.slices.add(task)
            task.add_done_callback(queue.slices.discard)
        if ids:
            await self.providers.refresh()
        return bool(ids or aside)

    def _slice_size(self, provider: Provider) -> int:
        """Texts of about one second at a limited rate, so that urgent texts wait briefly."""
        size = self.config.slice_size
        return size if provider.rate is None else max(1, min(size, int(provider.rate)))

    async def _provider_available(self, queue: SendQueue) -> bool:
        """Wait for a provider, if the wait is short and a text is due."""
        pause = self.providers.time_until_available(queue.message_class).total_seconds()
        if not 0 < pause <= self.config.wait_for_provider.total_seconds() - queue.waited:
            return False
        if not await self._anything_due(queue):
            return False
        queue.waited += pause
        await sleep_until(self._stopping, pause)
        await self.providers.refresh()
        return True

    async def _anything_due(self, queue: SendQueue) -> bool:
        due = DueFilter(queue.urgent, queue.message_class, 1)
        async with self._autocommit.connect() as connection:
            return await anything_due(connection, due, now=self.clock())

    async def _carry(
        self,
        queue: SendQueue,
        provider: Provider,
        claimed: ClaimedBatch,
        tally: Counter[str],
        *,
        trial: bool,
    ) -> None:
        """Mark as sending, send and record one slice. No connection is held during provider calls."""
        try:
            attempts, last_call = await self._sender.mark_sending(queue, provider, claimed)
        except SQLAlchemyError as error:  # no call was made; the lease expires
            log.warning("slice not sent", why=type(error).__name__)
            return
        outcomes = await asyncio.gather(
            *(
                self._sender.send(
                    queue,
                    provider,
                    each,
                    last_call,
                    after=n / provider.rate if provider.rate else 0,
                    trial=trial,
                )
                for n, each in enumerate(attempts)
            )
        )
        await self._sender.record_outcomes(outcomes)
        tally.update(each.state for each in outcomes)
