"""The application that counts its requests, where it was told to."""

from litestar.types import Receive, Scope, Send

from lopso.application.metrics.process import ProcessMetrics
from lopso.web.input_checks import CheckedApplication


class MeasuredApplication(CheckedApplication):
    """`CheckedApplication` that counts what it answers, while ``state.metrics`` is there."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        metrics: ProcessMetrics | None = self.state.metrics
        if metrics is None or scope["type"] != "http":
            await super().__call__(scope, receive, send)
        else:
            await metrics.measure(super().__call__, scope, receive, send)
