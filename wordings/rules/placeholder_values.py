"""The values for the placeholders of a wording, each in several forms, the fullest first."""

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import lru_cache

from lopso.kernel import clock, formatting
from lopso.kernel.message_safety import unsuitable
from scheduling.rules.reasons import GENERAL_REASONS
from wordings.rules.addressing import people_forms
from wordings.rules.facts import Recipient, ResultFacts, SessionFacts
from wordings.rules.phrases import ROLES, WHAT, place_forms, reason_forms, title_forms
from wordings.rules.schedule_phrases import when_forms


def session_values(
    session: SessionFacts,
    people: Sequence[Recipient],
    *,
    year: int,
    moved_from: datetime | None = None,
    old_time: Sequence[str] = (),
    reason: str = "",
    role: str = "",
    when: Sequence[str] = (),
) -> dict[str, Sequence[str]]:
    """Values for a wording about a session.

    Args:
        year: the current year, to choose a form of address by age.
        old_time: instead of the hour of `moved_from`.
        role: instead of the role that the people have in the session.
        when: instead of the session's own time and day.
    """
    values: dict[str, Sequence[str]] = {
        "time": [formatting.hour(session.starts_at)],
        "day": [formatting.vietnamese_day(session.starts_at)],
        "when": when or when_forms([session.starts_at]),
        "place": _place(session.place, session.venue, session.ward),
        "what": [WHAT[session.kind]],
        "title": title_forms(session.title, session.kind),
        "contact": [session.contact],
        "reason": _reason(reason),
        "role": [_role({role} if role else {each.role for each in people})],
        **people_forms([each.person for each in people], today=year),
    }
    if moved_from is not None:
        values |= {
            "old_time": old_time or [formatting.hour(moved_from)],
            "old_day": [formatting.vietnamese_day(moved_from)],
        }
    return values


def result_values(facts: ResultFacts, people: Sequence[Recipient]) -> dict[str, Sequence[str]]:
    """Values for a wording about skills or a certificate."""
    return {
        "day": [formatting.vietnamese_day(facts.day)],
        "place": place_forms(facts.ward, facts.ward),
        "number": [str(facts.number)],
        "contact": [facts.contact],
        **people_forms([each.person for each in people], today=clock.local_day(facts.day).year),
    }


# One place and one reason stand in hundreds of texts that are written at once.
@lru_cache(maxsize=1000)
def _place(place: str, venue: str, ward: str) -> Sequence[str]:
    """Where to go. Unsuitable words are refused at input; older data is replaced here by what is suitable."""
    if not unsuitable(place):
        return tuple(place_forms(place, venue))
    return (ward,) if unsuitable(venue) else tuple(place_forms(venue, venue))


@lru_cache(maxsize=1000)
def _reason(reason: str) -> Sequence[str]:
    return GENERAL_REASONS if unsuitable(reason) else tuple(reason_forms(reason))


def _role(roles: Collection[str]) -> str:
    """The role of those whom one message names; two people on one phone may have different ones."""
    known = {ROLES[role] for role in roles if role}
    return " và ".join(sorted(known)) or ROLES["helper"]
