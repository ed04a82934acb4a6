"""Is it alive, is it ready: for whoever watches the process."""

from litestar import Response, get
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.web.guards import PUBLIC


@get("/-/live", opt=PUBLIC, include_in_schema=False)
async def live() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@get("/-/ready", opt=PUBLIC, include_in_schema=False)
async def ready(db: AsyncSession) -> Response[dict[str, str]]:
    """The database answers too."""
    await db.execute(text("SELECT 1"))
    return Response({"status": "ok"})


HANDLERS = [live, ready]
