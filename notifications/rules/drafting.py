"""Texts as they should stand: one per subject, purpose and phone, naming everybody whom it reaches."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from lopso.kernel import clock, formatting
from lopso.kernel.message_safety import unsuitable
from notifications.rules import timing
from notifications.rules.facts import Purpose, Recipient, ResultFacts, SessionFacts, Wording
from notifications.rules.phrases import (
    DATES_NAMED,
    ROLES,
    WHAT,
    date_forms,
    people_forms,
    place_forms,
    reason_forms,
    title_forms,
    weekly,
    when_forms,
)
from notifications.rules.timing import Policy, Window
from notifications.rules.wording import RenderedText, fill
from scheduling.rules.reasons import GENERAL_REASONS


class OtherSession(NamedTuple):
    """Another session that a text speaks of; `moved_from` in news of a move, as in `Draft`."""

    session_id: int
    session_version: int
    moved_from: datetime | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A text that should stand in the ledger: about a session, or about something else (`about`).

    Attributes:
        also: the other sessions, where one text tells the same of several.
    """

    ward_id: str
    session_id: int | None
    session_version: int
    about: str
    purpose: Purpose
    phone: str
    wording: Wording
    text: RenderedText
    window: Window
    recipients: tuple[Recipient, ...]
    urgent: bool = False
    moved_from: datetime | None = None
    other_sessions: tuple[OtherSession, ...] = ()

    @property
    def key(self) -> tuple[int | str, str, str]:
        """What makes it one text: subject, purpose, phone. (Its version is the session's.)"""
        return self.about or self.session_id or 0, self.purpose, self.phone


def reminders(
    session: SessionFacts,
    learners: Iterable[Recipient],
    *,
    policy: Policy,
    wordings: Mapping[str, Wording],
    now: datetime,
) -> list[Draft]:
    """The reminders still to come of one session."""
    phones = by_phone(learners)
    policy = policy.of(session.kind)
    windows: dict[Purpose, Window | None] = {
        "reminder_day_before": timing.day_before(policy, session.starts_at, now),
        "reminder_same_day": timing.same_day(policy, session.starts_at, now),
    }
    return [
        _draft(session, purpose, people, _reminding(wordings, purpose, session.kind), window)
        for purpose, window in windows.items()
        if window is not None
        for people in phones
    ]


def moved(
    sessions: Sequence[SessionFacts],
    people: Sequence[Recipient],
    purpose: Purpose,
    *,
    moved_from: Mapping[int, datetime],
    window: Window,
    wordings: Mapping[str, Wording],
) -> Draft:
    """The text that tells the `people` of one phone of new times, or only of a new place.

    Args:
        sessions: earliest first; not empty. The text stands with the first.
        moved_from: session id → the start its reader still believes in.
    """
    first = sessions[0]
    who = {"session_moved": "session", "helper_moved": "helper"}[purpose]
    same_times = all(moved_from[each.id] == each.starts_at for each in sessions)
    what = "relocated" if same_times else "moved"
    starts = [each.starts_at for each in sessions]
    return _draft(
        first,
        purpose,
        people,
        wordings[f"{who}_{what}" if len(sessions) == 1 else _SEVERAL[f"{who}_{what}"]],
        window,
        urgent=True,
        moved_from=moved_from[first.id],
        when=when_forms(starts) if weekly(starts) and len(starts) > DATES_NAMED else date_forms(starts),
        other_sessions=[OtherSession(each.id, each.version, moved_from[each.id]) for each in sessions[1:]],
    )


def cancelled(
    sessions: Sequence[SessionFacts],
    people: Sequence[Recipient],
    purpose: Purpose,
    *,
    reason: str,
    window: Window,
    wordings: Mapping[str, Wording],
) -> Draft:
    """The text that tells the `people` of one phone that sessions are off, and why.

    Args:
        sessions: earliest first; not empty. The text stands with the first.
    """
    return _draft(
        sessions[0],
        purpose,
        people,
        wordings[purpose if len(sessions) == 1 else _SEVERAL[purpose]],
        window,
        urgent=True,
        reason=reason,
        when=date_forms([each.starts_at for each in sessions]),
        other_sessions=[OtherSession(each.id, each.version) for each in sessions[1:]],
    )


_SEVERAL: Mapping[str, str] = {
    "session_moved": "series_moved",
    "session_relocated": "series_relocated",
    "session_cancelled": "series_cancelled",
    "helper_moved": "helper_series_moved",
    "helper_relocated": "helper_series_relocated",
    "helper_cancelled": "helper_series_cancelled",
}
"""Wording about one session → the wording about several."""


def announced(
    sessions: Sequence[SessionFacts],
    people: Sequence[Recipient],
    purpose: Purpose,
    *,
    window: Window,
    wordings: Mapping[str, Wording],
) -> Draft:
    """One text about one session, or about several of a series: a seat, an asking. It stands with the first.

    Args:
        sessions: earliest first; not empty.
    """
    when = when_forms([session.starts_at for session in sessions])
    return _draft(sessions[0], purpose, people, wordings[purpose], window, when=when)


def removed(
    sessions: Sequence[SessionFacts],
    people: Sequence[Recipient],
    *,
    window: Window,
    wordings: Mapping[str, Wording],
) -> Draft:
    """The text that tells a helper that he need not come, to one session or to several.

    Args:
        sessions: earliest first; not empty. The text stands with the first.
    """
    purpose: Purpose = "assignment_withdrawn"
    return _draft(
        sessions[0],
        purpose,
        people,
        wordings[purpose],
        window,
        urgent=True,
        when=date_forms([each.starts_at for each in sessions]),
        other_sessions=[OtherSession(each.id, each.version) for each in sessions[1:]],
    )


def role_changed(
    session: SessionFacts,
    people: Sequence[Recipient],
    role: str,
    *,
    window: Window,
    wordings: Mapping[str, Wording],
) -> Draft:
    """The text that tells a helper of another role in a session."""
    purpose: Purpose = "assignment_changed"
    return _draft(session, purpose, people, wordings[purpose], window, role=role)


def result(
    facts: ResultFacts,
    people: Sequence[Recipient],
    purpose: Purpose,
    *,
    window: Window,
    wordings: Mapping[str, Wording],
) -> Draft:
    """The text that tells a learner of confirmed skills, or of the paper."""
    wording = wordings[purpose]
    values = result_values(facts, people)
    return Draft(
        facts.ward_id,
        None,
        0,
        facts.about,
        purpose,
        people[0].phone,
        wording,
        fill(wording.body, values),
        window,
        tuple(people),
    )


def session_values(
    session: SessionFacts,
    people: Sequence[Recipient],
    *,
    year: int,
    moved_from: datetime | None = None,
    reason: str = "",
    role: str = "",
    when: Sequence[str] = (),
) -> dict[str, Sequence[str]]:
    """What stands in the places of a wording about a session, each in its forms, the fullest first.

    Args:
        year: this year, for the form of address where none is known.
        role: instead of what the people do there now.
    """
    values: dict[str, Sequence[str]] = {
        "time": [formatting.hour(session.starts_at)],
        "day": [formatting.vietnamese_day(session.starts_at)],
        "when": when or when_forms([session.starts_at]),
        "place": _place(session),
        "what": [WHAT[session.kind]],
        "title": title_forms(session.title, session.kind),
        "contact": [session.contact],
        "reason": reason_forms(reason) if not unsuitable(reason) else GENERAL_REASONS,
        "role": [_role({role} if role else {each.role for each in people})],
        **people_forms([each.person for each in people], today=year),
    }
    if moved_from is not None:
        values |= {
            "old_time": [formatting.hour(moved_from)],
            "old_day": [formatting.vietnamese_day(moved_from)],
        }
    return values


def result_values(facts: ResultFacts, people: Sequence[Recipient]) -> dict[str, Sequence[str]]:
    """What stands in the places of a wording about skills or a certificate, each in its forms."""
    return {
        "day": [formatting.vietnamese_day(facts.day)],
        "place": place_forms(facts.ward, facts.ward),
        "number": [str(facts.number)],
        "contact": [facts.contact],
        **people_forms([each.person for each in people], today=clock.local_day(facts.day).year),
    }


def by_phone(recipients: Iterable[Recipient]) -> list[tuple[Recipient, ...]]:
    """Recipients who share a phone together, in the order in which the phones first come."""
    phones: dict[str, list[Recipient]] = {}
    for recipient in recipients:
        phones.setdefault(recipient.phone, []).append(recipient)
    return [tuple(people) for people in phones.values()]


_REMINDED_AS = {"home_visit": "visit", "market_round": "market"}


def _reminding(wordings: Mapping[str, Wording], purpose: Purpose, kind: str) -> Wording:
    """The wording for where people go to a class, or for where helpers come to them.

    A database to which a new release has not brought its wordings yet has the first kind alone.
    """
    code = purpose.replace("reminder", _REMINDED_AS.get(kind, "reminder"))
    return wordings.get(code) or wordings[purpose]


def _place(session: SessionFacts) -> Sequence[str]:
    """Where to go. What no text may say was refused when it was typed; what is older gives way here."""
    if not unsuitable(session.place):
        return place_forms(session.place, session.house)
    return [session.ward] if unsuitable(session.house) else place_forms(session.house, session.house)


def _role(roles: Collection[str]) -> str:
    """The role of those whom one text names; two of one phone may have different ones."""
    known = {ROLES[role] for role in roles if role}
    return " và ".join(sorted(known)) or ROLES["helper"]


def _draft(
    session: SessionFacts,
    purpose: Purpose,
    people: Sequence[Recipient],
    wording: Wording,
    window: Window,
    *,
    urgent: bool = False,
    moved_from: datetime | None = None,
    reason: str = "",
    role: str = "",
    when: Sequence[str] = (),
    other_sessions: Sequence[OtherSession] = (),
) -> Draft:
    values = session_values(
        session,
        people,
        year=clock.local_day(window.due_at).year,
        moved_from=moved_from,
        reason=reason,
        role=role,
        when=when,
    )
    return Draft(
        session.ward_id,
        session.id,
        session.version,
        "",
        purpose,
        people[0].phone,
        wording,
        fill(wording.body, values),
        window,
        tuple(people),
        urgent,
        moved_from,
        tuple(other_sessions),
    )
