"""Queues of due texts, and how many of them one worker sends at a time."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from wordings.models import MESSAGE_CLASSES

URGENT_CALLS = 16  # concurrent calls of an urgent queue


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
        return len(MESSAGE_CLASSES) * (self.calls + URGENT_CALLS)


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
