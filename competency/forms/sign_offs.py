"""Forms of the assessor's queue and of certificates."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from msgspec import Struct

from competency.forms.roll import INCOMPLETE, LARGEST_ROSTER
from lopso.kernel.i18n import N_
from lopso.kernel.i18n import gettext as _
from lopso.kernel.parsing import read_id
from lopso.web.forms import (
    Context,
    FieldType,
    FreeText,
    IdField,
    InstantField,
    Many,
    Mistake,
    PageNumber,
    Text,
)


class LearnerSkillField(FieldType[tuple[int, int]]):
    """A box of the assessor's queue: ``<learner>:<skill>``."""

    def read(self, text: str, context: Context) -> tuple[int, int]:
        learner, _colon, skill = text.partition(":")
        learner_id, skill_id = read_id(learner), read_id(skill)
        if learner_id is None or skill_id is None:
            raise Mistake(_(INCOMPLETE))
        return learner_id, skill_id


class SignOffForm(Struct, frozen=True, kw_only=True):
    """What was ticked in the assessor's queue, as (learner, skill)."""

    pick: Annotated[
        tuple[tuple[int, int], ...],
        Many(
            LearnerSkillField(),
            most=LARGEST_ROSTER,
            required=N_("Xin chọn ít nhất một kỹ năng để xác nhận."),
            at="",
        ),
    ]


@dataclass(frozen=True, slots=True)
class QueueSource:
    """Where skills were shown: `kind` is "noi-dung" (a course), "lop" (a series) or "buoi" (a session)."""

    kind: str
    id: int

    def __str__(self) -> str:
        return f"{self.kind}-{self.id}"


class QueueSourceField(FieldType[QueueSource]):
    """A choice of the queue's drop-down: ``lop-3``."""

    def read(self, text: str, context: Context) -> QueueSource:
        kind, _dash, number = text.rpartition("-")
        source_id = read_id(number)
        if kind not in ("noi-dung", "lop", "buoi") or source_id is None:
            raise Mistake(_(INCOMPLETE))
        return QueueSource(kind, source_id)


class QueueParams(Struct, frozen=True, kw_only=True):
    """Whose skills the queue shows: by name, and where they were shown.

    `tu` is the choice of the drop-down; `noi_dung` and `buoi` stand in older addresses.
    """

    ten: Annotated[str, Text(100)] = ""
    tu: Annotated[QueueSource | None, QueueSourceField()] = None
    noi_dung: Annotated[int | None, IdField()] = None
    buoi: Annotated[int | None, IdField()] = None
    trang: PageNumber = 1

    @property
    def source(self) -> QueueSource | None:
        """Where the skills were shown, as the drop-down says it."""
        if self.tu is not None:
            return self.tu
        if self.buoi is not None:
            return QueueSource("buoi", self.buoi)
        return QueueSource("noi-dung", self.noi_dung) if self.noi_dung is not None else None


class UndoSignOffParams(Struct, frozen=True, kw_only=True):
    """Which press is undone (`luc`, its instant), and the choice of the queue to return to."""

    luc: Annotated[datetime | None, InstantField()] = None
    tu: Annotated[QueueSource | None, QueueSourceField()] = None


class RevocationReasonForm(Struct, frozen=True, kw_only=True):
    """Why something is taken back; the service asks for it."""

    reason: Annotated[str, FreeText(500)] = ""


class CertificateForm(Struct, frozen=True, kw_only=True):
    """The sign-offs to print."""

    sign_off: Annotated[
        tuple[int, ...],
        Many(IdField(), most=LARGEST_ROSTER, required=N_("Xin chọn ít nhất một kỹ năng đã được xác nhận.")),
    ]


class RevokeCertificateForm(Struct, frozen=True, kw_only=True):
    """Why a certificate is void; the service asks for both."""

    kind: Annotated[str, Text(40)] = ""
    reason: Annotated[str, FreeText(500)] = ""


class TimelineParams(Struct, frozen=True, kw_only=True):
    """Which page of a learner's timeline to show, and which of the coming classes."""

    trang: PageNumber = 1
    lop: PageNumber = 1


class SerialParams(Struct, frozen=True, kw_only=True):
    """A certificate's serial as typed."""

    so: Annotated[str, Text(100)] = ""
