"""How a text goes on when the provider reports about it: only forward, whatever the order of the reports."""

from collections.abc import Mapping

from gateways.protocol import ReportedStatus

PENDING_STATES = ("planned", "claimed", "sending")
SENT_STATES = ("sent", "delivered")
PROBLEM_STATES = ("failed", "undelivered", "ambiguous", "expired", "suppressed")
"""States in which somebody should pick up a telephone."""

BY_STAFF = "by_staff"
"""Why a text was withdrawn that a person chose not to send: planning does not bring it back."""

_UNSETTLED = ("planned", "claimed", "sending", "ambiguous")

_NEXT: Mapping[ReportedStatus, Mapping[str, str]] = {
    "sent": dict.fromkeys(_UNSETTLED, "sent"),
    "delivered": dict.fromkeys((*_UNSETTLED, "sent"), "delivered"),
    "undelivered": dict.fromkeys((*_UNSETTLED, "sent"), "undelivered"),
    # What was once "sent" was not refused at the door, but did not arrive either.
    "failed": dict.fromkeys(_UNSETTLED, "failed") | {"sent": "undelivered"},
}


def next_state(state: str, status: ReportedStatus) -> str | None:
    """The state after a report, or None when it brings nothing new (a duplicate, one that was overtaken).

    A report about a text that is planned again comes late, from an attempt that was thought lost: the
    text has gone, and must not go once more.
    """
    return _NEXT[status].get(state)
