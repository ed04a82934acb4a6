"""Samples of a wording: its text for real recipients and sessions, and examples where there are none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from lopso.kernel import clock
from lopso.kernel.text import SmsSize, sms_parts
from wordings.rules.addressing import Addressee
from wordings.rules.facts import REMINDERS, Recipient, ResultFacts, SessionFacts
from wordings.rules.placeholder_values import result_values, session_values
from wordings.rules.placeholders import TO_HELPERS, placeholders_in, purpose_of
from wordings.rules.rendering import RenderedText, fill
from wordings.rules.schedule_phrases import when_forms

RESULT_CODES = ("sign_off_reached", "certificate_ready")
SERIES_CODES = (
    *("enrolled", "waitlist_place", "assignment_offered", "cover_wanted"),
    *("series_moved", "series_relocated", "helper_series_moved", "helper_series_relocated"),
    *("series_cancelled", "helper_series_cancelled", "closed_days", "helper_closed_days"),
)
_KIND_BY_PREFIX = {"visit": "home_visit", "market": "market_round"}
_EXAMPLE_REASON = "mưa lớn, ngập đường"
_EXAMPLE_WARD, _EXAMPLE_CONTACT = "Phường Thuận Hóa", "0912 345 678"
EXAMPLE_LEARNER = Recipient("", Addressee("Công Tằng Tôn Nữ Thị Nguyệt", "Bà"))
EXAMPLE_HELPER = Recipient("", Addressee("Nguyễn Khoa Diệu Phương", "chị"))


@dataclass(frozen=True, slots=True)
class PlaceholderValues:
    """Values of the placeholders of a wording, for one text."""

    recipients: Sequence[Recipient]
    session: SessionFacts | None
    forms: Mapping[str, Sequence[str]]
    is_example: bool

    @property
    def length(self) -> int:
        """How long its fullest forms are together."""
        return sum(len(forms[0]) for forms in self.forms.values())


@dataclass(frozen=True, slots=True)
class WeekMessages:
    """The messages of the coming week by a wording in a ward.

    Attributes:
        planned: reminders, which will be sent; otherwise what would be if all those sessions were announced.
    """

    messages: Sequence[PlaceholderValues]
    planned: bool


@dataclass(frozen=True, slots=True)
class WardSamples:
    """A ward's texts by a wording: the usual and the longest one, and all of the next week."""

    shown: Sequence[PlaceholderValues]
    week: WeekMessages | None


@dataclass(frozen=True, slots=True)
class WordingSample:
    """One text as somebody would get it.

    Attributes:
        session: what it is about; None for texts about skills.
        is_example: the ward has nothing of the kind to come, so that an example stands in.
        of_city: it is the longest of all wards.
    """

    names: Sequence[str]
    session: SessionFacts | None
    text: RenderedText
    size: SmsSize
    is_example: bool
    of_city: bool = False


def is_for_kind(code: str, kind: str) -> bool:
    """Whether a wording is for sessions of this kind: reminders differ, the others are for all."""
    if purpose_of(code) not in REMINDERS:
        return True
    wanted = _KIND_BY_PREFIX.get(code.partition("_")[0])
    return kind == wanted if wanted else kind not in _KIND_BY_PREFIX.values()


def values_of_session(
    code: str,
    session: SessionFacts,
    group: Sequence[Recipient],
    series: Mapping[int, Sequence[datetime]],
    now: datetime,
    *,
    is_example: bool = False,
) -> PlaceholderValues:
    """What a text about `session` to `group` would say; moved and cancelled as examples say it.

    Args:
        series: the starts of each series, by its id.
    """
    starts = series.get(session.series_id or 0, [session.starts_at])
    values = session_values(
        session,
        group,
        year=clock.local_day(now).year,
        moved_from=session.starts_at - timedelta(days=2, hours=1),
        reason=_EXAMPLE_REASON,
        when=when_forms(starts) if code in SERIES_CODES else (),
    )
    return PlaceholderValues(group, session, values, is_example)


def starts_by_series(sessions: Sequence[SessionFacts]) -> dict[int, list[datetime]]:
    """The starts of each series among these sessions, earliest first."""
    starts: dict[int, list[datetime]] = {}
    for each in sorted(sessions, key=lambda each: each.starts_at):
        if each.series_id is not None:
            starts.setdefault(each.series_id, []).append(each.starts_at)
    return starts


def example_session(code: str, ward_id: str, ward: str, contact: str, now: datetime) -> SessionFacts:
    """A session of the kind that a wording is for, three days from now at 14:00."""
    kind = _KIND_BY_PREFIX.get(code.partition("_")[0], "ward_class")
    starts_at = clock.at(clock.local_day(now) + timedelta(days=3), time(14))
    place = {"home_visit": "Kiệt 12 Bạch Đằng", "market_round": "Đường số 9, Chợ Đông Ba"}.get(
        kind, "Nhà văn hóa tổ dân phố 7"
    )
    return SessionFacts(0, ward_id, 1, kind, "Dùng VNeID", starts_at, place, place, contact, ward)


def example_text(code: str, body: str, now: datetime) -> str:
    """A wording as one text could read, with accents; nothing in it is from the calendar."""
    person = EXAMPLE_HELPER if code in TO_HELPERS else EXAMPLE_LEARNER
    if code in RESULT_CODES:
        facts = ResultFacts("", "", _EXAMPLE_WARD, _EXAMPLE_CONTACT, now, 3)
        values = PlaceholderValues([person], None, result_values(facts, [person]), is_example=True)
    else:
        session = example_session(code, "", _EXAMPLE_WARD, _EXAMPLE_CONTACT, now)
        values = values_of_session(code, session, [person], {}, now, is_example=True)
    return sample(body, values).text.accented


def usual_and_longest(found: list[PlaceholderValues]) -> Sequence[PlaceholderValues]:
    """The text of middle length and the longest one; only one where they are the same."""
    found = sorted(found, key=lambda values: values.length)
    usual, longest = found[len(found) // 2], found[-1]
    return [usual] if usual is longest else [usual, longest]


def one_per_series(messages: Sequence[PlaceholderValues]) -> Sequence[PlaceholderValues]:
    """One text for each series and phone, as such messages are sent."""
    first: dict[tuple[object, str], PlaceholderValues] = {}
    for values in messages:
        if values.session:
            series = values.session.series_id or -values.session.id
            first.setdefault((series, values.recipients[0].phone), values)
    return list(first.values())


def sample(body: str, values: PlaceholderValues, *, of_city: bool = False) -> WordingSample:
    """`body` filled with `values`; placeholders that it may not use are left as they were typed."""
    text = _filled(body, values)
    names = [each.person.full_name for each in values.recipients]
    return WordingSample(names, values.session, text, sms_parts(text.plain), values.is_example, of_city)


def total_segments(body: str, messages: Sequence[PlaceholderValues]) -> int:
    """What the texts of these messages cost together, in segments."""
    return sum(_filled(body, values).segments for values in messages)


def longest_sample(body: str, messages: Sequence[PlaceholderValues]) -> WordingSample | None:
    """The text of most segments; None without messages."""
    texts = [sample(body, values, of_city=True) for values in messages]
    return max(texts, key=lambda each: (each.size.segments, each.size.characters), default=None)


def _filled(body: str, values: PlaceholderValues) -> RenderedText:
    return fill(body, {**{name: [f"{{{name}}}"] for name in placeholders_in(body)}, **values.forms})
