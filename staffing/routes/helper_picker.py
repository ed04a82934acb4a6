"""The picker of helpers: whom to ask, best first, with reasons."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor, Permission
from lopso.web.picker import PickerOption
from scheduling.models import ClassSession
from staffing.forms.assignments import OfferForm
from staffing.labels.helpers import helper_kind_label, suitability_reasons
from staffing.queries.assignments import SessionStaff
from staffing.queries.candidates import HelperCandidate, candidates

SHOWN_FIRST = 5


@dataclass(frozen=True, slots=True)
class HelperPicker:
    """People to ask; `total` were found, the best are shown."""

    picks: Sequence[PickerOption]
    total: int
    offer: OfferForm

    @property
    def first(self) -> Sequence[PickerOption]:
        """Those shown at once: the best, and all who are ticked."""
        return self.picks[: max(SHOWN_FIRST, sum(each.checked for each in self.picks))]

    @property
    def more(self) -> Sequence[PickerOption]:
        """Those folded away below them."""
        return self.picks[len(self.first) :]


async def picker_of(
    db: AsyncSession,
    session: ClassSession,
    staff: SessionStaff,
    *,
    by: Actor,
    offer: OfferForm,
    leaving: int | None = None,
) -> HelperPicker:
    """People to ask, best first, with their reasons in words; `leaving` is the id of whom they replace."""
    found = await candidates(
        db,
        session,
        role=offer.role,
        typed=offer.typed,
        by=by,
        picked=offer.trainer_ids,
        without=[*(row.trainer_id for row in staff.active), *([leaving] if leaving else ())],
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
    against = [(each.tone, each.text) for each in reasons if each.exception]
    return PickerOption(
        value=found.trainer.id,
        name=found.trainer.full_name,
        sub=" · ".join(_about(found)),
        facts=" · ".join(each.text for each in reasons if not each.exception),
        reasons=against if suitability.can_be_asked else against[1:],
        disabled=None if suitability.can_be_asked else against[0][1],
        checked=checked and suitability.can_be_asked,
    )


def _about(found: HelperCandidate) -> list[str]:
    teams = [team.name for team in found.teams] or [helper_kind_label(found.trainer.kind)]
    return [*teams, *([found.ward] if found.ward else [])]
