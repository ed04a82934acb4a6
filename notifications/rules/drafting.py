"""Build drafts: one message per subject, purpose and phone, naming everybody whom it reaches."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from lopso.kernel import clock
from notifications.rules import timing
from notifications.rules.drafts import Draft, OtherSession
from notifications.rules.timing import Policy, Window
from wordings.rules.facts import Purpose, Recipient, ResultFacts, SessionFacts, Wording, by_phone
from wordings.rules.placeholder_values import result_values, session_values
from wordings.rules.rendering import fill
from wordings.rules.schedule_phrases import (
    DATES_NAMED,
    date_forms,
    days_forms,
    old_time_forms,
    weekly,
    when_forms,
)


def reminders(
    session: SessionFacts,
    learners: Iterable[Recipient],
    *,
    policy: Policy,
    wordings: Mapping[str, Wording],
    now: datetime,
) -> list[Draft]:
    """The reminders of one session that are still to be sent."""
    phones = by_phone(learners)
    policy = policy.of(session.kind)
    windows: dict[Purpose, Window | None] = {
        "reminder_day_before": timing.day_before(policy, session.starts_at, now),
        "reminder_same_day": timing.same_day(policy, session.starts_at, now),
    }
    return [
        _draft(session, purpose, people, _reminder_wording(wordings, purpose, session.kind), window)
        for purpose, window in windows.items()
        if window is not None
        for people in phones
    ]


def move_notice(
    sessions: Sequence[SessionFacts],
    people: Sequence[Recipient],
    purpose: Purpose,
    *,
    moved_from: Mapping[int, datetime],
    window: Window,
    wordings: Mapping[str, Wording],
) -> Draft:
    """The message to one phone about new times, or only about a new place.

    Args:
        sessions: earliest first; not empty. The message belongs to the first.
        moved_from: session id → the start its reader still expects.
    """
    first = sessions[0]
    who = {"session_moved": "session", "helper_moved": "helper"}[purpose]
    same_times = all(moved_from[each.id] == each.starts_at for each in sessions)
    code = f"{who}_relocated" if same_times else f"{who}_moved"
    starts = [each.starts_at for each in sessions]
    return _draft(
        first,
        purpose,
        people,
        wordings[_for_number(code, sessions)],
        window,
        urgent=True,
        moved_from=moved_from[first.id],
        old_time=old_time_forms([moved_from[each.id] for each in sessions], starts),
        when=when_forms(starts) if weekly(starts) and len(starts) > DATES_NAMED else date_forms(starts),
        other_sessions=[OtherSession(each.id, each.version, moved_from[each.id]) for each in sessions[1:]],
    )


def cancellation_notice(
    sessions: Sequence[SessionFacts],
    people: Sequence[Recipient],
    purpose: Purpose,
    *,
    reason: str,
    window: Window,
    wordings: Mapping[str, Wording],
) -> Draft:
    """The message to one phone that sessions are cancelled, and why.

    What a closure cancelled is said by days and ward, of whatever series. Until the wording for that is
    registered where the others are, or loaded after an upgrade, the others say it: a storm does not wait.

    Args:
        sessions: earliest first; not empty. The message belongs to the first.
    """
    wording = wordings[_for_number(purpose, sessions)]
    closed = wordings.get(CLOSED_DAYS[purpose]) if sessions[0].closure_id is not None else None
    if closed is None or (wording.registered and not closed.registered):
        return _notice(sessions, people, purpose, wording, window, reason=reason)
    ward = sessions[0].ward[:1].lower() + sessions[0].ward[1:]  # it stands within a sentence
    first = replace(sessions[0], place=ward, venue=ward)
    when = days_forms([each.starts_at for each in sessions])
    return _notice([first, *sessions[1:]], people, purpose, closed, window, reason=reason, when=when)


def reopening_notice(
    sessions: Sequence[SessionFacts],
    people: Sequence[Recipient],
    purpose: Purpose,
    *,
    window: Window,
    wordings: Mapping[str, Wording],
) -> Draft:
    """The message to one phone that sessions take place after all.

    Args:
        sessions: earliest first; not empty. The message belongs to the first.
    """
    wording = wordings[_for_number(purpose, sessions)]
    return _notice(sessions, people, purpose, wording, window)


def announcement(
    sessions: Sequence[SessionFacts],
    people: Sequence[Recipient],
    purpose: Purpose,
    *,
    window: Window,
    wordings: Mapping[str, Wording],
) -> Draft:
    """One message about one session or several of a series: a seat, an offer. It belongs to the first.

    Args:
        sessions: earliest first; not empty.
    """
    when = when_forms([session.starts_at for session in sessions])
    return _draft(sessions[0], purpose, people, wordings[purpose], window, when=when)


def removal_notice(
    sessions: Sequence[SessionFacts],
    people: Sequence[Recipient],
    *,
    window: Window,
    wordings: Mapping[str, Wording],
) -> Draft:
    """The message that tells helpers that they are no longer needed in one session or several.

    Args:
        sessions: earliest first; not empty. The message belongs to the first.
    """
    purpose: Purpose = "assignment_withdrawn"
    return _notice(sessions, people, purpose, wordings[purpose], window)


def role_change_notice(
    session: SessionFacts,
    people: Sequence[Recipient],
    role: str,
    *,
    window: Window,
    wordings: Mapping[str, Wording],
) -> Draft:
    """The message that tells a helper of another role in a session."""
    purpose: Purpose = "assignment_changed"
    return _draft(session, purpose, people, wordings[purpose], window, role=role)


def result_message(
    facts: ResultFacts,
    people: Sequence[Recipient],
    purpose: Purpose,
    *,
    window: Window,
    wordings: Mapping[str, Wording],
) -> Draft:
    """The message that tells a learner of confirmed skills, or of a certificate."""
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


CLOSED_DAYS: Mapping[str, str] = {
    "session_cancelled": "closed_days",
    "helper_cancelled": "helper_closed_days",
}
"""Purpose of a cancellation notice → its wording where a closure cancelled the sessions."""

_SEVERAL: Mapping[str, str] = {
    "session_moved": "series_moved",
    "session_relocated": "series_relocated",
    "session_cancelled": "series_cancelled",
    "session_reopened": "series_reopened",
    "helper_moved": "helper_series_moved",
    "helper_relocated": "helper_series_relocated",
    "helper_cancelled": "helper_series_cancelled",
    "helper_reopened": "helper_series_reopened",
}
"""Wording about one session → the wording about several."""


def _for_number(code: str, sessions: Sequence[SessionFacts]) -> str:
    return code if len(sessions) == 1 else _SEVERAL[code]


def _notice(
    sessions: Sequence[SessionFacts],
    people: Sequence[Recipient],
    purpose: Purpose,
    wording: Wording,
    window: Window,
    *,
    reason: str = "",
    when: Sequence[str] = (),
) -> Draft:
    """An urgent message about all of `sessions`, with their dates unless `when` says them."""
    return _draft(
        sessions[0],
        purpose,
        people,
        wording,
        window,
        urgent=True,
        reason=reason,
        when=when or date_forms([each.starts_at for each in sessions]),
        other_sessions=[OtherSession(each.id, each.version) for each in sessions[1:]],
    )


_REMINDED_AS = {"home_visit": "visit", "market_round": "market"}


def _reminder_wording(wordings: Mapping[str, Wording], purpose: Purpose, kind: str) -> Wording:
    """The wording for where people go to a class, or for where helpers come to them.

    A database whose wordings have not been loaded again after an upgrade has the first kind alone.
    """
    code = purpose.replace("reminder", _REMINDED_AS.get(kind, "reminder"))
    return wordings.get(code) or wordings[purpose]


def _draft(
    session: SessionFacts,
    purpose: Purpose,
    people: Sequence[Recipient],
    wording: Wording,
    window: Window,
    *,
    urgent: bool = False,
    moved_from: datetime | None = None,
    old_time: Sequence[str] = (),
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
        old_time=old_time,
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
