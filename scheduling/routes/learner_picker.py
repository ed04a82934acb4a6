"""The picker of learners: whom to enrol, found by name, neighbourhood, audience or an earlier class."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from learners.labels import audience_labels
from learners.models import Learner
from lopso.kernel import formatting
from lopso.kernel.access import Actor
from lopso.kernel.i18n import gettext as _
from lopso.kernel.i18n import ngettext
from lopso.kernel.paging import Page
from lopso.web.picker import PickerOption
from scheduling.forms.enrolments import EnrolForm, class_value
from scheduling.labels.names import masked_phone
from scheduling.models import ClassSession
from scheduling.queries.earlier_classes import EarlierClass, earlier_classes
from scheduling.queries.enrolments import free_seats_in
from scheduling.queries.learner_search import FoundLearner, FoundLearners, LearnerSearch, find_learners
from scheduling.service.enrolments import full_name
from venues.queries import neighbourhood_choices

FilterChoices = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class PickerFilters:
    """What one can filter by, as (value, words): earlier classes, neighbourhoods, audiences."""

    classes: FilterChoices
    neighbourhoods: FilterChoices
    audiences: FilterChoices


@dataclass(frozen=True, slots=True)
class LearnerPicker:
    """One page of learners to enrol, and those ticked before who are not on it.

    Attributes:
        free: seats free in this session; `fewest`: in the fullest of it and the later ones of its series.
        later: how many later sessions the series has.
    """

    found: Page[FoundLearner]
    picks: Sequence[PickerOption]
    kept: Sequence[PickerOption]
    form: EnrolForm
    free: int
    fewest: int
    later: int

    @property
    def room(self) -> int:
        """How many find a seat in every session that is chosen."""
        return self.fewest if self.form.whole_series else self.free

    @property
    def alike(self) -> str | None:
        """The earlier class chosen, as the form sends it."""
        return class_value(*self.form.alike) if self.form.alike else None

    @property
    def ticked(self) -> int:
        """How many are ticked."""
        return sum(each.checked for each in (*self.picks, *self.kept))

    @property
    def selectable(self) -> Sequence[int]:
        """Ids of those on the page who can be ticked."""
        return [each.value for each in self.picks if each.disabled is None]


async def picker_of(
    db: AsyncSession,
    session: ClassSession,
    later: Sequence[ClassSession],
    *,
    by: Actor,
    form: EnrolForm,
) -> LearnerPicker:
    """Learners to enrol under the present search, and those ticked before it; seven statements."""
    if form.show_all:
        form = form.wider()
    series_id, session_id = form.alike or (None, None)
    found = await find_learners(
        db,
        session,
        wanted=LearnerSearch(form.typed, form.neighbourhood_id, form.audience, series_id, session_id),
        picked=form.learner_ids,
        by=by,
        later=later,
        number=form.tick_page or form.number,
    )
    if form.tick_page:
        form = _with_page_ticked(form, found, session, len(later))
    free = await free_seats_in(db, [session.id, *(each.id for each in later)])

    def options(rows: Sequence[FoundLearner]) -> list[PickerOption]:
        return [_option(each, session, form, len(later)) for each in rows]

    return LearnerPicker(
        found.page,
        options(found.items),
        options(found.picked),
        form,
        free=max(0, free.get(session.id, 0)),
        fewest=max(0, min(free.values(), default=0)),
        later=len(later),
    )


async def filters_of(db: AsyncSession, session: ClassSession) -> PickerFilters:
    """Earlier classes and neighbourhoods of the ward, and the audiences; two statements."""
    places = await neighbourhood_choices(db, session.ward_id)
    return PickerFilters(
        [
            (class_value(each.series_id, each.session_id), _class_label(each))
            for each in await earlier_classes(db, session)
        ],
        [(str(place_id), name) for place_id, name in places],
        list(audience_labels().items()),
    )


def about_learner(learner: Learner) -> str:
    """Year of birth, neighbourhood and masked phone: what tells learners of one name apart."""
    neighbourhood = learner.neighbourhood.name if learner.neighbourhood else ""
    parts = (str(learner.birth_year or ""), neighbourhood, shown_phone(learner))
    return " · ".join(part for part in parts if part)


def shown_phone(learner: Learner) -> str:
    """The masked phone, or that there is none."""
    return masked_phone(learner.phone) if learner.phone else _("không có điện thoại")


def _with_page_ticked(form: EnrolForm, found: FoundLearners, session: ClassSession, later: int) -> EnrolForm:
    """The form with everybody on the page ticked who can be, or unticked when all are."""
    options = [_option(each, session, form, later) for each in found.items]
    page = [each.value for each in options if each.disabled is None]
    ticked = dict.fromkeys(form.learner_ids)
    if all(each in ticked for each in page):
        kept = tuple(each for each in ticked if each not in page)
    else:
        kept = tuple(ticked | dict.fromkeys(page))
    return msgspec.structs.replace(form, learner_ids=kept, number=found.page.number, tick_page=None)


def _option(found: FoundLearner, session: ClassSession, form: EnrolForm, later: int) -> PickerOption:
    learner = found.learner
    about = [about_learner(learner)]
    if learner.ward_id != session.ward_id:
        about.append(_("nơi khác"))
    disabled = _already(found, form, later)
    return PickerOption(
        value=learner.id,
        name=full_name(learner),
        sub=" · ".join(about),
        reasons=_reasons(found, form, disabled),
        disabled=disabled,
        checked=learner.id in form.learner_ids and disabled is None,
    )


def _already(found: FoundLearner, form: EnrolForm, later: int) -> str | None:
    """Why somebody cannot be ticked: in it already, or in all that is chosen."""
    if form.whole_series and found.later_in < later:
        return None
    return {"enrolled": _("đã ghi danh"), "waitlisted": _("đang chờ")}.get(found.state or "")


def _reasons(found: FoundLearner, form: EnrolForm, disabled: str | None) -> list[tuple[str, str]]:
    reasons: list[tuple[str, str]] = []
    if disabled is None and found.state in ("enrolled", "waitlisted"):
        reasons.append(("plain", _("đã có ở buổi này")))
    if found.state == "cancelled":
        reasons.append(("plain", _("đã nghỉ buổi này")))
    if found.overlap is not None:
        hour = formatting.hour(found.overlap.starts_at)
        reasons.append(("warn", _("cùng giờ: %(title)s %(hour)s", title=found.overlap.title, hour=hour)))
    if form.whole_series and found.later_overlaps:
        n = found.later_overlaps
        reasons.append(("warn", ngettext("cùng giờ ở %(n)s buổi sau", "cùng giờ ở %(n)s buổi sau", n)))
    if found.refuses_texts:
        reasons.append(("plain", _("không nhận tin nhắn")))
    return reasons


def _class_label(each: EarlierClass) -> str:
    day = formatting.weekday_and_day(each.starts_at)
    if each.series_id is None:
        return f"{each.title}, {day}"
    return _("%(title)s, cả lớp, gần nhất %(day)s", title=each.title, day=day)
