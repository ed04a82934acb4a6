"""Fields of values: numbers, money, ids, choices, ticks, days, times."""

import re
from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Annotated, TypeVar
from uuid import UUID

import msgspec

from lopso.kernel import formatting, parsing
from lopso.kernel.i18n import N_
from lopso.kernel.i18n import gettext as _
from lopso.web.forms.field_type import Context, FieldType, Mistake

T = TypeVar("T")

_PLAIN_DAY = re.compile(r"\d{1,2}[/.-]\d{1,2}[/.-]\d{4}|\d{4}-\d{2}-\d{2}", re.ASCII)
_PLAIN_TIME = re.compile(r"\d{1,2}(?:[:.hHgG](?:\d{2})?)?", re.ASCII)


class ValueField(FieldType[T]):
    """A field that says the same of text it cannot read and of text that makes no sense: `wrong`."""

    wrong: str

    def cleaned(self, text: str) -> str:
        try:
            return super().cleaned(text)
        except Mistake as mistake:
            raise Mistake(_(self.wrong, **self.places())) from mistake


class WholeNumber(ValueField[int]):
    """A whole number between two bounds, both allowed."""

    wire = int
    wrong_json = N_("Phải là một số.")
    wrong: str = N_("Xin ghi một số, từ %(low)s đến %(high)s.")
    outside: str = N_("Số này phải từ %(low)s đến %(high)s.")

    def __init__(
        self,
        low: int,
        high: int,
        *,
        required: str | None = None,
        wrong: str | None = None,
        outside: str | None = None,
    ) -> None:
        super().__init__(40, required=required or wrong or self.wrong)
        self.low, self.high = low, high
        self.wrong = wrong or self.wrong
        self.outside = outside or self.outside

    def places(self) -> dict[str, object]:
        return {"low": self.low, "high": self.high}

    def parse(self, text: str) -> int | None:
        """The number, wherever it lies."""
        return parsing.read_whole_number(text)

    def read(self, text: str, context: Context) -> int:
        number = self.parse(text)
        if number is None:
            raise Mistake(_(self.wrong, **self.places()))
        if not self.low <= number <= self.high:
            raise Mistake(_(self.outside, **self.places()))
        return number

    def meta(self) -> msgspec.Meta:
        return msgspec.Meta(ge=self.low, le=self.high)


class Money(WholeNumber):
    """An amount in đồng: "350.000 đ"."""

    def parse(self, text: str) -> int | None:
        return parsing.read_money(text)


class IdField(FieldType[int]):
    """A row picked from a list; whether it is there and may be seen is for a query to say."""

    wire = int
    required = N_("Xin chọn một.")
    wrong_json = N_("Phải là một số.")

    def __init__(self, *, required: str | None = None) -> None:
        super().__init__(40, required=required)

    def read(self, text: str, context: Context) -> int:
        number = parsing.read_id(text)
        if number is None:
            raise Mistake(_(self.required))
        return number

    def take_json(self, value: object, context: Context) -> int:
        if type(value) is int and 0 < value <= parsing.LARGEST_ID:
            return value
        raise Mistake(_(self.wrong_json))

    def meta(self) -> msgspec.Meta:
        return msgspec.Meta(ge=1, le=parsing.LARGEST_ID)


class FormId(FieldType[UUID]):
    """The id that a page was made with: the same page sent twice is one sending."""

    wire = UUID
    wrong_json = N_("Phải là một mã UUID.")
    error_at = ""
    required = N_("Trang gửi thiếu thông tin. Xin tải lại trang rồi thử lần nữa.")

    def read(self, text: str, context: Context) -> UUID:
        value = parsing.read_uuid(text)
        if value is None:
            raise Mistake(_(self.required))
        return value


class Choice(FieldType[T]):
    """One of a few values: texts, or the members of a `StrEnum`."""

    required = N_("Xin chọn một.")

    def __init__(self, values: Iterable[T], *, required: str | None = None) -> None:
        self.values = {str(value): value for value in values}
        super().__init__(max((len(text) for text in self.values), default=1) + 20, required=required)
        self.wrong_json = self.required

    def read(self, text: str, context: Context) -> T:
        if text not in self.values:
            raise Mistake(_(self.required))
        return self.values[text]

    def take_json(self, value: object, context: Context) -> T:
        return self.read(value if isinstance(value, str) else "", context)

    def meta(self) -> msgspec.Meta:
        return msgspec.Meta(extra_json_schema={"enum": list(self.values)})


class TickBox(FieldType[bool]):
    """A box that is ticked or not; anything but our own "1" (or a browser's "on") is not."""

    wire = bool
    wrong_json = N_("Phải là đúng hoặc sai.")

    def read(self, text: str, context: Context) -> bool:
        return text in ("1", "on", "true")

    def show(self, value: bool) -> str:
        return "1" if value else ""


class OneOfTwo(FieldType[bool]):
    """Whether the first of two words was sent; anything else counts as the second."""

    wire = bool

    def __init__(self, yes: str, no: str) -> None:
        super().__init__()
        self.yes, self.no = yes, no

    def read(self, text: str, context: Context) -> bool:
        return text == self.yes

    def show(self, value: bool) -> str:
        return self.yes if value else self.no


class Day(ValueField[date]):
    """A day: 2026-11-26, 26/11/2026, "mai", "thứ Ba tuần sau" (`lopso.kernel.typed_dates`).

    Words are shown again as the day they were taken for. No field of a form is an ``<input type="date">``: a
    browser shows that in its own language, on many computers here with the month first.
    """

    wire = date

    def __init__(
        self,
        *,
        years: range = parsing.YEARS,
        required: str | None = None,
        wrong: str | None = None,
    ) -> None:
        super().__init__(60)
        self.years = years
        self.wrong = wrong or N_("Xin ghi ngày theo dạng ngày/tháng/năm.")
        self.required = required or self.wrong

    def read(self, text: str, context: Context) -> date:
        try:
            return parsing.understand_date(text, self.years, today=context.today)
        except parsing.NoSuchDay as error:
            raise Mistake(str(error) or _(self.wrong)) from error

    def understood(self, text: str, value: date) -> str | None:
        return None if _PLAIN_DAY.fullmatch(text.strip()) else self.show(value)

    def show(self, value: date) -> str:
        return formatting.full_date(value)


class TimeOfDay(ValueField[time]):
    """A time of day: "8h30", "18:00", "8 giờ 30 tối".

    Words are shown again as the time they were taken for.
    """

    wire = time

    def __init__(self, *, required: str | None = None, wrong: str | None = None) -> None:
        super().__init__(40)
        self.wrong = wrong or N_("Xin ghi giờ, ví dụ 8h30.")
        self.required = required or self.wrong

    def read(self, text: str, context: Context) -> time:
        value = parsing.read_time(text)
        if value is None:
            raise Mistake(_(self.wrong))
        return value

    def understood(self, text: str, value: time) -> str | None:
        return None if _PLAIN_TIME.fullmatch(text.strip()) else self.show(value)

    def show(self, value: time) -> str:
        return formatting.hour(value)

    def meta(self) -> msgspec.Meta:
        return msgspec.Meta(tz=False)


class InstantField(FieldType[datetime]):
    """A moment in ISO 8601 with its zone, as our own pages and programs write it; as UTC."""

    wire = datetime
    wrong_json = N_("Phải là thời điểm có múi giờ.")

    def read(self, text: str, context: Context) -> datetime:
        instant = parsing.read_instant(text)
        if instant is None:
            raise Mistake(_(self.wrong_json))
        return instant

    def take_json(self, value: object, context: Context) -> datetime:
        return self.read(value if isinstance(value, str) else "", context)

    def show(self, value: datetime) -> str:
        return formatting.instant(value)

    def meta(self) -> msgspec.Meta:
        return msgspec.Meta(tz=True)


Tick = Annotated[bool, TickBox()]
RowId = Annotated[int, IdField()]
FormToken = Annotated[UUID, FormId()]
PageNumber = Annotated[int, WholeNumber(1, 99_999)]
