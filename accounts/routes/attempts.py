"""Attempts with a password or a code, counted while they are checked."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Literal, Protocol, TypeVar

import structlog
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from accounts.authentication import client_of
from accounts.errors import WrongSecret
from accounts.forms import CodeForm
from accounts.rules.clients import Client
from accounts.service.own_password import check_password
from accounts.service.throttle import attempt_subject, count_attempt, uncount_attempt
from lopso.kernel.access import Actor
from lopso.web.forms import Form
from lopso.web.request import Request

log = structlog.get_logger("lopso.accounts")

AttemptKind = Literal["password", "code", "reset"]
T_co = TypeVar("T_co", covariant=True)
T = TypeVar("T")


class CodeCheck(Protocol[T_co]):
    """`check_code` or `confirm_set_up` of `accounts.service.second_factor`."""

    async def __call__(
        self, db: AsyncSession, user_id: int, typed: str, /, *, app_secret: str, by: Actor, now: datetime
    ) -> T_co: ...


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


async def check_typed_code(
    request: Request,
    form: Form[CodeForm],
    check: CodeCheck[T],
    db: AsyncSession,
    user_id: int,
    *,
    client: Client,
    by: Actor,
    now: datetime,
) -> T:
    """What `check` returns for the typed code; a wrong one is counted.

    Raises:
        InvalidInput: no code, or a wrong one.
        TooManyAttempts: nothing was checked.
    """
    typed = form.value()
    app_secret: str = request.app.state.settings.secret
    async with counted_attempt(request, "code", client, user_id=user_id, now=now):
        return await check(db, user_id, typed.code, app_secret=app_secret, by=by, now=now)


async def check_own_password(
    request: Request, db: AsyncSession, typed: str, *, by: Actor, now: datetime
) -> None:
    """The password of who acts, asked once more; a wrong one is counted.

    Raises:
        WrongPassword: it is not theirs.
        TooManyAttempts: nothing was checked.
    """
    async with counted_attempt(request, "password", client_of(request), user_id=by.user_id, now=now):
        await check_password(db, by.user_id or 0, typed)
