"""Forms of the roll call: one press, the sheet of the whole class, what a page shows, what is undone."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID, uuid5

from msgspec import Struct, field

from attendance.rules import MARKS
from attendance.service.marks import Mark
from competency.rules import LEVELS
from competency.service.demonstrations import ObservedSkill
from lopso.kernel.errors import InvalidInput
from lopso.kernel.i18n import N_
from lopso.kernel.i18n import gettext as _
from lopso.kernel.parsing import read_id
from lopso.web.forms import (
    Choice,
    Context,
    FieldType,
    FormId,
    FormToken,
    IdField,
    Mistake,
    PageNumber,
    Tick,
    Typed,
    WholeNumber,
)

LARGEST_ROSTER = 5_000
"""Marks or skills in one request: as many as the largest session has seats."""

SHEET_ROWS = 200
"""People on one sheet of the whole class."""

REST_MARKS = ("present", "absent")
INCOMPLETE = N_("Trang gửi thiếu thông tin. Xin tải lại trang rồi thử lần nữa.")


@dataclass(frozen=True, slots=True)
class Roster:
    """Everything one request says about a session."""

    marks: Sequence[Mark]
    skills: Sequence[ObservedSkill]


@dataclass(frozen=True, slots=True)
class RestMark:
    """The mark for everybody who has none."""

    mark: str
    form_id: UUID


@dataclass(frozen=True, slots=True)
class RestLevel:
    """The level of a skill for everybody present who has none."""

    skill_id: int
    level: str
    form_id: UUID


@dataclass(frozen=True, slots=True)
class SkillLevel:
    """A skill with the level to record; None takes the recorded one back. `text` is what the button sent."""

    skill_id: int
    level: str | None
    text: str


class SkillLevelField(FieldType[SkillLevel]):
    """A button of a skill: ``<skill>:<level>``, ``<skill>:`` for taking back."""

    def read(self, text: str, context: Context) -> SkillLevel:
        skill, colon, level = text.partition(":")
        skill_id = read_id(skill)
        if skill_id is None or not colon or level not in ("", *LEVELS):
            raise Mistake(_(INCOMPLETE))
        return SkillLevel(skill_id, level or None, text)


class TapForm(Struct, frozen=True, kw_only=True):
    """One press of a button on the roll.

    `form_id` is made with the page: the same button pressed twice on one page is one tap, two different
    buttons are two.
    """

    form_id: FormToken
    rest: Annotated[str | None, Choice(REST_MARKS)] = None
    rest_skill: Annotated[SkillLevel | None, SkillLevelField()] = None
    learner_id: Annotated[int | None, IdField()] = None
    mark: Annotated[str | None, Choice(MARKS)] = None
    skill: Annotated[SkillLevel | None, SkillLevelField()] = None

    def tap(self) -> Mark | ObservedSkill | RestMark | RestLevel:
        """What was pressed.

        Raises:
            InvalidInput: none of our buttons.
        """
        if self.rest is not None:
            return RestMark(self.rest, self.form_id)
        if self.rest_skill is not None and self.rest_skill.level is not None:
            return RestLevel(self.rest_skill.skill_id, self.rest_skill.level, self.form_id)
        if self.learner_id is not None and self.mark is not None:
            return Mark(self.learner_id, self.mark, uuid5(self.form_id, self.mark))
        if self.learner_id is not None and self.skill is not None:
            client_id = uuid5(self.form_id, self.skill.text)
            return ObservedSkill(self.learner_id, self.skill.skill_id, self.skill.level, client_id)
        raise InvalidInput({"": _(INCOMPLETE)})


class RosterSheetForm(Struct, frozen=True, kw_only=True):
    """The sheet of the whole class; its fields are named after the rows, see `read_sheet`.

    `next_number`: the sheet to show when this one is saved, else the one after it.
    """

    form_id: FormToken
    number: PageNumber = field(default=1, name="trang")
    next_number: Annotated[int | None, WholeNumber(1, 99_999)] = field(default=None, name="sang_trang")


class SheetNumber(Struct, frozen=True, kw_only=True):
    """Which sheet of a large class, from 1."""

    number: PageNumber = field(default=1, name="trang")


def read_sheet(form_id: UUID, typed: Typed) -> Roster:
    """What was changed on the sheet of the whole class.

    A field is named ``mark.<learner>.<as shown>`` or ``skill.<learner>.<skill>.<as shown>``: what another
    helper changed since the sheet was opened is not changed back.

    Raises:
        InvalidInput: not what the page sends, or more than `LARGEST_ROSTER`.
    """
    marks: list[Mark] = []
    skills: list[ObservedSkill] = []
    for name, value in typed.pairs():
        kind, *ids, before = name.split(".") if name.count(".") >= 2 else ("", "", "")
        if kind not in ("mark", "skill") or value == before:
            continue
        client_id = uuid5(form_id, f"{name}={value}")
        if kind == "mark":
            (learner_id,) = _ids(ids, 1, value in ("", *MARKS))
            marks.append(Mark(learner_id, value or "cleared", client_id))
        else:
            learner_id, skill_id = _ids(ids, 2, value in ("", *LEVELS))
            skills.append(ObservedSkill(learner_id, skill_id, value or None, client_id))
    if max(len(marks), len(skills)) > LARGEST_ROSTER:
        raise InvalidInput({"": _("Mỗi lần gửi tối đa %(n)s dòng.", n=LARGEST_ROSTER)})
    return Roster(marks, skills)


def _ids(texts: Sequence[str], number: int, known_value: bool) -> list[int]:
    ids = [found for text in texts if (found := read_id(text)) is not None]
    if not known_value or len(texts) != number or len(ids) != number:
        raise InvalidInput({"": _(INCOMPLETE)})
    return ids


class RollView(Struct, frozen=True, kw_only=True):
    """What the roll shows: skills of one person (`nguoi`; `gap` folds them), or one skill of everybody."""

    nguoi: Annotated[int | None, IdField()] = None
    ky_nang: Annotated[int | None, IdField()] = None
    gap: Tick = False


class UndoParams(Struct, frozen=True, kw_only=True):
    """What to undo: one mark (`dau`), what was given to the rest (`nhom`: marks, or levels of the skill
    `ky_nang`), or one skill of one person (`nguoi`) back to `muc`.

    `xem` is the skill that the page showed of everybody.
    """

    dau: Annotated[UUID | None, FormId()] = None
    nhom: Annotated[UUID | None, FormId()] = None
    nguoi: Annotated[int | None, IdField()] = None
    ky_nang: Annotated[int | None, IdField()] = None
    muc: Annotated[str | None, Choice(LEVELS)] = None
    xem: Annotated[int | None, IdField()] = None
