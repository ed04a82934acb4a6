"""Attempts with a password or a code, counted while they are checked."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Literal

import structlog
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from accounts.errors import WrongSecret
from accounts.rules.clients import Client
from accounts.service.throttle import attempt_subject, count_attempt, uncount_attempt
from lopso.web.request import Request

log = structlog.get_logger("lopso.accounts")

AttemptKind = Literal["password", "code", "reset"]


@asynccontextmanager
async def counted_attempt(
    request: Request,
    kind: AttemptKind,
    client: Client,
    *,
    user_id: int | None,
    typed: str = "",
    now: datetime,
) -> AsyncGenerator[None]:
    """Check a password or code in the body; `WrongSecret` stays counted, everything else does not.

    Counts in transactions of its own: the answer may be a refusal, and that rolls back the request's.

    Raises:
        TooManyAttempts: before anything is checked.
    """
    sessions: async_sessionmaker[AsyncSession] = request.app.state.sessions
    async with sessions.begin() as own:
        attempt = await count_attempt(own, attempt_subject(kind, user_id, typed), user_id, client, now=now)
    wrong = False
    try:
        yield
    except WrongSecret:
        wrong = True
        log.warning("wrong secret", kind=kind, user=user_id, address=client.address)
        raise
    finally:
        if not wrong:
            async with sessions.begin() as own:
                await uncount_attempt(own, attempt)
