"""Logs: one line an event, as text or JSON; never a phone number, a text message or a local variable."""

import logging
import re
import sys
from typing import Literal

import structlog

# A word in an address as long as a secret: a calendar feed, an invitation, a learner's page, a callback.
_SECRET = re.compile(r"/[\w\-]{20,}")


class _Concealed(logging.Filter):
    """Access lines without what must not be logged: secrets in the path, and whatever stands in the query."""

    def filter(self, record: logging.LogRecord) -> bool:
        values = record.args
        if isinstance(values, tuple) and len(values) == 5:  # address, method, path, version, status
            path = _SECRET.sub("/…", str(values[2]).partition("?")[0])
            record.args = (*values[:2], path, *values[3:])
        return True


def configure(form: Literal["text", "json"]) -> None:
    """Set up structlog, and the standard library's loggers through it."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    if form == "json":
        shared += [structlog.processors.format_exc_info]
        last: structlog.typing.Processor = structlog.processors.JSONRenderer(ensure_ascii=False)
    else:
        # The plain traceback: the coloured one prints local variables, and with them personal data.
        last = structlog.dev.ConsoleRenderer(
            colors=sys.stdout.isatty() and sys.stderr.isatty(),
            exception_formatter=structlog.dev.plain_traceback,
        )
    structlog.configure(
        processors=[*shared, last],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
            foreign_pre_chain=shared,
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    conceal_secrets()


def conceal_secrets() -> None:
    """Take secrets out of access lines: `lopso serve` writes none, `uvicorn lopso.asgi:app` does."""
    logging.getLogger("uvicorn.access").filters = [_Concealed()]
