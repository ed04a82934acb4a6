"""``/metrics``, for whoever holds the token of LOPSO_METRICS_TOKEN."""

from datetime import datetime
from hmac import compare_digest

from litestar import Response, get
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.application.metrics.installation import installation_metrics
from lopso.application.metrics.process import ProcessMetrics
from lopso.kernel.errors import NotFound
from lopso.kernel.settings import Settings
from lopso.web.guards import PUBLIC
from lopso.web.request import Request

_TEXT = "text/plain; version=0.0.4; charset=utf-8"


@get("/metrics", opt=PUBLIC, include_in_schema=False)
async def metrics(request: Request, db: AsyncSession, now: datetime) -> Response[bytes]:
    """All figures; without the right token it is as if there were no such page."""
    measured: ProcessMetrics | None = request.app.state.metrics
    if measured is None or not _may_read(request):
        raise NotFound
    found = await installation_metrics(await db.connection(), now=now)
    return Response(measured.text() + found, media_type=_TEXT)


def _may_read(request: Request) -> bool:
    settings: Settings = request.app.state.settings
    given = request.headers.get("authorization", "")
    return compare_digest(given.encode(), f"Bearer {settings.metrics_token}".encode())


HANDLERS = [metrics]
