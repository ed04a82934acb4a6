"""Twilio's states and error codes, for code that must not import its client."""

from collections.abc import Mapping

from gateways.protocol import FailureKind, ReportedStatus

REPORTED_STATUS: Mapping[str, ReportedStatus] = {
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
"""Twilio's message status → our state."""

KINDS: Mapping[str, FailureKind] = {
    "21211": "bad_number",
    "21610": "opted_out",
    "21614": "not_mobile",
    "30003": "unreachable",
    "30005": "bad_number",
    "30006": "not_mobile",
    "30007": "blocked",
}
"""Error codes with a meaning of their own. Every other code is final too, and shown by number."""


def failure_kind(state: ReportedStatus, code: str | None) -> FailureKind | None:
    """Why a text in this state did not arrive; None when it did, still may, or no code was given."""
    if code is None or state not in ("undelivered", "failed"):
        return None
    return KINDS.get(code, "refused")
