"""Routes of staffing."""

from typing import Any

from staffing.routes import (
    absences,
    assignments,
    board,
    make_ups,
    own_assignments,
    reopening,
    replacements,
    series_copies,
    series_extension,
    staffing,
)

HANDLERS: list[Any] = [
    *absences.HANDLERS,
    *assignments.HANDLERS,
    *board.HANDLERS,
    *make_ups.HANDLERS,
    *own_assignments.HANDLERS,
    *reopening.HANDLERS,
    *replacements.HANDLERS,
    *series_copies.HANDLERS,
    *series_extension.HANDLERS,
    *staffing.HANDLERS,
]
