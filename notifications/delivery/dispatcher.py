"""The dispatcher hands due texts to the providers. Each class of texts has its own queues, urgent ones too.

A queue claims due texts in groups and sends them in slices. Queues are independent: a slow provider delays
neither urgent texts nor those of another provider.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from gateways.protocol import GatewayRejected, GatewayUnavailable, OutcomeUnknown, Receipt, reason
from lopso.kernel.clock import Clock
from notifications.delivery import transitions
from notifications.delivery.claiming import DueFilter, anything_due, claim
from notifications.delivery.provider_pool import Provider, ProviderPool
from notifications.delivery.transitions import SendAttempt, SendOutcome
from wordings.models import MESSAGE_CLASSES

log = structlog.get_logger("lopso.delivery")

_LOOK_AGAIN = 1.0  # seconds between polls of an empty queue while another is busy
_URGENT_CALLS = 16  # concurrent calls of an urgent queue
_TURN_AGAIN = 0.5  # seconds between attempts to reserve send times at a limited rate
_RECORD_AGAIN = (0.2, 0.5, 1.0, 2.0, 3.0, 3.0)  # seconds between retries: the texts are sent but not recorded


@dataclass(frozen=True, slots=True)
class WorkerConfig:
    """Concurrency, lease and retry limits of one worker.

    Attributes:
        group: texts claimed at once; `slice_size` of them are marked and recorded together.
        slices: concurrent slices of a queue: while one waits for answers, the next is prepared.
        calls: concurrent provider calls of a queue.
        lease: how long a claimed or sending text belongs to this worker; no call may outlast it.
        call_time: the gateway's timeout.
        settle_after: age at which an attempt of unknown outcome is reconciled.
        tries: attempts that the provider may never have seen before the text fails for good.
        wait_for_provider: the run ends when every provider is unavailable for longer than this.
    """

    group: int = 400
    slice_size: int = 200
    slices: int = 3
    calls: int = 64
    lease: timedelta = timedelta(seconds=30)
    call_time: timedelta = timedelta(seconds=10)
    settle_after: timedelta = timedelta(seconds=40)
    tries: int = 8
    wait_for_provider: timedelta = timedelta(seconds=30)

    @property
    def connections(self) -> int:
        """Most concurrent calls to one provider, from all queues."""
        return len(MESSAGE_CLASSES) * (self.calls + _URGENT_CALLS)


class SendQueue:
    """Texts of one class and urgency, with their own limit of concurrent calls."""

    def __init__(self, message_class: str, *, urgent: bool, calls: int) -> None:
        self.message_class = message_class
        self.urgent = urgent
        self.calls = asyncio.Semaphore(calls)
        self.slices: set[asyncio.Task[None]] = set()
        self.dry = False  # nothing was due at the last poll
        self.waited = 0.0  # seconds spent waiting for a provider since one was last available


@dataclass(frozen=True, slots=True)
class ClaimedBatch:
    """A slice of claimed texts; `since` is this process's monotonic clock, in seconds."""

    ids: Sequence[int]
    lease_until: datetime
    since: float


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
    _stir: asyncio.Event = field(init=False, default_factory=asyncio.Event)
    _busy: int = field(init=False, default=0)
    _closing: bool = field(init=False, default=False)
    _stopping: asyncio.Event = field(init=False, default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self._autocommit = self.engine.execution_options(isolation_level="AUTOCOMMIT")

    async def deliver_due(self) -> Counter[str]:
        """Send everything that is due, urgent texts first; returns the number of texts by resulting state.

        Ends early when no provider is to be had for a while, or when told to stop: what is left stays
        planned.
        """
        tally: Counter[str] = Counter()
        await self.providers.announce()
        if expired := await self.expire():
            tally["expired"] = expired
        calls = {True: min(self.config.calls, _URGENT_CALLS), False: self.config.calls}
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
        await self._sleep(pause)
        await self.providers.refresh()
        return True

    async def _anything_due(self, queue: SendQueue) -> bool:
        due = DueFilter(queue.urgent, queue.message_class, 1)
        async with self._autocommit.connect() as connection:
            return await anything_due(connection, due, now=self.clock())

    async def _sleep(self, seconds: float) -> None:
        """Sleep for `seconds`, or until `stop`."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)

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
            attempts, last_call = await self._mark_sending(queue, provider, claimed)
        except SQLAlchemyError as error:  # no call was made; the lease expires
            log.warning("slice not set off", why=type(error).__name__)
            return
        outcomes = await asyncio.gather(
            *(
                self._hand_over(
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
        await self._record(outcomes)
        tally.update(each.state for each in outcomes)

    async def _mark_sending(
        self, queue: SendQueue, provider: Provider, claimed: ClaimedBatch
    ) -> tuple[Sequence[SendAttempt], float]:
        """Wait for the provider to be free, then mark the slice as sending."""
        spare = (self.config.lease - 2 * self.config.call_time).total_seconds()
        wait = await self.providers.reserve(provider, len(claimed.ids), urgent=queue.urgent)
        while wait is None and time.monotonic() < claimed.since + spare and not self._stopping.is_set():
            await self._sleep(_TURN_AGAIN)
            wait = await self.providers.reserve(provider, len(claimed.ids), urgent=queue.urgent)
        if wait:
            await self._sleep(wait)
        async with self._autocommit.connect() as connection:
            if wait is None or self._stopping.is_set():
                await transitions.release(connection, claimed.ids, lease_until=claimed.lease_until)
                return [], 0.0
            now = self.clock()
            # A call must end within the lease, with as much time left for recording.
            last_call = time.monotonic() + spare
            attempts = await transitions.mark_sending(
                connection, claimed.ids, provider=provider.name, lease_until=now + self.config.lease, now=now
            )
        return attempts, last_call

    async def _record(self, outcomes: Sequence[SendOutcome]) -> None:
        """Record the outcomes of a slice; retried while the database is unavailable."""
        for pause in (*_RECORD_AGAIN, None):
            try:
                async with self._autocommit.connect() as connection:
                    kept = await transitions.record(
                        connection, outcomes, segment_price=self.segment_price, now=self.clock()
                    )
            except SQLAlchemyError as error:
                log.warning("slice not recorded", why=type(error).__name__, texts=len(outcomes))
                if pause is None:  # their leases expire as unknown outcomes, which are reconciled
                    return
                await asyncio.sleep(pause)
            else:
                if kept < len(outcomes):
                    log.warning("outcomes came too late", texts=len(outcomes) - kept)
                return

    async def _hand_over(
        self,
        queue: SendQueue,
        provider: Provider,
        attempt: SendAttempt,
        last_call: float,
        *,
        after: float,
        trial: bool,
    ) -> SendOutcome:
        if after:
            await self._sleep(after)
        async with queue.calls:
            started = time.monotonic()
            closed = self._stopping.is_set() or not (provider.open(self.clock()) or trial)
            if closed or started >= last_call:
                return self._released(attempt, "not_tried")
            failure = ""
            try:
                receipt = await provider.gateway.send(attempt.text)
                outcome = accepted(attempt, receipt)
            except GatewayRejected as refusal:
                detail = {"code": refusal.code}
                outcome = SendOutcome(attempt, "failed", refusal.kind, error_code=refusal.code, detail=detail)
            except GatewayUnavailable as busy:
                failure = "" if busy.why == "429" else busy.why
                outcome = self._released(attempt, busy.why)
                await self.providers.suspend(provider, busy.retry_after, busy.why)
            except OutcomeUnknown as unknown:
                failure = unknown.why
                outcome = SendOutcome(attempt, "ambiguous", "no_answer", detail={"why": unknown.why})
            except Exception:
                # The request may have been written before the failure.
                log.exception("sending failed", message=attempt.id)
                failure = "fault"
                outcome = SendOutcome(attempt, "ambiguous", "no_answer", detail={"why": "fault"})
            await self.providers.record_call(provider, time.monotonic() - started, failure)
        return outcome

    def _released(self, attempt: SendAttempt, why: str) -> SendOutcome:
        """Due again at once: this provider is unavailable, another may not be."""
        return SendOutcome(attempt, "planned", due_at=self.clock(), detail={"why": why})


def accepted(attempt: SendAttempt, receipt: Receipt) -> SendOutcome:
    """The outcome of an attempt that the provider accepted."""
    return SendOutcome(
        attempt,
        receipt.status,
        reason(receipt),
        provider_id=receipt.provider_id,
        error_code=receipt.error_code,
        detail=dict(receipt.detail),
    )
