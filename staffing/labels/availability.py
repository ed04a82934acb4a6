"""Who could be asked for a session that is still being planned, in words."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from lopso.kernel.access import Actor, Permission
from lopso.kernel.i18n import gettext as _
from lopso.kernel.i18n import ngettext
from lopso.kernel.text import capitalized
from scheduling.queries.availability import RoleAvailability, StaffWanted
from scheduling.rules.commitments import AssignmentRole
from staffing.labels.helpers import role_label, suitability_reasons
from staffing.rules.suitability import FreeTime, SkillMatch, Suitability, rank

NAMED = 5


def roles_in_words(
    weighed: Sequence[Suitability],
    wanted: StaffWanted,
    *,
    names: Mapping[int, str],
    skills: Mapping[int, str],
    taking_part: Collection[int],
) -> list[RoleAvailability]:
    """Each role that is needed; helping presumes that the best are asked to teach.

    Args:
        weighed: as teachers.
        names: by trainer id.
        skills: names of what the course teaches, by id.
        taking_part: ids of those who are in the session that moves.
    """
    teachers = rank(each for each in weighed if fits(each))
    teaching = {each.facts.trainer_id for each in teachers[: wanted.trainers]}
    others = [
        replace(each, skill_match=SkillMatch.FULL, taught=frozenset[int]())
        for each in weighed
        if each.facts.trainer_id not in teaching
    ]
    helpers = rank(each for each in others if fits(each))

    def best(fitting: Sequence[Suitability], taught: Mapping[int, str]) -> list[tuple[str, str]]:
        return [
            (names[each.facts.trainer_id], _why(each, wanted, taught, taking_part))
            for each in fitting[:NAMED]
        ]

    roles: list[RoleAvailability] = []
    if wanted.trainers:
        roles.append(_role("trainer", wanted.trainers, teachers, weighed, best(teachers, skills)))
    if wanted.helpers:
        roles.append(_role("helper", wanted.helpers, helpers, others, best(helpers, {})))
    return roles


def _role(
    role: AssignmentRole,
    need: int,
    fitting: Sequence[Suitability],
    weighed: Sequence[Suitability],
    best: Sequence[tuple[str, str]],
) -> RoleAvailability:
    return RoleAvailability(
        need=_("%(role)s, cần %(n)s", role=capitalized(role_label(role)), n=need),
        answer=_answer(len(fitting)) if fitting else _nobody(weighed),
        enough=len(fitting) >= need,
        best=best,
    )


def _why(
    found: Suitability, wanted: StaffWanted, skills: Mapping[int, str], taking_part: Collection[int]
) -> str:
    reasons = suitability_reasons(found, starts_at=wanted.slot.starts_at, skills=skills, may_name_clash=False)
    own = [_("đã ở buổi này")] if found.facts.trainer_id in taking_part else []
    return " · ".join([*own, *(each.text for each in reasons)])


def fits(found: Suitability) -> bool:
    """Whether somebody can be asked, is not known to be busy at that hour, and to some part can do it."""
    return (
        found.can_be_asked
        and found.free_time is not FreeTime.OUTSIDE
        and found.skill_match is not SkillMatch.NOT_KNOWN
    )


def hindered_label(found: Suitability, name: str, *, wanted: StaffWanted, by: Actor) -> str:
    """Somebody of the session who cannot come then, and why."""
    may_name = found.clash is None or by.may(Permission.SEE_CALENDAR, found.clash.ward_id)
    first = suitability_reasons(found, starts_at=wanted.slot.starts_at, skills={}, may_name_clash=may_name)[0]
    return _("%(name)s, đã ở buổi này, không đến được: %(why)s.", name=name, why=first.text)


def _answer(number: int) -> str:
    return ngettext("mời được %(n)s người", "mời được %(n)s người", number)


def _nobody(weighed: Sequence[Suitability]) -> str:
    """Why nobody can be asked, the most frequent reasons as numbers."""
    if not weighed:
        return _("chưa có ai trong danh sách")
    busy = sum(each.clash is not None for each in weighed)
    away = sum(each.clash is None and each.away is not None for each in weighed)
    period = sum(each.clash is None and each.away is None and not each.can_be_asked for each in weighed)
    askable = [each for each in weighed if each.can_be_asked]
    outside = sum(each.free_time is FreeTime.OUTSIDE for each in askable)
    unskilled = len(askable) - outside
    reasons = (
        (busy, ngettext("%(n)s người bận buổi khác", "%(n)s người bận buổi khác", busy)),
        (away, ngettext("%(n)s người báo nghỉ", "%(n)s người báo nghỉ", away)),
        (
            period,
            ngettext("%(n)s người ngoài đợt tình nguyện", "%(n)s người ngoài đợt tình nguyện", period),
        ),
        (outside, ngettext("%(n)s người thường không rảnh", "%(n)s người thường không rảnh", outside)),
        (
            unskilled,
            ngettext("%(n)s người chưa ghi nhận dạy được", "%(n)s người chưa ghi nhận dạy được", unskilled),
        ),
    )
    named = ", ".join(words for number, words in reasons if number)
    return _("không mời được ai: %(why)s", why=named)
