"""What the roll call says after a press: what now stands, not what was pressed."""

from collections.abc import Collection

from attendance.labels import mark_labels
from attendance.service.marks import Mark, SaveResult
from competency.labels import level_labels
from competency.queries.roll import RollPage, RollPerson
from competency.service.class_levels import ClassLevels
from competency.service.demonstrations import ObservedSkill
from lopso.kernel.i18n import gettext as _
from lopso.kernel.i18n import ngettext

NAMED = 3
"""How many people a sentence names; the others are counted."""


def stands(shown: RollPage, given: Mark | ObservedSkill) -> bool:
    """Whether this mark or level is what stands of the person now; False when something later does."""
    if isinstance(given, ObservedSkill):
        return shown.level(given.learner_id, given.skill_id) == given.level
    person = shown.person(given.learner_id)
    mark = person.row.mark if person else None
    return (mark or "cleared") == given.mark


def sentence_of(shown: RollPage, person: RollPerson, pressed: Mark | ObservedSkill) -> str:
    """The mark or level that stands of a person, and whether somebody recorded it after this press."""
    if isinstance(pressed, Mark):
        now_stands = mark_labels()[person.row.mark or "cleared"].lower()
    else:
        level = shown.level(pressed.learner_id, pressed.skill_id)
        now_stands = level_labels()[level].lower() if level else _("đã bỏ đánh dấu kỹ năng")
    if stands(shown, pressed):
        return _("%(name)s: %(stands)s.", name=person.name, stands=now_stands)
    return _(
        "%(name)s: %(stands)s. Có người đã ghi lại sau lần bấm này.", name=person.name, stands=now_stands
    )


def rest_marked(mark: str, saved: SaveResult) -> str:
    """How many people were given a mark."""
    if not saved.saved:
        return _("Không ghi thêm ai: mọi người đã có dấu từ trước.")
    return ngettext(
        "Đã ghi %(n)s người: %(mark)s.",
        "Đã ghi %(n)s người: %(mark)s.",
        len(saved.saved),
        mark=mark_labels()[mark].lower(),
    )


def rest_recorded(shown: RollPage, level: str, done: ClassLevels) -> str:
    """How many people were given a level of a skill, and who was not."""
    if done.changed:
        said = ngettext(
            "Đã ghi %(n)s người: %(level)s.",
            "Đã ghi %(n)s người: %(level)s.",
            len(done.changed),
            level=level_labels()[level].lower(),
        )
    elif shown.tally.present:
        said = _("Không ghi thêm ai: mọi người có mặt đã được ghi kỹ năng này từ trước.")
    else:
        said = _("Chưa ghi ai có mặt. Xin điểm danh trước, rồi ghi kỹ năng.")
    return " ".join([said, *_refusals(shown, done)])


def rest_undone(shown: RollPage, done: ClassLevels) -> str:
    """How many levels were undone, and whose stay because somebody recorded or confirmed them since."""
    parts = [
        ngettext("Đã hoàn tác cho %(n)s người.", "Đã hoàn tác cho %(n)s người.", len(done.changed))
        if done.changed
        else _("Không hoàn tác: sau đó đã có lần ghi khác.")
    ]
    if done.changed and done.left:
        names = named(shown, done.left)
        parts.append(_("Giữ nguyên phần đã ghi lại sau đó của %(names)s.", names=names))
    return " ".join([*parts, *_refusals(shown, done)])


def named(shown: RollPage, learner_ids: Collection[int]) -> str:
    """ "Bà Ánh, Ông Bình, Bà Gái và 4 người nữa"."""
    names = [person.name for person in shown.people if person.row.learner_id in learner_ids]
    first = ", ".join(names[:NAMED])
    if len(names) <= NAMED:
        return first
    return _("%(names)s và %(n)s người nữa", names=first, n=len(names) - NAMED)


def _refusals(shown: RollPage, done: ClassLevels) -> list[str]:
    by_sentence: dict[str, list[int]] = {}
    for learner_id, sentence in done.refused.items():
        by_sentence.setdefault(sentence, []).append(learner_id)
    return [f"{named(shown, ids)}: {sentence}" for sentence, ids in by_sentence.items()]
