"""Forms about helpers and teams."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Annotated

from msgspec import Struct

from lopso.kernel.i18n import N_
from lopso.kernel.i18n import gettext as _
from lopso.kernel.phone import NO_PHONE
from lopso.web.forms import (
    Choice,
    Context,
    Day,
    FieldType,
    IdField,
    Many,
    Mistake,
    PageNumber,
    ReturnPath,
    Text,
    Tick,
)
from people.forms import (
    EmailAddress,
    FullName,
    Line,
    Note,
    PhoneNumber,
    SexField,
    Words,
    kept_person,
    stored_person,
)
from trainers.models import TEAM_KINDS, TRAINER_KINDS, Team, Trainer
from trainers.rules import PARTS, TeamDetails, TrainerDetails


class PartOfWeek(FieldType[tuple[int, str]]):
    """A part of a weekday, 0 = Monday: "0-evening"."""

    def read(self, text: str, context: Context) -> tuple[int, str]:
        day, _dash, part = text.partition("-")
        if not (len(day) == 1 and day in "0123456" and part in PARTS):
            raise Mistake(_(self.required))
        return int(day), part

    def show(self, value: tuple[int, str]) -> str:
        return f"{value[0]}-{value[1]}"


class TrainerList(Struct, frozen=True, kw_only=True):
    """Filters of the list (kind, left) and its page."""

    loai: Annotated[str | None, Choice(TRAINER_KINDS)] = None
    da_nghi: Tick = False
    trang: PageNumber = 1


class TrainerForm(Struct, frozen=True, kw_only=True):
    """A helper, with the skills they can teach and the parts of the week they are free.

    `another`: the person saw the namesakes and says this is somebody else.
    """

    full_name: FullName
    kind: Annotated[str, Choice(TRAINER_KINDS)]
    sex: SexField = None
    position: Words = ""
    phone: PhoneNumber = NO_PHONE
    phone_note: Words = ""
    email: EmailAddress = None
    teaches_all: Tick = False
    skill: Annotated[tuple[int, ...], Many(IdField(), most=500)] = ()
    part: Annotated[tuple[tuple[int, str], ...], Many(PartOfWeek())] = ()
    note: Note = ""
    another: Tick = False

    @classmethod
    def of(
        cls, trainer: Trainer, *, skills: Collection[int], parts: Collection[tuple[int, str]]
    ) -> "TrainerForm":
        """The form filled with what is stored."""
        return cls(
            **kept_person(trainer),
            kind=trainer.kind,
            position=trainer.position,
            teaches_all=trainer.teaches_all,
            skill=tuple(skills),
            part=tuple(sorted(parts)),
        )

    @property
    def details(self) -> TrainerDetails:
        """The helper as `service` takes it."""
        return TrainerDetails(
            **stored_person(self), kind=self.kind, position=self.position, teaches_all=self.teaches_all
        )


class TeamList(Struct, frozen=True, kw_only=True):
    """Filters of the list of teams (kind, part of the name, disbanded) and its page."""

    loai: Annotated[str | None, Choice(TEAM_KINDS)] = None
    q: Line = ""
    giai_the: Tick = False
    trang: PageNumber = 1


class TeamForm(Struct, frozen=True, kw_only=True):
    """A team; a student team works from `active_from` to `active_to`, both included."""

    kind: Annotated[str, Choice(TEAM_KINDS)]
    name: Annotated[str, Text(required=N_("Xin ghi tên tổ, đội."))]
    neighbourhood_id: Annotated[int | None, IdField()] = None
    active_from: Annotated[date | None, Day()] = None
    active_to: Annotated[date | None, Day()] = None

    @classmethod
    def of(cls, team: Team) -> "TeamForm":
        """The form filled with what is stored."""
        return cls(
            kind=team.kind,
            name=team.name,
            neighbourhood_id=team.neighbourhood_id,
            active_from=team.active_from,
            active_to=team.active_to,
        )

    @property
    def details(self) -> TeamDetails:
        """The team as `service` takes it."""
        return TeamDetails(self.kind, self.name, self.neighbourhood_id, self.active_from, self.active_to)

    def mistakes(self) -> Mapping[str, str]:
        """Days in the wrong order."""
        if self.active_from and self.active_to and self.active_to < self.active_from:
            return {"active_to": _("Ngày kết thúc phải sau ngày bắt đầu.")}
        return {}


class MemberForm(Struct, frozen=True, kw_only=True):
    """A helper to add to a team, and where to go back to; the service refuses an unknown role."""

    trainer: Annotated[int | None, IdField()] = None
    role: Annotated[str, Text()] = "member"
    back: Annotated[str, ReturnPath("")] = ""
