"""Ask a provider about texts: concurrently, and no more once it is unreachable."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import TypeVar

import structlog

from gateways.protocol import CREDENTIALS, GatewayUnavailable
from notifications.delivery.dispatcher import Dispatcher
from notifications.delivery.providers import Provider

T = TypeVar("T")

log = structlog.get_logger("lopso.delivery")

OLDEST_LOOKUP = timedelta(days=2)
"""An attempt older than this is not looked up any more: it stays unknown, on the call list."""

_QUESTIONS = 8  # concurrent lookups


def may_be_asked(dispatcher: Dispatcher, provider: Provider) -> bool:
    """False while it is suspended or refuses our credentials."""
    return not provider.option().opens_in(dispatcher.clock()) and provider.health.why != CREDENTIALS


async def ask(
    dispatcher: Dispatcher, provider: Provider, questions: Sequence[Callable[[], Awaitable[T]]]
) -> list[T | None]:
    """A provider's answers, None for a failed lookup. Stops once the provider is unreachable."""
    turns = asyncio.Semaphore(_QUESTIONS)
    silent = False

    async def one(question: Callable[[], Awaitable[T]]) -> T | None:
        nonlocal silent
        async with turns:
            if silent:
                return None
            try:
                return await question()
            except GatewayUnavailable as busy:
                log.warning("provider could not be asked", provider=provider.name, why=busy.why)
                if not busy.one_text:
                    silent = True
                    await dispatcher.providers.suspend(provider, busy.retry_after, busy.why)
            except Exception:
                log.exception("question failed", provider=provider.name)
            return None

    return list(await asyncio.gather(*(one(each) for each in questions)))
