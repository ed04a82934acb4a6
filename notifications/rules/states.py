"""States of a message and their changes by provider reports: only forward, whatever the order of reports."""

from collections.abc import Mapping

from gateways.protocol import ReportedStatus

PENDING_STATES = ("planned", "claimed", "sending")
SENT_STATES = ("sent", "delivered")
PROBLEM_STATES = ("failed", "undelivered", "ambiguous", "expired", "suppressed")
"""States in which the message may not have arrived, so that somebody should call."""

BY_STAFF = "by_staff"
"""`state_reason` of messages that staff chose not to send: they are not planned again."""

_UNSETTLED = ("planned", "claimed", "sending", "ambiguous")

_NEXT: Mapping[ReportedStatus, Mapping[str, str]] = {
    "sent": dict.fromkeys(_UNSETTLED, "sent"),
    "delivered": dict.fromkeys((*_UNSETTLED, "sent"), "delivered"),
    "undelivered": dict.fromkeys((*_UNSETTLED, "sent"), "undelivered"),
    # A message once "sent" was accepted, so a later failure is a failure to arrive.
    "failed": dict.fromkeys(_UNSETTLED, "failed") | {"sent": "undelivered"},
}


def next_state(state: str, report: ReportedStatus) -> str | None:
    """The state after a report, or None when it changes nothing (a duplicate, or an older one).

    A report about a message that is planned again is late, from an attempt believed lost: the text was sent
    and must not be sent again.
    """
    return _NEXT[report].get(state)
