"""What became of enrolling learners, in words and by date."""

from collections.abc import Mapping, Sequence
from typing import Literal

from lopso.kernel.i18n import gettext as _
from lopso.kernel.i18n import ngettext
from lopso.web.pages import TemplatePage, page
from scheduling.models import ClassSession
from scheduling.service.enrolments import EnrolmentResult

NAMED = 4  # names in one sentence; the list below it shows the rest


def series_results_page(
    session: ClassSession, sessions: Sequence[ClassSession], done: Sequence[EnrolmentResult]
) -> TemplatePage:
    by_session: Mapping[int, list[EnrolmentResult]] = {each.id: [] for each in sessions}
    for each in done:
        by_session[each.session_id].append(each)
    return page(
        "scheduling/series_enrolled.html",
        ward_id=session.ward_id,
        session=session,
        names=list(dict.fromkeys(each.name for each in done)),
        dates=[
            (each, by_session[each.id], outcome_text(by_session[each.id], whole=False)) for each in sessions
        ],
        tone=tone_of(done),
    )


def tone_of(done: Sequence[EnrolmentResult]) -> Literal["ok", "warn"]:
    smooth = all(each.state == "enrolled" and each.overlap is None for each in done)
    return "ok" if smooth else "warn"


def outcome_text(done: Sequence[EnrolmentResult], *, whole: bool = True) -> str:
    """What became of it, in one or a few sentences."""
    seated = [each.name for each in done if each.state == "enrolled" and not each.already]
    waiting = [
        _("%(name)s (thứ %(position)s)", name=each.name, position=each.position)
        for each in done
        if each.state == "waitlisted" and not each.already
    ]
    already = [each.name for each in done if each.already]
    busy = [each.name for each in done if each.overlap is not None and not each.already]
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
    shown = ", ".join(names[:NAMED])
    rest = len(names) - NAMED
    return _("%(names)s và %(n)s người nữa", names=shown, n=rest) if rest > 0 else shown
