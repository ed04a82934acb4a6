"""What became of enrolling learners, in sentences."""

from collections.abc import Mapping, Sequence
from typing import Literal

from learners.models import Learner
from lopso.kernel.i18n import gettext as _
from lopso.kernel.i18n import ngettext
from scheduling.labels.enrolments import told_text
from scheduling.labels.names import distinct_names
from scheduling.models import ClassSession
from scheduling.routes.learner_picker import about_learner
from scheduling.service.enrolments import EnrolmentResult

NAMED = 4  # people in one sentence; more are shown on a page, a row each


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
