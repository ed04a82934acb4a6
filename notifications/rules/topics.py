"""Topics of messages: the kinds of which a number may opt out."""

from collections.abc import Mapping
from typing import Literal

Topic = Literal["reminders", "changes", "results", "duties"]

TOPIC_OF: Mapping[str, Topic] = {
    "reminder_day_before": "reminders",
    "reminder_same_day": "reminders",
    "enrolled": "reminders",
    "session_moved": "changes",
    "session_cancelled": "changes",
    "session_reopened": "changes",
    "waitlist_place": "changes",
    "sign_off_reached": "results",
    "certificate_ready": "results",
    "assignment_offered": "duties",
    "assignment_changed": "duties",
    "assignment_withdrawn": "duties",
    "helper_moved": "duties",
    "helper_cancelled": "duties",
    "helper_reopened": "duties",
    "cover_wanted": "duties",
}
"""Purpose → topic: who opts out of a topic gets no such messages. Every purpose needs an entry."""

CHANGE_NOTICES = (
    "session_moved",
    "session_cancelled",
    "session_reopened",
    "helper_moved",
    "helper_cancelled",
    "helper_reopened",
)
"""Sent even when the month's budget or a number's daily cap is used up: people would come to no class."""
