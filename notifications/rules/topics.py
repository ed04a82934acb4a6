"""What a text is about, as somebody sees it who wants none of its kind."""

from collections.abc import Mapping
from typing import Literal

Topic = Literal["reminders", "changes", "results", "duties"]

TOPIC_OF: Mapping[str, Topic] = {
    "reminder_day_before": "reminders",
    "reminder_same_day": "reminders",
    "enrolled": "reminders",
    "session_moved": "changes",
    "session_cancelled": "changes",
    "waitlist_place": "changes",
    "sign_off_reached": "results",
    "certificate_ready": "results",
    "assignment_offered": "duties",
    "assignment_changed": "duties",
    "assignment_withdrawn": "duties",
    "helper_moved": "duties",
    "helper_cancelled": "duties",
    "cover_wanted": "duties",
}
"""Purpose → topic: who refuses a topic gets no text of these purposes. A new purpose needs its place here."""

CHANGE_NOTICES = ("session_moved", "session_cancelled", "helper_moved", "helper_cancelled")
"""Sent even when a ward's month is spent or a number has had its texts of the day: people would stand before
a locked door."""
