"""Who listens to what. Reading this tells the whole story of what follows from what."""

from attendance.events import RollChanged
from competency.service.readiness import follow_the_roll
from learners.events import ConsentsAnswered
from lopso.kernel.events import Listeners
from notifications.handlers import (
    announce_cancellation,
    announce_move,
    follow_consents,
    follow_enrolments,
    plan_reminders,
    tell_helpers,
)
from scheduling.events import (
    AssignmentsChanged,
    EnrolmentsChanged,
    SessionCancelled,
    SessionMoved,
    SessionsPublished,
)

LISTENERS: Listeners = {
    SessionsPublished: [plan_reminders],
    SessionMoved: [announce_move],
    SessionCancelled: [announce_cancellation],
    EnrolmentsChanged: [follow_enrolments],
    AssignmentsChanged: [tell_helpers],
    ConsentsAnswered: [follow_consents],
    RollChanged: [follow_the_roll],
}
