"""Tables of the calendar, one file a noun."""

from scheduling.models.assignment import ASSIGNMENT_ACTIVE, ASSIGNMENT_STATES, REASON_CLEARED, Assignment
from scheduling.models.closure import Closure, ClosureWard
from scheduling.models.course import Course, CourseSkill
from scheduling.models.enrolment import Enrolment
from scheduling.models.holiday import Holiday
from scheduling.models.series import Series, SeriesSlot
from scheduling.models.series_change import SeriesChange, SeriesChangeSession
from scheduling.models.session import SESSION_KINDS, ClassSession

__all__ = [
    "ASSIGNMENT_ACTIVE",
    "ASSIGNMENT_STATES",
    "REASON_CLEARED",
    "SESSION_KINDS",
    "Assignment",
    "ClassSession",
    "Closure",
    "ClosureWard",
    "Course",
    "CourseSkill",
    "Enrolment",
    "Holiday",
    "Series",
    "SeriesChange",
    "SeriesChangeSession",
    "SeriesSlot",
]
