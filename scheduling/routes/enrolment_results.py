"""What became of enrolling learners: each of them by name, and by date where there are several."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncSession

from learners.models import Learner
from lopso.kernel import formatting
from lopso.kernel.i18n import gettext as _
from lopso.kernel.i18n import ngettext
from lopso.web.pages import TemplatePage, page
from scheduling.labels.enrolments import told_text
from scheduling.labels.helpers import Tone
from scheduling.labels.names import distinct_names
from scheduling.models import ClassSession
from scheduling.queries.enrolments import learners_by_id
from scheduling.routes.enrolments_page import about_learner
from scheduling.service.enrolments import EnrolmentResult

NAMED = 4  # people in one sentence; more are shown on a page, a row each

Outcome = Literal["enrolled", "waitlisted", "refused"]


@dataclass(frozen=True, slots=True)
class LearnerOutcome:
    """One learner on the page of results; `notes` are pairs of tone and text."""

    name: str
    about: str
    notes: Sequence[tuple[Tone, str]]


async def results_page(
    db: AsyncSession,
    session: ClassSession,
    sessions: Sequence[ClassSession],
    done: Sequence[EnrolmentResult],
) -> TemplatePage:
    """A row for each learner and, for a series, one for each date; one statement."""
    learners = await learners_by_id(db, {each.learner_id for each in done})
    by_learner: dict[int, list[EnrolmentResult]] = {}
    by_session: dict[int, list[EnrolmentResult]] = {each.id: [] for each in sessions}
    for each in done:
        by_learner.setdefault(each.learner_id, []).append(each)
        by_session[each.session_id].append(each)
    names = names_of(done, learners)
    return page(
        "scheduling/enrolment_results.html",
        ward_id=session.ward_id,
        session=session,
        told=told_of(session, done, learners),
        totals=_totals([_worst(each) for each in by_learner.values()], whole=len(sessions) == 1),
        people=[
            LearnerOutcome(each[0].name, about_learner(learners[learner_id]), _notes(each))
            for learner_id, each in by_learner.items()
        ],
        dates=[
            (each, outcome_text(by_session[each.id], names, whole=False))
            for each in sessions
            if len(sessions) > 1
        ],
    )


def names_of(done: Sequence[EnrolmentResult], learners: Mapping[int, Learner]) -> Mapping[int, str]:
    """Names by learner id, namesakes told apart."""
    return distinct_names(
        {each.learner_id: (each.name, about_learner(learners[each.learner_id])) for each in done}
    )


def told_of(session: ClassSession, done: Sequence[EnrolmentResult], learners: Mapping[int, Learner]) -> str:
    """Whether those with a new seat are told of it; "" where nobody has one."""
    seated = {each.learner_id for each in done if each.state == "enrolled" and not each.already}
    if not seated:
        return ""
    return told_text([learners[each] for each in seated], public=session.published_at is not None)


def tone_of(done: Sequence[EnrolmentResult]) -> Literal["ok", "warn"]:
    """Whether there is something to look at."""
    smooth = all(each.state == "enrolled" and each.overlap is None for each in done)
    return "ok" if smooth else "warn"


def outcome_text(done: Sequence[EnrolmentResult], names: Mapping[int, str], *, whole: bool = True) -> str:
    """What became of it in one session, in one or a few sentences."""
    seated = [names[each.learner_id] for each in done if each.state == "enrolled" and not each.already]
    waiting = [
        _("%(name)s (thứ %(position)s)", name=names[each.learner_id], position=each.position)
        for each in done
        if each.state == "waitlisted" and not each.already
    ]
    already = [names[each.learner_id] for each in done if each.already]
    busy = [names[each.learner_id] for each in done if each.overlap is not None and not each.already]
    parts: list[str] = []
    if seated:
        count = ngettext("Đã ghi danh %(n)s người", "Đã ghi danh %(n)s người", len(seated))
        parts.append(f"{count}: {names_text(seated)}." if whole else f"{count}.")
    if waiting:
        parts.append(_("Lớp đã đủ chỗ, vào danh sách chờ: %(names)s.", names=names_text(waiting)))
    if already:
        parts.append(_("Đã có trong danh sách từ trước: %(names)s.", names=names_text(already)))
    if busy:
        parts.append(_("Có buổi khác cùng giờ: %(names)s.", names=names_text(busy)))
    parts += list(dict.fromkeys(each.refusal for each in done if each.refusal))
    return " ".join(parts)


def names_text(names: Sequence[str]) -> str:
    """The first names, and how many more there are."""
    shown = ", ".join(names[:NAMED])
    rest = len(names) - NAMED
    return _("%(names)s và %(n)s người nữa", names=shown, n=rest) if rest > 0 else shown


def _worst(done: Sequence[EnrolmentResult]) -> Outcome:
    states = {each.state for each in done}
    if None in states:
        return "refused"
    return "waitlisted" if "waitlisted" in states else "enrolled"


def _totals(outcomes: Sequence[Outcome], *, whole: bool) -> list[dict[str, str]]:
    """How many people fared how, each counted once, in the shape of `ui.attention`."""
    words: dict[Outcome, tuple[str, str]] = {
        "enrolled": ("ok", _("người có chỗ") if whole else _("người có chỗ ở mọi buổi")),
        "waitlisted": (
            "warn",
            _("người vào danh sách chờ") if whole else _("người phải chờ chỗ ở ít nhất một buổi"),
        ),
        "refused": (
            "bad",
            _("người chưa ghi được") if whole else _("người chưa ghi được ở ít nhất một buổi"),
        ),
    }
    count = Counter(outcomes)
    return [
        {"kind": kind, "number": str(count[outcome]), "text": text}
        for outcome, (kind, text) in words.items()
        if count[outcome]
    ]


def _notes(done: Sequence[EnrolmentResult]) -> list[tuple[Tone, str]]:
    """One learner's results; where there is one session, in fewer words."""
    notes = [_note(done[0])] if len(done) == 1 else _series_notes(done)
    for each in done:
        if each.overlap is not None and each.state is not None:
            when = formatting.day_and_hours(each.overlap.starts_at, each.overlap.ends_at)
            text = _("Trùng giờ với “%(title)s”, %(when)s", title=each.overlap.title, when=when)
            notes.append(("warn", text))
    return notes


def _note(each: EnrolmentResult) -> tuple[Tone, str]:
    if each.state is None:
        return "bad", each.refusal or _("Chưa ghi được")
    if each.state == "waitlisted":
        text = _("Chờ từ trước, thứ %(n)s") if each.already else _("Danh sách chờ, thứ %(n)s")
        return "warn", text % {"n": each.position}
    return ("plain", _("Có chỗ từ trước")) if each.already else ("ok", _("Có chỗ"))


def _series_notes(done: Sequence[EnrolmentResult]) -> list[tuple[Tone, str]]:
    seats = sum(each.state == "enrolled" for each in done)
    notes: list[tuple[Tone, str]] = []
    if seats:
        notes.append(("ok", ngettext("Có chỗ ở %(n)s buổi", "Có chỗ ở %(n)s buổi", seats)))
    for each in done:
        day = formatting.weekday_and_date(each.starts_at)
        if each.state == "waitlisted":
            notes.append(("warn", _("%(day)s: danh sách chờ, thứ %(n)s", day=day, n=each.position)))
        elif each.state is None:
            notes.append(("bad", f"{day}: {each.refusal or _('Chưa ghi được')}"))
    return notes
