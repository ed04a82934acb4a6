"""A whole roster as JSON, made without a connection and uploaded later."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Struct

from attendance.rules import MARKS
from attendance.service.marks import Mark
from competency.forms.roll import LARGEST_ROSTER, Roster
from competency.rules import LEVELS
from competency.service.demonstrations import ObservedSkill
from lopso.kernel.i18n import N_
from lopso.web.forms import Choice, Entries, FormId, InstantField, RowId, Tick


class MarkEntry(Struct, frozen=True, kw_only=True):
    """A mark in an uploaded roster."""

    learner_id: RowId
    mark: Annotated[str, Choice(MARKS, required=N_("Không có dấu điểm danh này."))]
    client_id: Annotated[UUID, FormId()]
    happened_at: Annotated[datetime | None, InstantField()] = None
    offline: Tick = False

    @property
    def value(self) -> Mark:
        """The mark as the service takes it."""
        return Mark(self.learner_id, self.mark, self.client_id, self.happened_at, self.offline)


class SkillEntry(Struct, frozen=True, kw_only=True):
    """A skill in an uploaded roster; `level` null takes it back."""

    learner_id: RowId
    skill_id: RowId
    level: Annotated[str | None, Choice(LEVELS, required=N_("Không có mức này."))] = None
    client_id: Annotated[UUID, FormId()]
    happened_at: Annotated[datetime | None, InstantField()] = None
    offline: Tick = False

    @property
    def value(self) -> ObservedSkill:
        """The skill as the service takes it."""
        return ObservedSkill(
            self.learner_id, self.skill_id, self.level, self.client_id, self.happened_at, self.offline
        )


class RosterUpload(Struct, frozen=True, kw_only=True):
    """A whole roster as JSON, made without a connection and uploaded later."""

    marks: Annotated[tuple[MarkEntry, ...], Entries(MarkEntry, most=LARGEST_ROSTER)] = ()
    skills: Annotated[tuple[SkillEntry, ...], Entries(SkillEntry, most=LARGEST_ROSTER)] = ()

    @property
    def roster(self) -> Roster:
        """The roster as the service takes it."""
        return Roster([each.value for each in self.marks], [each.value for each in self.skills])
