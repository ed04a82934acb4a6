"""What became of enrolling learners, in sentences."""

from collections.abc import Collection, Mapping, Sequence
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncSession

from learners.models import Learner
from lopso.kernel.i18n import gettext as _
from lopso.kernel.i18n import ngettext
from scheduling.labels.enrolments import told_text
from scheduling.labels.names import distinct_names
from scheduling.models import ClassSession
from scheduling.queries.enrolments import learners_by_id
from scheduling.routes.learner_picker import about_learner
from scheduling.service.enrolments import EnrolmentResult, full_name
from scheduling.service.undone_enrolments import UndoneEnrolments

NAMED = 4  # people in one sentence; more are shown on a page, a row each


def names_of(done: Sequence[EnrolmentResult], learners: Mapping[int, Learner]) -> Mapping[int, str]:
    """Names by learner id, namesakes told apart."""
    return distinct_names(
        {each.learner_id: (each.name, about_learner(learners[each.learner_id])) for each in done}
    )


def told_of(
    session: ClassSession,
    done: Sequence[EnrolmentResult],
    learners: Mapping[int, Learner],
    *,
    refusing: Collection[int],
) -> str:
    """Whether those with a new seat are told of it; "" where nobody has one."""
    seated = {each.learner_id for each in done if each.state == "enrolled" and not each.already}
    if not seated:
        return ""
    public = session.published_at is not None
    return told_text([learners[each] for each in seated], public=public, refusing=refusing)


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


def undone_text(undone: UndoneEnrolments, promoted: Sequence[str]) -> str:
    """What undoing an act of enrolling changed.

    Args:
        promoted: names of those who moved up into the seats.
    """
    if undone.begun and not undone.removed:
        return _("Buổi học đã bắt đầu nên không hoàn tác được nữa. Ai không học xin bấm Nghỉ.")
    if not undone.removed:
        return _("Việc này đã được hoàn tác rồi.")
    n = len(undone.removed)
    parts = [ngettext("Đã hoàn tác, bỏ %(n)s người vừa ghi.", "Đã hoàn tác, bỏ %(n)s người vừa ghi.", n)]
    if undone.begun:
        kept = ngettext(
            "%(n)s buổi đã bắt đầu nên giữ nguyên.", "%(n)s buổi đã bắt đầu nên giữ nguyên.", undone.begun
        )
        parts.append(kept)
    parts.append(_("Tin chưa gửi thì không gửi nữa; ai đã nhận tin xin gọi báo lại."))
    if promoted:
        parts.append(_("%(names)s được nhận vào chỗ trống.", names=names_text(promoted)))
    return " ".join(parts)


async def names_of_promoted(db: AsyncSession, ids: Sequence[int]) -> list[str]:
    """Names of those who moved up; one statement, none for nobody."""
    if not ids:
        return []
    learners = await learners_by_id(db, ids)
    return [full_name(learners[each]) for each in ids]
