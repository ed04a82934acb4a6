"""One request, one transaction: opened at the first use, committed before the response starts.

A response below 400 commits, any other rolls back. A failed commit becomes a 500: nothing is acknowledged
that was not saved. (The ready-made plugin swallows that failure: docs/decisions/0002.)
"""

from collections.abc import Callable
from datetime import datetime

from litestar.datastructures import State
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from lopso.web.submissions import keep_location

_KEY = "lopso_db"


def session_of(scope: Scope) -> AsyncSession:
    """The session of this request, made at the first call."""
    state = scope["state"]
    if _KEY not in state:
        sessions: async_sessionmaker[AsyncSession] = scope["litestar_app"].state.sessions
        state[_KEY] = sessions()
    return state[_KEY]


def transaction_middleware(app: ASGIApp) -> ASGIApp:
    """Commit or roll back this request's session, and return its connection before the body is sent."""

    async def middleware(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return

        async def finish(status: int, answer: Message | None = None) -> None:
            db: AsyncSession | None = scope["state"].pop(_KEY, None)
            if db is None:
                return
            try:
                if status < 400:
                    if answer is not None:
                        await keep_location(scope, db, answer)
                    await db.commit()
                else:
                    await db.rollback()
            finally:
                await db.close()

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                await finish(message["status"], message)
            await send(message)

        try:
            await app(scope, receive, sending)
        finally:
            await finish(500)

    return middleware


async def provide_db(scope: Scope) -> AsyncSession:
    """Dependency `db`."""
    return session_of(scope)


async def provide_now(state: State) -> datetime:
    """Dependency `now`: UTC, from the application's clock."""
    clock: Callable[[], datetime] = state.clock
    return clock()
