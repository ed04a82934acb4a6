"""Twilio's words in ours: what web pages need of it without loading its client."""

from collections.abc import Mapping

from gateways.protocol import Kind, ReportedStatus

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
"""Its words for the state of a message."""

KINDS: Mapping[str, Kind] = {
    "21211": "bad_number",
    "21610": "opted_out",
    "21614": "not_mobile",
    "30003": "unreachable",
    "30005": "bad_number",
    "30006": "not_mobile",
    "30007": "blocked",
}
"""Its codes that mean something to us. Every other one is final too, and shown with its number."""


def kind_of(status: ReportedStatus, code: str | None) -> Kind | None:
    """Why a text in this state did not arrive; None where it did, may still, or nobody says why."""
    if code is None or status not in ("undelivered", "failed"):
        return None
    return KINDS.get(code, "refused")
