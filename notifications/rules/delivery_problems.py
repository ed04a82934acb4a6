"""Delivery problems: why a message may not have arrived, as kinds that each call for one next step."""

from collections.abc import Mapping
from typing import Literal

ProblemKind = Literal[
    "bad_number",
    "not_mobile",
    "opted_out",
    "no_consent",
    "unreachable",
    "blocked",
    "refused",
    "given_up",
    "unknown",
    "expired",
    "held",
    "daily_cap",
    "budget",
    "unregistered",
]

NextStep = Literal["mend", "ask", "again", "again_asking", "wording", "budget", "call"]
"""Correct the number; ask what the person wants; send again; send again although it may arrive twice;
register the wording; raise the budget; call."""

NEXT_STEP: Mapping[ProblemKind, NextStep] = {
    "bad_number": "mend",
    "not_mobile": "mend",
    "opted_out": "ask",
    "no_consent": "ask",
    "unreachable": "again",
    "blocked": "call",
    "refused": "again",
    "given_up": "again",
    "unknown": "again_asking",
    "expired": "call",
    "held": "call",
    "daily_cap": "call",
    "budget": "budget",
    "unregistered": "wording",
}

WRONG_NUMBER = ("bad_number", "not_mobile")
"""Sending again is useless as long as the number is the same."""

UNWANTED = ("opted_out", "no_consent")
"""Never sent again: the reader opted out or withdrew consent."""

CANCELLATIONS = ("session_cancelled", "helper_cancelled")
"""Purposes of messages about a cancelled session; all others speak of one that takes place."""

_BY_REASON: Mapping[str, ProblemKind] = {kind: kind for kind in NEXT_STEP}

_BY_CODE: Mapping[str, ProblemKind] = {
    "21211": "bad_number",
    "21610": "opted_out",
    "21614": "not_mobile",
    "30003": "unreachable",
    "30005": "bad_number",
    "30006": "not_mobile",
    "30007": "blocked",
}
"""Twilio's codes, for messages that were refused before the ledger stored kinds."""


def problem_kind(state: str, reason: str, error_code: str | None) -> ProblemKind:
    """The kind of a message in one of `PROBLEM_STATES`."""
    if state == "ambiguous":
        return "unknown"
    if state == "expired":
        return "unregistered" if reason == "unregistered" else "held" if reason == "held" else "expired"
    known = _BY_REASON.get(reason) or _BY_CODE.get(error_code or "")
    return known or ("unreachable" if state == "undelivered" else "refused")
