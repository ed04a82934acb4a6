"""The post: carries due texts to the provider and asks what became of those whose fate is unknown."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import product

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from lopso.kernel.clock import Clock
from notifications.delivery import steps
from notifications.delivery.judging import Due, claim
from notifications.delivery.steps import Attempt, Outcome
from notifications.gateway import (
    GatewayRejected,
    GatewayUnavailable,
    OutcomeUnknown,
    Receipt,
    SmsGateway,
    reason,
)
from notifications.models import MESSAGE_CLASSES

log = structlog.get_logger("lopso.post")


@dataclass(frozen=True, slots=True)
class Pace:
    """How hard one worker works.

    Attributes:
        group: texts claimed at once; `slice_size` of them are set off, and recorded, together.
        slices: slices on their way at a time: while one waits, the next is prepared.
        calls: calls to the provider at a time.
        lease: for how long a claimed or set-off text is ours; no call begins that might outlast it.
        call_time: the longest a call can take; the gateway's timeout.
        settle_after: age of an attempt of unknown outcome from which the provider is asked about it.
        tries: how often a text may vanish, the provider never having seen it, before a person has to call.
    """

    group: int = 400
    slice_size: int = 200
    slices: int = 3
    calls: int = 64
    lease: timedelta = timedelta(seconds=30)
    call_time: timedelta = timedelta(seconds=10)
    settle_after: timedelta = timedelta(seconds=40)
    tries: int = 8


@dataclass
class Post:
    """One worker's post.

    Attributes:
        segment_price: đồng per segment, for the estimate kept with each text; None: not kept.
        backlog: called when there is more to send than one group, so that others may join in.
    """

    engine: AsyncEngine
    gateway: SmsGateway
    clock: Clock
    segment_price: int | None = None
    pace: Pace = field(default_factory=Pace)
    backlog: Callable[[], Awaitable[None]] | None = None
    _calls: asyncio.Semaphore = field(init=False)
    _closed_until: float = field(init=False, default=0.0)  # monotonic; the provider wants no calls before

    def __post_init__(self) -> None:
        self._calls = asyncio.Semaphore(self.pace.calls)

    async def deliver_due(self) -> Counter[str]:
        """Send everything that is due, urgent texts first; the numbers by state.

        Ends early when the provider says that it is busy: what is left stays planned.
        """
        tally: Counter[str] = Counter()
        slices: set[asyncio.Task[None]] = set()
        async with asyncio.TaskGroup() as under_way:
            while time.monotonic() >= self._closed_until:
                ids, aside = await self._claim()
                tally.update(aside)
                if len(ids) == self.pace.group and self.backlog is not None:
                    await self.backlog()
                for first in range(0, len(ids), self.pace.slice_size):
                    if len(slices) >= self.pace.slices:
                        await asyncio.wait(slices, return_when=asyncio.FIRST_COMPLETED)
                    part = ids[first : first + self.pace.slice_size]
                    task = under_way.create_task(self._carry(part, tally))
                    slices.add(task)
                    task.add_done_callback(slices.discard)
                if not ids and not aside:
                    if not slices:
                        break
                    # What a slice gives back is due at once.
                    await asyncio.wait(slices, return_when=asyncio.FIRST_COMPLETED)
        if tally:
            log.info("texts delivered", **tally)
        return tally

    async def _claim(self) -> tuple[list[int], dict[str, int]]:
        """The next group: urgent texts alone while there are any."""
        for urgent, message_class in product((True, False), MESSAGE_CLASSES):
            due = Due(
                urgent, message_class, self.pace.group, self.gateway.registered_only, self.segment_price
            )
            async with self.engine.begin() as connection:
                ids, aside = await claim(connection, due, lease=self.pace.lease, now=self.clock())
            if ids or aside:
                return ids, aside
        return [], {}

    async def _carry(self, ids: Sequence[int], tally: Counter[str]) -> None:
        """Set off, hand over, record one slice. No connection is held while the provider answers."""
        now = self.clock()
        # No call begins unless it can end within the lease, with as much to spare for the recording.
        last_call = time.monotonic() + (self.pace.lease - 2 * self.pace.call_time).total_seconds()
        async with self.engine.begin() as connection:
            attempts = await steps.set_off(
                connection,
                ids,
                provider=self.gateway.name,
                lease_until=now + self.pace.lease,
                now=now,
            )
        outcomes = await asyncio.gather(*(self._hand_over(each, last_call) for each in attempts))
        async with self.engine.begin() as connection:
            await steps.record(connection, outcomes, segment_price=self.segment_price, now=self.clock())
        tally.update(each.state for each in outcomes)

    async def _hand_over(self, attempt: Attempt, last_call: float) -> Outcome:
        async with self._calls:
            started = time.monotonic()
            if started >= last_call or started < self._closed_until:
                return self._given_back(attempt, "not_tried", max(0.0, self._closed_until - started))
            try:
                receipt = await self.gateway.send(attempt.text)
            except GatewayRejected as refusal:
                return Outcome(
                    attempt, "failed", refusal.kind, error_code=refusal.code, detail={"code": refusal.code}
                )
            except GatewayUnavailable as busy:
                self._closed_until = max(self._closed_until, time.monotonic() + busy.retry_after)
                log.warning("provider unavailable", why=busy.why, retry_after=busy.retry_after)
                return self._given_back(attempt, busy.why, busy.retry_after)
            except OutcomeUnknown as unknown:
                return Outcome(attempt, "ambiguous", "no_answer", detail={"why": unknown.why})
            except Exception:
                # Whatever went wrong here, the request may have been written.
                log.exception("sending failed", message=attempt.id)
                return Outcome(attempt, "ambiguous", "no_answer", detail={"why": "fault"})
        return taken(attempt, receipt)

    def _given_back(self, attempt: Attempt, why: str, seconds: float) -> Outcome:
        due_at = self.clock() + timedelta(seconds=seconds)
        return Outcome(attempt, "planned", due_at=due_at, detail={"why": why})


def taken(attempt: Attempt, receipt: Receipt) -> Outcome:
    """The provider has the text, and says how far it got."""
    return Outcome(
        attempt,
        receipt.told,
        reason(receipt),
        provider_id=receipt.provider_id,
        error_code=receipt.error_code,
        detail=dict(receipt.detail),
    )
