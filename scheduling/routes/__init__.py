"""Pages of the calendar, one file a noun."""

from typing import Any

from scheduling.routes import (
    assignments,
    board,
    calendar,
    cancellations,
    changes,
    courses,
    enrolments,
    holidays,
    learner_enrolments,
    learner_moves,
    learner_withdrawals,
    new_session,
    notice_board,
    own_assignments,
    reopening,
    replacements,
    series,
    series_plans,
    sessions,
    staffing,
)

HANDLERS: list[Any] = [
    *assignments.HANDLERS,
    *board.HANDLERS,
    *calendar.HANDLERS,
    *cancellations.HANDLERS,
    *changes.HANDLERS,
    *courses.HANDLERS,
    *enrolments.HANDLERS,
    *holidays.HANDLERS,
    *learner_enrolments.HANDLERS,
    *learner_moves.HANDLERS,
    *learner_withdrawals.HANDLERS,
    *own_assignments.HANDLERS,
    *reopening.HANDLERS,
    *replacements.HANDLERS,
    *series.HANDLERS,
    *series_plans.HANDLERS,
    *sessions.HANDLERS,
    *staffing.HANDLERS,
    *new_session.HANDLERS,
    *notice_board.HANDLERS,
]
