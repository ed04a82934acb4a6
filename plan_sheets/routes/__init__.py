"""Routes of plan sheets."""

from typing import Any

from plan_sheets.routes import export, names, review, rows, saving, uploading

HANDLERS: list[Any] = [
    *uploading.HANDLERS,
    *review.HANDLERS,
    *names.HANDLERS,
    *rows.HANDLERS,
    *saving.HANDLERS,
    *export.HANDLERS,
]
