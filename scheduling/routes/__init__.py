"""Pages of the calendar, one file a noun."""

from typing import Any

from scheduling.routes import (
    calendar,
    cancellations,
    change_form,
    changes,
    courses,
    enrolments,
    enrolments_made,
    holidays,
    learner_enrolments,
    learner_move_undone,
    learner_moves,
    learner_withdrawals,
    new_session,
    newcomers,
    notice_board,
    series,
    series_end,
    series_plans,
    sessions,
)

HANDLERS: list[Any] = [
    *calendar.HANDLERS,
    *cancellations.HANDLERS,
    *change_form.HANDLERS,
    *changes.HANDLERS,
    *courses.HANDLERS,
    *enrolments.HANDLERS,
    *enrolments_made.HANDLERS,
    *holidays.HANDLERS,
    *learner_enrolments.HANDLERS,
    *learner_moves.HANDLERS,
    *learner_move_undone.HANDLERS,
    *learner_withdrawals.HANDLERS,
    *series.HANDLERS,
    *series_end.HANDLERS,
    *series_plans.HANDLERS,
    *sessions.HANDLERS,
    *new_session.HANDLERS,
    *newcomers.HANDLERS,
    *notice_board.HANDLERS,
]
