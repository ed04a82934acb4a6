"""Twilio's words in ours: what web pages need of it without loading its client."""

from collections.abc import Mapping

from notifications.rules.states import Told

TOLD: Mapping[str, Told] = {
    "accepted": "sent",
    "scheduled": "sent",
    "queued": "sent",
    "sending": "sent",
    "sent": "sent",
    "delivered": "delivered",
    "partially_delivered": "delivered",
    "read": "delivered",
    "undelivered": "undelivered",
    "failed": "failed",
    "canceled": "failed",
}
"""Its words for the state of a message."""
