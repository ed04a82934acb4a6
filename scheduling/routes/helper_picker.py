"""The picker of helpers: whom to ask, best first, with reasons."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor, Permission
from scheduling.forms.assignments import OfferForm
from scheduling.labels.helpers import (
    helper_kind_label,
    suitability_reasons,
)
from scheduling.models import ClassSession
from scheduling.queries.assignments import SessionStaff
from scheduling.queries.candidates import HelperCandidate, candidates


@dataclass(frozen=True, slots=True)
class PickerOption:
    """A row of the picker, in the shape of `form.picker`."""

    value: int
    name: str
    sub: str
    reasons: Sequence[tuple[str, str]]
    disabled: str | None
    checked: bool


@dataclass(frozen=True, slots=True)
class HelperPicker:
    """People to ask; `total` were found, the best are shown."""

    picks: Sequence[PickerOption]
    total: int
    offer: OfferForm


async def picker_of(
    db: AsyncSession, session: ClassSession, staff: SessionStaff, *, by: Actor, offer: OfferForm
) -> HelperPicker:
    """People to ask, best first, with their reasons in words."""
    found = await candidates(
        db,
        session,
        role=offer.role,
        typed=offer.typed,
        by=by,
        picked=offer.trainer_ids,
        without=[row.trainer_id for row in staff.active],
    )
    picks = [
        _pick(each, session, found.skills, by=by, checked=each.trainer.id in offer.trainer_ids)
        for each in found.items
    ]
    return HelperPicker(picks, found.total, offer)


def _pick(
    found: HelperCandidate, session: ClassSession, skills: Mapping[int, str], *, by: Actor, checked: bool
) -> PickerOption:
    suitability = found.suitability
    clash = suitability.clash
    reasons = suitability_reasons(
        suitability,
        starts_at=session.starts_at,
        skills=skills,
        may_name_clash=clash is None or by.may(Permission.SEE_CALENDAR, clash.ward_id),
    )
    labels = [(each.tone, each.text) for each in reasons]
    return PickerOption(
        value=found.trainer.id,
        name=found.trainer.full_name,
        sub=" · ".join(_about(found)),
        reasons=labels if suitability.can_be_asked else labels[1:],
        disabled=None if suitability.can_be_asked else labels[0][1],
        checked=checked and suitability.can_be_asked,
    )


def _about(found: HelperCandidate) -> list[str]:
    teams = [team.name for team in found.teams] or [helper_kind_label(found.trainer.kind)]
    return [*teams, *([found.ward] if found.ward else [])]
