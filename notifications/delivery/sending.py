"""Send a slice of claimed texts: mark them as sending, call the provider, record what it answered."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from gateways.protocol import GatewayRejected, GatewayUnavailable, OutcomeUnknown, Receipt, reason
from lopso.kernel.clock import Clock
from notifications.delivery import transitions
from notifications.delivery.attempts import SendAttempt, SendOutcome
from notifications.delivery.provider_pool import ProviderPool
from notifications.delivery.providers import Provider
from notifications.delivery.queues import ClaimedBatch, SendQueue, WorkerConfig
from notifications.delivery.recording import record

log = structlog.get_logger("lopso.delivery")

_TURN_AGAIN = 0.5  # seconds between attempts to reserve send times at a limited rate
_RECORD_AGAIN = (0.2, 0.5, 1.0, 2.0, 3.0, 3.0)  # seconds between retries: the texts are sent but not recorded


@dataclass
class SliceSender:
    """Sends slices of one worker. Holds no connection while a provider answers.

    Attributes:
        engine: each statement is a transaction of its own.
        segment_price: đồng per segment, stored with each text; None: unknown.
        stopping: set when no further call may begin.
    """

    engine: AsyncEngine
    providers: ProviderPool
    clock: Clock
    segment_price: int | None
    config: WorkerConfig
    stopping: asyncio.Event

    async def mark_sending(
        self, queue: SendQueue, provider: Provider, claimed: ClaimedBatch
    ) -> tuple[Sequence[SendAttempt], float]:
        """Wait for the provider to be free, then mark the slice as sending."""
        spare = (self.config.lease - 2 * self.config.call_time).total_seconds()
        wait = await self.providers.reserve(provider, len(claimed.ids), urgent=queue.urgent)
        while wait is None and time.monotonic() < claimed.since + spare and not self.stopping.is_set():
            await sleep_until(self.stopping, _TURN_AGAIN)
            wait = await self.providers.reserve(provider, len(claimed.ids), urgent=queue.urgent)
        if wait:
            await sleep_until(self.stopping, wait)
        async with self.engine.connect() as connection:
            if wait is None or self.stopping.is_set():
                await transitions.release(connection, claimed.ids, lease_until=claimed.lease_until)
                return [], 0.0
            now = self.clock()
            # A call must end within the lease, with as much time left for recording.
            last_call = time.monotonic() + spare
            attempts = await transitions.mark_sending(
                connection, claimed.ids, provider=provider.name, lease_until=now + self.config.lease, now=now
            )
        return attempts, last_call

    async def send(
        self,
        queue: SendQueue,
        provider: Provider,
        attempt: SendAttempt,
        last_call: float,
        *,
        after: float,
        trial: bool,
    ) -> SendOutcome:
        """Call the provider `after` seconds from now, unless it is too late or the worker is told to stop.

        Args:
            last_call: the latest time to call, by this process's monotonic clock.
            trial: the provider is unhealthy, and this text shows whether it still is.
        """
        if after:
            await sleep_until(self.stopping, after)
        async with queue.calls:
            started = time.monotonic()
            closed = self.stopping.is_set() or not (provider.open(self.clock()) or trial)
            if closed or started >= last_call:
                return self._released(attempt, "not_tried")
            outcome, failure = await self._call(provider, attempt)
            await self.providers.record_call(provider, time.monotonic() - started, failure)
        return outcome

    async def _call(self, provider: Provider, attempt: SendAttempt) -> tuple[SendOutcome, str]:
        """The outcome of a call, and a short code of the failure; empty for a clear answer."""
        try:
            return accepted(attempt, await provider.gateway.send(attempt.text)), ""
        except GatewayRejected as refusal:
            detail = {"code": refusal.code}
            return SendOutcome(attempt, "failed", refusal.kind, error_code=refusal.code, detail=detail), ""
        except GatewayUnavailable as busy:
            outcome = self._released(attempt, busy.why)
            await self.providers.suspend(provider, busy.retry_after, busy.why)
            return outcome, "" if busy.why == "429" else busy.why
        except OutcomeUnknown as unknown:
            return _unknown(attempt, unknown.why), unknown.why
        except Exception:
            # The request may have been written before the failure.
            log.exception("sending failed", message=attempt.id)
            return _unknown(attempt, "fault"), "fault"

    async def record_outcomes(self, outcomes: Sequence[SendOutcome]) -> None:
        """Record the outcomes of a slice; retried while the database is unavailable."""
        for pause in (*_RECORD_AGAIN, None):
            try:
                async with self.engine.connect() as connection:
                    kept = await record(
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


def _unknown(attempt: SendAttempt, why: str) -> SendOutcome:
    return SendOutcome(attempt, "ambiguous", "no_answer", detail={"why": why})


async def sleep_until(event: asyncio.Event, seconds: float) -> None:
    """Sleep for `seconds`, or until `event` is set."""
    with suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)
