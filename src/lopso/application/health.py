"""Is it alive, is it ready: for whoever watches the process."""

from datetime import datetime

from litestar import Response, get
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.operations.heartbeat import SILENT_AFTER
from lopso.web.guards import PUBLIC

_STATE = text("""
    SELECT EXISTS (SELECT FROM worker_heartbeat WHERE seen_at > :alive) AS worker,
           EXISTS (SELECT FROM delivery_pause WHERE resumed_at IS NULL) AS paused
""")


@get("/-/live", opt=PUBLIC, include_in_schema=False)
async def live() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@get("/-/ready", opt=PUBLIC, include_in_schema=False)
async def ready(db: AsyncSession, now: datetime) -> Response[dict[str, str]]:
    """The database answers too, with the schema of this version; and how the worker is.

    Pages do their work without a worker, so a silent one is told and does not make this process unready.
    """
    row = (await db.execute(_STATE, {"alive": now - SILENT_AFTER})).one()
    return Response(
        {
            "status": "ok",
            "worker": "alive" if row.worker else "silent",
            "delivery": "paused" if row.paused else "on",
        }
    )


HANDLERS = [live, ready]
