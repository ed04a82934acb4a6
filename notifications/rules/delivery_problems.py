"""Delivery problems: why a message may not have arrived, as kinds that each call for one next step."""

from collections.abc import Mapping
from typing import Literal

from gateways.twilio_codes import KINDS

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

NextStep = Literal[
    "correct_number",
    "ask_recipient",
    "resend",
    "resend_confirmed",
    "register_wording",
    "raise_budget",
    "call",
]
"""`resend_confirmed`: although it may arrive twice; `ask_recipient`: whether they want messages again."""

NEXT_STEP: Mapping[ProblemKind, NextStep] = {
    "bad_number": "correct_number",
    "not_mobile": "correct_number",
    "opted_out": "ask_recipient",
    "no_consent": "ask_recipient",
    "unreachable": "resend",
    "blocked": "call",
    "refused": "resend",
    "given_up": "resend",
    "unknown": "resend_confirmed",
    "expired": "call",
    "held": "call",
    "daily_cap": "call",
    "budget": "raise_budget",
    "unregistered": "register_wording",
}

WRONG_NUMBER = ("bad_number", "not_mobile")
"""Sending again is useless as long as the number is the same."""

UNWANTED = ("opted_out", "no_consent")
"""Never sent again: the reader opted out or withdrew consent."""

CANCELLATIONS = ("session_cancelled", "helper_cancelled")
"""Purposes of messages about a cancelled session; all others speak of one that takes place."""

_BY_REASON: Mapping[str, ProblemKind] = {kind: kind for kind in NEXT_STEP}


def problem_kind(state: str, reason: str, error_code: str | None) -> ProblemKind:
    """The kind of a message in one of `PROBLEM_STATES`."""
    if state == "ambiguous":
        return "unknown"
    if state == "expired":
        return "unregistered" if reason == "unregistered" else "held" if reason == "held" else "expired"
    # Messages refused before the ledger stored kinds have only the code.
    known = _BY_REASON.get(reason) or KINDS.get(error_code or "")
    return known or ("unreachable" if state == "undelivered" else "refused")
