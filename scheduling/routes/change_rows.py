"""The rows of the preview of a change, in words."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from lopso.kernel import formatting
from lopso.kernel.access import Actor
from lopso.kernel.i18n import gettext as _
from lopso.kernel.i18n import ngettext
from lopso.kernel.text import capitalized
from scheduling.forms.plans import place_of_plan
from scheduling.labels.sessions import booking_label, day_off_label
from scheduling.queries.changes import PlannedChange
from scheduling.queries.choices import Choices
from scheduling.queries.places import place_of
from scheduling.rules.series_change import ApartChoice
from scheduling.service.changes import helper_busy_text


@dataclass(frozen=True, slots=True)
class ChangePreviewRow:
    """A session of the preview in words: its date, what changes from what, what prevents it.

    Attributes:
        links: what is in the room, as address and words.
        warnings: what prevents nothing, but should be known.
        apart: it was moved by itself.
    """

    id: int
    when: str
    changes: Sequence[tuple[str, str, str]]
    reasons: Sequence[str]
    links: Sequence[tuple[str, str]]
    warnings: Sequence[str]
    possible: bool
    checked: bool
    draft: bool
    apart: bool


def preview_row(
    found: PlannedChange,
    offered: Choices,
    actor: Actor,
    picked: Collection[int] | None,
    apart: ApartChoice = "picked",
) -> ChangePreviewRow:
    """A session of the preview; ticked as it was, or as proposed where nothing was ticked yet."""
    session, slot = found.session, found.wanted.after.slot
    checked = found.proposed if picked is None else session.id in picked
    if found.wanted.apart and apart != "picked":
        checked = apart == "follow"
    return ChangePreviewRow(
        id=session.id,
        when=capitalized(formatting.day_and_hours(session.starts_at, session.ends_at)),
        changes=_changes(found, offered),
        reasons=_reasons(found, actor),
        links=[(f"/buoi/{each.session_id}", booking_label(each, slot.day)) for each in found.there],
        warnings=_warnings(found),
        possible=found.possible,
        checked=found.possible and checked,
        draft=session.published_at is None,
        apart=found.wanted.apart,
    )


def _changes(found: PlannedChange, offered: Choices) -> list[tuple[str, str, str]]:
    before, after = found.wanted.before, found.wanted.after
    in_words = formatting.hours if before.slot.day == after.slot.day else formatting.day_and_hours
    pairs: list[tuple[str, object, object]] = [
        (
            _("Giờ"),
            in_words(before.slot.starts_at, before.slot.ends_at),
            in_words(after.slot.starts_at, after.slot.ends_at),
        ),
        (_("Tên buổi"), before.title, after.title),
        (_("Số chỗ"), before.capacity, after.capacity),
        (_("Cần người dạy chính"), before.need_trainers, after.need_trainers),
        (_("Cần người hỗ trợ"), before.need_helpers, after.need_helpers),
        (_("Ghi chú"), before.note or "–", after.note or "–"),
    ]
    if before.place != after.place:
        place = place_of(found.session).name, place_of_plan(after.place, offered)
        pairs.insert(1, (_("Nơi học"), *place))
    return [(label, str(old), str(new)) for label, old, new in pairs if old != new]


def _reasons(found: PlannedChange, actor: Actor) -> list[str]:
    slot = found.wanted.after.slot
    reasons = [helper_busy_text(each, slot, by=actor) for each in found.busy]
    if found.too_few_seats:
        reasons.append(_("đã có %(n)s người ghi danh", n=found.session.seats_taken))
    if found.twice:
        reasons.append(_("chuỗi này đã có một buổi vào giờ đó"))
    if found.past:
        reasons.append(_("giờ mới đã qua"))
    return reasons


def _warnings(found: PlannedChange) -> list[str]:
    day = found.wanted.after.slot.day
    said: list[str] = [
        ngettext(
            "%(n)s người học có lớp khác giờ đó: %(other)s",
            "%(n)s người học có lớp khác giờ đó: %(other)s",
            each.learners,
            other=booking_label(each.booking, day),
        )
        for each in found.seats
    ]
    if found.day_off is not None:
        said.insert(
            0,
            _(
                "ngày mới là ngày nghỉ: %(name)s. Không đánh dấu thì buổi này giữ ngày cũ.",
                name=day_off_label(found.day_off),
            ),
        )
    return said
