"""Routes of staffing."""

from typing import Any

from staffing.routes import (
    absences,
    assignments,
    board,
    own_assignments,
    reopening,
    replacements,
    staffing,
)

HANDLERS: list[Any] = [
    *absences.HANDLERS,
    *assignments.HANDLERS,
    *board.HANDLERS,
    *own_assignments.HANDLERS,
    *reopening.HANDLERS,
    *replacements.HANDLERS,
    *staffing.HANDLERS,
]
